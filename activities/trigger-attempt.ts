import { AsyncResource } from 'node:async_hooks';
import { isDeepStrictEqual } from 'node:util';
import { ApplicationFailure, activityInfo, CancelledFailure, cancellationSignal } from '@temporalio/activity';
import { ActivityCancelledError } from '@temporalio/client';
import type { CallOptions, ResponseTiming } from '../src/airbyte/calls';
import { AirbyteError } from '../src/airbyte/errors';
import type { FailureType } from '../src/contract/failure-types';
import type { NothingStarted } from '../src/contract/trigger';
import { type ClockReading, elapsedMsSince, readClocks } from '../src/jobs/clock-reading';
import type { SecretResolver } from '../src/secrets/secret-resolver';
import { pause } from '../src/text/pause';
import { AttemptLease, LeaseOverError } from './attempt-lease';
import { toFailure } from './failures';
import { report } from './heartbeat';
import { timeLeftMs } from './time-left';
import {
  heartbeatOfEarlierAttempt,
  type StartUncertainty,
  type TriggerHeartbeat,
  uncertaintyOfEarlierAttempts,
} from './trigger-heartbeat';

/** What a timer of Node.js holds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** After such a wait within an attempt the jobs are polled again before the request. */
const LONG_WAIT_MS = 2_000;
/** The same for all the time since the newest job was recorded, which includes that for a worker to have room. */
const LONG_WAIT_SINCE_RECORDED_MS = 10_000;
/** An attempt that has sent nothing for so long tells the next one. */
const REPORT_AFTER_MS = 1_500;
/** How long to wait for the cancellation that Temporal has told of already. */
const CANCELLATION_MS = 15_000;

const SYNC_TIME_OVER = new Error('the time of the sync is over');

/** An attempt of an activity to start a job, which knows at every moment whether there may be a job by now. */
export class TriggerAttempt {
  /** Aborted when the activity is cancelled, or its time is all but over: what was not sent by then is given up. */
  readonly abortBeforeSend: AbortSignal;
  /** What the message names when the attempt is given up while it waits. */
  waitsFor = 'Airbyte';
  /** When the request of this attempt was under way; undefined while there is no response. */
  timing: ResponseTiming | undefined;
  #doubt: StartUncertainty = uncertaintyOfEarlierAttempts();
  #uncertaintyBefore: StartUncertainty = this.#doubt;
  #lastJobId = heartbeatOfEarlierAttempt().lastJobId;
  /** When the jobs of the connection were last polled, in this attempt or for it. */
  #polledAt: ClockReading;
  #sentAt: ClockReading | undefined;
  /** What Temporal has been told that the next attempt may rely on: to be taken back before a request is sent. */
  #told: TriggerHeartbeat | undefined;
  #isSending = false;
  #notSentBecauseOf: { error: unknown } | undefined;
  readonly #lease = new AttemptLease();
  readonly #beganAt = readClocks();
  readonly #timeIsOver = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #reportTimer: NodeJS.Timeout;

