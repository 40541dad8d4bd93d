/** The extrapolation runs a little slow, so that it never gets ahead of the server's clock, however long it runs. */
const CLOCK_RATE = 0.999;

/**
 * The clock of a server (or of the gateway in front of it), from the `Date` header of its responses. The header has
 * whole seconds and takes a moment to arrive, so the server's clock shows the time given here or a little more.
 */
export class ServerClock {
  /** The server's clock showed `time` (epoch seconds) or later at the moment `at` of our own (milliseconds). */
  #known: { time: number; at: number } | undefined;

  /**
   * @param serverTimeMs the time in a response that came just now, in milliseconds since 1970; undefined if it has none
   */
  observe(serverTimeMs: number | undefined): void {
    if (serverTimeMs !== undefined) this.#known = { time: serverTimeMs / 1_000, at: performance.now() };
  }

  /** The server's current epoch seconds; undefined until a response has shown its time. */
  now(): number | undefined {
    return this.#known && extrapolateClock(this.#known, performance.now());
  }
}

/**
 * What a clock shows at least at the time `now` of our own clock, if it showed `time` at `at` (both in milliseconds).
 */
export function extrapolateClock({ time, at }: { time: number; at: number }, now: number): number {
  return time + (Math.max(0, now - at) / 1_000) * CLOCK_RATE;
}

/** The time in a `Date` header, in milliseconds since 1970. */
export function parseDateHeader(date: string | string[] | undefined): number | undefined {
  const milliseconds = Date.parse(String(date));
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
