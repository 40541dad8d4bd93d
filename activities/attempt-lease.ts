import { activityInfo, getClient } from '@temporalio/activity';
import { ActivityCancelledError } from '@temporalio/client';
import { type ClockReading, elapsedMsSince, readClocks } from '../src/jobs/clock-reading';
import { messageOf } from '../src/text/error-message';

/** An attempt that has begun so soon after it was scheduled is known to be the current one. */
const STARTED_WITHIN_MS = 5_000;
/** The part of the heartbeat time-out after which Temporal is asked before something is sent. */
const RENEW_AFTER = 1 / 3;
/** The part of the heartbeat time-out in which something may still be sent; the rest is for what is under way. */
const VALID_FOR = 2 / 3;
/** How long Temporal may take to respond. */
const RESPONSE_TIMEOUT_MS = 5_000;

/** The attempt may have been given up by Temporal, so that another one runs: nothing may be sent any more. */
export class LeaseOverError extends Error {
  override readonly name = 'LeaseOverError';
}

/**
 * Whether Temporal still counts on this attempt of an activity. Temporal starts another attempt once it has not heard of
 * this one for its heartbeat time-out, and this one does not learn of it while its process is frozen (a paused machine, a
 * long garbage collection). The heartbeats of the SDK do not tell when Temporal has taken one; so Temporal is asked.
 */
export class AttemptLease {
  /** When Temporal has last said, or shown by the start of the attempt, that it counts on it. */
  #confirmedAt: ClockReading | undefined;
  /** Without a heartbeat time-out, Temporal does not give an attempt up that is frozen. */
  readonly #timeoutMs = activityInfo().heartbeatTimeoutMs ?? Number.POSITIVE_INFINITY;

  constructor() {
    // The process may have been frozen between the start by Temporal and this moment. Clocks that differ only lead to a question.
    const sinceScheduled = Math.abs(Date.now() - activityInfo().currentAttemptScheduledTimestampMs);
    this.#confirmedAt = sinceScheduled <= STARTED_WITHIN_MS ? readClocks() : undefined;
  }

  /** Whether Temporal has to be asked before something is sent. */
  get isInDoubt(): boolean {
    return this.#ageMs > this.#timeoutMs * RENEW_AFTER;
  }

  /** @throws LeaseOverError when Temporal may have given the attempt up by now */
  assertValid(): void {
    if (this.#ageMs > this.#timeoutMs * VALID_FOR) {
      throw new LeaseOverError('This attempt was held up for so long that Temporal may have started another one.');
    }
  }

  /**
   * Asks Temporal whether it still counts on this attempt, by a heartbeat that it confirms.
   *
   * @param details of the heartbeat
   * @throws LeaseOverError when it does not, or does not respond; ActivityCancelledError when the activity is cancelled
   */
  async renew(details: unknown): Promise<void> {
    const askedAt = readClocks();
    const client = getClient();
    const { taskToken } = activityInfo();
    try {
      await client.withAbortSignal(AbortSignal.timeout(RESPONSE_TIMEOUT_MS), () =>
        client.activity.heartbeat(taskToken, details),
      );
    } catch (error) {
      if (error instanceof ActivityCancelledError) throw error;
      throw new LeaseOverError(`Temporal does not confirm that this attempt is the current one: ${messageOf(error)}.`);
    }
    this.#confirmedAt = askedAt;
  }

  get #ageMs(): number {
    if (this.#timeoutMs === Number.POSITIVE_INFINITY) return 0;
    return this.#confirmedAt === undefined ? Number.POSITIVE_INFINITY : elapsedMsSince(this.#confirmedAt);
  }
}
