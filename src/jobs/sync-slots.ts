import { Semaphore } from '../async/semaphore';
import { NoSlotError } from './errors';

/** How many syncs wait for a slot in this process. Further ones fail, and Temporal retries them later. */
const MAXIMUM_WAITING = 500;

/** How long a slot is held for a started job until an activity waits for it. If another process waits for it, the slot is free after this time. */
const HELD_FOR_MS = 30_000;

interface JobSlot {
  waiters: number;
  /** Releases the slot unless an activity waits for its job before. */
  timer: NodeJS.Timeout | undefined;
}

export interface SlotOptions {
  /** Ends the wait for a slot, with the signal's reason. */
  signal?: AbortSignal;
  /** Called when no slot is free. */
  onQueued?: () => void;
}

/**
 * Limits the concurrent syncs of a process: each sync acquires a slot before its job is started or attached to, and holds it
 * until the job has ended. All waits for one job share a slot. Syncs without a slot wait in the order of their calls.
 */
export class SyncSlots {
  readonly #jobs = new Map<number, JobSlot>();
  readonly #slots: Semaphore;

  constructor(readonly maximum: number) {
    this.#slots = new Semaphore(maximum);
  }

  /** The limit for which a sync waits, as a part of a message. */
  get limit(): string {
    return `a slot: this worker already runs ${this.maximum} syncs, which is its limit (AIRBYTE_MAX_CONCURRENT_SYNCS)`;
  }

  /**
   * Starts a job once there is a slot for it. The slot is held for {@link whileWaiting}.
   *
   * @throws NoSlotError when too many syncs wait already, and what `start` throws
   */
  async whileStarting<T extends { started: boolean; job: { jobId: number } }>(
    start: () => Promise<T>,
    options: SlotOptions = {},
  ): Promise<T> {
    await this.#acquire(options);
    let held = false;
    try {
      const result = await start();
      held = result.started && this.#holdFor(result.job.jobId);
      return result;
    } finally {
      if (!held) this.#slots.release();
    }
  }

  /**
   * Waits for a job, in the slot of its start or else in one of its own.
   *
   * @throws NoSlotError when too many syncs wait already, and what `wait` throws
   */
  async whileWaiting<T>(jobId: number, wait: () => Promise<T>, options: SlotOptions = {}): Promise<T> {
    if (!this.#jobs.has(jobId)) {
      await this.#acquire(options);
      if (!this.#holdFor(jobId)) this.#slots.release();
    }
    const jobSlot = this.#join(jobId);
    try {
      return await wait();
    } finally {
      jobSlot.waiters -= 1;
      if (jobSlot.waiters === 0) this.#leave(jobId);
    }
  }

  /** @returns false when the job has a slot already */
  #holdFor(jobId: number): boolean {
    if (this.#jobs.has(jobId)) return false;
    this.#jobs.set(jobId, { waiters: 0, timer: setTimeout(() => this.#leave(jobId), HELD_FOR_MS).unref() });
    return true;
  }

  #join(jobId: number): JobSlot {
    const jobSlot = this.#jobs.get(jobId) as JobSlot;
    clearTimeout(jobSlot.timer);
    // A timer keeps the asynchronous context in memory that it was set in, here that of a start which has long ended.
    jobSlot.timer = undefined;
    jobSlot.waiters += 1;
    return jobSlot;
  }

  #leave(jobId: number): void {
    this.#jobs.delete(jobId);
    this.#slots.release();
  }

  async #acquire({ signal, onQueued }: SlotOptions): Promise<void> {
    signal?.throwIfAborted();
    if (!this.#slots.hasFree) {
      if (this.#slots.waiting >= MAXIMUM_WAITING) throw new NoSlotError(this.maximum, MAXIMUM_WAITING);
      onQueued?.();
    }
    await this.#slots.acquire(signal);
  }
}
