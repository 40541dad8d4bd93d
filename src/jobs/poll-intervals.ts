/** The poll interval as a part of the time waited, so that a job of an hour takes 130 polls instead of 1,800. */
const POLL_INTERVAL_FRACTION = 1 / 20;
const MAXIMUM_POLL_INTERVAL_MS = 60_000;

/** The time between two polls while notifications report the ends of all jobs that are waited for. */
export const REPORTED_POLL_INTERVAL_MS = 30_000;

/**
 * Each job is re-read at this interval in addition to the feed. So a change that the feed missed is found, and a job that Airbyte
 * has lost is noticed within minutes.
 */
const RECHECK_MS = 3 * 60_000;
/** The same for many jobs, whose re-read takes several pages. */
const RECHECK_OF_MANY_MS = 5 * 60_000;
const MANY_JOBS = 200;

/** When a wait for a job began, and when the last read of the job was tried (at first the same), in milliseconds. */
export interface WaitTimes {
  watchedAt: number;
  triedAt: number;
  /** How often its waiters ask for reads of it in addition, in milliseconds; undefined when none asks. */
  readEveryMs?: number | undefined;
}

/**
 * The time between two polls of a job: a twentieth of the time waited, but at least the poll interval, and at most a minute
 * unless the poll interval is longer.
 */
export function adaptivePollIntervalMs(waitedMs: number, pollIntervalMs: number): number {
  return Math.max(pollIntervalMs, Math.min(waitedMs * POLL_INTERVAL_FRACTION, MAXIMUM_POLL_INTERVAL_MS));
}

/** The time between two reads of a job in addition to the feed, while so many jobs are watched. */
export function recheckIntervalMs(waiting: number): number {
  return waiting > MANY_JOBS ? RECHECK_OF_MANY_MS : RECHECK_MS;
}

/** Whether a job is due for a re-read. @param part the part of the interval after which it is */
export function isRecheckDue({ triedAt }: Pick<WaitTimes, 'triedAt'>, waiting: number, part = 1): boolean {
  return performance.now() - triedAt >= recheckIntervalMs(waiting) * part;
}

/** Whether a waiter asks for a read of the job now. */
export function isRequestedReadDue({ triedAt, readEveryMs }: Pick<WaitTimes, 'triedAt' | 'readEveryMs'>): boolean {
  return readEveryMs !== undefined && performance.now() - triedAt >= readEveryMs;
}
