import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { AirbyteClient } from '../airbyte/client';
import { isTerminal, type Job, mayRunOn } from '../airbyte/jobs';
import { InterruptiblePause } from '../async/interruptible-pause';
import { messageOf } from '../text/error-message';
import { ChangeFeed, type ChangeFeedClient, type Changes } from './change-feed';
import { JobRechecks, READS_PER_PAGE } from './job-rechecks';
import { type CountsPatience, DEFAULT_COUNTS_PATIENCE } from './late-counts';
import { PollBackoff } from './poll-backoff';
import { adaptivePollIntervalMs, REPORTED_POLL_INTERVAL_MS } from './poll-intervals';
import { ReportedEnds } from './reported-ends';
import { asksToWait, SingleJobReads } from './single-job-reads';
import type { StallDetector } from './stall-detector';
import { applyReadRequests, deliver, lastSeen, type Waiter, type WatchEntry, type WatchedJob } from './watched-job';

/** What the watcher needs from the client. */
export interface JobWatcherClient extends ChangeFeedClient {
  jobs: ChangeFeedClient['jobs'] & Pick<AirbyteClient['jobs'], 'getWithoutLogs'>;
}

export interface JobWatcherOptions {
  airbyte: JobWatcherClient;
  /** Time between two polls, in milliseconds. It grows with the age of the jobs: see {@link adaptivePollIntervalMs}. */
  pollIntervalMs: number;
  logger?: Pick<Console, 'info' | 'warn'>;
  /** How long to wait for the last counts of a failed job. Tests shorten it. */
  countsPatience?: CountsPatience;
  /** Called after each poll, with how long it took, in milliseconds. It must not throw. */
  onPoll?: (hasSucceeded: boolean, durationMs: number) => void;
}

export interface WaitOptions {
  /** Ends the wait but not the job; `wait` then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called in the caller's asynchronous context with each state of the job that differs from the previous one. */
  onChange?: (job: Job) => void;
  /** Ends the wait when nothing moves in the job. It is then also read as often as this detector asks. */
  stall?: StallDetector | undefined;
}

/** The limit of pages in one read of the feed, if few jobs are watched. */
const MINIMUM_FEED_PAGES = 20;

/** How long a hint waits for others that come in the same moment. */
const HINT_POLL_DELAY_MS = 100;

/** The part of the poll interval that remains between two polls, however long the first one took. */
const MINIMUM_PAUSE_FRACTION = 0.25;

/**
 * Waits for the jobs of one Airbyte server on behalf of a whole process. However many jobs are watched, a poll takes one request
 * to the change feed and a few re-reads. If the server has no feed, each job is read on its own. The poll interval grows with
 * the time since the most recent job began to be watched.
 *
 * A failed poll fails no wait: the watcher backs off, at least as long as `Retry-After` says, and goes on. Only `succeeded`,
 * `failed` and `cancelled` end a job; with any other status, known or not, the job goes on.
 */
export class JobWatcher {
  readonly countsPatience: CountsPatience;
  private readonly watched = new Map<number, WatchEntry>();
  private readonly feed: ChangeFeed;
  private readonly singleReads: SingleJobReads;
  private readonly rechecks: JobRechecks;
  private readonly logger: Pick<Console, 'info' | 'warn'>;
  private readonly reportedEnds = new ReportedEnds();
  /** The jobs that have probably ended since the last poll began. */
  private readonly hinted = new Set<WatchEntry>();
  private running = false;
  private readonly backoff: PollBackoff;
  private readonly pause = new InterruptiblePause();
  /** Runs a function outside of the asynchronous context of its caller. */
  private readonly outside = AsyncLocalStorage.snapshot();

