import { activityInfo, getClient } from '@temporalio/activity';
import { ActivityCancelledError } from '@temporalio/client';
import { type ClockReading, elapsedMsSince, readClocks } from '../src/jobs/clock-reading';
import { LeaseOverError } from '../src/jobs/errors';
import { messageOf } from '../src/text/error-message';

/** An attempt that begins within this time after Temporal scheduled it is known to be the current one. */
const STARTED_WITHIN_MS = 5_000;
/** The part of the heartbeat timeout after which Temporal has to confirm the attempt before a request is sent. */
const RENEW_AFTER = 1 / 3;
/** The part of the heartbeat timeout in which a request may be sent. The rest is for the request to end. */
const VALID_FOR = 2 / 3;
/** How long Temporal may take to respond. */
const RESPONSE_TIMEOUT_MS = 5_000;

/**
 * Whether Temporal still considers this attempt of an activity the current one. Temporal starts another attempt when it
 * receives no heartbeat within the heartbeat timeout. A frozen process (a paused machine, a long garbage collection) does not
 * learn of that, and the heartbeats of the SDK do not say when Temporal has received one. So this asks Temporal.
 */
export class AttemptLease {
  /** When Temporal last confirmed the attempt, or started it. */
  #confirmedAt: ClockReading | undefined;
  /** Without a heartbeat timeout, Temporal does not replace a frozen attempt. */
  readonly #timeoutMs = activityInfo().heartbeatTimeoutMs ?? Number.POSITIVE_INFINITY;

  constructor() {
    // The process may have been frozen since Temporal started the attempt. If the clocks differ, Temporal is only asked once more.
    const sinceScheduled = Math.abs(Date.now() - activityInfo().currentAttemptScheduledTimestampMs);
    this.#confirmedAt = sinceScheduled <= STARTED_WITHIN_MS ? readClocks() : undefined;
  }

  /** Whether Temporal has to confirm the attempt before a request is sent. */
  get isInDoubt(): boolean {
    return this.#ageMs > this.#timeoutMs * RENEW_AFTER;
  }

  /** @throws LeaseOverError when Temporal may have started another attempt */
  assertValid(): void {
    if (this.#ageMs > this.#timeoutMs * VALID_FOR) {
      throw new LeaseOverError('This attempt was held up for so long that Temporal may have started another one.');
    }
  }

  /**
   * Lets Temporal confirm the attempt, by a heartbeat.
   *
   * @param details of the heartbeat
   * @throws LeaseOverError when Temporal does not confirm it or does not respond; ActivityCancelledError when the activity is
   *   cancelled
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
