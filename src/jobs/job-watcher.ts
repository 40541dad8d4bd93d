import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import { isTerminal, type Job } from '../airbyte/jobs';
import { ChangeFeed, type ChangeFeedSource } from './change-feed';

/** What the watcher needs of the client. */
export interface JobWatcherSource extends ChangeFeedSource {
  jobs: ChangeFeedSource['jobs'] & Pick<AirbyteClient['jobs'], 'get'>;
}

export interface JobWatcherOptions {
  airbyte: JobWatcherSource;
  /** Time between two looks at Airbyte, in milliseconds. */
  pollIntervalMs: number;
  logger?: Pick<Console, 'info' | 'warn'>;
}

/** A job to wait for. */
export interface WatchedJob {
  jobId: number;
  /** The job's `updatedAt` when it was last seen (the server's epoch seconds): changes before it are not of interest. */
  since?: number | undefined;
}

export interface WaitOptions {
  /** Ends the waiting (never the job); `wait` then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called with each state of the job that differs from the one before. */
  onChange?: (job: Job) => void;
}

/** Each job is re-read on its own this often, so that a change the feed missed is never fatal. */
const RECHECK_MS = 10 * 60_000;

/** Reads of single jobs that are under way at once, where the feed does not serve. */
const CONCURRENT_READS = 8;

/** A job just started may not be readable yet; one that is not found this many times in a row is gone. */
const NOT_FOUND_LIMIT = 3;

const MAXIMUM_BACKOFF_MS = 60_000;

interface Watched {
  jobId: number;
  last: Job | undefined;
  /** When it was last read on its own, in milliseconds; 0: never, and at once. */
  readAt: number;
  notFound: number;
  waiters: Set<Waiter>;
}

interface Waiter {
  onChange: ((job: Job) => void) | undefined;
  resolve: (job: Job) => void;
  reject: (error: unknown) => void;
}

/**
 * Waits for the jobs of one Airbyte server on behalf of a whole process. However many jobs are waited for, a tick costs
 * one request of the change feed plus a few re-reads; where the server has no feed, each job is read on its own.
 *
 * A look that fails fails nobody: the watcher backs off (as long as `Retry-After` says) and goes on. Only `succeeded`,
 * `failed` and `cancelled` end a job; every other status, known or not, means that it goes on.
 */
export class JobWatcher {
  private readonly watched = new Map<number, Watched>();
  private readonly feed: ChangeFeed;
  private readonly logger: Pick<Console, 'info' | 'warn'>;
  private running = false;
  private failures = 0;
  private wake: (() => void) | undefined;

  constructor(private readonly options: JobWatcherOptions) {
    this.logger = options.logger ?? console;
    this.feed = new ChangeFeed(options.airbyte, (reason) =>
      this.logger.info(`Airbyte lists no changes of all jobs here: each job is read on its own (${reason})`),
    );
  }

