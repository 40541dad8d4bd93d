import type { JobFailure } from '../state/job';

/** An attempt that broke on the platform's own account. */
export function platformFailure(error: unknown): JobFailure {
  const message = error instanceof Error ? error.message : String(error);
  return {
    failureOrigin: 'airbyte_platform',
    failureType: 'system_error',
    externalMessage: 'Something went wrong within the airbyte platform',
    internalMessage: message,
    timestamp: Date.now(),
  };
}

/** An attempt whose job was cancelled. */
export function cancellationFailure(): JobFailure {
  return {
    failureType: 'manual_cancellation',
    externalMessage: 'This attempt was cancelled',
    internalMessage: 'Setting attempt to FAILED because the job was cancelled',
    timestamp: Date.now(),
  };
}

/** A check that failed before an attempt: the connector's own words are for those alone who run the connector. */
export function checkFailure(origin: 'source' | 'destination', message: string): JobFailure {
  return {
    failureOrigin: origin,
    failureType: 'config_error',
    externalMessage: `Checking ${origin} connection failed - please review this connection's configuration to prevent future syncs from failing`,
    internalMessage: message,
    timestamp: Date.now(),
  };
}
