import type { Job } from '../airbyte/jobs';
import { messageOf } from '../error-message';
import type { ChangeFeed } from './change-feed';
import { isRecheckDue } from './look-times';
import { asksToWait, type ReadableJob } from './single-job-reads';

/** A job that is re-read with others. */
export interface RecheckableJob extends ReadableJob {
  last: Job | undefined;
}

export interface JobRechecksOptions {
  feed: Pick<ChangeFeed, 'listCreated'>;
  onRead: (job: Job) => void;
  logger: Pick<Console, 'warn'>;
}

/** So many single reads are less burden than one page of a list. */
export const READS_PER_PAGE = 25;

/** Whoever's turn comes within as long again as it has waited for it is taken along: so there are few rounds. */
const TAKEN_ALONG = 1 / 2;

/**
 * The re-reads of many jobs together, by lists of the jobs created when they were: a thousand that were started together
 * cost five requests instead of a thousand. What a list does not bring is left to be read on its own.
 */
export class JobRechecks {
  constructor(private readonly options: JobRechecksOptions) {}

  /**
   * @returns whether all lists that were asked for have come; the jobs of the others are left to be read on their own
   * @throws AirbyteError when Airbyte asks to be left alone for a while
   */
  async readDue(jobs: Iterable<RecheckableJob>): Promise<boolean> {
    const due = dueTogether(jobs);
    if (due.length <= READS_PER_PAGE) return true;
    const listed = await this.list(due);
    const known = new Set(listed?.map(({ jobId }) => jobId));
    const now = performance.now();
    for (const { job } of due) {
      if (known.has(job.jobId)) job.triedAt = now;
      else job.unread = true;
    }
    for (const job of listed ?? []) this.options.onRead(job);
    return listed !== undefined;
  }

  private async list(due: { createdAt: number }[]): Promise<Job[] | undefined> {
    const times = due.map(({ createdAt }) => createdAt);
    const maximumPages = Math.ceil(due.length / READS_PER_PAGE);
    try {
      return await this.options.feed.listCreated(Math.min(...times), Math.max(...times), maximumPages);
    } catch (error) {
      if (asksToWait(error)) throw error;
      this.options.logger.warn(`Cannot list jobs to read them again, each is read on its own: ${messageOf(error)}`);
      return undefined;
    }
  }
}

/** None before it is the turn of one of them. */
function dueTogether(jobs: Iterable<RecheckableJob>): { job: RecheckableJob; createdAt: number }[] {
  const read = [...jobs].filter(({ unread }) => !unread);
  if (!read.some((job) => isRecheckDue(job))) return [];
  return read.flatMap((job) => {
    const createdAt = job.last?.createdAt;
    return createdAt === undefined || !isRecheckDue(job, TAKEN_ALONG) ? [] : [{ job, createdAt }];
  });
}
