import { AsyncResource } from 'node:async_hooks';
import { isDeepStrictEqual } from 'node:util';
import { CancelledFailure } from '@temporalio/common';
import type { CallOptions, ResponseTiming } from '../airbyte/calls';
import { AirbyteError } from '../airbyte/errors';
import { ErrorWithDetails } from '../contract/domain-error';
import type { NothingStarted, TriggerRequest } from '../contract/trigger';
import { type ClockReading, elapsedMsSince, readClocks } from './clock-reading';
import { LeaseOverError, TriggerSupersededError, TriggerTimedOutError } from './errors';
import type { TriggerPorts } from './trigger-ports';
import { type TriggerHeartbeat, TriggerState } from './trigger-state';

/** The longest time that a timer of Node.js takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** After a longer wait within the attempt, the jobs are polled again before the request. */
const LONG_WAIT_MS = 2_000;
/** The same for the time since the newest job was recorded, which includes the wait for a worker. */
const LONG_WAIT_SINCE_RECORDED_MS = 10_000;
/** An attempt that has sent no request after this time reports that. */
const REPORT_AFTER_MS = 1_500;

const TIMED_OUT = new Error('the time of the sync is over');

/** An earlier reading than any other: the jobs have to be polled before the request. */
const NEVER_POLLED: ClockReading = { monotonicMs: Number.NEGATIVE_INFINITY, wallMs: Number.NEGATIVE_INFINITY };

/** An attempt of an activity to start a job, which knows at every moment whether a job may have been started. */
export class TriggerAttempt {
  /** Aborted when the activity is cancelled or times out: a request that was not sent by then is not sent at all. */
  readonly abortBeforeSend: AbortSignal;
  /** What the error names when the attempt times out while it waits. */
  waitingFor = 'Airbyte';
  /** The times of this attempt's request and its response; undefined while there is no response. */
  timing: ResponseTiming | undefined;
  readonly #state: TriggerState;
  /** When the jobs of the connection were last polled, in this attempt or for it. */
  #polledAt: ClockReading;
  /** The heartbeat on which the next attempt can rely: it has to be withdrawn before a request is sent. */
  #reported: TriggerHeartbeat | undefined;
  #isSending = false;
  #notSentBecauseOf: { error: unknown } | undefined;
  readonly #startedAt = readClocks();
  readonly #timedOut = new AbortController();
  readonly #timeoutTimer: NodeJS.Timeout | undefined;
  readonly #reportTimer: NodeJS.Timeout;

