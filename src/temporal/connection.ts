import { Client, Connection, ServiceError } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { messageOf } from '../text/error-message';
import { withTimeout } from './call-timeout';
import { GRPC_STATUS, grpcErrorOf } from './grpc-status';
import { inputSizeInterceptors } from './input-size-interceptors';

const DEFAULT_ADDRESS = 'localhost:7233';
const DEFAULT_NAMESPACE = 'default';
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;

/** Temporal does not answer, refuses us, or does not have the namespace. The message says which, and what to do. */
export class TemporalUnreachableError extends Error {
  override readonly name = 'TemporalUnreachableError';

  constructor(
    readonly address: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** `TEMPORAL_*` or `temporal.toml` cannot be used as they stand. */
export class TemporalConfigurationError extends Error {
  override readonly name = 'TemporalConfigurationError';
}

/** Where Temporal is, as `TEMPORAL_*` and `temporal.toml` say. */
export interface TemporalSettings {
  /** `host:port` */
  address: string;
  namespace: string;
  connectionOptions: NativeConnectionOptions;
}

/** A connection to start, read and cancel workflows with. Close it. */
export interface TemporalClient {
  client: Client;
  connection: Connection;
  address: string;
  namespace: string;
  close(): Promise<void>;
}

export interface ConnectTemporalOptions {
  /** Read instead of the process's environment. */
  env?: NodeJS.ProcessEnv;
  /** How long Temporal may take to answer, in milliseconds; 5 seconds when left out. */
  connectTimeoutMs?: number;
}

/**
 * Reads `TEMPORAL_*` and `temporal.toml` the way every Temporal tool does.
 *
 * @throws TemporalConfigurationError when they cannot be read
 */
export function temporalSettings(env: NodeJS.ProcessEnv = process.env): TemporalSettings {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: withoutEmptyVariables(env) });
    return {
      address: connectionOptions.address ?? DEFAULT_ADDRESS,
      namespace: namespace ?? DEFAULT_NAMESPACE,
      connectionOptions,
    };
  } catch (error) {
    throw new TemporalConfigurationError(
      `The Temporal settings cannot be read: ${messageOf(error)}. Look at the TEMPORAL_* environment variables and at temporal.toml (TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE).`,
      { cause: error },
    );
  }
}

/**
 * Connects a client to the Temporal server that the environment names.
 *
 * @throws TemporalUnreachableError when it does not answer within the time-out, refuses us or lacks the namespace
 * @throws TemporalConfigurationError when the settings cannot be read
 */
export async function connectTemporal(options: ConnectTemporalOptions = {}): Promise<TemporalClient> {
  const { address, namespace, connectionOptions } = temporalSettings(options.env);
  const connectTimeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const connection = Connection.lazy({ ...connectionOptions, address, connectTimeout: connectTimeoutMs });
  try {
    await connection.ensureConnected();
    await withTimeout(connection, connectTimeoutMs, () => connection.workflowService.describeNamespace({ namespace }));
  } catch (error) {
    await connection.close();
    throw unreachable(address, namespace, connectTimeoutMs, error);
  }
  const client = new Client({ connection, namespace, interceptors: inputSizeInterceptors });
  return { client, connection, address, namespace, close: () => connection.close() };
}

function unreachable(address: string, namespace: string, connectTimeoutMs: number, error: unknown): Error {
  const reason = error instanceof ServiceError && error.cause !== undefined ? error.cause : error;
  // A status tells a refusal from silence.
  const code = grpcErrorOf(error)?.code;
  const options = { cause: error };
  if (code === GRPC_STATUS.NOT_FOUND) {
    return new TemporalUnreachableError(
      address,
      `Temporal at ${address} has no namespace '${namespace}'. Set TEMPORAL_NAMESPACE to one that it has, or create it: temporal operator namespace create --namespace ${namespace}`,
      options,
    );
  }
  if (code === GRPC_STATUS.UNAUTHENTICATED || code === GRPC_STATUS.PERMISSION_DENIED) {
    return new TemporalUnreachableError(
      address,
      `Temporal at ${address} refuses access to the namespace '${namespace}': ${messageOf(reason)}. Check TEMPORAL_API_KEY or the TEMPORAL_TLS_* certificates, and TEMPORAL_NAMESPACE.`,
      options,
    );
  }
  return new TemporalUnreachableError(
    address,
    `Temporal does not answer at ${address} within ${connectTimeoutMs / 1_000} s (${messageOf(reason)}). Set TEMPORAL_ADDRESS to a Temporal server (TEMPORAL_TLS=true where it wants TLS), or start one with: temporal server start-dev`,
    options,
  );
}

/** A variable that is set to nothing counts as not set: so come the optional variables of a compose file. */
function withoutEmptyVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  // An empty header, on the other hand, takes the header away that a profile has.
  return Object.fromEntries(entries.filter(([name, value]) => value !== '' || name.startsWith('TEMPORAL_GRPC_META_')));
}
