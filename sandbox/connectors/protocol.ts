/**
 * The part of the Airbyte protocol that the sandbox uses: the messages of sources and destinations, and the two
 * interfaces of connectors. Field names are the protocol's own (snake_case), because real connectors exchange them as
 * JSON lines.
 */

/** A stream's identity. Two streams may have the same name in different namespaces (database schemas). */
export interface StreamDescriptor {
  name: string;
  namespace?: string;
}

/** A stream as a source discovers it. */
export interface ProtocolStream {
  name: string;
  namespace?: string;
  json_schema: Record<string, unknown>;
  supported_sync_modes: string[];
  source_defined_cursor?: boolean;
  default_cursor_field?: string[];
  source_defined_primary_key?: string[][];
}

/** A stream as a connection configures it. */
export interface ConfiguredStream {
  stream: ProtocolStream;
  sync_mode: string;
  destination_sync_mode: string;
  cursor_field?: string[];
  primary_key?: string[][];
}

/** The streams that one sync reads and writes. */
export interface ConfiguredCatalog {
  streams: ConfiguredStream[];
}

/** A value that differs from the source's, and why. It is stored next to the row, in `_airbyte_meta`. */
export interface ValueChange {
  field: string;
  change: string;
  reason: string;
}

/** One row. `emitted_at` is in milliseconds since 1970. Numbers that JavaScript cannot represent are `ExactNumber`s. */
export interface RecordMessage {
  type: 'RECORD';
  record: {
    stream: string;
    namespace?: string;
    data: Record<string, unknown>;
    emitted_at: number;
    /** `changes` are those that were made before the destination. */
    meta?: { changes?: ValueChange[] | null; [field: string]: unknown } | null;
  };
}

/** The state of one stream, which current sources send. */
export interface StreamState {
  type: 'STREAM';
  stream: { stream_descriptor: StreamDescriptor; stream_state?: unknown };
}

/** The states of all streams together, with a shared state (for change data capture). */
export interface GlobalState {
  type: 'GLOBAL';
  global: { shared_state?: unknown; stream_states: { stream_descriptor: StreamDescriptor; stream_state?: unknown }[] };
}

/** One opaque document for the whole connection, which legacy connectors send; `type` may be absent. */
export interface LegacyState {
  type?: 'LEGACY';
  data: unknown;
}

export type StatePayload = StreamState | GlobalState | LegacyState;

/** All rows up to this position have been sent. */
export interface StateMessage {
  type: 'STATE';
  state: StatePayload;
}

export interface LogMessage {
  type: 'LOG';
  log: { level: string; message: string };
}

/** Why a connector failed. `message` is for users, `internal_message` for the operators of the connector. */
export interface TraceError {
  message: string;
  internal_message?: string;
  failure_type?: string;
  stream_descriptor?: StreamDescriptor;
}

/** `STREAM_STATUS` reports the progress of one stream; `COMPLETE` means that all of its records were sent. */
export interface StreamStatus {
  stream_descriptor: StreamDescriptor;
  status: 'STARTED' | 'RUNNING' | 'COMPLETE' | 'INCOMPLETE';
}

export interface TraceMessage {
  type: 'TRACE';
  trace: {
    type: 'ERROR' | 'STREAM_STATUS' | 'ESTIMATE' | 'ANALYTICS';
    emitted_at?: number;
    error?: TraceError;
    stream_status?: StreamStatus;
  };
}

export interface SpecMessage {
  type: 'SPEC';
  spec: { connectionSpecification: Record<string, unknown>; [field: string]: unknown };
}

export interface CatalogMessage {
  type: 'CATALOG';
  catalog: { streams: ProtocolStream[] };
}

export interface ConnectionStatusMessage {
  type: 'CONNECTION_STATUS';
  connectionStatus: CheckResult;
}

/**
 * What a connector asks of the platform. `CONNECTOR_CONFIG`: save this configuration, for example because it contains a
 * renewed token.
 */
export interface ControlMessage {
  type: 'CONTROL';
  control: { type: string; emitted_at?: number; connectorConfig?: { config: ConnectorConfiguration } };
}

export type AirbyteMessage =
  | RecordMessage
  | StateMessage
  | LogMessage
  | TraceMessage
  | SpecMessage
  | CatalogMessage
  | ConnectionStatusMessage
  | ControlMessage;

/** The result of a connection check. If it failed, `message` is the driver's own reason. */
export interface CheckResult {
  status: 'SUCCEEDED' | 'FAILED';
  message?: string;
}

/** A user's configuration of one source or destination, with the fields of its specification. */
export type ConnectorConfiguration = Record<string, unknown>;

/** Called with the whole configuration as soon as a connector asks to save it. */
export type SaveConfiguration = (configuration: ConnectorConfiguration) => Promise<void>;

export interface SourceConnector {
  /** The JSON schema of the configuration, in which secrets are marked `airbyte_secret`. */
  spec(): Promise<Record<string, unknown>>;
  check(config: ConnectorConfiguration, signal: AbortSignal, save?: SaveConfiguration): Promise<CheckResult>;
  discover(config: ConnectorConfiguration, signal: AbortSignal, save?: SaveConfiguration): Promise<ProtocolStream[]>;
  /**
   * @param state - the STATE payloads that earlier syncs committed, oldest first
   * @throws ConnectorError if the source fails
   */
  read(
    config: ConnectorConfiguration,
    catalog: ConfiguredCatalog,
    state: unknown[],
    signal: AbortSignal,
  ): AsyncIterable<AirbyteMessage>;
}

export interface DestinationConnector {
  /** The JSON schema of the configuration, in which secrets are marked `airbyte_secret`. */
  spec(): Promise<Record<string, unknown>>;
  check(config: ConnectorConfiguration, signal: AbortSignal, save?: SaveConfiguration): Promise<CheckResult>;
  /**
   * Writes the records of `messages`. Yields LOG messages as they come, and each STATE once every row before it is
   * durable. Leaves no partial data behind if it throws or is aborted.
   */
  write(
    config: ConnectorConfiguration,
    catalog: ConfiguredCatalog,
    messages: AsyncIterable<AirbyteMessage>,
    signal: AbortSignal,
  ): AsyncIterable<AirbyteMessage>;
}

/**
 * Airbyte's types of failure: a wrong configuration, a failure that a retry may resolve, or a defect of the connector.
 */
export type ConnectorFailureType = 'config_error' | 'transient_error' | 'system_error';

/** A connector failed. The message is for users and contains no secret. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly failureType: ConnectorFailureType;

  constructor(message: string, failureType: ConnectorFailureType = 'system_error', options?: ErrorOptions) {
    super(message, options);
    this.failureType = failureType;
  }
}

/** Two streams would be written to the same table or folder, where their rows would mix or replace each other. */
export function sharedLocation(location: string): ConnectorError {
  return new ConnectorError(
    `two streams would be written to ${location}; separate them with namespaceDefinition, namespaceFormat or prefix`,
    'config_error',
  );
}

/** Maps a failure type that a connector reports to one of the sandbox's. */
export function knownFailureType(type: string | undefined): ConnectorFailureType {
  return type === 'config_error' || type === 'transient_error' ? type : 'system_error';
}

/** The configuration that a message asks to save. */
export function configurationToSave(message: AirbyteMessage): ConnectorConfiguration | undefined {
  if (message.type !== 'CONTROL' || message.control.type !== 'CONNECTOR_CONFIG') return undefined;
  return message.control.connectorConfig?.config;
}
