import { setMaxListeners } from 'node:events';
import { Semaphore } from '../../src/async/semaphore';
import { sleep } from '../../src/async/sleep';
import type { JobHint } from '../../src/webhooks/notification';

export interface HintQueueOptions {
  /** @returns whether that causes a request to Airbyte */
  handle: (hint: JobHint) => Promise<boolean>;
  logger: Pick<Console, 'warn'>;
}

/** How many hints are handled concurrently. */
const CONCURRENT_HINTS = 8;
/** How many hints may wait. Polls find the jobs of the others. */
export const MAXIMUM_WAITING_HINTS = 10_000;
/** The least time between two polls because of one job, however many hints name it. */
const REPEAT_INTERVAL_MS = 1_000;

/** Limits what a flood of notifications can cause: few are handled concurrently, and those of one job once in a second. */
export class HintQueue {
  readonly #options: HintQueueOptions;
  readonly #slots = new Semaphore(CONCURRENT_HINTS);
  /** The hints that are handled or wait, by what they name; whether the same came once more meanwhile. */
  readonly #active = new Map<string, { repeated: boolean }>();
  readonly #closing = new AbortController();
  #isFull = false;

  constructor(options: HintQueueOptions) {
    this.#options = options;
    // Each hint that waits listens to the signal.
    setMaxListeners(0, this.#closing.signal);
  }

  add(hint: JobHint): void {
    if (this.#closing.signal.aborted) return;
    const key = `${hint.jobId} ${hint.connectionId}`;
    const active = this.#active.get(key);
    if (active !== undefined) {
      active.repeated = true;
      return;
    }
    if (this.#active.size >= MAXIMUM_WAITING_HINTS) {
      if (!this.#isFull) {
        this.#options.logger.warn(
          'Too many notifications from Airbyte: polls find the jobs of those that are dropped.',
        );
      }
      this.#isFull = true;
      return;
    }
    this.#isFull = false;
    const entry = { repeated: false };
    this.#active.set(key, entry);
    void this.#handle(hint, entry).finally(() => this.#active.delete(key));
  }

  /** Drops the hints that wait. */
  close(): void {
    this.#closing.abort();
  }

  async #handle(hint: JobHint, entry: { repeated: boolean }): Promise<void> {
    const { signal } = this.#closing;
    do {
      entry.repeated = false;
      const hasRead = await this.#slots.run(async () => !signal.aborted && (await this.#options.handle(hint)));
      if (hasRead) await sleep(REPEAT_INTERVAL_MS, signal);
    } while (entry.repeated && !signal.aborted);
  }
}