  /**
   * Resolves with the job once it has ended, whatever its outcome.
   *
   * @throws AirbyteError of type `AirbyteNotFound` when Airbyte no longer has the job
   */
  wait({ jobId, since }: WatchedJob, { signal, onChange }: WaitOptions = {}): Promise<Job> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const abort = () => {
        this.leave(jobId, waiter);
        reject(signal?.reason);
      };
      const ended =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener('abort', abort);
          settle(value);
        };
      const waiter: Waiter = { onChange, resolve: ended(resolve), reject: ended(reject) };
      signal?.addEventListener('abort', abort, { once: true });
      this.join(jobId, since, waiter);
    });
  }

  private join(jobId: number, since: number | undefined, waiter: Waiter): void {
    const watched = this.watched.get(jobId);
    if (watched) {
      watched.waiters.add(waiter);
      if (watched.last) waiter.onChange?.(watched.last);
      return;
    }
    if (since !== undefined) this.feed.coverFrom(since);
    // A job seen a moment ago (it has just been started) waits for its first change; any other is read at once.
    const readAt = since === undefined ? 0 : Date.now();
    this.watched.set(jobId, { jobId, last: undefined, readAt, notFound: 0, waiters: new Set([waiter]) });
    // While Airbyte is in trouble nobody jumps the queue.
    if (readAt === 0 && this.failures === 0) this.wake?.();
    if (!this.running) void this.run();
  }

  private leave(jobId: number, waiter: Waiter): void {
    const watched = this.watched.get(jobId);
    watched?.waiters.delete(waiter);
    if (watched?.waiters.size === 0) this.watched.delete(jobId);
    if (this.watched.size === 0) this.wake?.();
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.watched.size > 0) await this.pause(await this.tick());
    this.running = false;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** One look at Airbyte. @returns the time until the next, in milliseconds */
  private async tick(): Promise<number> {
    const { pollIntervalMs } = this.options;
    try {
      // One waiting job needs no feed: reading it costs the same request and tells its records as well.
      const changed = this.watched.size > 1 ? await this.feed.read() : undefined;
      for (const job of changed ?? []) this.deliver(job);
      await this.readEach(this.due(changed !== undefined));
      if (this.failures > 0) this.logger.info(`Airbyte answers again after ${this.failures} failed looks at its jobs`);
      this.failures = 0;
      return pollIntervalMs;
    } catch (error) {
      this.failures += 1;
      if (this.failures === 1) this.logger.warn(`Cannot look at Airbyte's jobs, going on: ${messageOf(error)}`);
      const retryAfterMs = error instanceof AirbyteError ? (error.retryAfterMs ?? 0) : 0;
      const backoffMs = Math.min(pollIntervalMs * 2 ** this.failures, MAXIMUM_BACKOFF_MS);
      // Jitter keeps the worker processes of a fleet from coming back all at once.
      return Math.max(retryAfterMs, backoffMs) * (1 + Math.random() / 4);
    }
  }

  /** The jobs to read on their own in this tick. */
  private due(feedWorks: boolean): Watched[] {
    const all = [...this.watched.values()];
    if (!feedWorks) return all;
    const unread = all.filter(({ readAt }) => readAt === 0);
    const budget = Math.max(1, Math.ceil((all.length * this.options.pollIntervalMs) / RECHECK_MS));
    const longestUnread = all
      .filter(({ readAt }) => readAt > 0)
      .sort((a, b) => a.readAt - b.readAt)
      .slice(0, budget);
    return [...unread, ...longestUnread];
  }

  private async readEach(due: Watched[]): Promise<void> {
    const queue = [...due];
    const reader = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        try {
          await this.readOne(next);
        } catch (error) {
          // Airbyte is in trouble: the rest of this round would only add to it.
          queue.length = 0;
          throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_READS, queue.length) }, reader));
  }

  private async readOne(watched: Watched): Promise<void> {
    try {
      const job = await this.options.airbyte.jobs.get(watched.jobId);
      watched.readAt = Date.now();
      watched.notFound = 0;
      this.deliver(job);
    } catch (error) {
      if (!(error instanceof AirbyteError) || error.type !== 'AirbyteNotFound') throw error;
      watched.notFound += 1;
      if (watched.notFound < NOT_FOUND_LIMIT) return;
      this.watched.delete(watched.jobId);
      for (const waiter of watched.waiters) waiter.reject(error);
    }
  }

  private deliver(job: Job): void {
    const watched = this.watched.get(job.jobId);
    if (!watched || isOlder(job, watched.last)) return;
    const changed = job.status !== watched.last?.status || job.recordsSynced !== watched.last?.recordsSynced;
    watched.last = job;
    if (changed) for (const waiter of watched.waiters) waiter.onChange?.(job);
    if (!isTerminal(job.status)) return;
    this.watched.delete(job.jobId);
    for (const waiter of watched.waiters) waiter.resolve(job);
  }
}

/** Whether `job` was read before `last`: requests overlap, and the feed reads the same seconds twice. */
function isOlder(job: Job, last: Job | undefined): boolean {
  return job.updatedAt !== undefined && last?.updatedAt !== undefined && job.updatedAt < last.updatedAt;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
