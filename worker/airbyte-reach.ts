import type { AirbyteClient } from '../src/airbyte/client';
import { messageOf } from '../src/text/error-message';

/** How long Airbyte may take to respond to a check. */
const CHECK_TIMEOUT_MS = 5_000;
/** The pauses between two checks while Airbyte is out of reach. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;
/** Polls may fail for a moment, or all of Airbyte's calls but its health. After this time a check finds out. */
const FAILING_POLLS_MS = 10_000;

/** Asks Airbyte whether it responds, before the calls that wait for the rate limit. @throws an error that says why not */
export async function checkAirbyteResponds(airbyte: Pick<AirbyteClient, 'health'>): Promise<void> {
  const timeout = new AbortController();
  const reason = new Error(`Airbyte has not responded within ${CHECK_TIMEOUT_MS / 1_000} s`);
  const timer = setTimeout(() => timeout.abort(reason), CHECK_TIMEOUT_MS).unref();
  try {
    await airbyte.health({ first: true, signal: timeout.signal });
  } finally {
    clearTimeout(timer);
  }
}

export interface AirbyteReachOptions {
  airbyte: Pick<AirbyteClient, 'health'>;
  /** Names the Airbyte in the log. */
  name: string;
  logger: { info(message: string): void; warn(message: string): void };
}

/**
 * Whether this process reaches the Airbyte that it serves: a wrong address, a firewall or a proxy may keep a single worker from an
 * Airbyte that the others reach. It checks at the start, again after polls have failed for a while, and then until Airbyte
 * responds. As long as Airbyte responds it sends no request.
 */
export class AirbyteReach {
  readonly #options: AirbyteReachOptions;
  #hasResponded = false;
  /** Since when Airbyte has not responded, in milliseconds of a monotonic clock; undefined while it responds. */
  #lostAtMs: number | undefined;
  /** Since when polls have failed. */
  #failingSinceMs: number | undefined;
  #isChecking = false;
  #hasEnded = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AirbyteReachOptions) {
    this.#options = options;
  }

  /** Whether Airbyte responds, or did when it was last asked; true before the first response. */
  get isReached(): boolean {
    return this.#lostAtMs === undefined;
  }

  /** For how long Airbyte has not responded; infinite if it never has, 0 while it does. */
  get lostForMs(): number {
    if (this.#lostAtMs === undefined) return 0;
    return this.#hasResponded ? performance.now() - this.#lostAtMs : Number.POSITIVE_INFINITY;
  }

  /** Checks whether Airbyte responds, and goes on until it does. */
  start(): void {
    if (!this.#isChecking) void this.#checkUntilReached();
  }

  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }

  /** Notes the end of a poll for jobs. */
  notePoll(hasSucceeded: boolean): void {
    if (hasSucceeded) {
      this.#failingSinceMs = undefined;
      this.#reached();
      return;
    }
    this.#failingSinceMs ??= performance.now();
    if (performance.now() - this.#failingSinceMs >= FAILING_POLLS_MS) this.start();
  }

  async #checkUntilReached(): Promise<void> {
    this.#isChecking = true;
    for (let pauseMs = FIRST_PAUSE_MS; !this.#hasEnded; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        await checkAirbyteResponds(this.#options.airbyte);
        this.#reached();
        break;
      } catch (error) {
        this.#lost(messageOf(error));
      }
      await new Promise((resolve) => {
        this.#timer = setTimeout(resolve, pauseMs).unref();
      });
    }
    this.#isChecking = false;
  }

  #reached(): void {
    const { name, logger } = this.#options;
    if (!this.isReached) logger.info(`Reaches the Airbyte at ${name}`);
    this.#hasResponded = true;
    this.#lostAtMs = undefined;
  }

  #lost(reason: string): void {
    if (!this.isReached || this.#hasEnded) return;
    const { name, logger } = this.#options;
    this.#lostAtMs = performance.now();
    const consequence =
      'Until it does, syncs wait for their jobs on other workers of the task queue, if these reach it';
    logger.warn(`Cannot reach the Airbyte at ${name}, retrying: ${reason.replace(/\.$/, '')}. ${consequence}.`);
  }
}
