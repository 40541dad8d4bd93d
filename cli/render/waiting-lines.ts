import { formatDuration } from '../../src/text/formatting';

/** A wait that goes on is mentioned again after this time, then after twice as long, and so on. */
const FIRST_REPEAT_MS = 10_000;
/** A wait that has not been seen for this time is over. Between two attempts of a call, nothing may seem to be wrong for a moment. */
const OVER_AFTER_MS = 5_000;
/** How many different reasons of one wait are mentioned as soon as they appear. */
const MAXIMUM_REASONS = 4;

interface Wait {
  sinceMs: number;
  seenMs: number;
  repeatMs: number;
  repeatAtMs: number;
  /** The reasons so far, without their numbers: a countdown is no new reason. */
  reasons: Set<string>;
}

/**
 * Selects what a log says about a wait: one line when it begins, lines at doubling intervals while it lasts, and one when it is
 * over. A terminal that is redrawn shows each second of it, but half an hour of that would fill a log.
 */
export class WaitingLines {
  #wait: Wait | undefined;

  /**
   * Returns the line to write at a moment; undefined if there is none.
   *
   * @param reason why the workflow makes no progress; undefined while it does
   */
  next(reason: string | undefined, nowMs: number): string | undefined {
    return reason === undefined ? this.#endOf(nowMs) : this.#lineOf(reason, nowMs);
  }

  #lineOf(reason: string, nowMs: number): string | undefined {
    const kind = reason.replace(/\d+/g, '');
    const wait = this.#wait;
    if (wait === undefined) {
      const reasons = new Set([kind]);
      const times = { sinceMs: nowMs, seenMs: nowMs, repeatMs: FIRST_REPEAT_MS, repeatAtMs: nowMs + FIRST_REPEAT_MS };
      this.#wait = { ...times, reasons };
      return `! ${reason}`;
    }
    wait.seenMs = nowMs;
    if (!wait.reasons.has(kind) && wait.reasons.size < MAXIMUM_REASONS) {
      wait.reasons.add(kind);
      return `! ${reason}`;
    }
    if (nowMs < wait.repeatAtMs) return undefined;
    wait.repeatMs *= 2;
    wait.repeatAtMs = nowMs + wait.repeatMs;
    return `! ${reason} · for ${formatDuration(nowMs - wait.sinceMs)} now`;
  }

  #endOf(nowMs: number): string | undefined {
    const wait = this.#wait;
    if (wait === undefined || nowMs - wait.seenMs < OVER_AFTER_MS) return undefined;
    this.#wait = undefined;
    return `· It continues, after ${formatDuration(wait.seenMs - wait.sinceMs)}.`;
  }
}
