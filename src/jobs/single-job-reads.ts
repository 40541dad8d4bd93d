import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import type { Job } from '../airbyte/jobs';
import { findJob } from '../airbyte/lookup/find-job';
import { messageOf } from '../text/error-message';
import { adaptivePollIntervalMs, isRecheckDue, type WaitTimes } from './poll-intervals';

/** A job that is read on its own now and then. */
export interface ReadableJob extends WaitTimes {
  jobId: number;
  /** The connection that it runs on, where that is known. */
  connectionId: string | undefined;
  /** Whether a change of it may have been missed, so that it is read as soon as there is room. */
  unread: boolean;
  /** Since when Airbyte does not have it, neither by its id nor in a list; undefined while it does. In milliseconds. */
  missingSince: number | undefined;
  /** Why it could not be read, when last said; undefined since it could. */
  trouble?: string | undefined;
}

export interface SingleJobReadsOptions {
  jobs: Pick<AirbyteClient['jobs'], 'getWithoutLogs' | 'list'>;
  pollIntervalMs: number;
  onRead: (job: Job) => void;
  /** Airbyte no longer has the job. */
  onLost: (jobId: number, error: AirbyteError) => void;
  logger: Pick<Console, 'warn'>;
}

/** Reads that are under way at once. */
const CONCURRENT_READS = 8;

/** Jobs that are read on their own at one look: more of them take more looks. */
const READS_PER_POLL = 200;

/** Looks come when it is the youngest's turn: whose own comes before the next look is read at this one. */
const DUE_AHEAD_FRACTION = 1 / 2;

/** A job just started may not be readable yet, and a database that is being restored may lack it for a while. */
const LOST_AFTER_MS = 3 * 60_000;
/** A job that is missing is read again at growing intervals, this long at most. */
const LONGEST_MISSING_INTERVAL_MS = 15_000;

/** The reads of jobs one by one, where the feed does not serve or is not to be relied on alone. */
export class SingleJobReads {
  constructor(private readonly options: SingleJobReadsOptions) {}

  /**
   * Reads the jobs instead of the feed: each as often as it would be looked at if it were the only one.
   *
   * @param all also those whose turn it is not
   * @returns whether it was the turn of more of them than are read at one look
   */
  async readWithoutFeed(jobs: Iterable<ReadableJob>, all: boolean): Promise<boolean> {
    const now = performance.now();
    const isDue = ({ watchedAt, triedAt }: ReadableJob) =>
      now - triedAt >= adaptivePollIntervalMs(triedAt - watchedAt, this.options.pollIntervalMs) * DUE_AHEAD_FRACTION;
    const due = byLeastRecentlyTried(jobs).filter((job) => this.isRetryDue(job) && (all || job.unread || isDue(job)));
    await this.readEach(due.slice(0, READS_PER_POLL), false);
    return due.length > READS_PER_POLL;
  }

  /**
   * Reads the jobs to be read beside the feed: the unread ones, and those whose turn has come.
   *
   * @param reached whether Airbyte has answered at this look before
   * @returns whether there are more of them than are read at one look
   */
  async readDue(jobs: Iterable<ReadableJob>, reached: boolean): Promise<boolean> {
    const all = byLeastRecentlyTried(jobs);
    const unread = all.filter((job) => job.unread && this.isRetryDue(job));
    const due = all.filter((job) => !job.unread && isRecheckDue(job, all.length));
    await this.readEach([...unread.slice(0, READS_PER_POLL), ...due.slice(0, READS_PER_POLL)], reached);
    return unread.length > READS_PER_POLL || due.length > READS_PER_POLL;
  }

  /** A job that cannot be read while Airbyte answers otherwise is a matter of that job alone: nobody else waits longer. */
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
          // Airbyte is in trouble: the rest of this round would only add to it.
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
      job.trouble = undefined;
      this.options.onRead(read);
    } catch (error) {
      if (!(error instanceof AirbyteError) || error.type !== 'AirbyteNotFound') throw error;
      job.missingSince ??= now;
      job.unread = true;
      if (now - job.missingSince >= LOST_AFTER_MS) this.options.onLost(job.jobId, lost(job.jobId, error));
      else this.reportUnreadable(job, error.message);
    }
  }

  /** Of a job that is missing, whether it is time to look for it once more. */
  private isRetryDue({ missingSince, triedAt }: ReadableJob): boolean {
    if (missingSince === undefined) return true;
    const interval = Math.min(triedAt - missingSince, LONGEST_MISSING_INTERVAL_MS);
    return performance.now() - triedAt >= interval;
  }

  private reportUnreadable(job: ReadableJob, trouble: string): void {
    if (job.trouble === trouble) return;
    job.trouble = trouble;
    this.options.logger.warn(`Cannot read job ${job.jobId}, going on: ${trouble}`);
  }
}

function lost(jobId: number, error: AirbyteError): AirbyteError {
  const minutes = LOST_AFTER_MS / 60_000;
  const message = `Airbyte has lost job ${jobId}: it has not been found for ${minutes} minutes. ${error.message} It may have been deleted, or Airbyte's database restored: look at the connection in Airbyte, and start the job again.`;
  return new AirbyteError({ ...error, message });
}

/** Those first whose last try is longest ago: one that always fails keeps none of the others waiting. */
function byLeastRecentlyTried(jobs: Iterable<ReadableJob>): ReadableJob[] {
  return [...jobs].sort((a, b) => a.triedAt - b.triedAt);
}

export function asksToWait(error: unknown): boolean {
  return error instanceof AirbyteError && (error.status === 429 || error.retryAfterMs !== undefined);
}
