import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import { CONNECTION_JOB_TYPES, type Job } from '../airbyte/jobs';

/** What the feed needs of the client. */
export interface ChangeFeedSource {
  jobs: Pick<AirbyteClient['jobs'], 'list' | 'listForWorkspaces'>;
  workspaces: Pick<AirbyteClient['workspaces'], 'list'>;
}

const PAGE_SIZE = 200;

/**
 * `updatedAt` is in whole seconds and is set before the change is committed: what changes late in a second can appear
 * after that second was read. Reading a few seconds twice costs nothing, missing a change costs a slow re-check.
 */
const OVERLAP_SECONDS = 5;

/** So often in a row the feed may fail while Airbyte answers otherwise, before it counts as refused. */
const FAILURES_ALONE = 3;

/** How long a server that refuses the feed is left in peace before it is asked again. */
const REFUSED_FOR_MS = 5 * 60_000;

/** How long a list of the workspaces serves: jobs of one that was created since are not in the feed until then. */
const WORKSPACES_FOR_MS = 5 * 60_000;

type Scope = 'instance' | 'workspaces';

/**
 * The changes of all jobs of one Airbyte server, read with as few requests as it takes: `jobs/list` without a
 * `configId` and with `updatedAtStart` (since 0.63, for who may read the whole instance), else
 * `jobs/list_for_workspaces`. Its clock is the server's own: the watermark is the newest `updatedAt` seen.
 */
export class ChangeFeed {
  /** The server's epoch seconds up to which all changes were read. */
  private watermark: number | undefined;
  /** A moment of our own clock at which the server's showed the watermark, or later. */
  private watermarkAt = 0;
  private scope: Scope = 'instance';
  private workspaces: { ids: string[]; readAt: number } | undefined;
  private refused = false;
  private refusedUntil = 0;
  private failuresAlone = 0;

  constructor(
    private readonly airbyte: ChangeFeedSource,
    private readonly onRefused: (reason: string) => void,
  ) {}

  /** Makes the next read go back to `since` (the server's epoch seconds) where it would have started later. */
  coverFrom(since: number): void {
    if (this.watermark === undefined) this.watermarkAt = performance.now();
    if (this.watermark === undefined || since < this.watermark) this.watermark = since;
  }

  /** Lets the feed begin at `now` (the server's epoch seconds, or a little earlier) unless it has begun. */
  beginAt(now: number): void {
    if (this.watermark === undefined) this.coverFrom(now);
  }

  /** Ends the feed: nobody waits for changes, and who comes next does not want those of the time between. */
  end(): void {
    this.watermark = undefined;
  }

  /**
   * Reads what has changed since the last read.
   *
   * @returns the changed jobs, or undefined while this server refuses every form of the feed
   * @throws AirbyteError when Airbyte is out of reach or overloaded; the same changes come with the next read
   */
  async read(): Promise<Job[] | undefined> {
    if (this.watermark === undefined || performance.now() < this.refusedUntil) return undefined;
    for (;;) {
      try {
        const changed = await this.readPages(this.watermark);
        this.refused = false;
        this.failuresAlone = 0;
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
   * Tells that a read failed although Airbyte answers other calls. Passing trouble may do that; but it is also how 0.50
   * refuses a list of all connections' jobs (a 500), and then it never ends.
   */
  failedAlone(reason: string): void {
    this.failuresAlone += 1;
    if (this.failuresAlone >= FAILURES_ALONE) this.refuse(reason);
  }

  private refuse(reason: string): void {
    this.scope = 'instance';
    this.failuresAlone = 0;
    this.refusedUntil = performance.now() + REFUSED_FOR_MS;
    if (!this.refused) this.onRefused(reason);
    this.refused = true;
  }

  private async readPages(from: number): Promise<Job[]> {
    const startedAt = performance.now();
    const changed = new Map<number, Job>();
    const start = Math.floor(from) - OVERLAP_SECONDS;
    for (let rowOffset = 0; ; rowOffset += PAGE_SIZE) {
      const page = await this.readPage(new Date(start * 1000), rowOffset);
      if (page.some(({ updatedAt = start }) => updatedAt < start)) throw new UnfilteredError();
      const before = changed.size;
      for (const job of page) changed.set(job.jobId, job);
      // A page that brings nothing new comes from a server that does not page: going on would never end.
      if (page.length < PAGE_SIZE || changed.size === before) break;
    }
    // Somebody may have asked for older changes while we read: then the next read begins there.
    if (this.watermark === from) this.raiseWatermark(from, startedAt, changed.values());
    return [...changed.values()];
  }

  /**
   * The newest `updatedAt` is the server's clock. While nothing changes, that clock goes on all the same, as ours does:
   * else a thousand jobs that started within one second would come with every read until one of them ends.
   */
  private raiseWatermark(from: number, startedAt: number, changed: Iterable<Job>): void {
    let newest = from + Math.max(0, startedAt - this.watermarkAt) / 1000;
    for (const { updatedAt } of changed) newest = Math.max(newest, updatedAt ?? 0);
    this.watermark = newest;
    this.watermarkAt = performance.now();
  }

  private async readPage(updatedAtStart: Date, rowOffset: number): Promise<Job[]> {
    const page = { jobTypes: CONNECTION_JOB_TYPES, updatedAtStart, pageSize: PAGE_SIZE, rowOffset };
    if (this.scope === 'instance') return this.airbyte.jobs.list(page);
    return this.airbyte.jobs.listForWorkspaces({ ...page, workspaceIds: await this.workspaceIds() });
  }

  private async workspaceIds(): Promise<string[]> {
    const now = performance.now();
    if (this.workspaces === undefined || now - this.workspaces.readAt > WORKSPACES_FOR_MS) {
      const ids = (await this.airbyte.workspaces.list()).map(({ workspaceId }) => workspaceId);
      this.workspaces = { ids, readAt: now };
    }
    return this.workspaces.ids;
  }
}

/** A server that does not know `updatedAtStart` would send every job it ever had, at every look. */
class UnfilteredError extends Error {
  constructor() {
    super('it lists older jobs than the changed ones it was asked for');
  }
}
