/** Whoever has waited for long does not mind a little more: a job of an hour costs 130 looks instead of 1,800. */
const POLL_INTERVAL_FRACTION = 1 / 20;
const MAXIMUM_POLL_INTERVAL_MS = 60_000;

/**
 * Each job is re-read now and then beside the feed, so that a change the feed missed is never fatal, and a job that Airbyte
 * has lost is noticed within minutes, however long and with however many others it is waited for.
 */
const RECHECK_MS = 3 * 60_000;
/** To read many jobs again takes several pages. */
const RECHECK_OF_MANY_MS = 5 * 60_000;
const MANY_JOBS = 200;

/** Since when a job is waited for, and when it was last tried to be read, or began to be waited for; in milliseconds. */
export interface WaitTimes {
  watchedAt: number;
  triedAt: number;
}

/**
 * The time between two looks at a job: the poll interval, and from when that is less than a twentieth of the time that the
 * job has been waited for, that twentieth; a minute at most, unless the poll interval is longer.
 */
export function adaptivePollIntervalMs(waitedMs: number, pollIntervalMs: number): number {
  return Math.max(pollIntervalMs, Math.min(waitedMs * POLL_INTERVAL_FRACTION, MAXIMUM_POLL_INTERVAL_MS));
}

/** The time between two reads of a job beside the feed, while so many jobs are waited for. */
export function recheckIntervalMs(waiting: number): number {
  return waiting > MANY_JOBS ? RECHECK_OF_MANY_MS : RECHECK_MS;
}

/** @param part of that time after which it counts as its turn already */
export function isRecheckDue({ triedAt }: Pick<WaitTimes, 'triedAt'>, waiting: number, part = 1): boolean {
  return performance.now() - triedAt >= recheckIntervalMs(waiting) * part;
}
