import { ConnectorError } from '../connectors/protocol';

/** A job that is done within the request: a check, a discovery, a specification. */
export interface SynchronousJob {
  id: string;
  configType: 'get_spec' | 'discover_schema' | 'check_connection_source' | 'check_connection_destination';
  configId: string;
  /** Milliseconds since 1970. */
  startedAt: number;
}

export function succeededJob({ startedAt, ...job }: SynchronousJob): object {
  return { ...job, ...times(startedAt), succeeded: true, ...outcomeFields };
}

/** The job itself broke: the connector gave up, or could not be started. */
export function failedJob({ startedAt, ...job }: SynchronousJob, error: unknown): object {
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
  return { ...job, ...times(startedAt), succeeded: false, ...outcomeFields, failureReason };
}

const outcomeFields = { connectorConfigurationUpdated: false, logType: 'formatted', logs: { logLines: [] } };

function times(startedAt: number): { createdAt: number; endedAt: number } {
  return { createdAt: Math.floor(startedAt / 1000), endedAt: Math.floor(Date.now() / 1000) };
}
