import { DomainError } from '../contract/domain-error';

/** Temporal may have given this attempt up and started another one: this one must send nothing any more. */
export class LeaseOverError extends Error {
  override readonly name = 'LeaseOverError';
}

/** The worker has no slot for another sync. Nothing is wrong: Temporal retries until other syncs have ended. */
export class NoSlotError extends DomainError {
  override readonly name = 'NoSlotError';

  constructor(maximum: number, waiting: number) {
    super(
      'AirbyteUnavailable',
      `This worker already runs ${maximum} syncs, which is its limit, and ${waiting} more wait for a slot: this sync is retried later. ` +
        'Add workers or raise AIRBYTE_MAX_CONCURRENT_SYNCS to run more syncs.',
      { retryable: true },
    );
  }
}

/** A trigger could not send its request before the timeout of its sync. */
export class TriggerTimedOutError extends DomainError {
  override readonly name = 'TriggerTimedOutError';

  constructor(waitingFor: string, details: readonly unknown[]) {
    super('AirbyteSyncTimedOut', `The sync timed out while it waited for ${waitingFor}.${nothingStarted(details)}`, {
      details,
    });
  }
}

/** Temporal may have started another attempt of the trigger: that one continues. */
export class TriggerSupersededError extends DomainError {
  override readonly name = 'TriggerSupersededError';

  constructor({ message }: LeaseOverError, details: readonly unknown[]) {
    super('AirbyteUnavailable', `${message}${nothingStarted(details)}`, { retryable: true, details });
  }
}

function nothingStarted(details: readonly unknown[]): string {
  return details.length > 0 ? ' Nothing was started.' : '';
}

/** Airbyte starts nothing on a connection that is not active. */
export class ConnectionInactiveError extends DomainError {
  override readonly name = 'ConnectionInactiveError';

  constructor(connection: string, status: string) {
    super(
      'AirbyteConflict',
      `The connection ${connection} is ${status}, so Airbyte starts nothing on it. Set its status to active.`,
    );
  }
}

/** Airbyte still returns a deleted connection by its id, but starts nothing on it. */
export class ConnectionDeletedError extends DomainError {
  override readonly name = 'ConnectionDeletedError';

  constructor(connection: string) {
    super(
      'AirbyteNotFound',
      `The connection ${connection} was deleted in Airbyte. Delete the schedule, or whatever else starts its syncs.`,
    );
  }
}

/** The connection's destination does not support refreshes. */
export class RefreshUnsupportedError extends DomainError {
  override readonly name = 'RefreshUnsupportedError';

  constructor(reason: string) {
    super('AirbyteUnsupported', `${reason} Use clear, then sync.`);
  }
}

/** Airbyte rejected or accepted a trigger, and its jobs do not show why: the next attempt may see more. */
export class TriggerUnresolvedError extends DomainError {
  override readonly name = 'TriggerUnresolvedError';

  constructor(type: 'AirbyteConflict' | 'AirbyteUnavailable', message: string) {
    super(type, message, { retryable: true });
  }
}

/** The pause before the next cancel. It doubles with each cancel. */
const SHORTEST_CANCEL_INTERVAL_MS = 2_000;
const LONGEST_CANCEL_INTERVAL_MS = 30_000;

/** A job that is being cancelled has not ended: Temporal retries at growing intervals. */
export class JobStillRunningError extends DomainError {
  override readonly name = 'JobStillRunningError';

  /** @param retryAfterMs the time for which Airbyte asked, within the limits of the interval */
  constructor(message: string, cancelsSent: number, retryAfterMs = 0) {
    const intervalMs = SHORTEST_CANCEL_INTERVAL_MS * 2 ** Math.max(0, cancelsSent - 1);
    super('AirbyteUnavailable', message, {
      retryable: true,
      retryAfterMs: Math.min(Math.max(intervalMs, retryAfterMs), LONGEST_CANCEL_INTERVAL_MS),
    });
  }
}