  constructor() {
    const leftMs = timeLeftMs();
    if (leftMs <= 0) this.#timeIsOver.abort(SYNC_TIME_OVER);
    else if (leftMs <= LONGEST_TIMER_MS) {
      this.#timer = setTimeout(() => this.#timeIsOver.abort(SYNC_TIME_OVER), leftMs);
    }
    this.abortBeforeSend = AbortSignal.any([cancellationSignal(), this.#timeIsOver.signal]);
    const sinceRecorded = Date.now() - activityInfo().scheduledTimestampMs;
    // Before another attempt there was a pause.
    const isFresh = activityInfo().attempt === 1 && sinceRecorded <= LONG_WAIT_SINCE_RECORDED_MS;
    this.#polledAt = isFresh ? readClocks() : NEVER_POLLED;
    const reportUnlessSending = AsyncResource.bind(() => {
      if (!this.#isSending) this.#tell();
    });
    this.#reportTimer = setTimeout(reportUnlessSending, REPORT_AFTER_MS);
  }

  /** Whether this attempt, or one before it, may have started a job. */
  get mayHaveStarted(): boolean {
    return this.#doubt !== 'none';
  }

  /** Whether a job may still show that an earlier attempt has started. */
  get mayStillAppear(): boolean {
    return this.#doubt === 'may show';
  }

  /** Whether this is why the request was not sent, and not what came of it. */
  wasNotSentBecauseOf(error: unknown): boolean {
    return this.#notSentBecauseOf?.error === error;
  }

  /** The newest job that is known not to be ours. */
  lastJobId(recorded: number | null): number | null {
    return Math.max(recorded ?? 0, this.#lastJobId ?? 0) || null;
  }

  /** Takes note of a newer job that is not ours, for this attempt and those after it. */
  ignoreJob(jobId: number): void {
    this.#lastJobId = jobId;
    if (this.#told) this.#tell();
  }

  /**
   * Waits as long as a job may take to show that was started. An attempt after this one goes on with the wait, and once it is
   * over need only poll once, also where the last poll has failed.
   *
   * @param jobStartTimeoutMs from the request on, or from the moment on that an attempt has begun to wait for an earlier one's
   * @param leastMs however long ago the request was sent
   */
  async waitForPossibleJob<T>(
    jobStartTimeoutMs: number,
    leastMs: number,
    wait: (leftMs: number) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const now = this.#temporalNow();
    const waitedMs = Math.max(
      this.#sentAt ? elapsedMsSince(this.#sentAt) : now - (heartbeatOfEarlierAttempt().waitsSince ?? now),
      0,
    );
    this.#report(this.#toHeartbeat({ waitsSince: this.#latestNow() - waitedMs }));
    const leftMs = jobStartTimeoutMs - waitedMs;
    try {
      const found = await wait(Math.max(leftMs, Math.min(leastMs, jobStartTimeoutMs), 0));
      if (found === undefined) this.#markWouldShow();
      return found;
    } catch (error) {
      if (error instanceof AirbyteError && error.retryable) this.#markWouldShow();
      throw error;
    }
  }

  /** The jobs of the connection are known anew. */
  markPolled(): void {
    this.#polledAt = readClocks();
  }

  /** What was known of the connection's jobs is not to be relied on: somebody else has just had to do with them. */
  requirePoll(): void {
    this.#polledAt = NEVER_POLLED;
  }

  /**
   * Sends the request that starts a job. Once it is sent, a cancellation leaves it: its job would stay unknown.
   *
   * @param poll looks for a newer job. Called right before the request where it has waited since the last time; what it
   *   throws gives the request up
   */
  async send<T>(request: (options: CallOptions) => Promise<T>, poll: () => Promise<void>): Promise<T> {
    try {
      return await request({
        abortBeforeSend: this.abortBeforeSend,
        beforeSent: () => this.#beforeSent(poll).catch((error: unknown) => this.#failBeforeSent(error)),
        onSending: () => this.#onSending(),
        onResponse: (timing) => {
          this.timing = timing;
        },
      });
    } catch (error) {
      if (this.#wasAborted(error) || (error instanceof AirbyteError && error.effect === 'none')) this.#hasNoEffect();
      throw error;
    }
  }

  /** What the attempt fails with: tells the next attempt, and the workflow, when nothing was started. */
  failure(error: unknown, secrets: Pick<SecretResolver, 'mask'>): unknown {
    const nothingStarted = !this.mayHaveStarted;
    this.#isSending = false;
    this.#tell();
    const details = nothingStarted ? [{ nothingStarted: true } satisfies NothingStarted] : [];
    const so = nothingStarted ? ' Nothing was started.' : '';
    if (error instanceof LeaseOverError) {
      return ApplicationFailure.retryable(
        `${error.message}${so}`,
        'AirbyteUnavailable' satisfies FailureType,
        ...details,
      );
    }
    if (!this.#wasAborted(error)) return toFailure(error, secrets, details);
    if (this.abortBeforeSend.reason !== SYNC_TIME_OVER)
      return new CancelledFailure('The trigger was cancelled', details);
    const type: FailureType = 'AirbyteSyncTimedOut';
    return ApplicationFailure.nonRetryable(
      `The time of the sync was over while it waited for ${this.waitsFor}.${so}`,
      type,
      ...details,
    );
  }

  end(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#reportTimer);
  }

  async #beforeSent(poll: () => Promise<void>): Promise<void> {
    // Asked a second time, the first request was rejected for its token, which is no effect.
    this.#hasNoEffect();
    if (elapsedMsSince(this.#polledAt) > LONG_WAIT_MS) {
      await poll();
      this.markPolled();
    }
    // From here on Temporal is told nothing that the request would make untrue.
    this.#isSending = true;
    if (!this.#told && !this.#lease.isInDoubt) return;
    const details = this.#toHeartbeat({});
    report(details);
    try {
      await this.#lease.renew(details);
    } catch (error) {
      if (error instanceof ActivityCancelledError) await pause(CANCELLATION_MS, this.abortBeforeSend);
      this.abortBeforeSend.throwIfAborted();
      throw error;
    }
    this.#told = undefined;
  }

  #failBeforeSent(error: unknown): never {
    this.#notSentBecauseOf = { error };
    throw error;
  }

  #onSending(): void {
    this.#lease.assertValid();
    this.#sentAt = readClocks();
    this.#uncertaintyBefore = this.#doubt;
    this.#doubt = 'may show';
  }

  #markWouldShow(): void {
    if (this.#doubt === 'none') return;
    this.#doubt = 'would show';
    this.#isSending = false;
    this.#tell();
  }

  /** What was sent, if anything, is known to have started nothing. */
  #hasNoEffect(): void {
    if (this.#sentAt === undefined) return;
    this.#sentAt = undefined;
    this.#doubt = this.#uncertaintyBefore;
  }

  /** Tells the next attempt what it may rely on should this one die. */
  #tell(): void {
    if (this.#doubt === 'may show') return;
    const { attempt } = activityInfo();
    const told = this.#toHeartbeat(this.#doubt === 'none' ? { nothingStartedBy: attempt } : { waitedOutBy: attempt });
    this.#report(told);
  }

  #report(told: TriggerHeartbeat): void {
    if (isDeepStrictEqual(told, this.#told)) return;
    report(told);
    this.#told = told;
  }

  /** By Temporal's clock, at the earliest: the clocks of two workers may differ, and none may cut the wait of the other short. */
  #temporalNow(): number {
    return activityInfo().currentAttemptScheduledTimestampMs + elapsedMsSince(this.#beganAt);
  }

  /** At the latest, as far as the own clock and Temporal's tell: of them, the own one may be behind. */
  #latestNow(): number {
    return Math.max(this.#temporalNow(), Date.now());
  }

  #toHeartbeat(known: TriggerHeartbeat): TriggerHeartbeat {
    return { ...known, ...(this.#lastJobId !== undefined && { lastJobId: this.#lastJobId }) };
  }

  /** The client says it with an error of its own, or with the signal's reason. */
  #wasAborted(error: unknown): boolean {
    if (!this.abortBeforeSend.aborted) return false;
    const unanswered = error instanceof AirbyteError && error.effect === 'none' && error.status === undefined;
    return unanswered || error === this.abortBeforeSend.reason;
  }
}

/** Before any poll. */
const NEVER_POLLED: ClockReading = { monotonicMs: Number.NEGATIVE_INFINITY, wallMs: Number.NEGATIVE_INFINITY };
