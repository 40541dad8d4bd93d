/** Whoever has waited for long does not mind a little more: a job of an hour costs 130 looks instead of 1,800. */
const LATE_BY = 1 / 20;
const LONGEST_LOOK_INTERVAL_MS = 60_000;

/**
 * Each job is re-read now and then, so that a change the feed missed is never fatal: after this time, and the longer it
 * goes on, the less often.
 */
const FIRST_RECHECK_MS = 5 * 60_000;
const SLOWEST_RECHECK_MS = 60 * 60_000;

/** Since when a job is waited for, and when it was last tried to be read, or began to be waited for; in milliseconds. */
export interface WaitTimes {
  watchedAt: number;
  triedAt: number;
}

/**
 * The time between two looks at a job: the poll interval, and from when that is less than a twentieth of the time that the
 * job has been waited for, that twentieth; a minute at most, unless the poll interval is longer.
 */
export function lookIntervalMs(waitedMs: number, pollIntervalMs: number): number {
  return Math.max(pollIntervalMs, Math.min(waitedMs * LATE_BY, LONGEST_LOOK_INTERVAL_MS));
}

/** The time between two reads of a job beside the feed: as long again as it has been waited for, within the limits. */
export function recheckAfterMs({ watchedAt, triedAt }: WaitTimes): number {
  return Math.min(Math.max(triedAt - watchedAt, FIRST_RECHECK_MS), SLOWEST_RECHECK_MS);
}

/** @param part of that time after which it counts as its turn already */
export function isRecheckDue(times: WaitTimes, part = 1): boolean {
  return performance.now() - times.triedAt >= recheckAfterMs(times) * part;
}