  constructor(
    private readonly request: TriggerRequest,
    private readonly ports: TriggerPorts,
  ) {
    const { attempt, earlier, timeLeftMs, cancellation, scheduledAtMs } = ports;
    this.#state = new TriggerState(attempt, earlier);
    if (timeLeftMs <= 0) this.#timedOut.abort(TIMED_OUT);
    else if (timeLeftMs <= LONGEST_TIMER_MS) {
      this.#timeoutTimer = setTimeout(() => this.#timedOut.abort(TIMED_OUT), timeLeftMs);
    }
    this.abortBeforeSend = AbortSignal.any([cancellation, this.#timedOut.signal]);
    // A later attempt comes after a pause, in which other callers may have started jobs.
    const isFresh = attempt === 1 && Date.now() - scheduledAtMs <= LONG_WAIT_SINCE_RECORDED_MS;
    this.#polledAt = isFresh ? readClocks() : NEVER_POLLED;
    const reportUnlessSending = AsyncResource.bind(() => {
      if (!this.#isSending) this.#reportState();
    });
    this.#reportTimer = setTimeout(reportUnlessSending, REPORT_AFTER_MS);
  }

  /** The job to start, with the newest job that is known not to be ours. */
  get input(): TriggerRequest {
    return { ...this.request, lastJobId: this.#state.lastJobId(this.request.lastJobId) };
  }

  /** Whether this attempt or an earlier one may have started a job. */
  get mayHaveStarted(): boolean {
    return this.#state.mayHaveStarted;
  }

  /** Whether a job that an attempt has started may still appear. */
  get mayStillAppear(): boolean {
    return this.#state.mayStillAppear;
  }

  /** Whether the request was not sent because of this error: it is not the response to the request. */
  wasNotSentBecauseOf(error: unknown): boolean {
    return this.#notSentBecauseOf?.error === error;
  }

  /** Notes a newer job that is not ours, for this attempt and the next ones. */
  ignoreJob(jobId: number): void {
    this.#state.ignoreJob(jobId);
    if (this.#reported) this.#reportState();
  }

  /**
   * Waits for a job that may have been started, as long as it may take to appear. The next attempt continues the wait. After
   * the wait, an attempt needs only one more poll, even if the last one failed.
   *
   * @param jobStartTimeoutMs since the request, or, for the request of an earlier attempt, since an attempt began to wait
   * @param leastMs the least time to wait, however long ago the request was sent
   */
  async waitForPossibleJob<T>(
    jobStartTimeoutMs: number,
    leastMs: number,
    wait: (leftMs: number) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    const now = this.#temporalNow();
    const { sentAt } = this.#state;
    const waitedMs = Math.max(sentAt ? elapsedMsSince(sentAt) : now - (this.ports.earlier.waitsSince ?? now), 0);
    this.#report(this.#state.withLastJobId({ waitsSince: this.#latestNow() - waitedMs }));
    const leftMs = jobStartTimeoutMs - waitedMs;
    try {
      const found = await wait(Math.max(leftMs, Math.min(leastMs, jobStartTimeoutMs), 0));
      if (found === undefined) this.#recordWaitedOut();
      return found;
    } catch (error) {
      if (error instanceof AirbyteError && error.retryable) this.#recordWaitedOut();
      throw error;
    }
  }

  /** The jobs of the connection have just been polled. */
  markPolled(): void {
    this.#polledAt = readClocks();
  }

  /** Another trigger has just used the connection: the jobs have to be polled again. */
  requirePoll(): void {
    this.#polledAt = NEVER_POLLED;
  }

  /**
   * Sends the request that starts a job. A cancellation does not abort a request that was sent: its job would stay unknown.
   *
   * @param poll searches for a newer job. Called right before the request if the attempt has waited since the last poll; the
   *   request is not sent when it throws
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
      if (this.#wasAborted(error) || (error instanceof AirbyteError && error.effect === 'none')) {
        this.#state.recordNoEffect();
      }
      throw error;
    }
  }

  /** The error that the attempt fails with. Its details say whether nothing was started, and so does the heartbeat. */
  toError(error: unknown): unknown {
    const details = this.mayHaveStarted ? [] : [{ nothingStarted: true } satisfies NothingStarted];
    this.#isSending = false;
    this.#reportState();
    if (error instanceof LeaseOverError) return new TriggerSupersededError(error, details);
    if (!this.#wasAborted(error)) return new ErrorWithDetails(error, details);
    if (this.abortBeforeSend.reason === TIMED_OUT) return new TriggerTimedOutError(this.waitingFor, details);
    return new CancelledFailure('The trigger was cancelled', details);
  }

  end(): void {
    clearTimeout(this.#timeoutTimer);
    clearTimeout(this.#reportTimer);
  }

  async #beforeSent(poll: () => Promise<void>): Promise<void> {
    // The client sends a request again whose token was rejected, which started nothing.
    this.#state.recordNoEffect();
    if (elapsedMsSince(this.#polledAt) > LONG_WAIT_MS) {
      await poll();
      this.markPolled();
    }
    // From here on nothing is reported that the request would make untrue.
    this.#isSending = true;
    const { lease } = this.ports;
    if (!this.#reported && !lease.isInDoubt) return;
    const heartbeat = this.#state.withLastJobId({});
    this.ports.report(heartbeat);
    try {
      await lease.renew(heartbeat, this.abortBeforeSend);
    } catch (error) {
      this.abortBeforeSend.throwIfAborted();
      throw error;
    }
    this.#reported = undefined;
  }

  #failBeforeSent(error: unknown): never {
    this.#notSentBecauseOf = { error };
    throw error;
  }

  #onSending(): void {
    this.ports.lease.assertValid();
    this.#state.recordSent(readClocks());
  }

  #recordWaitedOut(): void {
    if (!this.mayHaveStarted) return;
    this.#state.recordWaitedOut();
    this.#isSending = false;
    this.#reportState();
  }

  /** Reports what the next attempt can rely on if this one dies. */
  #reportState(): void {
    const heartbeat = this.#state.toHeartbeat();
    if (heartbeat) this.#report(heartbeat);
  }

  #report(heartbeat: TriggerHeartbeat): void {
    if (isDeepStrictEqual(heartbeat, this.#reported)) return;
    this.ports.report(heartbeat);
    this.#reported = heartbeat;
  }

  /** The earliest time that it can be by Temporal's clock. The clocks of workers differ, and none may shorten another's wait. */
  #temporalNow(): number {
    return this.ports.attemptScheduledAtMs + elapsedMsSince(this.#startedAt);
  }

  /** The latest time that it can be, by this machine's clock and Temporal's, since this machine's may be behind. */
  #latestNow(): number {
    return Math.max(this.#temporalNow(), Date.now());
  }

  /** An aborted request fails with an error of the client, or with the signal's reason. */
  #wasAborted(error: unknown): boolean {
    if (!this.abortBeforeSend.aborted) return false;
    const wasNotSent = error instanceof AirbyteError && error.effect === 'none' && error.status === undefined;
    return wasNotSent || error === this.abortBeforeSend.reason;
  }
}
