import type { ClockReading } from './clock-reading';

/** The heartbeat of an attempt to start a job: what the next attempt can rely on. */
export interface TriggerHeartbeat {
  /** No request up to and including this attempt has started a job. Withdrawn before the next request is sent. */
  nothingStartedBy?: number;
  /** A job that a request up to this attempt has started would have appeared by now. Withdrawn in the same way. */
  waitedOutBy?: number;
  /**
   * Since when, in milliseconds since 1970, the attempts have waited for a job that may still appear. It stays true after
   * further attempts that died: each of them had to wait, and to withdraw this, before it could send a request.
   */
  waitsSince?: number;
  /** The newest job of the connection that is known not to be ours, if it is newer than the recorded one. */
  lastJobId?: number;
}

/** Whether the requests so far may have started a job, and if so, whether that job would have appeared by now. */
export type StartUncertainty = 'none' | 'would have appeared' | 'may still appear';

/**
 * Whether the requests of all attempts so far may have started a job. It has no clock and makes no calls: the attempt says
 * when a request is sent and what came of it.
 */
export class TriggerState {
  /** When the request of this attempt was sent; undefined before, and once it is known to have started nothing. */
  sentAt: ClockReading | undefined;
  #uncertainty: StartUncertainty;
  #uncertaintyBeforeRequest: StartUncertainty;
  #newestOtherJobId: number | undefined;

  /**
   * @param attempt the number of this attempt, from 1 on
   * @param earlier the last heartbeat before it. Of an attempt that died without one, nothing is known
   */
  constructor(
    private readonly attempt: number,
    { nothingStartedBy, waitedOutBy, lastJobId }: TriggerHeartbeat,
  ) {
    this.#newestOtherJobId = lastJobId;
    if (attempt === 1 || nothingStartedBy === attempt - 1) this.#uncertainty = 'none';
    else this.#uncertainty = waitedOutBy === attempt - 1 ? 'would have appeared' : 'may still appear';
    this.#uncertaintyBeforeRequest = this.#uncertainty;
  }

  get mayHaveStarted(): boolean {
    return this.#uncertainty !== 'none';
  }

  get mayStillAppear(): boolean {
    return this.#uncertainty === 'may still appear';
  }

  /** The newest job that is known not to be ours, given the one that was recorded before the first attempt. */
  lastJobId(recorded: number | null): number | null {
    return Math.max(recorded ?? 0, this.#newestOtherJobId ?? 0) || null;
  }

  /** Notes a newer job that is not ours. */
  ignoreJob(jobId: number): void {
    this.#newestOtherJobId = jobId;
  }

  recordSent(at: ClockReading): void {
    this.sentAt = at;
    this.#uncertaintyBeforeRequest = this.#uncertainty;
    this.#uncertainty = 'may still appear';
  }

  /** The request of this attempt, if one was sent, has started nothing. */
  recordNoEffect(): void {
    if (this.sentAt === undefined) return;
    this.sentAt = undefined;
    this.#uncertainty = this.#uncertaintyBeforeRequest;
  }

  /** A job that was started would have appeared by now. */
  recordWaitedOut(): void {
    if (this.mayHaveStarted) this.#uncertainty = 'would have appeared';
  }

  /** What the next attempt can rely on; undefined while a job may still appear, since then it can rely on nothing. */
  toHeartbeat(): TriggerHeartbeat | undefined {
    if (this.mayStillAppear) return undefined;
    return this.withLastJobId(this.mayHaveStarted ? { waitedOutBy: this.attempt } : { nothingStartedBy: this.attempt });
  }

  /** A heartbeat that also names the newest job that is not ours. */
  withLastJobId(heartbeat: TriggerHeartbeat): TriggerHeartbeat {
    return { ...heartbeat, ...(this.#newestOtherJobId !== undefined && { lastJobId: this.#newestOtherJobId }) };
  }
}