  constructor(private readonly options: JobWatcherOptions) {
    this.logger = options.logger ?? console;
    this.backoff = new PollBackoff(options.pollIntervalMs, this.logger);
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
   * Resolves with the job once it has ended, whatever its outcome, or once `stall` finds that it has stalled.
   *
   * @throws AirbyteError of type `AirbyteNotFound` when for minutes Airbyte has found the job neither by its id nor in a list
   */
  wait({ jobId, connectionId, since }: WatchedJob, { signal, onChange, stall }: WaitOptions = {}): Promise<Job> {
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
      // The loop runs outside of the asynchronous context of each caller.
      const callBack = AsyncResource.bind((job: Job) => onChange?.(job));
      const waiter: Waiter = {
        onChange: (job) => {
          try {
            callBack(job);
          } catch (error) {
            // An error of this callback must neither count as an error of Airbyte nor affect other waits.
            waiter.reject(error);
          }
        },
        onRead: stall && ((job) => this.judge(job, stall, waiter)),
        readEveryMs: stall?.readEveryMs,
        resolve: ended(resolve),
        reject: ended(reject),
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.join({ jobId, connectionId, since }, waiter);
    });
  }

  /**
   * Polls immediately if a job is watched, because something hints that it has ended. Hints that come in the same moment share a
   * poll. While hints report the ends of the syncs of all watched connections, the other polls are rare.
   *
   * @returns whether the job is watched
   */
  recheck({ jobId, connectionId }: { jobId: number; connectionId?: string }): boolean {
    this.reportedEnds.report(jobId, connectionId);
    const job = this.watched.get(jobId);
    if (job === undefined || !mayRunOn({ connectionId }, job.connectionId)) return false;
    this.hinted.add(job);
    this.bringForward(HINT_POLL_DELAY_MS);
    return true;
  }

  private join({ jobId, connectionId, since }: WatchedJob, waiter: Waiter): void {
    const watched = this.watched.get(jobId);
    if (watched) {
      watched.waiters.add(waiter);
      applyReadRequests(watched);
      // Another worker may have passed the wait on because it learned of the end of the job.
      this.hinted.add(watched);
      this.bringForward(HINT_POLL_DELAY_MS);
      if (watched.last) waiter.onChange(watched.last);
      return;
    }
    // A job that was just started waits for its first change in the feed. Any other job is read on its own.
    const missed = since !== undefined && this.feed.isStarted && !this.feed.rewindTo(since);
    const mayHaveEnded = since === undefined || this.reportedEnds.hasReport(jobId);
    const now = performance.now();
    this.watched.set(jobId, {
      jobId,
      connectionId,
      last: undefined,
      since,
      unread: mayHaveEnded || missed,
      watchedAt: now,
      triedAt: now,
      missingSince: undefined,
      readEveryMs: waiter.readEveryMs,
      waiters: new Set([waiter]),
    });
    this.bringForward(mayHaveEnded ? 0 : this.intervalMs());
    // The loop serves all callers, so it must not run in the asynchronous context of its first one.
    if (!this.running) this.outside(() => void this.run());
  }

  /** Ends a wait whose job has stalled. */
  private judge(job: Job, stall: StallDetector, waiter: Waiter): void {
    const found = stall.observe(job);
    if (found === 'stalled') waiter.resolve(job);
    if (found !== 'unmeasured') return;
    this.logger.warn(
      `Airbyte shows no counts of job ${job.jobId} while it runs: its stallTimeout has no effect, only its timeout has`,
    );
  }

  /** During back-off, new waiters don't bring the next poll forward. */
  private bringForward(withinMs: number): void {
    if (!this.backoff.isActive) this.pause.endWithin(withinMs);
  }

