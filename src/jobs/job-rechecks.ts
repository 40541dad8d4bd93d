import { isInvalidRequest } from '../airbyte/errors';
import type { Job } from '../airbyte/jobs';
import { mayRunOn } from '../airbyte/jobs';
import { messageOf } from '../text/error-message';
import type { ChangeFeed } from './change-feed';
import { isRecheckDue } from './poll-intervals';
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
/** A list for one job costs as much as reading it. */
const MINIMUM_LISTED_JOBS = 2;

/** Whoever's turn comes within as long again as it has waited for it is taken along: so there are few rounds. */
const DUE_TOGETHER_FRACTION = 1 / 2;

/** Airbyte's status of nearly every job that is waited for. */
const RUNNING_STATUS = 'running';

/**
 * The re-reads of the jobs together, by lists of those created when they were. Of these the running ones are few, however much
 * else has run since; jobs that are not among them are listed whatever their status, or read on their own where they are few.
 */
export class JobRechecks {
  constructor(private readonly options: JobRechecksOptions) {}

  /**
   * @returns whether all lists that were asked for have come; the jobs of the others are left to be read on their own
   * @throws AirbyteError when Airbyte asks to be left alone for a while
   */
  async readDue(jobs: Iterable<RecheckableJob>): Promise<boolean> {
    const due = dueJobs(jobs);
    if (due.length < MINIMUM_LISTED_JOBS) return true;
    const running = await this.readListed(due, RUNNING_STATUS);
    const isMany = running.reached && running.left.length > READS_PER_PAGE;
    const { left, reached } = isMany ? await this.readListed(running.left) : running;
    for (const { job } of left) job.unread = true;
    return reached;
  }

  /** @returns the jobs that were not listed, and whether there was a list */
  private async readListed(due: DueJob[], status?: string): Promise<{ left: DueJob[]; reached: boolean }> {
    const listed = await this.list(due, status);
    if (listed === undefined) return { left: due, reached: false };
    const now = performance.now();
    const byId = new Map(listed.map((job) => [job.jobId, job]));
    const left = due.filter(({ job }) => {
      const found = byId.get(job.jobId);
      if (found === undefined || !mayRunOn(found, job.connectionId)) return true;
      job.triedAt = now;
      this.options.onRead(found);
      return false;
    });
    return { left, reached: true };
  }

  private async list(due: DueJob[], status: string | undefined): Promise<Job[] | undefined> {
    const times = due.map(({ createdAt }) => createdAt);
    const maximumPages = Math.ceil(due.length / READS_PER_PAGE);
    try {
      return await this.options.feed.listCreated(Math.min(...times), Math.max(...times), maximumPages, status);
    } catch (error) {
      if (asksToWait(error)) throw error;
      // A server that does not filter by a status lists all of them.
      if (status !== undefined && isInvalidRequest(error)) return [];
      this.options.logger.warn(`Cannot list jobs to read them again, each is read on its own: ${messageOf(error)}`);
      return undefined;
    }
  }
}

interface DueJob {
  job: RecheckableJob;
  createdAt: number;
}

/** None before it is the turn of one of them. */
function dueJobs(jobs: Iterable<RecheckableJob>): DueJob[] {
  const all = [...jobs];
  const read = all.filter(({ unread }) => !unread);
  if (!read.some((job) => isRecheckDue(job, all.length))) return [];
  return read.flatMap((job) => {
    const createdAt = job.last?.createdAt;
    return createdAt === undefined || !isRecheckDue(job, all.length, DUE_TOGETHER_FRACTION) ? [] : [{ job, createdAt }];
  });
}
