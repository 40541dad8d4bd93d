import type { CallOptions } from '../../../src/airbyte/calls';
import { AirbyteError, type AirbyteErrorOptions } from '../../../src/airbyte/errors';
import type { Job } from '../../../src/airbyte/jobs';
import type { JobListForWorkspacesRequest, JobListRequest } from '../../../src/airbyte/resources';
import type { JobWatcherClient } from '../../../src/jobs/job-watcher';

/** The server's epoch seconds when a test begins. */
export const EPOCH = 1_700_000_000;

type Call = 'jobs/list' | 'jobs/list_for_workspaces' | 'jobs/get' | 'workspaces/list';

/** Airbyte's jobs in memory, and a record of the requests. Its clock follows the (mocked) time of the test. */
export class ScriptedJobs implements JobWatcherClient {
  readonly requests: {
    call: Call;
    request?: JobListRequest | JobListForWorkspacesRequest;
    jobId?: number;
    options?: CallOptions | undefined;
  }[] = [];
  readonly stored = new Map<number, Job>();
  /** Jobs whose changes the feed does not show. */
  readonly hidden = new Set<number>();
  workspaceIds = ['w1'];
  pages = true;
  /** How long the response of `jobs/list` takes. */
  delayMs = 0;
  /** What happens in Airbyte after its response to the list from this row on. */
  onListed: ((rowOffset: number) => void) | undefined;
  /** Whether its lists support filters by time. */
  filters = true;
  /** Whether its responses have its time. */
  tellsTime = false;
  /** How far its clock was set forward, in seconds. */
  clockSetBy = 0;
  private readonly started = performance.now();
  private readonly faults = new Map<string, () => Error | undefined>();

  readonly jobs: JobWatcherClient['jobs'] = {
    list: (request, options) => this.respond('jobs/list', { request, options }, () => this.page(request)),
    listForWorkspaces: (request, options) =>
      this.respond('jobs/list_for_workspaces', { request, options }, () => this.page(request)),
    getWithoutLogs: (jobId, options) =>
      this.respond('jobs/get', { jobId, options }, () => {
        const job = this.stored.get(jobId);
        if (!job) throw airbyteError('AirbyteNotFound');
        return job;
      }),
  };

  readonly workspaces: JobWatcherClient['workspaces'] = {
    list: (options) =>
      this.respond('workspaces/list', { options }, () =>
        this.workspaceIds.map((workspaceId) => ({ workspaceId, name: 'W' })),
      ),
  };

  now(): number {
    return EPOCH + Math.floor((performance.now() - this.started) / 1000) + this.clockSetBy;
  }

  get serverTime(): number | undefined {
    return this.tellsTime ? this.now() : undefined;
  }

  set(jobId: number, status: string, fields: Partial<Job> = {}): Job {
    const now = this.now();
    const { createdAt = now } = this.stored.get(jobId) ?? {};
    const job = { jobId, jobType: 'sync', status, attempts: [], createdAt, updatedAt: now, ...fields };
    this.stored.set(jobId, job);
    return job;
  }

  /** Lets a call fail (of `jobs/get`, also of one job: `jobs/get 7`) until the test ends that. */
  fail(call: string, error: Error | (() => Error | undefined) | undefined): void {
    if (error === undefined) this.faults.delete(call);
    else this.faults.set(call, error instanceof Error ? () => error : error);
  }

  count(call: Call): number {
    return this.requests.filter((request) => request.call === call).length;
  }

  private async respond<T>(
    call: Call,
    what: { request?: JobListRequest; jobId?: number; options?: CallOptions | undefined },
    give: () => T,
  ): Promise<T> {
    this.requests.push({ call, ...what });
    if (call === 'jobs/list' && this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    const error = this.faults.get(call)?.() ?? this.faults.get(`${call} ${what.jobId}`)?.();
    if (error) throw error;
    const given = give();
    if (call === 'jobs/list') this.onListed?.(what.request?.rowOffset ?? 0);
    return given;
  }

  private page({ pageSize = 20, rowOffset = 0, ...times }: JobListRequest): Job[] {
    const changedFrom = seconds(times.updatedAtStart) ?? 0;
    const createdFrom = seconds(times.createdAtStart) ?? 0;
    const createdTo = seconds(times.createdAtEnd) ?? Number.POSITIVE_INFINITY;
    const isWanted = ({ createdAt = 0, updatedAt = 0 }: Job) =>
      updatedAt >= changedFrom && createdAt >= createdFrom && createdAt <= createdTo;
    const hasStatus = ({ status }: Job) => times.statuses?.includes(status) ?? true;
    const isShown = (job: Job) => hasStatus(job) && (times.updatedAtStart === undefined || !this.hidden.has(job.jobId));
    const changed = [...this.stored.values()].filter((job) => (isWanted(job) || !this.filters) && isShown(job));
    return this.pages ? changed.reverse().slice(rowOffset, rowOffset + pageSize) : changed;
  }
}

function seconds(moment: Date | string | undefined): number | undefined {
  return moment === undefined ? undefined : new Date(moment).getTime() / 1000;
}

const STATUSES = { AirbyteUnavailable: 503, AirbyteUnauthorized: 403, AirbyteNotFound: 404 } as const;

export function airbyteError(type: AirbyteErrorOptions['type'], fields: Partial<AirbyteErrorOptions> = {}) {
  const status = type in STATUSES ? STATUSES[type as keyof typeof STATUSES] : 400;
  const retryable = type === 'AirbyteUnavailable';
  return new AirbyteError({
    type,
    call: 'jobs',
    message: `${type} of the test`,
    status,
    retryable,
    effect: 'none',
    ...fields,
  });
}
