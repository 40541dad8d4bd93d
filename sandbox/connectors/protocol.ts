/**
 * The Airbyte protocol as far as the sandbox speaks it: what a source says, what a destination hears, and the two
 * interfaces a connector has. Field names are the protocol's own (snake_case), since they travel as JSON lines to and
 * from real connectors.
 */

/** A stream's identity. Two streams may share a name in different namespaces (database schemas). */
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

/** A stream as a connection has configured it. */
export interface ConfiguredStream {
  stream: ProtocolStream;
  sync_mode: string;
  destination_sync_mode: string;
  cursor_field?: string[];
  primary_key?: string[][];
}

/** What one sync reads and writes. */
export interface ConfiguredCatalog {
  streams: ConfiguredStream[];
}

/** A value that is not what it was at the source, and why: kept beside the row, in `_airbyte_meta`. */
export interface ValueChange {
  field: string;
  change: string;
  reason: string;
}

/** One row. `emitted_at` is in milliseconds since 1970. Numbers that JavaScript cannot hold are `ExactNumber`s. */
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

/** The place of one stream, as sources of today send it. */
export interface StreamState {
  type: 'STREAM';
  stream: { stream_descriptor: StreamDescriptor; stream_state?: unknown };
}

/** The places of all streams at once, with what they share (change data capture). */
export interface GlobalState {
  type: 'GLOBAL';
  global: { shared_state?: unknown; stream_states: { stream_descriptor: StreamDescriptor; stream_state?: unknown }[] };
}

/** One opaque document for the whole connection, as old connectors send it; `type` may be left out. */
export interface LegacyState {
  type?: 'LEGACY';
  data: unknown;
}

export type StatePayload = StreamState | GlobalState | LegacyState;

/** The rows sent so far are all there is up to this place. */
export interface StateMessage {
  type: 'STATE';
  state: StatePayload;
}

export interface LogMessage {
  type: 'LOG';
  log: { level: string; message: string };
}

/** Why a connector gave up. `message` is for people; `internal_message` for those who run the connector. */
export interface TraceError {
  message: string;
  internal_message?: string;
  failure_type?: string;
  stream_descriptor?: StreamDescriptor;
}

/** `STREAM_STATUS` says how far one stream is; `COMPLETE` means that every record of it was sent. */
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

/** What a connector asks of the platform; `CONNECTOR_CONFIG`: keep this configuration, with a token that was renewed. */
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

/** The answer of a connection check. `message` is the driver's own reason when it failed. */
export interface CheckResult {
  status: 'SUCCEEDED' | 'FAILED';
  message?: string;
}

/** What a user filled in for one source or destination, after the fields of its specification. */
export type ConnectorConfiguration = Record<string, unknown>;

/** Hears the whole configuration that a connector asks to be kept, as soon as it says so. */
export type KeepConfiguration = (configuration: ConnectorConfiguration) => Promise<void>;

export interface SourceConnector {
  /** The JSON schema of the configuration; secrets are marked `airbyte_secret`. */
  spec(): Promise<Record<string, unknown>>;
  check(config: ConnectorConfiguration, signal: AbortSignal, keep?: KeepConfiguration): Promise<CheckResult>;
  discover(config: ConnectorConfiguration, signal: AbortSignal, keep?: KeepConfiguration): Promise<ProtocolStream[]>;
  /**
   * @param state - the STATE payloads committed by earlier syncs, oldest first
   * @throws ConnectorError when the source cannot go on
   */
  read(
    config: ConnectorConfiguration,
    catalog: ConfiguredCatalog,
    state: unknown[],
    signal: AbortSignal,
  ): AsyncIterable<AirbyteMessage>;
}

export interface DestinationConnector {
  /** The JSON schema of the configuration; secrets are marked `airbyte_secret`. */
  spec(): Promise<Record<string, unknown>>;
  check(config: ConnectorConfiguration, signal: AbortSignal, keep?: KeepConfiguration): Promise<CheckResult>;
  /**
   * Writes the records of `messages`. Passes LOG messages on, and yields each STATE only after every row before it is
   * durable. Leaves nothing half-written behind when it throws or is aborted.
   */
  write(
    config: ConnectorConfiguration,
    catalog: ConfiguredCatalog,
    messages: AsyncIterable<AirbyteMessage>,
    signal: AbortSignal,
  ): AsyncIterable<AirbyteMessage>;
}

/** Airbyte's own kinds of failure: wrong configuration, worth another try, or a fault of the connector. */
export type ConnectorFailureType = 'config_error' | 'transient_error' | 'system_error';

/** A connector cannot go on. The message is for people and carries no secret. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly failureType: ConnectorFailureType;

  constructor(message: string, failureType: ConnectorFailureType = 'system_error', options?: ErrorOptions) {
    super(message, options);
    this.failureType = failureType;
  }
}

/** Two streams that would be written to one place: their rows could not be told apart, and one would replace the other's. */
export function sharedPlace(place: string): ConnectorError {
  return new ConnectorError(
    `two streams would be written to ${place}; keep them apart with namespaceDefinition, namespaceFormat or prefix`,
    'config_error',
  );
}

/** A failure type as connectors report it, as one of those the sandbox has. */
export function knownFailureType(type: string | undefined): ConnectorFailureType {
  return type === 'config_error' || type === 'transient_error' ? type : 'system_error';
}

/** The configuration that a message asks to be kept. */
export function keptConfiguration(message: AirbyteMessage): ConnectorConfiguration | undefined {
  if (message.type !== 'CONTROL' || message.control.type !== 'CONNECTOR_CONFIG') return undefined;
  return message.control.connectorConfig?.config;
}
