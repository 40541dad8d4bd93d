import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import type { Job } from '../airbyte/jobs';
import { findJob } from '../airbyte/lookup/find-job';
import { messageOf } from '../text/error-message';
import { adaptivePollIntervalMs, isRecheckDue, isRequestedReadDue, type WaitTimes } from './poll-intervals';

/** A job that can be read on its own. */
export interface ReadableJob extends WaitTimes {
  jobId: number;
  /** The connection on which it runs, if known. */
  connectionId: string | undefined;
  /** Whether a change of it may have been missed: then it is read as soon as possible. */
  unread: boolean;
  /** Since when Airbyte finds it neither by its id nor in a list, in milliseconds; undefined while Airbyte finds it. */
  missingSince: number | undefined;
  /** The last logged error of a read; undefined after a successful read. */
  lastError?: string | undefined;
}

export interface SingleJobReadsOptions {
  jobs: Pick<AirbyteClient['jobs'], 'getWithoutLogs' | 'list'>;
  pollIntervalMs: number;
  onRead: (job: Job) => void;
  /** Called when Airbyte has lost the job. */
  onLost: (jobId: number, error: AirbyteError) => void;
  logger: Pick<Console, 'warn'>;
}

/** The limit of concurrent reads. */
const CONCURRENT_READS = 8;

/** How many jobs one poll reads on their own. The next polls read the others. */
const READS_PER_POLL = 200;

/** The most recent job determines the time of the polls. A job that would be due before the next poll is read in this one. */
const DUE_AHEAD_FRACTION = 1 / 2;

/** A job that is missing for less than this may be too new to be readable, or Airbyte's database may be being restored. */
const LOST_AFTER_MS = 3 * 60_000;
/** The longest interval between two reads of a missing job. The intervals grow. */
const LONGEST_MISSING_INTERVAL_MS = 15_000;

/** Reads jobs one by one, instead of the change feed or in addition to it. */
export class SingleJobReads {
  constructor(private readonly options: SingleJobReadsOptions) {}

  /**
   * Reads the jobs instead of the feed, each as often as if it were the only one.
   *
   * @param all whether to read jobs that are not due, too
   * @returns whether more jobs are due than one poll reads
   */
  async readWithoutFeed(jobs: Iterable<ReadableJob>, all: boolean): Promise<boolean> {
    const now = performance.now();
    const isDue = ({ watchedAt, triedAt, readEveryMs }: ReadableJob) =>
      isRequestedReadDue({ triedAt, readEveryMs }) ||
      now - triedAt >= adaptivePollIntervalMs(triedAt - watchedAt, this.options.pollIntervalMs) * DUE_AHEAD_FRACTION;
    const due = byLeastRecentlyTried(jobs).filter((job) => this.isRetryDue(job) && (all || job.unread || isDue(job)));
    await this.readEach(due.slice(0, READS_PER_POLL), false);
    return due.length > READS_PER_POLL;
  }

  /**
   * Reads jobs in addition to the feed: those with a possibly missed change, and those that are due for a re-read.
   *
   * @param reached whether Airbyte has responded in this poll before
   * @returns whether there are more of them than one poll reads
   */
  async readDue(jobs: Iterable<ReadableJob>, reached: boolean): Promise<boolean> {
    const all = byLeastRecentlyTried(jobs);
    const unread = all.filter((job) => job.unread && this.isRetryDue(job));
    const due = all.filter((job) => !job.unread && (isRecheckDue(job, all.length) || isRequestedReadDue(job)));
    await this.readEach([...unread.slice(0, READS_PER_POLL), ...due.slice(0, READS_PER_POLL)], reached);
    return unread.length > READS_PER_POLL || due.length > READS_PER_POLL;
  }

  /** If Airbyte responds to some reads, the errors of the others concern their jobs alone, and cause no back-off. */
  private async readEach(due: ReadableJob[], reachedBefore: boolean): Promise<void> {
    let reached = reachedBefore;
    const queue = [...due];
    const failed: { job: ReadableJob; error: unknown }[] = [];
    const reader = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        try {
          await this.readOne(next);
          reached = true;
        } catch (error) {
          failed.push({ job: next, error });
          // Airbyte is overloaded or unreachable: more reads would not help.
          if (asksToWait(error) || (!reached && failed.length >= CONCURRENT_READS)) queue.length = 0;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_READS, queue.length) }, reader));
    const [first] = failed.filter(({ error }) => !reached || asksToWait(error));
    if (first) throw first.error;
    for (const { job, error } of failed) this.reportUnreadable(job, messageOf(error));
  }

  private async readOne(job: ReadableJob): Promise<void> {
    const now = performance.now();
    job.triedAt = now;
    try {
      const read = await findJob(this.options.jobs, job);
      job.unread = false;
      job.lastError = undefined;
      this.options.onRead(read);
    } catch (error) {
      if (!(error instanceof AirbyteError) || error.type !== 'AirbyteNotFound') throw error;
      job.missingSince ??= now;
      job.unread = true;
      if (now - job.missingSince >= LOST_AFTER_MS) this.options.onLost(job.jobId, lostJobError(job.jobId, error));
      else this.reportUnreadable(job, error.message);
    }
  }

  /** Whether a missing job is due for another read. */
  private isRetryDue({ missingSince, triedAt }: ReadableJob): boolean {
    if (missingSince === undefined) return true;
    const interval = Math.min(triedAt - missingSince, LONGEST_MISSING_INTERVAL_MS);
    return performance.now() - triedAt >= interval;
  }

  private reportUnreadable(job: ReadableJob, error: string): void {
    if (job.lastError === error) return;
    job.lastError = error;
    this.options.logger.warn(`Cannot read job ${job.jobId}, retrying: ${error}`);
  }
}

function lostJobError(jobId: number, error: AirbyteError): AirbyteError {
  const minutes = LOST_AFTER_MS / 60_000;
  const message = `Airbyte has lost job ${jobId}: it has not been found for ${minutes} minutes. ${error.message} It may have been deleted, or Airbyte's database restored: check the connection in Airbyte, and start the job again.`;
  return new AirbyteError({ ...error, message });
}

/** The least recently tried first, so that a job that always fails does not delay the others. */
function byLeastRecentlyTried(jobs: Iterable<ReadableJob>): ReadableJob[] {
  return [...jobs].sort((a, b) => a.triedAt - b.triedAt);
}

/** Whether Airbyte, or a gateway, asks for fewer requests. */
export function asksToWait(error: unknown): boolean {
  return error instanceof AirbyteError && (error.status === 429 || error.retryAfterMs !== undefined);
}
