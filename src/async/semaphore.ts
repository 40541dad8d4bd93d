/** Limits how many tasks run concurrently. Further ones wait for a slot, in the order in which they came. */
export class Semaphore {
  #used = 0;
  readonly #queue: (() => void)[] = [];

  constructor(readonly maximum: number) {}

  /** Whether a slot is free now. */
  get hasFree(): boolean {
    return this.#used < this.maximum;
  }

  /** How many slots are in use: more than there are, if some were taken while none was free. */
  get used(): number {
    return this.#used;
  }

  /** How many tasks wait for a slot. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Runs a task in a slot. @param signal ends the wait for the slot, with its reason */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.acquire(signal);
    try {
      return await work();
    } finally {
      this.release();
    }
  }

  /** Acquires a slot, until {@link release}. @param signal ends the wait for it, with its reason */
  async acquire(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.hasFree) {
      this.#used += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#queue.splice(this.#queue.indexOf(go), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#queue.push(go);
    });
  }

  /** Takes a slot immediately, also if none is free: then as many have to be released before a task gets one. */
  take(): void {
    this.#used += 1;
  }

  /** Releases a slot: the task that has waited longest gets it. */
  release(): void {
    this.#used -= 1;
    if (!this.hasFree) return;
    const next = this.#queue.shift();
    if (!next) return;
    this.#used += 1;
    next();
  }
}
