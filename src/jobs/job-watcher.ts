import { AsyncResource } from 'node:async_hooks';
import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import { isTerminal, type Job } from '../airbyte/jobs';
import { MAXIMUM_RETRY_AFTER_MS } from '../airbyte/request-pace';
import { messageOf } from '../error-message';
import { ChangeFeed, type ChangeFeedSource } from './change-feed';

/** What the watcher needs of the client. */
export interface JobWatcherSource extends ChangeFeedSource {
  jobs: ChangeFeedSource['jobs'] & Pick<AirbyteClient['jobs'], 'getWithoutLogs'>;
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
  /** Called, in the caller's asynchronous context, with each state of the job that differs from the one before. */
  onChange?: (job: Job) => void;
}

/** Each job is re-read on its own this often, so that a change the feed missed is never fatal. */
const RECHECK_MS = 10 * 60_000;

/** Reads of single jobs that are under way at once, where the feed does not serve. */
const CONCURRENT_READS = 8;

/** Jobs that a tick reads on their own at most, where the feed does not serve: more of them take more ticks. */
const READS_PER_TICK = 200;

/** The part of the poll interval that is left between two ticks, however long the first of them took. */
const SHORTEST_PAUSE = 0.25;

/** A job just started may not be readable yet; one that is not found this many times in a row is gone. */
const NOT_FOUND_LIMIT = 3;

/** One request of a process this often is no burden to an Airbyte in trouble, and a job's end is not learnt late. */
const MAXIMUM_BACKOFF_MS = 15_000;

interface Watched {
  jobId: number;
  last: Job | undefined;
  /** Whether nothing is known of it yet, so that it is read at once. */
  unread: boolean;
  /** When it was last tried to be read on its own, in milliseconds. */
  triedAt: number;
  notFound: number;
  /** Why it could not be read, when last said; undefined since it could. */
  trouble?: string | undefined;
  waiters: Set<Waiter>;
}

