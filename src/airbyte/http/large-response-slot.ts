import type { Semaphore } from '../../async/semaphore';

/**
 * Of responses that are larger than this, only a few are read concurrently, because together they would fill the
 * memory.
 */
const LARGE_BYTES = 4 * 1024 * 1024;
export const MAXIMUM_CONCURRENT_LARGE_RESPONSES = 2;

/** The slot of one response. Only a large response needs one, and waits for it. */
export class LargeResponseSlot {
  #holdsSlot = false;

  constructor(private readonly slots: Semaphore) {}

  /** Passes the body on. Beyond the first few megabytes, it first waits for a slot. */
  async *acquireWhenLarge(
    body: AsyncIterable<Buffer>,
    signal: AbortSignal,
    onProgress: () => void,
  ): AsyncGenerator<Buffer, void, undefined> {
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > LARGE_BYTES) {
        if (!this.#holdsSlot) await this.slots.acquire(signal);
        this.#holdsSlot = true;
        bytes = 0;
        onProgress();
      }
      yield chunk;
    }
  }

  release(): void {
    if (this.#holdsSlot) this.slots.release();
    this.#holdsSlot = false;
  }
}
