import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import { extrapolateClock } from '../airbyte/http/server-clock';
import { CONNECTION_JOB_TYPES, type Job } from '../airbyte/jobs';
import type { JobFilter } from '../airbyte/resources';

/** What the feed needs from the client. */
export interface ChangeFeedClient {
  jobs: Pick<AirbyteClient['jobs'], 'list' | 'listForWorkspaces'>;
  workspaces: Pick<AirbyteClient['workspaces'], 'list'>;
  /** The server's current epoch seconds, or slightly earlier ones; undefined while they are not known. */
  readonly serverTime?: number | undefined;
}

/** How many jobs a page of changes has. */
const PAGE_SIZE = 200;
/** How many jobs a page has of a list that is read rarely, and mostly for jobs that are on it. */
export const LARGE_PAGE_SIZE = 500;

/**
 * `updatedAt` is in whole seconds and is set before the change is committed: a change late in a second can appear after that
 * second was read. So each read overlaps the last one. A change that is missed nevertheless waits for the next re-check.
 */
const OVERLAP_SECONDS = 5;

/** After so many consecutive failures while Airbyte responds to other calls, the feed counts as unsupported. */
const MAXIMUM_FEED_FAILURES = 3;

/** How long the feed is not read from a server that does not support it. */
const UNSUPPORTED_FOR_MS = 5 * 60_000;

/** How long a list of the workspaces is kept. Until then, the feed lacks the jobs of newer workspaces. */
const WORKSPACES_CACHED_FOR_MS = 5 * 60_000;

/** How far the feed can be rewound for a job that was last read earlier. Beyond that, a single read of the job is cheaper. */
const MAXIMUM_REWIND_SECONDS = 60;

/** A job that is older by more than this shows that the server does not filter. The server filters by another clock than that of its times. */
const FILTER_TOLERANCE_SECONDS = 60;

/** The resolution of the server's time in a response, which is in whole seconds. */
const SERVER_TIME_RESOLUTION_SECONDS = 1;

/**
 * The clocks of Airbyte's pods differ slightly. A time that is further ahead of the server's comes from a wrong clock, and does
 * not say when a job was last read.
 */
const MAXIMUM_CLOCK_SKEW_SECONDS = 10;

/** This call goes before others that wait for the rate limit, since every waiter depends on it. */
const FEED_CALL = { first: true } as const;

type JobQuery = Pick<JobFilter, 'updatedAtStart' | 'createdAtStart' | 'createdAtEnd' | 'statuses'>;
type Scope = 'instance' | 'workspaces';

/** The server's time was `time` (epoch seconds) or later at the moment `at` (milliseconds of `performance.now`). */
interface Clock {
  time: number;
  at: number;
}

/** The result of a read of the feed. */
export interface Changes {
  jobs: Job[];
  /** Whether these are all changes since the last read; otherwise other jobs may have changed, too. */
  complete: boolean;
}

/**
 * Reads the changes of all jobs of one Airbyte server with few requests: `jobs/list` with `updatedAtStart` and without a
 * `configId` (since 0.63, for credentials that may read the whole instance), otherwise `jobs/list_for_workspaces`. It uses the
 * server's clock, which it knows from the newest `updatedAt` that is not ahead of the `Date` of the server's responses.
 */
export class ChangeFeed {
  /** The server's epoch seconds up to which all changes were read; undefined before the feed is started. */
  private readUpTo: number | undefined;
  private clock: Clock = { time: 0, at: 0 };
  private scope: Scope = 'instance';
  private workspaces: { ids: string[]; readAt: number } | undefined;
  private isRejected = false;
  private unsupportedUntil = 0;
  private feedFailures = 0;

  constructor(
    private readonly airbyte: ChangeFeedClient,
    private readonly onUnsupported: (reason: string) => void,
  ) {}

  /** Whether `begin` has set the time from which changes are read. */
  get isStarted(): boolean {
    return this.readUpTo !== undefined;
  }

