import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import { extrapolateClock } from '../airbyte/http/server-clock';
import { CONNECTION_JOB_TYPES, type Job } from '../airbyte/jobs';
import type { JobFilter } from '../airbyte/resources';

/** What the feed needs of the client. */
export interface ChangeFeedClient {
  jobs: Pick<AirbyteClient['jobs'], 'list' | 'listForWorkspaces'>;
  workspaces: Pick<AirbyteClient['workspaces'], 'list'>;
  /** The server's epoch seconds by now, or a little earlier; undefined while that is not known. */
  readonly serverTime?: number | undefined;
}

/** Jobs on a page of the changes. */
const PAGE_SIZE = 200;
/** Jobs on a page of a list that is asked for now and then, and mostly has what is wanted. */
export const LARGE_PAGE_SIZE = 500;

/**
 * `updatedAt` is in whole seconds and is set before the change is committed: what changes late in a second can appear
 * after that second was read. Reading a few seconds twice costs nothing, missing a change costs a slow re-check.
 */
const OVERLAP_SECONDS = 5;

/** So often in a row the feed may fail while Airbyte answers otherwise, before it counts as refused. */
const MAXIMUM_FEED_FAILURES = 3;

/** How long a server that rejects the feed is not asked for it again. */
const REJECTED_FOR_MS = 5 * 60_000;

/** How long a list of the workspaces serves: jobs of one that was created since are not in the feed until then. */
const WORKSPACES_CACHED_FOR_MS = 5 * 60_000;

/** How far back the feed goes for a job that was last seen before: reading that job on its own is cheaper than more. */
const MAXIMUM_REWIND_SECONDS = 60;

/** A server filters by another clock than the one it shows times of: of one that does not filter, jobs are older than that. */
const FILTER_TOLERANCE_SECONDS = 60;

/** How exactly a response tells the server's time, which it does in whole seconds. */
const SERVER_TIME_RESOLUTION_SECONDS = 1;

/**
 * The clocks of Airbyte's pods differ a little. A time that is further ahead of the server's own comes from a clock that was
 * wrong: it does not tell when a job was seen last.
 */
const MAXIMUM_CLOCK_SKEW_SECONDS = 10;

/** Many calls may wait for their turn; all who wait for a job wait for this one. */
const FEED_CALL = { first: true } as const;

type JobQuery = Pick<JobFilter, 'updatedAtStart' | 'createdAtStart' | 'createdAtEnd' | 'statuses'>;
type Scope = 'instance' | 'workspaces';

/** The server's clock showed `time` (epoch seconds) or later at the moment `at` of our own (milliseconds). */
interface Clock {
  time: number;
  at: number;
}

/** What a read of the feed brought. */
export interface Changes {
  jobs: Job[];
  /** Whether these are all changes since the last read; else any job that is not among them may have changed too. */
  complete: boolean;
}

/**
 * The changes of all jobs of one Airbyte server, read with as few requests as it takes: `jobs/list` without a
 * `configId` and with `updatedAtStart` (since 0.63, for who may read the whole instance), else
 * `jobs/list_for_workspaces`. Its clock is the server's own, known from the newest `updatedAt` seen that is not ahead of the
 * `Date` of the server's responses.
 */
export class ChangeFeed {
  /** The server's epoch seconds up to which all changes were read; undefined before the feed begins. */
  private readUpTo: number | undefined;
  private clock: Clock = { time: 0, at: 0 };
  private scope: Scope = 'instance';
  private workspaces: { ids: string[]; readAt: number } | undefined;
  private refused = false;
  private rejectedUntil = 0;
  private feedFailures = 0;

  constructor(
    private readonly airbyte: ChangeFeedClient,
    private readonly onRejected: (reason: string) => void,
  ) {}

  /** Whether there is a moment from which on it reads; until `begin` has said one there is not. */
  get begun(): boolean {
    return this.readUpTo !== undefined;
  }

  /**
   * Begins at `now`: the server's epoch seconds, or a little earlier.
   *
   * @returns whether it has begun: not for a while after the server has rejected it
   */
  begin(now: number): boolean {
    const at = performance.now();
    if (at < this.rejectedUntil) return false;
    this.readUpTo = Math.min(now, this.latestTimeAt(at));
    this.clock = { time: this.readUpTo, at };
    return true;
  }

  /** Whether the changes from `since` (the server's epoch seconds) on come with the next reads. */
  covers(since: number): boolean {
    if (since > (this.airbyte.serverTime ?? Number.POSITIVE_INFINITY) + MAXIMUM_CLOCK_SKEW_SECONDS) return false;
    return this.readUpTo !== undefined && since >= this.readUpTo;
  }

  /**
   * Lets the next read begin at `since` (the server's epoch seconds) where it would have begun later, unless that is
   * more than a minute ago.
   *
   * @returns whether the changes from then on come with the next reads
   */
  rewindTo(since: number): boolean {
    if (this.covers(since)) return true;
    if (this.readUpTo === undefined || since >= this.readUpTo) return false;
    if (since < this.serverTimeAt(performance.now()) - MAXIMUM_REWIND_SECONDS) return false;
    this.readUpTo = since;
    return true;
  }

  /** Ends the feed: nobody waits for changes, and who comes next does not want those of the time between. */
  end(): void {
    this.readUpTo = undefined;
  }

