/** What of an answer tells how fast the next requests may follow. */
export interface ObservedResponse {
  status: number;
  /** What `Retry-After` asks for, in milliseconds. */
  retryAfterMs?: number | undefined;
}

/** A longer `Retry-After` is not taken at its word: nobody would look again in time. */
export const MAXIMUM_RETRY_AFTER_MS = 5 * 60_000;

/** How long no request is sent to a server that is overloaded and gives no `Retry-After`; doubles while it stays overloaded. */
const INITIAL_OVERLOAD_PAUSE_MS = 1_000;
const MAXIMUM_OVERLOAD_PAUSE_MS = 30_000;
/** After that the requests come back one by one, until one of them is answered as usual. */
const RECOVERY_INTERVAL_MS = 1_000;

const MAXIMUM_TIMER_LATENESS_MS = 50;

export interface AcquireOptions {
  signal?: AbortSignal | undefined;
  first?: boolean | undefined;
}

interface Waiting {
  go(): void;
  giveUp(reason: unknown): void;
}

/**
 * Lets the requests of a process go out no faster than Airbyte may be asked, and all of them wait when Airbyte says that
 * it is overloaded (429, 503, or a `Retry-After`): one caller's answer slows down every other. Whoever waits, waits in
 * the order of asking.
 */
export class RateLimiter {
  readonly #waiting: Waiting[] = [];
  /** How many of those that wait, at their head, go before the others. */
  #first = 0;
  #requestsPerSecond: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = 0;
  /** When the server said that it is overloaded; left out while it is well. */
  #overloadedAt: number | undefined;
  #overloadPauseMs = 0;
  #closed: Error | undefined;

  /** At most so many requests a second; without a limit until it is set. Holds for those that wait already, too. */
  set requestsPerSecond(limit: number) {
    this.#requestsPerSecond = limit;
    this.#release();
  }

  /**
   * Waits until a request may go out.
   *
   * @param options.first goes before those who did not ask for it
   * @returns to be called with the answer, if there is one
   * @throws the signal's reason when it is aborted first, or that of {@link close}
   */
  async turn({ signal, first = false }: AcquireOptions = {}): Promise<(answer: ObservedResponse) => void> {
    signal?.throwIfAborted();
    if (this.#closed) throw this.#closed;
    if (this.#waiting.length > 0 || this.#readyAt() > performance.now()) await this.#wait(signal, first);
    else this.#lastAt = performance.now();
    const sentAt = performance.now();
    return (answer) => this.#hear(answer, sentAt);
  }

  /** Rejects whoever waits, and whoever comes after: nothing goes out any more. */
  close(reason: Error): void {
    this.#closed = reason;
    clearTimeout(this.#timer);
    this.#first = 0;
    for (const waiting of this.#waiting.splice(0)) waiting.giveUp(reason);
  }

  #wait(signal: AbortSignal | undefined, first: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        const place = this.#waiting.indexOf(waiting);
        this.#waiting.splice(place, 1);
        if (place < this.#first) this.#first -= 1;
        this.#release();
        reject(signal?.reason);
      };
      const ended =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener('abort', onAbort);
          settle(value);
        };
      const waiting: Waiting = { go: ended(resolve), giveUp: ended(reject) };
      signal?.addEventListener('abort', onAbort, { once: true });
      if (first) this.#waiting.splice(this.#first++, 0, waiting);
      else this.#waiting.push(waiting);
      this.#release();
    });
  }

  /** Lets go whose turn it is, and comes back for the next one. */
  #release(): void {
    clearTimeout(this.#timer);
    while (this.#waiting.length > 0) {
      const readyAt = this.#readyAt();
      const now = performance.now();
      if (readyAt > now) {
        this.#timer = setTimeout(() => this.#release(), readyAt - now);
        return;
      }
      // Timers are late by a little; that must not make all requests after it late.
      this.#lastAt = Math.max(readyAt, now - MAXIMUM_TIMER_LATENESS_MS);
      if (this.#first > 0) this.#first -= 1;
      this.#waiting.shift()?.go();
    }
  }

  /** When the next request may go out. */
  #readyAt(): number {
    const interval = Math.max(
      this.#requestsPerSecond === undefined ? 0 : 1_000 / this.#requestsPerSecond,
      this.#overloadedAt === undefined ? 0 : RECOVERY_INTERVAL_MS,
    );
    return Math.max(this.#lastAt + interval, this.#pausedUntil);
  }

  #hear({ status, retryAfterMs }: ObservedResponse, sentAt: number): void {
    // What went out before the trouble was known tells nothing new of how it stands.
    const isNews = this.#overloadedAt === undefined || sentAt > this.#overloadedAt;
    if (status === 429 || status === 503 || (retryAfterMs !== undefined && status >= 400)) {
      if (isNews)
        this.#overloadPauseMs = Math.min(
          this.#overloadPauseMs * 2 || INITIAL_OVERLOAD_PAUSE_MS,
          MAXIMUM_OVERLOAD_PAUSE_MS,
        );
      const overloadPauseMs = Math.min(retryAfterMs ?? this.#overloadPauseMs, MAXIMUM_RETRY_AFTER_MS);
      const now = performance.now();
      this.#overloadedAt = now;
      this.#pausedUntil = Math.max(this.#pausedUntil, now + overloadPauseMs);
    } else if (isNews && this.#overloadedAt !== undefined) {
      this.#overloadedAt = undefined;
      this.#overloadPauseMs = 0;
      this.#pausedUntil = 0;
      this.#release();
    }
  }
}
