import { LARGE_PAGE_SIZE } from '../src/jobs/change-feed';
import { adaptivePollIntervalMs, recheckIntervalMs } from '../src/jobs/poll-intervals';

/** What the jobs of many syncs that were started together cost while they run. */
export interface LongJobs {
  /** For all of them: one request each. */
  polls: number;
  /** Lists that read all of them again, and the pages of each: one request each. */
  rechecks: number;
  pages: number;
  /** Two to start the job, and its share of the others. */
  requestsPerSync: number;
}

/** By arithmetic alone: a benchmark must not take hours. */
export function requestsOfLongJobs(durationMs: number, syncs: number, pollIntervalMs: number): LongJobs {
  const polls = countTimes(durationMs, (at) => adaptivePollIntervalMs(at, pollIntervalMs));
  const rechecks = countTimes(durationMs, () => recheckIntervalMs(syncs));
  // One more than they fill, to see that there are no more.
  const pages = Math.floor(syncs / LARGE_PAGE_SIZE) + 1;
  return { polls, rechecks, pages, requestsPerSync: 2 + (polls + rechecks * pages) / syncs };
}

/** How many times something is done within a time, when `next` says from the time of one when the next is due. */
function countTimes(durationMs: number, next: (at: number) => number): number {
  let times = 0;
  for (let at = next(0); at < durationMs; at += next(at)) times += 1;
  return times;
}
