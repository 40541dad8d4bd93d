import { Semaphore } from '../async/semaphore';
import { NoSlotError } from './errors';

/** How many syncs wait for a slot in this process, unless the caller says otherwise. */
const MAXIMUM_QUEUED = 100;

/** How long a slot is held for a started job until this process waits for it. */
const HELD_FOR_MS = 30_000;
/** After this time, and then after twice the time each, it is checked whether another process waits for the job. */
const FIRST_CHECK_AFTER_MS = 1_000;

interface JobSlot {
  waiters: number;
  /** Releases the slot unless this process waits for its job before. */
  timer: NodeJS.Timeout | undefined;
}

export interface SlotOptions {
  /** Ends the wait for a slot, with the signal's reason. */
  signal?: AbortSignal;
  /** Called when no slot is free. */
  onQueued?: () => void;
  /** Whether another process waits for the started job, so that this one need not hold a slot for it. */
  isWaitedForElsewhere?: () => Promise<boolean>;
}

/**
 * Limits the concurrent syncs of a process. A sync acquires a slot before its job is started, and the job has the slot until it
 * has ended, however many wait for it. Starts that find no slot wait in the order of their calls.
 *
 * A wait for a job that already runs never waits for a slot: the job takes one even if none is free, and the next starts wait
 * until the number of jobs is below the limit again.
 */
export class SyncSlots {
  readonly #jobs = new Map<number, JobSlot>();
  readonly #slots: Semaphore;

  constructor(
    readonly maximum: number,
    private readonly maximumQueued = MAXIMUM_QUEUED,
  ) {
    this.#slots = new Semaphore(maximum);
  }

  /** How many jobs have a slot, those for which none was free included. */
  get used(): number {
    return this.#slots.used;
  }

  /** How many syncs wait for a slot. */
  get queued(): number {
    return this.#slots.waiting;
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
      held = result.started && this.#holdFor(result.job.jobId, options);
      return result;
    } finally {
      if (!held) this.#slots.release();
    }
  }

  /** Waits for a job, in the slot that it has or else in a further one. */
  async whileWaiting<T>(jobId: number, wait: () => Promise<T>): Promise<T> {
    const jobSlot = this.#join(jobId);
    try {
      return await wait();
    } finally {
      jobSlot.waiters -= 1;
      if (jobSlot.waiters === 0) this.#leave(jobId);
    }
  }

  /** @returns false when the job has a slot already */
  #holdFor(jobId: number, { isWaitedForElsewhere = async () => false }: SlotOptions): boolean {
    if (this.#jobs.has(jobId)) return false;
    const jobSlot: JobSlot = { waiters: 0, timer: undefined };
    this.#jobs.set(jobId, jobSlot);
    const isHeld = () => jobSlot.waiters === 0 && this.#jobs.get(jobId) === jobSlot;
    const checkAfter = (ms: number, heldForMs: number) => {
      jobSlot.timer = setTimeout(async () => {
        const isOver = heldForMs + ms >= HELD_FOR_MS || (await isWaitedForElsewhere().catch(() => false));
        if (!isHeld()) return;
        if (isOver) this.#leave(jobId);
        else checkAfter(Math.min(2 * ms, HELD_FOR_MS - heldForMs - ms), heldForMs + ms);
      }, ms).unref();
    };
    checkAfter(FIRST_CHECK_AFTER_MS, 0);
    return true;
  }

  #join(jobId: number): JobSlot {
    const known = this.#jobs.get(jobId);
    const jobSlot = known ?? { waiters: 0, timer: undefined };
    if (!known) {
      this.#slots.take();
      this.#jobs.set(jobId, jobSlot);
    }
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
      if (this.#slots.waiting >= this.maximumQueued) throw new NoSlotError(this.maximum, this.maximumQueued);
      onQueued?.();
    }
    await this.#slots.acquire(signal);
  }
}
