/**
 * After this time, a workflow's next step goes to any worker if the one that has the workflow in its memory has not taken it: it
 * may be dead, and a cancel must reach Airbyte in about two seconds. The other worker replays the history, which is short. With
 * the SDK's default it waits for up to 10 seconds.
 */
export const STICKY_TIMEOUT_MS = 1_500;

/** How many next steps a worker surely takes in that time, also of workflows that it has to replay first. */
const STEPS_IN_TIME = 50;

/**
 * Counts the waits that end, to find those whose workflows' next steps the worker would not take within {@link STICKY_TIMEOUT_MS},
 * because others have ended right before. A burst lasts until none has ended for that time.
 */
export class EndBursts {
  #lastAt = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** Counts an end. @returns whether so many have ended right before it that its workflow's next step will be late */
  add(): boolean {
    const now = performance.now();
    if (now - this.#lastAt >= STICKY_TIMEOUT_MS) this.#count = 0;
    this.#lastAt = now;
    this.#count += 1;
    return this.#count > STEPS_IN_TIME;
  }
}
