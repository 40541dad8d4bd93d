import { AsyncResource } from 'node:async_hooks';
import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import { MAXIMUM_RETRY_AFTER_MS } from '../airbyte/http/rate-limiter';
import type { Job } from '../airbyte/jobs';
import { messageOf } from '../text/error-message';
import { ChangeFeed, type ChangeFeedClient, type Changes } from './change-feed';
import { Pause } from './interruptible-pause';
import { JobRechecks, READS_PER_PAGE } from './job-rechecks';
import { type CountsPatience, DEFAULT_COUNTS_PATIENCE } from './late-counts';
import { adaptivePollIntervalMs } from './poll-intervals';
import { asksToWait, SingleJobReads } from './single-job-reads';
import { deliver, lastSeen, type Waiter, type WatchEntry, type WatchedJob } from './watched-job';

/** What the watcher needs of the client. */
export interface JobWatcherClient extends ChangeFeedClient {
  jobs: ChangeFeedClient['jobs'] & Pick<AirbyteClient['jobs'], 'getWithoutLogs'>;
}

export interface JobWatcherOptions {
  airbyte: JobWatcherClient;
  /** Time between two looks at Airbyte, in milliseconds; while all jobs are old, {@link adaptivePollIntervalMs}. */
  pollIntervalMs: number;
  logger?: Pick<Console, 'info' | 'warn'>;
  /** How long the last counts of a job that failed are waited for; for tests. */
  countsPatience?: CountsPatience;
}

export interface WaitOptions {
  /** Ends the waiting (never the job); `wait` then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called, in the caller's asynchronous context, with each state of the job that differs from the one before. */
  onChange?: (job: Job) => void;
}

/** Pages that a read of the feed takes at most, however few jobs are waited for. */
const MINIMUM_FEED_PAGES = 20;

/** The part of the poll interval that is left between two ticks, however long the first of them took. */
const MINIMUM_PAUSE_FRACTION = 0.25;

/** One request of a process this often is no burden to an Airbyte in trouble, and a job's end is not learnt late. */
const MAXIMUM_BACKOFF_MS = 15_000;

/**
 * Waits for the jobs of one Airbyte server on behalf of a whole process. However many jobs are waited for, a tick costs
 * one request of the change feed plus a few re-reads; where the server has no feed, each job is read on its own. The looks
 * are the further apart, the longer even the youngest of the jobs has been waited for.
 *
 * A look that fails fails nobody: the watcher backs off (as long as `Retry-After` says) and goes on. Only `succeeded`,
 * `failed` and `cancelled` end a job; every other status, known or not, means that it goes on.
 */
export class JobWatcher {
  readonly countsPatience: CountsPatience;
  private readonly watched = new Map<number, WatchEntry>();
  private readonly feed: ChangeFeed;
  private readonly singleReads: SingleJobReads;
  private readonly rechecks: JobRechecks;
  private readonly logger: Pick<Console, 'info' | 'warn'>;
  private running = false;
  private failures = 0;
  private trouble: string | undefined;
  private readonly pause = new Pause();

  constructor(private readonly options: JobWatcherOptions) {
    this.logger = options.logger ?? console;
    this.countsPatience = options.countsPatience ?? DEFAULT_COUNTS_PATIENCE;
    this.feed = new ChangeFeed(options.airbyte, (reason) =>
      this.logger.info(`Airbyte lists no changes of all jobs here: each job is read on its own (${reason})`),
    );
    const onRead = (job: Job) => this.deliver(job);
    this.rechecks = new JobRechecks({ feed: this.feed, onRead, logger: this.logger });
    this.singleReads = new SingleJobReads({
      jobs: options.airbyte.jobs,
      pollIntervalMs: options.pollIntervalMs,
      onRead,
      onLost: (jobId, error) => {
        for (const waiter of [...(this.watched.get(jobId)?.waiters ?? [])]) waiter.reject(error);
      },
      logger: this.logger,
    });
  }

