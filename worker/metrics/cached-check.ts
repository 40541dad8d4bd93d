import { messageOf } from '../../src/text/error-message';

/** How long a result holds: a probe that comes every second causes a request every five. */
const CACHED_FOR_MS = 5_000;

/** A check whose result is kept for some seconds and shared by all who ask meanwhile. */
export class CachedCheck {
  #last: { problem: string | undefined; atMs: number } | undefined;
  #running: Promise<string | undefined> | undefined;

  /** @param check throws an error that says what is wrong */
  constructor(private readonly check: () => Promise<unknown>) {}

  /** @returns what is wrong; undefined when nothing is */
  async run(): Promise<string | undefined> {
    if (this.#last !== undefined && performance.now() - this.#last.atMs < CACHED_FOR_MS) return this.#last.problem;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<string | undefined> {
    const problem = await this.check().then(() => undefined, messageOf);
    this.#last = { problem, atMs: performance.now() };
    return problem;
  }
}