  /**
   * Starts to read changes at `now`: the server's epoch seconds, or slightly earlier ones.
   *
   * @returns false for a while after the server did not support the feed
   */
  begin(now: number): boolean {
    const at = performance.now();
    if (at < this.unsupportedUntil) return false;
    this.readUpTo = Math.min(now, this.latestTimeAt(at));
    this.clock = { time: this.readUpTo, at };
    return true;
  }

  /** Whether the next reads return the changes since `since` (the server's epoch seconds). */
  covers(since: number): boolean {
    if (since > (this.airbyte.serverTime ?? Number.POSITIVE_INFINITY) + MAXIMUM_CLOCK_SKEW_SECONDS) return false;
    return this.readUpTo !== undefined && since >= this.readUpTo;
  }

  /**
   * Lets the next read start at `since` (the server's epoch seconds) if it would start later, unless that is more than a
   * minute ago.
   *
   * @returns whether the next reads return the changes since then
   */
  rewindTo(since: number): boolean {
    if (this.covers(since)) return true;
    if (this.readUpTo === undefined || since >= this.readUpTo) return false;
    if (since < this.serverTimeAt(performance.now()) - MAXIMUM_REWIND_SECONDS) return false;
    this.readUpTo = since;
    return true;
  }

  /** Stops the feed when no job is watched: the changes until the next start are not of interest. */
  end(): void {
    this.readUpTo = undefined;
  }

  /**
   * Reads the changes since the last read.
   *
   * @param maximumPages how many pages are read; beyond that, it is cheaper to read each watched job on its own
   * @returns undefined before the feed is started, and while the server supports no form of it
   * @throws AirbyteError when Airbyte is unreachable or overloaded; the next read returns the same changes
   */
  async read(maximumPages: number): Promise<Changes | undefined> {
    if (this.readUpTo === undefined) return undefined;
    for (;;) {
      try {
        const changed = await this.readPages(this.readUpTo, maximumPages);
        this.isRejected = false;
        this.feedFailures = 0;
        return changed;
      } catch (error) {
        // A non-retryable error means that the server has no such feed, or none for these credentials.
        const isUnsupported = error instanceof UnfilteredError || (error instanceof AirbyteError && !error.retryable);
        if (!isUnsupported) throw error;
        if (this.scope === 'instance') {
          this.scope = 'workspaces';
          continue;
        }
        this.markUnsupported(error.message);
        return undefined;
      }
    }
  }

  /**
   * Lists the jobs that were created between two of the server's times (epoch seconds), whether or not they have changed since.
   *
   * @param maximumPages how many pages are read
   * @param status if given, only jobs with this status are listed
   * @throws AirbyteError when Airbyte does not respond, or responds with an error
   */
  async listCreated(from: number, to: number, maximumPages: number, status?: string): Promise<Job[]> {
    const listed: Job[] = [];
    // Airbyte returns times in whole seconds, and stores them with fractions.
    const times = { createdAtStart: toDate(from), createdAtEnd: toDate(to + 1) };
    const choice = { ...times, ...(status !== undefined && { statuses: [status] }) };
    for await (const { jobs } of this.pages(choice, maximumPages, LARGE_PAGE_SIZE)) listed.push(...jobs);
    return listed;
  }

  /**
   * Counts a read that failed although Airbyte responds to other calls. That may be transient. But Airbyte 0.50 also responds
   * with a 500 to a list without a connection, and will not stop doing so.
   */
  recordFeedFailure(reason: string): void {
    this.feedFailures += 1;
    if (this.feedFailures >= MAXIMUM_FEED_FAILURES) this.markUnsupported(reason);
  }

  private markUnsupported(reason: string): void {
    this.end();
    this.scope = 'instance';
    this.feedFailures = 0;
    this.unsupportedUntil = performance.now() + UNSUPPORTED_FOR_MS;
    if (!this.isRejected) this.onUnsupported(reason);
    this.isRejected = true;
  }