  /**
   * Reads what has changed since the last read.
   *
   * @param maximumPages after which the rest is left out, since reading the jobs that matter one by one costs less
   * @returns undefined before the feed begins, and while this server refuses every form of it
   * @throws AirbyteError when Airbyte is out of reach or overloaded; the same changes come with the next read
   */
  async read(maximumPages: number): Promise<Changes | undefined> {
    if (this.readUpTo === undefined) return undefined;
    for (;;) {
      try {
        const changed = await this.readPages(this.readUpTo, maximumPages);
        this.refused = false;
        this.feedFailures = 0;
        return changed;
      } catch (error) {
        // What no retry mends is a server that has no such feed, or none for us; everything else is a passing fault.
        const refused = error instanceof UnfilteredError || (error instanceof AirbyteError && !error.retryable);
        if (!refused) throw error;
        if (this.scope === 'instance') {
          this.scope = 'workspaces';
          continue;
        }
        this.refuse(error.message);
        return undefined;
      }
    }
  }

  /**
   * Lists the jobs that were created from one of the server's times (epoch seconds) to another, whether or not they have
   * changed since.
   *
   * @param maximumPages after which the rest is left out
   * @param status only those that have it
   * @throws AirbyteError when Airbyte does not answer, or refuses
   */
  async listCreated(from: number, to: number, maximumPages: number, status?: string): Promise<Job[]> {
    const listed: Job[] = [];
    // Airbyte tells times in whole seconds, and keeps them more exactly.
    const times = { createdAtStart: moment(from), createdAtEnd: moment(to + 1) };
    const choice = { ...times, ...(status !== undefined && { statuses: [status] }) };
    for await (const { jobs } of this.pages(choice, maximumPages, LARGE_PAGE_SIZE)) listed.push(...jobs);
    return listed;
  }

  /**
   * Tells that a read failed although Airbyte answers other calls. Passing trouble may do that; but it is also how 0.50
   * refuses a list of all connections' jobs (a 500), and then it never ends.
   */
  recordFeedFailure(reason: string): void {
    this.feedFailures += 1;
    if (this.feedFailures >= MAXIMUM_FEED_FAILURES) this.refuse(reason);
  }

  private refuse(reason: string): void {
    this.end();
    this.scope = 'instance';
    this.feedFailures = 0;
    this.rejectedUntil = performance.now() + REJECTED_FOR_MS;
    if (!this.refused) this.onRejected(reason);
    this.refused = true;
  }

  /**
   * A job that changes while the pages are read enters the list or stays in it, and pushes others down: these come
   * twice, and what it became comes with the next read, which begins where the server's clock was at the first page.
   */
  private async readPages(from: number, maximumPages: number): Promise<Changes> {
    const changed = new Map<number, Job>();
    const start = Math.floor(from) - OVERLAP_SECONDS;
    const startedAt = performance.now();
    let clock: Clock | undefined;
    let complete = false;
    for await (const { jobs, isLast } of this.pages({ updatedAtStart: moment(start) }, maximumPages, PAGE_SIZE)) {
      if (jobs.some(({ updatedAt = start }) => updatedAt < start - FILTER_TOLERANCE_SECONDS))
        throw new UnfilteredError();
      clock ??= this.clockAfter(jobs, startedAt);
      for (const job of jobs) changed.set(job.jobId, job);
      complete = isLast;
    }
    if (clock === undefined) return { jobs: [], complete };
    // Somebody may have asked for older changes while we read: then the next read begins there.
    if (this.readUpTo !== undefined && this.readUpTo >= from) this.readUpTo = clock.time;
    this.clock = clock;
    // The server's clock was set back: what has changed since then was not among what it was asked for.
    const wasSetBack = from > clock.time + MAXIMUM_REWIND_SECONDS;
    return { jobs: [...changed.values()], complete: complete && !wasSetBack };
  }

  /**
   * The clock after a page that was asked for at a moment: the newest change on it is behind the server by then, unless a
   * clock that was ahead has told it.
   */
  private clockAfter(page: readonly Job[], startedAt: number): Clock {
    const latest = this.latestTimeAt(startedAt);
    const time = Math.min(this.serverTimeAt(startedAt), latest);
    const times = page.map(({ updatedAt = 0 }) => updatedAt).filter((updatedAt) => updatedAt <= latest);
    const newest = times.reduce((one, other) => Math.max(one, other), 0);
    return newest > time ? { time: newest, at: performance.now() } : { time, at: startedAt };
  }

  /** What the server's clock showed at a moment that is not long ago, at most, as far as the server has told its time. */
  private latestTimeAt(at: number): number {
    const { serverTime = Number.POSITIVE_INFINITY } = this.airbyte;
    return serverTime - (performance.now() - at) / 1_000 + SERVER_TIME_RESOLUTION_SECONDS;
  }

  /**
   * While nothing changes, the server's clock goes on all the same, as ours does: else a thousand jobs that started
   * within one second would come with every read until one of them ends.
   */
  private serverTimeAt(moment: number): number {
    return extrapolateClock(this.clock, moment);
  }

  private async *pages(
    choice: JobQuery,
    maximumPages: number,
    pageSize: number,
  ): AsyncGenerator<{ jobs: Job[]; isLast: boolean }> {
    let before: Job[] = [];
    for (let read = 0; read < maximumPages; read++) {
      const jobs = await this.readPage({ ...choice, pageSize, rowOffset: read * pageSize });
      // The same page again comes from a server that does not page: going on would never end.
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

function moment(epochSeconds: number): Date {
  return new Date(epochSeconds * 1000);
}

function haveSameIds(page: readonly Job[], other: readonly Job[]): boolean {
  return page.length === other.length && page.every(({ jobId }, index) => jobId === other[index]?.jobId);
}

/** A server that does not know `updatedAtStart` would send every job it ever had, at every look. */
class UnfilteredError extends Error {
  constructor() {
    super('it lists older jobs than the changed ones it was asked for');
  }
}
