import { ConnectorError } from '../connectors/protocol';
import type { ApiContext } from './call';

/** A job that ends within the request: a check, a discovery or a specification. */
export interface SynchronousJob {
  id: string;
  configType: 'get_spec' | 'discover_schema' | 'check_connection_source' | 'check_connection_destination';
  /** Left out for a configuration that is not saved. */
  configId?: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** Whether the connector sent a configuration to save. Default: false. */
  configurationUpdated?: boolean;
}

export function succeededJob(
  { startedAt, configurationUpdated = false, ...job }: SynchronousJob,
  context: ApiContext,
): object {
  return { ...job, ...times(startedAt), succeeded: true, ...outcomeFields(context, configurationUpdated) };
}

/** The job itself failed: the connector reported an error or could not be started. */
export function failedJob(
  { startedAt, configurationUpdated = false, ...job }: SynchronousJob,
  error: unknown,
  context: ApiContext,
): object {
  const message = error instanceof Error ? error.message : String(error);
  const discovers = job.configType === 'discover_schema';
  const failureReason = {
    failureOrigin: job.configType === 'check_connection_destination' ? 'destination' : 'source',
    failureType: error instanceof ConnectorError ? error.failureType : 'system_error',
    externalMessage: error instanceof ConnectorError || discovers ? message : 'The check failed to run.',
    internalMessage: message,
    retryable: false,
    timestamp: Date.now(),
  };
  return {
    ...job,
    ...times(startedAt),
    succeeded: false,
    ...outcomeFields(context, configurationUpdated),
    failureReason,
  };
}

function outcomeFields({ behaviour }: ApiContext, connectorConfigurationUpdated: boolean): object {
  const fields = { connectorConfigurationUpdated, logType: 'formatted', logs: { logLines: [] } };
  return behaviour.fieldsOf(fields, { logType: { since: '1.6.0' } });
}

function times(startedAt: number): { createdAt: number; endedAt: number } {
  return { createdAt: Math.floor(startedAt / 1000), endedAt: Math.floor(Date.now() / 1000) };
}