  /**
   * Resolves with the job once it has ended, whatever its outcome.
   *
   * @throws AirbyteError of type `AirbyteNotFound` when Airbyte has had the job neither by its id nor in a list for minutes
   */
  wait({ jobId, connectionId, since }: WatchedJob, { signal, onChange }: WaitOptions = {}): Promise<Job> {
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
      this.join({ jobId, connectionId, since }, waiter);
    });
  }

  private join({ jobId, connectionId, since }: WatchedJob, waiter: Waiter): void {
    const watched = this.watched.get(jobId);
    if (watched) {
      watched.waiters.add(waiter);
      if (since === undefined && !watched.last) {
        watched.unread = true;
        this.bringForward(0);
      }
      if (watched.last) waiter.onChange(watched.last);
      return;
    }
    // A job seen a moment ago (it has just been started) waits for its first change; any other is read on its own.
    const missed = since !== undefined && this.feed.begun && !this.feed.rewindTo(since);
    const now = performance.now();
    this.watched.set(jobId, {
      jobId,
      connectionId,
      last: undefined,
      since,
      unread: since === undefined || missed,
      watchedAt: now,
      triedAt: now,
      missingSince: undefined,
      waiters: new Set([waiter]),
    });
    this.bringForward(since === undefined ? 0 : this.options.pollIntervalMs);
    if (!this.running) void this.run();
  }

  /** During back-off, new waiters don't bring the next poll forward. */
  private bringForward(withinMs: number): void {
    if (this.failures === 0) this.pause.endWithin(withinMs);
  }

  private leave(jobId: number, waiter: Waiter): void {
    const watched = this.watched.get(jobId);
    watched?.waiters.delete(waiter);
    if (watched?.waiters.size === 0) this.watched.delete(jobId);
    if (this.watched.size === 0) this.pause.endWithin(0);
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.watched.size > 0) {
      const startedAt = performance.now();
      const nextAt = await this.tick(startedAt);
      if (this.watched.size === 0) break;
      // Counted at the moment of the pause: who has joined before it is among them, who joins in it brings it forward.
      const leftMs = (nextAt ?? startedAt + this.intervalMs()) - performance.now();
      await this.pause.for(Math.max(leftMs, this.options.pollIntervalMs * MINIMUM_PAUSE_FRACTION));
    }
    this.running = false;
    this.feed.end();
  }

  /** The time between two looks that come off. */
  private intervalMs(): number {
    const youngest = [...this.watched.values()].reduce((time, { watchedAt }) => Math.max(time, watchedAt), 0);
    return adaptivePollIntervalMs(performance.now() - youngest, this.options.pollIntervalMs);
  }

  /** One look at Airbyte. @returns the moment of the next, in milliseconds, if it is not the usual one */
  private async tick(startedAt: number): Promise<number | undefined> {
    const { pollIntervalMs } = this.options;
    try {
      const isBehind = await this.look();
      if (this.failures > 0) this.logger.info(`Airbyte answers again after ${this.failures} failed looks at its jobs`);
      this.failures = 0;
      this.trouble = undefined;
      return isBehind ? startedAt + pollIntervalMs : undefined;
    } catch (error) {
      const retryAfterMs = error instanceof AirbyteError ? (error.retryAfterMs ?? 0) : 0;
      const backoffMs = Math.max(pollIntervalMs, Math.min(pollIntervalMs * 2 ** this.failures, MAXIMUM_BACKOFF_MS));
      this.failures += 1;
      const trouble = messageOf(error);
      if (trouble !== this.trouble) this.logger.warn(`Cannot look at Airbyte's jobs, going on: ${trouble}`);
      this.trouble = trouble;
      // Jitter keeps the worker processes of a fleet from coming back all at once.
      const jitter = 1 + Math.random() / 4;
      return performance.now() + Math.max(Math.min(retryAfterMs, MAXIMUM_RETRY_AFTER_MS), backoffMs) * jitter;
    }
  }

  /** @returns whether there was more to read than is read at one look */
  private async look(): Promise<boolean> {
    // One waiting job needs no feed: reading it costs the same request and tells its records as well.
    if (this.watched.size === 1) {
      this.feed.end();
      return this.readWithoutFeed();
    }
    if (!this.feed.begun) this.beginFeed();
    let changes: Changes | undefined;
    try {
      changes = await this.feed.read(Math.max(MINIMUM_FEED_PAGES, Math.ceil(this.watched.size / READS_PER_PAGE)));
    } catch (error) {
      // The feed alone may be what is broken, so no job depends on it alone; who asks us to wait is not asked more.
      if (!asksToWait(error)) {
        await this.singleReads.readDue(this.watched.values(), false);
        this.feed.recordFeedFailure(messageOf(error));
      }
      throw error;
    }
    if (!changes) return this.readWithoutFeed();
    for (const job of changes.jobs) this.deliver(job);
    if (!changes.complete) this.markUnread(changes.jobs);
    const reached = await this.rechecks.readDue(this.watched.values());
    return this.singleReads.readDue(this.watched.values(), reached);
  }

  /** After trouble it is everybody's turn: nobody was read while it lasted. */
  private readWithoutFeed(): Promise<boolean> {
    return this.singleReads.readWithoutFeed(this.watched.values(), this.failures > 0);
  }

  /**
   * The feed begins at the newest of the server's times known here. A job last seen long before it is read on its own:
   * it may have changed in between, and going back that far would list the changes of everybody's jobs.
   */
  private beginFeed(): void {
    const watched = [...this.watched.values()];
    const newest = watched.reduce((time, job) => Math.max(time, lastSeen(job)), 0);
    if (newest === 0 || !this.feed.begin(newest)) return;
    for (const job of watched) if (!this.feed.rewindTo(lastSeen(job))) job.unread = true;
  }

  /** After a read of the feed that left some changes out, each job that they may be of is read on its own. */
  private markUnread(brought: readonly Job[]): void {
    const known = new Set(brought.map(({ jobId }) => jobId));
    for (const job of this.watched.values()) {
      if (!known.has(job.jobId) && !this.feed.covers(lastSeen(job))) job.unread = true;
    }
  }

  private deliver(job: Job): void {
    const watched = this.watched.get(job.jobId);
    if (watched) deliver(watched, job);
  }
}
