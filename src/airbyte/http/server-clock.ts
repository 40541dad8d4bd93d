/** Our clock counts a little slow, so that however long it runs it never gets ahead of the server's. */
const CLOCK_RATE = 0.999;

/**
 * The clock of a server (or of the gateway in front of it), as its responses tell it in their `Date` header. That header is in
 * whole seconds and takes a moment to come: the server's clock shows the time given here, or a little more.
 */
export class ServerClock {
  /** The server's clock showed `time` (epoch seconds) or later at the moment `at` of our own (milliseconds). */
  #known: { time: number; at: number } | undefined;

  /** @param serverTimeMs milliseconds since 1970 that a response has told just now; undefined where it has told none */
  hear(serverTimeMs: number | undefined): void {
    if (serverTimeMs !== undefined) this.#known = { time: serverTimeMs / 1_000, at: performance.now() };
  }

  /** The server's epoch seconds by now; undefined while it has told no time. */
  now(): number | undefined {
    return this.#known && extrapolateClock(this.#known, performance.now());
  }
}

/** What a clock that showed a time at one moment of ours (milliseconds) shows at another, at least. */
export function extrapolateClock({ time, at }: { time: number; at: number }, moment: number): number {
  return time + (Math.max(0, moment - at) / 1_000) * CLOCK_RATE;
}

/** What a `Date` header says, in milliseconds since 1970. */
export function timeOf(date: string | string[] | undefined): number | undefined {
  const milliseconds = Date.parse(String(date));
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
