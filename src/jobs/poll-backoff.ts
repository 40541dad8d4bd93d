import { AirbyteError } from '../airbyte/errors';
import { MAXIMUM_RETRY_AFTER_MS } from '../airbyte/http/rate-limiter';
import { messageOf } from '../text/error-message';

/** One request per process in this time does not burden an overloaded Airbyte, and the end of a job is still noticed soon. */
const MAXIMUM_BACKOFF_MS = 15_000;

/** The back-off while polls fail. A problem that lasts is logged once. */
export class PollBackoff {
  #count = 0;
  #lastError: string | undefined;

  constructor(
    private readonly pollIntervalMs: number,
    private readonly logger: Pick<Console, 'info' | 'warn'>,
  ) {}

  /** Whether the last poll has failed. */
  get isActive(): boolean {
    return this.#count > 0;
  }

  /** Notes that a poll has succeeded. */
  succeed(): void {
    if (this.isActive) this.logger.info(`Airbyte responds again after ${this.#count} failed polls of its jobs`);
    this.#count = 0;
    this.#lastError = undefined;
  }

  /** Notes a failed poll. @returns how long to wait before the next one, in milliseconds */
  fail(error: unknown): number {
    const retryAfterMs = error instanceof AirbyteError ? (error.retryAfterMs ?? 0) : 0;
    const { pollIntervalMs } = this;
    const backoffMs = Math.max(pollIntervalMs, Math.min(pollIntervalMs * 2 ** this.#count, MAXIMUM_BACKOFF_MS));
    this.#count += 1;
    const message = messageOf(error);
    if (message !== this.#lastError) this.logger.warn(`Cannot poll Airbyte's jobs, retrying: ${message}`);
    this.#lastError = message;
    // Jitter keeps many worker processes from polling at the same moment.
    const jitter = 1 + Math.random() / 4;
    return Math.max(Math.min(retryAfterMs, MAXIMUM_RETRY_AFTER_MS), backoffMs) * jitter;
  }
}
