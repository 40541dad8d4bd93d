import { Semaphore } from '../airbyte/semaphore';

/** Syncs that wait here for a place; more of them wait at Temporal, which asks again later. */
const MAXIMUM_WAITING = 500;

/** A job is waited for right after its start, by this process or by another one: then its place is free again. */
const HELD_FOR_MS = 30_000;

/** Nothing is wrong: the sync waits until others have ended. */
export class NoSlotError extends Error {
  override readonly name = 'NoSlotError';

  constructor(maximum: number) {
    super(
      `This worker already runs ${maximum} syncs, as many as it may, and ${MAXIMUM_WAITING} more wait for a slot: this one is tried again later. ` +
        'More workers take more, or a higher AIRBYTE_MAX_CONCURRENT_SYNCS.',
    );
  }
}

interface Place {
  waiters: number;
  /** Gives the place back unless somebody waits for its job before. */
  timer: NodeJS.Timeout | undefined;
}

export interface SlotOptions {
  /** Ends the waiting for a place, with the signal's reason. */
  signal?: AbortSignal;
  /** Called when there is no place at once. */
  onQueued?: () => void;
}

/**
 * The syncs that a process has at once: each takes a place before its job is started, or attached to, and keeps it until
 * the job has ended. However many wait for one job, it takes one place. Who finds none waits in the order of asking.
 */
export class SyncSlots {
  readonly #jobs = new Map<number, Place>();
  readonly #slots: Semaphore;

  constructor(readonly maximum: number) {
    this.#slots = new Semaphore(maximum);
  }

  /**
   * Starts a job once there is a place for it; the place is kept for {@link whileWaiting}.
   *
   * @throws NoSlotError when too many wait already; and what `start` throws
   */
  async whileStarting<T extends { started: boolean; job: { jobId: number } }>(
    start: () => Promise<T>,
    options: SlotOptions = {},
  ): Promise<T> {
    await this.#take(options);
    let kept = false;
    try {
      const result = await start();
      kept = result.started && this.#holdFor(result.job.jobId);
      return result;
    } finally {
      if (!kept) this.#slots.release();
    }
  }

  /**
   * Waits for a job, in the place of its start or else in one of its own.
   *
   * @throws NoSlotError when too many wait already; and what `wait` throws
   */
  async whileWaiting<T>(jobId: number, wait: () => Promise<T>, options: SlotOptions = {}): Promise<T> {
    if (!this.#jobs.has(jobId)) {
      await this.#take(options);
      if (!this.#holdFor(jobId)) this.#slots.release();
    }
    const place = this.#join(jobId);
    try {
      return await wait();
    } finally {
      place.waiters -= 1;
      if (place.waiters === 0) this.#leave(jobId);
    }
  }

  /** @returns false when the job has a place already */
  #holdFor(jobId: number): boolean {
    if (this.#jobs.has(jobId)) return false;
    this.#jobs.set(jobId, { waiters: 0, timer: setTimeout(() => this.#leave(jobId), HELD_FOR_MS).unref() });
    return true;
  }

  #join(jobId: number): Place {
    const place = this.#jobs.get(jobId) as Place;
    clearTimeout(place.timer);
    // A timer holds the asynchronous context that it was set in: that of a start which has long ended.
    place.timer = undefined;
    place.waiters += 1;
    return place;
  }

  #leave(jobId: number): void {
    this.#jobs.delete(jobId);
    this.#slots.release();
  }

  async #take({ signal, onQueued }: SlotOptions): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#slots.hasFree) {
      if (this.#slots.waiting >= MAXIMUM_WAITING) throw new NoSlotError(this.maximum);
      onQueued?.();
    }
    await this.#slots.acquire(signal);
  }
}