  /**
   * A job that changes while the pages are read moves to the front of the list. Other jobs move down and are read twice. The
   * next read returns the change, since it starts at the server's time of the first page.
   */
  private async readPages(from: number, maximumPages: number): Promise<Changes> {
    const changed = new Map<number, Job>();
    const start = Math.floor(from) - OVERLAP_SECONDS;
    const startedAt = performance.now();
    let clock: Clock | undefined;
    let complete = false;
    for await (const { jobs, isLast } of this.pages({ updatedAtStart: toDate(start) }, maximumPages, PAGE_SIZE)) {
      if (jobs.some(({ updatedAt = start }) => updatedAt < start - FILTER_TOLERANCE_SECONDS))
        throw new UnfilteredError();
      clock ??= this.clockAfter(jobs, startedAt);
      for (const job of jobs) changed.set(job.jobId, job);
      complete = isLast;
    }
    if (clock === undefined) return { jobs: [], complete };
    // If the feed was rewound during the read, the next read starts there.
    if (this.readUpTo !== undefined && this.readUpTo >= from) this.readUpTo = clock.time;
    this.clock = clock;
    // If the server's clock was set back, the request has excluded the changes since then.
    const wasSetBack = from > clock.time + MAXIMUM_REWIND_SECONDS;
    return { jobs: [...changed.values()], complete: complete && !wasSetBack };
  }

  /**
   * The clock after a page that was requested at a moment. The newest change on the page is older than the server's time by
   * now, unless it comes from a clock that is ahead.
   */
  private clockAfter(page: readonly Job[], startedAt: number): Clock {
    const latest = this.latestTimeAt(startedAt);
    const time = Math.min(this.serverTimeAt(startedAt), latest);
    const times = page.map(({ updatedAt = 0 }) => updatedAt).filter((updatedAt) => updatedAt <= latest);
    const newest = times.reduce((one, other) => Math.max(one, other), 0);
    return newest > time ? { time: newest, at: performance.now() } : { time, at: startedAt };
  }

  /** The latest time that the server's clock can have had at a recent moment, if the server's time is known. */
  private latestTimeAt(at: number): number {
    const { serverTime = Number.POSITIVE_INFINITY } = this.airbyte;
    return serverTime - (performance.now() - at) / 1_000 + SERVER_TIME_RESOLUTION_SECONDS;
  }

  /**
   * The server's time at a moment. It advances even while no job changes: otherwise every read would return the thousand jobs
   * that started within one second, until one of them changes.
   */
  private serverTimeAt(at: number): number {
    return extrapolateClock(this.clock, at);
  }

  private async *pages(
    choice: JobQuery,
    maximumPages: number,
    pageSize: number,
  ): AsyncGenerator<{ jobs: Job[]; isLast: boolean }> {
    let before: Job[] = [];
    for (let read = 0; read < maximumPages; read++) {
      const jobs = await this.readPage({ ...choice, pageSize, rowOffset: read * pageSize });
      // A server that ignores the offset returns the same page forever.
      const isLast = jobs.length < pageSize || haveSameIds(jobs, before);
      yield { jobs, isLast };
      if (isLast) return;
      before = jobs;
    }
  }

  private async readPage(filter: Omit<JobFilter, 'jobTypes'>): Promise<Job[]> {
    const page = { jobTypes: CONNECTION_JOB_TYPES, ...filter };
    if (this.scope === 'instance') return this.airbyte.jobs.list(page, FEED_CALL);
    return this.airbyte.jobs.listForWorkspaces({ ...page, workspaceIds: await this.workspaceIds() }, FEED_CALL);
  }

  private async workspaceIds(): Promise<string[]> {
    const now = performance.now();
    if (this.workspaces === undefined || now - this.workspaces.readAt > WORKSPACES_CACHED_FOR_MS) {
      const ids = (await this.airbyte.workspaces.list(FEED_CALL)).map(({ workspaceId }) => workspaceId);
      this.workspaces = { ids, readAt: now };
    }
    return this.workspaces.ids;
  }
}

function toDate(epochSeconds: number): Date {
  return new Date(epochSeconds * 1000);
}

function haveSameIds(page: readonly Job[], other: readonly Job[]): boolean {
  return page.length === other.length && page.every(({ jobId }, index) => jobId === other[index]?.jobId);
}

/** The server ignores `updatedAtStart`, so each read would return all of its jobs. */
class UnfilteredError extends Error {
  constructor() {
    super('it lists older jobs than the changed ones it was asked for');
  }
}
