import { ApplicationFailure, activityInfo, CancelledFailure, cancellationSignal } from '@temporalio/activity';
import { AirbyteError } from '../src/airbyte/errors';
import type { CallOptions, ResponseTiming } from '../src/airbyte/http';
import type { FailureType } from '../src/failure-types';
import type { SecretResolver } from '../src/pipeline/secrets';
import { toFailure } from './failures';
import { report } from './heartbeating';

/** Among the details of a trigger's failure: no attempt has started a job, and none will show later. */
export interface NothingStarted {
  nothingStarted: true;
}

/** What an attempt to start a job leaves for the next one, in its heartbeat. */
interface TriggerHeartbeat {
  /** The attempt up to which no request has had any effect. Only who failed in a known way gets to say so. */
  nothingStartedBy: number;
}

/** How long before its time is over an attempt gives up by itself: Temporal would not say what it waited for. */
const GIVES_UP_BEFORE_MS = 5_000;
/** Of a short time that would be all. */
const GIVES_UP_BEFORE_SHARE = 0.25;
/** What a timer of Node.js holds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const TIME_IS_OVER = new Error('the time of the sync is over');

/** An attempt of an activity to start a job, which knows at every moment whether there may be a job by now. */
export class TriggerAttempt {
  /** Aborted when the activity is cancelled, or its time is all but over: what was not sent by then is given up. */
  readonly unsent: AbortSignal;
  /** What the message names when the attempt is given up while it waits. */
  waitsFor = 'Airbyte';
  /** When the request of this attempt was under way; undefined while there is no response. */
  timing: ResponseTiming | undefined;
  #mayHaveStarted = !nothingStartedBefore();
  readonly #timeIsOver = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor() {
    const leftMs = timeLeftMs();
    if (leftMs <= 0) this.#timeIsOver.abort(TIME_IS_OVER);
    else if (leftMs <= LONGEST_TIMER_MS) {
      this.#timer = setTimeout(() => this.#timeIsOver.abort(TIME_IS_OVER), leftMs);
    }
    this.unsent = AbortSignal.any([cancellationSignal(), this.#timeIsOver.signal]);
  }

  /** Whether this attempt, or one before it, may have started a job. */
  get mayHaveStarted(): boolean {
    return this.#mayHaveStarted;
  }

  /** Sends the request that starts a job. Once it is sent, a cancellation leaves it: its job would stay unknown. */
  async send<T>(request: (options: CallOptions) => Promise<T>): Promise<T> {
    const before = this.#mayHaveStarted;
    this.#mayHaveStarted = true;
    try {
      return await request({
        unsent: this.unsent,
        onResponse: (timing) => {
          this.timing = timing;
        },
      });
    } catch (error) {
      if (this.#isGivenUp(error) || (error instanceof AirbyteError && error.effect === 'none')) {
        this.#mayHaveStarted = before;
      }
      throw error;
    }
  }

  /** What the attempt fails with: tells the next attempt, and the workflow, when nothing was started. */
  failure(error: unknown, secrets: Pick<SecretResolver, 'mask'>): unknown {
    const nothingStarted = !this.#mayHaveStarted;
    if (nothingStarted) report({ nothingStartedBy: activityInfo().attempt } satisfies TriggerHeartbeat);
    const details = nothingStarted ? [{ nothingStarted } satisfies NothingStarted] : [];
    if (!this.#isGivenUp(error)) return toFailure(error, secrets, details);
    if (this.unsent.reason !== TIME_IS_OVER) return new CancelledFailure('The trigger was cancelled', details);
    const so = nothingStarted ? ' Nothing was started.' : '';
    const type: FailureType = 'AirbyteSyncTimedOut';
    return ApplicationFailure.nonRetryable(
      `The time of the sync was over while it waited for ${this.waitsFor}.${so}`,
      type,
      ...details,
    );
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /** The client says it with an error of its own, or with the signal's reason. */
  #isGivenUp(error: unknown): boolean {
    if (!this.unsent.aborted) return false;
    const unanswered = error instanceof AirbyteError && error.effect === 'none' && error.status === undefined;
    return unanswered || error === this.unsent.reason;
  }
}

/** Whether every attempt before this one is known to have started nothing. Of one that died nobody knows. */
function nothingStartedBefore(): boolean {
  const { attempt, heartbeatDetails } = activityInfo();
  return attempt === 1 || (heartbeatDetails as TriggerHeartbeat | undefined)?.nothingStartedBy === attempt - 1;
}

/** How long the activity may go on, its retries included; a part is left to say how it ended. */
export function timeLeftMs(): number {
  const { scheduledTimestampMs, scheduleToCloseTimeoutMs } = activityInfo();
  const early = Math.min(GIVES_UP_BEFORE_MS, scheduleToCloseTimeoutMs * GIVES_UP_BEFORE_SHARE);
  return scheduledTimestampMs + scheduleToCloseTimeoutMs - early - Date.now();
}
