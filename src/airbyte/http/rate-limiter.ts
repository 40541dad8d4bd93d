/** The parts of a response that say how fast the next requests may follow. */
export interface ObservedResponse {
  status: number;
  /** What `Retry-After` asks for, in milliseconds. */
  retryAfterMs?: number | undefined;
}

/** A longer `Retry-After` is shortened to this, because the client would notice the server's recovery too late. */
export const MAXIMUM_RETRY_AFTER_MS = 5 * 60_000;

/**
 * For how long no request goes to an overloaded server that gives no `Retry-After`; doubles while it stays overloaded.
 */
const INITIAL_OVERLOAD_PAUSE_MS = 1_000;
const MAXIMUM_OVERLOAD_PAUSE_MS = 30_000;
/** After that, the requests go out one by one, until the response to one of them is normal. */
const RECOVERY_INTERVAL_MS = 1_000;

/** Timers fire a little late. A delay up to this does not delay the requests after it. */
const MAXIMUM_TIMER_LATENESS_MS = 50;

export interface AcquireOptions {
  signal?: AbortSignal | undefined;
  first?: boolean | undefined;
}

/** A request that waits until it may go out. */
interface QueuedRequest {
  go(): void;
  giveUp(reason: unknown): void;
}

/**
 * Limits how fast the requests of a process go out. When a response says that Airbyte is overloaded (429, 503, or a
 * `Retry-After`), the requests of all callers wait. They wait in the order in which they came.
 */
export class RateLimiter {
  readonly #queue: QueuedRequest[] = [];
  /** How many requests at the head of the queue go before the others. */
  #firstCount = 0;
  #requestsPerSecond: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #pausedUntil = 0;
  /** When the server said that it is overloaded; undefined while it is not. */
  #overloadedAt: number | undefined;
  #overloadPauseMs = 0;
  #closed: Error | undefined;

  /** The most requests a second; there is no limit until it is set. It also applies to the requests in the queue. */
  set requestsPerSecond(limit: number) {
    this.#requestsPerSecond = limit;
    this.#release();
  }

  /**
   * Waits until a request may go out.
   *
   * @param options.first goes before the requests without this option
   * @returns when the request went out, for {@link observe}
   * @throws the signal's reason if it is aborted first, or the reason of {@link close}
   */
  async acquire({ signal, first = false }: AcquireOptions = {}): Promise<number> {
    signal?.throwIfAborted();
    if (this.#closed) throw this.#closed;
    if (this.#queue.length > 0 || this.#readyAt() > performance.now()) await this.#wait(signal, first);
    else this.#lastAt = performance.now();
    return performance.now();
  }

  /**
   * Slows down or speeds up the next requests, as a response says.
   *
   * @param sentAt what {@link acquire} returned for its request
   */
  observe({ status, retryAfterMs }: ObservedResponse, sentAt: number): void {
    // The response to a request from before the overload does not show whether the overload has ended.
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

  /** Rejects the requests in the queue and all later ones. */
  close(reason: Error): void {
    this.#closed = reason;
    clearTimeout(this.#timer);
    this.#firstCount = 0;
    for (const queued of this.#queue.splice(0)) queued.giveUp(reason);
  }

  #wait(signal: AbortSignal | undefined, first: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        const index = this.#queue.indexOf(queued);
        this.#queue.splice(index, 1);
        if (index < this.#firstCount) this.#firstCount -= 1;
        this.#release();
        reject(signal?.reason);
      };
      const ended =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener('abort', onAbort);
          settle(value);
        };
      const queued: QueuedRequest = { go: ended(resolve), giveUp: ended(reject) };
      signal?.addEventListener('abort', onAbort, { once: true });
      if (first) this.#queue.splice(this.#firstCount++, 0, queued);
      else this.#queue.push(queued);
      this.#release();
    });
  }

  /** Lets out the requests that may go now, and sets a timer for the next one. */
  #release(): void {
    clearTimeout(this.#timer);
    while (this.#queue.length > 0) {
      const readyAt = this.#readyAt();
      const now = performance.now();
      if (readyAt > now) {
        this.#timer = setTimeout(() => this.#release(), readyAt - now);
        return;
      }
      this.#lastAt = Math.max(readyAt, now - MAXIMUM_TIMER_LATENESS_MS);
      if (this.#firstCount > 0) this.#firstCount -= 1;
      this.#queue.shift()?.go();
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
}
