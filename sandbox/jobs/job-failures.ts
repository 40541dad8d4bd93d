import type { Attempt, JobFailure } from '../state/job';

/** The failure of an attempt that failed because of the platform itself. */
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

/** The failure of an attempt whose job was cancelled. */
export function cancellationFailure(): JobFailure {
  return {
    failureType: 'manual_cancellation',
    externalMessage: 'This attempt was cancelled',
    internalMessage: 'Setting attempt to FAILED because the job was cancelled',
    timestamp: Date.now(),
  };
}

/**
 * The failure of an attempt whose connection check failed. As in Airbyte, only the internal message carries the
 * connector's reason.
 */
export function checkFailure(origin: 'source' | 'destination', message: string): JobFailure {
  return {
    failureOrigin: origin,
    failureType: 'config_error',
    externalMessage: `Checking ${origin} connection failed - please review this connection's configuration to prevent future syncs from failing`,
    internalMessage: message,
    timestamp: Date.now(),
  };
}

/** Ends an attempt that was still running when its sandbox stopped or was killed. */
export function failInterrupted(attempt: Attempt): void {
  attempt.status = 'failed';
  attempt.failures = [platformFailure('The sandbox stopped during the attempt.')];
  attempt.endedAtMs = Date.now();
  attempt.updatedAtMs = attempt.endedAtMs;
}
