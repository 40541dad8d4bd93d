import { isInvalidRequest } from '../airbyte/errors';
import type { Job } from '../airbyte/jobs';
import { mayRunOn } from '../airbyte/jobs';
import { messageOf } from '../text/error-message';
import type { ChangeFeed } from './change-feed';
import { isRecheckDue, isRequestedReadDue } from './poll-intervals';
import { asksToWait, type ReadableJob } from './single-job-reads';

/** A job that can be re-read together with others. */
export interface RecheckableJob extends ReadableJob {
  last: Job | undefined;
}

export interface JobRechecksOptions {
  feed: Pick<ChangeFeed, 'listCreated'>;
  onRead: (job: Job) => void;
  logger: Pick<Console, 'warn'>;
}

/** Up to this number, single reads burden Airbyte less than one page of a list. */
export const READS_PER_PAGE = 25;
/** For a single job, a list costs as much as a read. */
const MINIMUM_LISTED_JOBS = 2;

/** When one job is due, those past this part of their interval are re-read with it, so that there are fewer lists. */
const DUE_TOGETHER_FRACTION = 1 / 2;

/** The status of nearly every watched job. */
const RUNNING_STATUS = 'running';

/**
 * Re-reads jobs together, by lists of the jobs that were created in the same period. It lists the running ones first, which are
 * few, however many jobs have run. It then lists the remaining jobs with any status, or lets them be read on their own if they
 * are few.
 */
export class JobRechecks {
  constructor(private readonly options: JobRechecksOptions) {}

  /**
   * @returns whether Airbyte has responded to all lists; the jobs of the others are marked to be read on their own
   * @throws AirbyteError when Airbyte asks for fewer requests
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

  /** @returns the jobs that were not listed, and whether Airbyte has responded */
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
      // A server that rejects the filter by status has to list all jobs.
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

/** The jobs to re-read together: none until one of them is due. A read that a waiter asks for makes no other job due. */
function dueJobs(jobs: Iterable<RecheckableJob>): DueJob[] {
  const all = [...jobs];
  const read = all.filter(({ unread }) => !unread);
  const isAnyDue = read.some((job) => isRecheckDue(job, all.length));
  const isDue = (job: RecheckableJob) =>
    (isAnyDue && isRecheckDue(job, all.length, DUE_TOGETHER_FRACTION)) || isRequestedReadDue(job);
  return read.flatMap((job) => {
    const createdAt = job.last?.createdAt;
    return createdAt === undefined || !isDue(job) ? [] : [{ job, createdAt }];
  });
}