interface Waiter {
  onChange: (job: Job) => void;
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
  private trouble: string | undefined;
  private tickedAt: number | undefined;
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
      const abort = () => waiter.reject(signal?.reason);
      const ended =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener('abort', abort);
          this.leave(jobId, waiter);
          settle(value);
        };
      // The loop runs in the context of whoever came first, and serves everybody.
      const callBack = AsyncResource.bind((job: Job) => onChange?.(job));
      const waiter: Waiter = {
        onChange: (job) => {
          try {
            callBack(job);
          } catch (error) {
            // A fault of one waiter's is no fault of Airbyte's, and the others' waiting goes on.
            waiter.reject(error);
          }
        },
        resolve: ended(resolve),
        reject: ended(reject),
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.join(jobId, since, waiter);
    });
  }

  private join(jobId: number, since: number | undefined, waiter: Waiter): void {
    const watched = this.watched.get(jobId);
    if (watched) {
      watched.waiters.add(waiter);
      if (since === undefined && !watched.last) watched.unread = true;
      if (watched.last) waiter.onChange(watched.last);
      return;
    }
    if (since !== undefined) this.feed.coverFrom(since);
    // A job seen a moment ago (it has just been started) waits for its first change; any other is read at once.
    const unread = since === undefined;
    const triedAt = performance.now();
    this.watched.set(jobId, { jobId, last: undefined, unread, triedAt, notFound: 0, waiters: new Set([waiter]) });
    // While Airbyte is in trouble nobody jumps the queue.
    if (unread && this.failures === 0) this.wake?.();
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
    this.tickedAt = undefined;
    this.feed.end();
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.watched.size === 0) {
        resolve();
        return;
      }
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
    const now = performance.now();
    const elapsedMs = now - (this.tickedAt ?? now - pollIntervalMs);
    this.tickedAt = now;
    try {
      await this.look(elapsedMs);
      if (this.failures > 0) this.logger.info(`Airbyte answers again after ${this.failures} failed looks at its jobs`);
      this.failures = 0;
      this.trouble = undefined;
      return Math.max(pollIntervalMs - (performance.now() - now), pollIntervalMs * SHORTEST_PAUSE);
    } catch (error) {
      const retryAfterMs = error instanceof AirbyteError ? (error.retryAfterMs ?? 0) : 0;
      const backoffMs = Math.max(pollIntervalMs, Math.min(pollIntervalMs * 2 ** this.failures, MAXIMUM_BACKOFF_MS));
      this.failures += 1;
      const trouble = messageOf(error);
      if (trouble !== this.trouble) this.logger.warn(`Cannot look at Airbyte's jobs, going on: ${trouble}`);
      this.trouble = trouble;
      // Jitter keeps the worker processes of a fleet from coming back all at once.
      return Math.max(Math.min(retryAfterMs, MAXIMUM_RETRY_AFTER_MS), backoffMs) * (1 + Math.random() / 4);
    }
  }

  private async look(elapsedMs: number): Promise<void> {
    // One waiting job needs no feed: reading it costs the same request and tells its records as well.
    if (this.watched.size === 1) return this.readEach(this.leastRecent());
    let changed: Job[] | undefined;
    try {
      changed = await this.feed.read();
    } catch (error) {
      // The feed alone may be what is broken, so no job depends on it alone; who asks us to wait is not asked more.
      if (!asksToWait(error)) {
        await this.readEach(this.due(elapsedMs));
        this.feed.failedAlone(messageOf(error));
      }
      throw error;
    }
    for (const job of changed ?? []) this.deliver(job);
    if (changed) await this.readEach(this.due(elapsedMs), true);
    else await this.readEach(this.leastRecent().slice(0, READS_PER_TICK));
  }

  /** The jobs to read on their own beside the feed: the new ones, and as many others as make each one's turn come. */
  private due(elapsedMs: number): Watched[] {
    const all = this.leastRecent();
    const unread = all.filter((watched) => watched.unread);
    const turns = Math.max(1, Math.ceil((all.length * elapsedMs) / RECHECK_MS));
    return [...unread, ...all.filter((watched) => !watched.unread).slice(0, turns)];
  }

  /** Every job, those first whose last try is longest ago: one that always fails keeps none of the others waiting. */
  private leastRecent(): Watched[] {
    return [...this.watched.values()].sort((a, b) => a.triedAt - b.triedAt);
  }

  /**
   * A job that cannot be read while Airbyte answers otherwise is a matter of that job alone: nobody else waits longer.
   *
   * @param reached whether Airbyte has answered in this look before
   */
  private async readEach(due: Watched[], reached = false): Promise<void> {
    const queue = [...due];
    const failed: { watched: Watched; error: unknown }[] = [];
    const reader = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        try {
          await this.readOne(next);
          reached = true;
        } catch (error) {
          failed.push({ watched: next, error });
          // Airbyte is in trouble: the rest of this round would only add to it.
          if (asksToWait(error) || (!reached && failed.length >= CONCURRENT_READS)) queue.length = 0;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(CONCURRENT_READS, queue.length) }, reader));
    const [first] = failed.filter(({ error }) => !reached || asksToWait(error));
    if (first) throw first.error;
    for (const { watched, error } of failed) this.reportUnreadable(watched, messageOf(error));
  }

  private reportUnreadable(watched: Watched, trouble: string): void {
    if (watched.trouble === trouble) return;
    watched.trouble = trouble;
    this.logger.warn(`Cannot read job ${watched.jobId}, going on: ${trouble}`);
  }

  private async readOne(watched: Watched): Promise<void> {
    watched.triedAt = performance.now();
    try {
      const job = await this.options.airbyte.jobs.getWithoutLogs(watched.jobId);
      watched.unread = false;
      watched.trouble = undefined;
      if (job.updatedAt !== undefined) this.feed.beginAt(job.updatedAt);
      this.deliver(job);
    } catch (error) {
      if (!(error instanceof AirbyteError) || error.type !== 'AirbyteNotFound') throw error;
      watched.notFound += 1;
      if (watched.notFound < NOT_FOUND_LIMIT) return;
      for (const waiter of [...watched.waiters]) waiter.reject(error);
    }
  }

  private deliver(job: Job): void {
    const watched = this.watched.get(job.jobId);
    if (!watched || isOlder(job, watched.last)) return;
    const changed = job.status !== watched.last?.status || job.recordsSynced !== watched.last?.recordsSynced;
    watched.last = job;
    watched.notFound = 0;
    const waiters = [...watched.waiters];
    if (changed) for (const waiter of waiters) waiter.onChange(job);
    if (isTerminal(job.status)) for (const waiter of waiters) waiter.resolve(job);
  }
}

/** Whether `job` was read before `last`: requests overlap, and the feed reads the same seconds twice. */
function isOlder(job: Job, last: Job | undefined): boolean {
  return job.updatedAt !== undefined && last?.updatedAt !== undefined && job.updatedAt < last.updatedAt;
}

function asksToWait(error: unknown): boolean {
  return error instanceof AirbyteError && (error.status === 429 || error.retryAfterMs !== undefined);
}
