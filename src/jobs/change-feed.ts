import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import type { Job } from '../airbyte/jobs';

/** What the feed needs of the client. */
export interface ChangeFeedSource {
  jobs: Pick<AirbyteClient['jobs'], 'list' | 'listForWorkspaces'>;
  workspaces: Pick<AirbyteClient['workspaces'], 'list'>;
}

/** Jobs that can be waited for. `refresh` and `clear` exist since 0.63, as does the feed itself. */
const JOB_TYPES = ['sync', 'reset_connection', 'refresh', 'clear'];

const PAGE_SIZE = 200;

/**
 * `updatedAt` is in whole seconds and is set before the change is committed: what changes late in a second can appear
 * after that second was read. Reading a few seconds twice costs nothing, missing a change costs a slow re-check.
 */
const OVERLAP_SECONDS = 5;

/** How long a server that refuses the feed is left in peace before it is asked again. */
const REFUSED_FOR_MS = 5 * 60_000;

/** A server on which the feed cannot be had answers with one of these; everything else is a passing fault. */
const REFUSALS: ReadonlySet<string> = new Set([
  'AirbyteInvalidRequest',
  'AirbyteNotFound',
  'AirbyteUnauthorized',
  'AirbyteUnsupported',
]);

type Scope = 'instance' | 'workspaces';

/**
 * The changes of all jobs of one Airbyte server, read with as few requests as it takes: `jobs/list` without a
 * `configId` and with `updatedAtStart` (since 0.63, for who may read the whole instance), else
 * `jobs/list_for_workspaces`. Its clock is the server's own: the watermark is the newest `updatedAt` seen.
 */
export class ChangeFeed {
  private watermark: number | undefined;
  private scope: Scope = 'instance';
  private workspaceIds: string[] | undefined;
  private refusedUntil = 0;

  constructor(
    private readonly airbyte: ChangeFeedSource,
    private readonly onRefused: (reason: string) => void,
  ) {}

  /** Makes the next read go back to `since` (the server's epoch seconds) where it would have started later. */
  coverFrom(since: number): void {
    if (this.watermark === undefined || since < this.watermark) this.watermark = since;
  }

  /**
   * Reads what has changed since the last read.
   *
   * @returns the changed jobs, or undefined while this server refuses every form of the feed
   * @throws AirbyteError when Airbyte is out of reach or overloaded; the same changes come with the next read
   */
  async read(): Promise<Job[] | undefined> {
    if (this.watermark === undefined || Date.now() < this.refusedUntil) return undefined;
    for (;;) {
      try {
        return await this.readPages(this.watermark - OVERLAP_SECONDS);
      } catch (error) {
        if (!(error instanceof AirbyteError) || !REFUSALS.has(error.type)) throw error;
        if (this.scope === 'instance') {
          this.scope = 'workspaces';
          continue;
        }
        this.scope = 'instance';
        this.refusedUntil = Date.now() + REFUSED_FOR_MS;
        this.onRefused(error.message);
        return undefined;
      }
    }
  }

  private async readPages(since: number): Promise<Job[]> {
    const changed = new Map<number, Job>();
    for (let rowOffset = 0; ; rowOffset += PAGE_SIZE) {
      const page = await this.readPage(new Date(since * 1000), rowOffset);
      const before = changed.size;
      for (const job of page) changed.set(job.jobId, job);
      // A page that brings nothing new comes from a server that does not page: going on would never end.
      if (page.length < PAGE_SIZE || changed.size === before) break;
    }
    for (const { updatedAt } of changed.values()) {
      if (updatedAt !== undefined) this.watermark = Math.max(this.watermark ?? updatedAt, updatedAt);
    }
    return [...changed.values()];
  }

  private async readPage(updatedAtStart: Date, rowOffset: number): Promise<Job[]> {
    const page = { jobTypes: JOB_TYPES, updatedAtStart, pageSize: PAGE_SIZE, rowOffset };
    if (this.scope === 'instance') return this.airbyte.jobs.list(page);
    this.workspaceIds ??= (await this.airbyte.workspaces.list()).map(({ workspaceId }) => workspaceId);
    return this.airbyte.jobs.listForWorkspaces({ ...page, workspaceIds: this.workspaceIds });
  }
}
