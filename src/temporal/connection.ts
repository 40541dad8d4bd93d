/** Connects to the Temporal server that the environment names. */
import {
  Client,
  Connection,
  type ScheduleClientInterceptor,
  ServiceError,
  type WorkflowClientInterceptor,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { FailureType } from '../contract/failure-types';
import { describeLimitViolation } from '../contract/validation/input-limits';
import { dataConverterFromEnvironment } from '../encryption/data-converter';
import { messageOf } from '../text/error-message';
import { withTimeout } from './call-timeout';
import { GRPC_STATUS, grpcErrorOf } from './grpc-status';
import { describeUntrustedCertificate, handshakeError } from './untrusted-certificate';

const DEFAULT_ADDRESS = 'localhost:7233';
const DEFAULT_NAMESPACE = 'default';
const DEFAULT_CONNECT_TIMEOUT_MS = 5_000;

/** Temporal does not respond, rejects the credentials, or has no such namespace. The message says which, and what to do. */
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

/** `TEMPORAL_*` or `temporal.toml` are invalid. */
export class TemporalConfigurationError extends Error {
  override readonly name = 'TemporalConfigurationError';
}

/** The settings of the connection, from `TEMPORAL_*` and `temporal.toml`. */
export interface TemporalSettings {
  /** `host:port` */
  address: string;
  namespace: string;
  connectionOptions: NativeConnectionOptions;
}

/** A client for workflows and schedules, and its connection. The caller must close it. */
export interface TemporalClient {
  client: Client;
  connection: Connection;
  address: string;
  namespace: string;
  close(): Promise<void>;
}

export interface ConnectTemporalOptions {
  /** The environment to read. @default the process's environment */
  env?: NodeJS.ProcessEnv;
  /** How long to wait for Temporal's response, in milliseconds. @default 5 seconds */
  connectTimeoutMs?: number;
  /** Further interceptors of the client's calls that concern workflows. */
  workflowInterceptors?: WorkflowClientInterceptor[] | undefined;
}

/**
 * Reads `TEMPORAL_*` and `temporal.toml`, as Temporal's own tools do.
 *
 * @throws TemporalConfigurationError when they are invalid
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
      `The Temporal settings are invalid: ${messageOf(error)}. Check the TEMPORAL_* environment variables and temporal.toml (TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE).`,
      { cause: error },
    );
  }
}

/**
 * Connects a client to the Temporal server that the environment names.
 *
 * @throws TemporalUnreachableError when it does not respond in time, rejects the credentials or lacks the namespace
 * @throws TemporalConfigurationError when the settings are invalid
 * @throws InvalidEnvironmentError when the file of encryption keys is invalid
 */
export async function connectTemporal(options: ConnectTemporalOptions = {}): Promise<TemporalClient> {
  const { address, namespace, connectionOptions } = temporalSettings(options.env);
  const dataConverter = dataConverterFromEnvironment(options.env);
  const connectTimeoutMs = options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS;
  const connection = Connection.lazy({ ...connectionOptions, address, connectTimeout: connectTimeoutMs });
  try {
    await connection.ensureConnected();
    await withTimeout(connection, connectTimeoutMs, () => connection.workflowService.describeNamespace({ namespace }));
  } catch (error) {
    await connection.close();
    throw (
      (await untrustedCertificateError(address, connectionOptions, error)) ??
      toUnreachableError(address, namespace, connectTimeoutMs, error)
    );
  }
  const { workflow, schedule } = inputSizeInterceptors;
  const interceptors = { workflow: [...workflow, ...(options.workflowInterceptors ?? [])], schedule };
  const client = new Client({ connection, namespace, dataConverter, interceptors });
  return { client, connection, address, namespace, close: () => connection.close() };
}

/** The error if the server's certificate is not trusted. */
async function untrustedCertificateError(
  address: string,
  options: NativeConnectionOptions,
  error: unknown,
): Promise<TemporalUnreachableError | undefined> {
  // An error with a status is a response of the server.
  if (!options.tls || grpcErrorOf(error)) return undefined;
  const message = describeUntrustedCertificate(address, await handshakeError(address, options));
  return message === undefined ? undefined : new TemporalUnreachableError(address, message, { cause: error });
}

function toUnreachableError(address: string, namespace: string, connectTimeoutMs: number, error: unknown): Error {
  const reason = error instanceof ServiceError && error.cause !== undefined ? error.cause : error;
  // An error with a status is a response of the server.
  const code = grpcErrorOf(error)?.code;
  const options = { cause: error };
  if (code === GRPC_STATUS.NOT_FOUND) {
    return new TemporalUnreachableError(
      address,
      `Temporal at ${address} has no namespace '${namespace}'. Set TEMPORAL_NAMESPACE to an existing one, or create it: temporal operator namespace create --namespace ${namespace}`,
      options,
    );
  }
  if (code === GRPC_STATUS.UNAUTHENTICATED || code === GRPC_STATUS.PERMISSION_DENIED) {
    return new TemporalUnreachableError(
      address,
      `Temporal at ${address} denies access to the namespace '${namespace}': ${messageOf(reason)}. Check TEMPORAL_API_KEY or the TEMPORAL_TLS_* certificates, and TEMPORAL_NAMESPACE.`,
      options,
    );
  }
  return new TemporalUnreachableError(
    address,
    `Temporal does not respond at ${address} within ${connectTimeoutMs / 1_000} s (${messageOf(reason)}). Set TEMPORAL_ADDRESS to a Temporal server (and TEMPORAL_TLS=true if it requires TLS), or start one: temporal server start-dev`,
    options,
  );
}

/** An empty variable counts as not set, because a compose file passes its optional variables as empty ones. */
function withoutEmptyVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  // An empty header is different: it removes the header of a profile.
  return Object.fromEntries(entries.filter(([name, value]) => value !== '' || name.startsWith('TEMPORAL_GRPC_META_')));
}

/**
 * Rejects workflows and schedules whose input exceeds a limit, before the client sends them. Temporal's own error names neither
 * the document nor what to do, and for some sizes it does not respond.
 *
 * @throws ApplicationFailure of type `InvalidInput` instead of the request
 */
const inputSizeInterceptors: { workflow: WorkflowClientInterceptor[]; schedule: ScheduleClientInterceptor[] } = {
  workflow: [
    {
      startWithDetails: async (input, next) => {
        assertWithinLimits(input.options.args);
        return next(input);
      },
    },
  ],
  schedule: [
    {
      create: async (input, next) => {
        assertWithinLimits(input.options.action.args);
        return next(input);
      },
    },
  ],
};

function assertWithinLimits(args: readonly unknown[] = []): void {
  const violation = describeLimitViolation(args);
  if (violation !== undefined) throw ApplicationFailure.nonRetryable(violation, 'InvalidInput' satisfies FailureType);
}