  private leave(jobId: number, waiter: Waiter): void {
    const watched = this.watched.get(jobId);
    if (watched?.waiters.delete(waiter)) applyReadRequests(watched);
    if (watched?.waiters.size === 0) this.watched.delete(jobId);
    if (this.watched.size === 0) this.pause.endWithin(0);
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.watched.size > 0) {
      const startedAt = performance.now();
      const nextAt = await this.pollOnce(startedAt);
      if (this.watched.size === 0) break;
      // Computed right before the pause, so that it includes all joined waits. A wait that joins later shortens the pause.
      const leftMs = (nextAt ?? startedAt + this.intervalMs()) - performance.now();
      const pauseMs = Math.max(leftMs, this.options.pollIntervalMs * MINIMUM_PAUSE_FRACTION);
      const isHinted = this.hinted.size > 0 && !this.backoff.isActive;
      await this.pause.for(isHinted ? Math.min(pauseMs, HINT_POLL_DELAY_MS) : pauseMs);
    }
    this.running = false;
    this.feed.end();
  }

  /** The time between two successful polls. */
  private intervalMs(): number {
    const youngest = [...this.watched.values()].reduce((time, { watchedAt }) => Math.max(time, watchedAt), 0);
    const interval = adaptivePollIntervalMs(performance.now() - youngest, this.options.pollIntervalMs);
    return this.reportedEnds.expectsAll(this.watched.values())
      ? Math.max(interval, REPORTED_POLL_INTERVAL_MS)
      : interval;
  }

  /** Polls once. @returns when to poll next, in milliseconds, unless after the usual interval */
  private async pollOnce(startedAt: number): Promise<number | undefined> {
    try {
      const isBehind = await this.pollJobs();
      this.backoff.succeed();
      this.options.onPoll?.(true, performance.now() - startedAt);
      return isBehind ? startedAt + this.options.pollIntervalMs : undefined;
    } catch (error) {
      this.options.onPoll?.(false, performance.now() - startedAt);
      return performance.now() + this.backoff.fail(error);
    }
  }

  /** @returns whether there were more jobs to read than one poll reads */
  private async pollJobs(): Promise<boolean> {
    // A single job needs no feed: reading it takes one request as well, and also returns its counts.
    const hinted = [...this.hinted].filter(({ unread }) => !unread);
    this.hinted.clear();
    for (const job of hinted) job.unread = true;
    if (this.watched.size === 1) {
      this.feed.end();
      return this.readWithoutFeed();
    }
    if (!this.feed.isStarted) this.beginFeed();
    let changes: Changes | undefined;
    try {
      changes = await this.feed.read(Math.max(MINIMUM_FEED_PAGES, Math.ceil(this.watched.size / READS_PER_PAGE)));
    } catch (error) {
      // Only the feed may be broken, so the jobs are read on their own, unless Airbyte asks to wait.
      if (!asksToWait(error)) {
        await this.singleReads.readDue(this.watched.values(), false);
        this.feed.recordFeedFailure(messageOf(error));
      }
      throw error;
    }
    if (!changes) return this.readWithoutFeed();
    // If one of them has ended, these changes include its end.
    if (changes.complete) for (const job of hinted) job.unread = false;
    // What has ended first has waited longest, and the ends of many syncs are handled one after the other.
    const oldestFirst = changes.jobs.toSorted((one, other) => (one.updatedAt ?? 0) - (other.updatedAt ?? 0));
    for (const job of oldestFirst) this.deliver(job);
    if (!changes.complete) this.markUnread(changes.jobs);
    const reached = await this.rechecks.readDue(this.watched.values());
    return this.singleReads.readDue(this.watched.values(), reached);
  }

  /** After failed polls, all jobs are due: none was read meanwhile. */
  private readWithoutFeed(): Promise<boolean> {
    return this.singleReads.readWithoutFeed(this.watched.values(), this.backoff.isActive);
  }

  /**
   * Starts the feed at the newest known time of the server. A job whose state is known from long before is read on its own: it
   * may have changed since, and a feed from that time on would list the changes of all other jobs.
   */
  private beginFeed(): void {
    const watched = [...this.watched.values()];
    const newest = watched.reduce((time, job) => Math.max(time, lastSeen(job)), 0);
    if (newest === 0 || !this.feed.begin(newest)) return;
    for (const job of watched) if (!this.feed.rewindTo(lastSeen(job))) job.unread = true;
  }

  /** After an incomplete read of the feed, each job that may have changed is read on its own. */
  private markUnread(changed: readonly Job[]): void {
    const known = new Set(changed.map(({ jobId }) => jobId));
    for (const job of this.watched.values()) {
      if (!known.has(job.jobId) && !this.feed.covers(lastSeen(job))) job.unread = true;
    }
  }

  private deliver(job: Job): void {
    const watched = this.watched.get(job.jobId);
    if (!watched) return;
    deliver(watched, job);
    const { connectionId } = watched;
    if (isTerminal(job.status) && mayRunOn(job, connectionId)) this.reportedEnds.end(job, connectionId);
  }
}
