import type { Semaphore } from '../semaphore';

/** A response that is larger is read when few others of its size are: together they would fill the memory. */
const LARGE_BYTES = 4 * 1024 * 1024;
export const MAXIMUM_CONCURRENT_LARGE_RESPONSES = 2;

/** The room that a response takes: a large one waits until there is some. */
export class LargeResponseSlot {
  #holdsSlot = false;

  constructor(private readonly slots: Semaphore) {}

  /** Gives on what comes in, and what is beyond a few megabytes once few others of that size are read. */
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

  leave(): void {
    if (this.#holdsSlot) this.slots.release();
    this.#holdsSlot = false;
  }
}
