import type { CallOptions } from '../calls';
import { AirbyteError } from '../errors';
import { jobListReader } from '../http/body-readers';
import { CONNECTION_JOB_TYPES, isTerminal, type Job, mayRunOn } from '../jobs';
import { jobTimeFilter } from '../lists/job-time-filter';
import { LastPageDetector } from '../lists/last-page-detector';
import { assertReadable } from '../lists/list-responses';
import { PAGE_LIMIT } from '../lists/paged-list';
import type { JobFilter, JobListForWorkspacesRequest, JobListRequest, Jobs } from '../resources';
import { publicJobSchema, toPublicJobType } from './job-fields';
import type { PublicApi, Query } from './public-api';

/** The Config API's own. */
const DEFAULT_PAGE_SIZE = 200;
const NEWEST_FIRST = { field: 'createdAt', direction: 'DESC' } as const;
const readJobs = jobListReader('data');
/** What a 409 to the reading of a job says where there is no such job. */
const NO_SUCH_JOB = /job is not currently running/i;

export class PublicJobs implements Jobs {
  readonly #api: PublicApi;
  readonly #pages = new LastPageDetector();

  constructor(api: PublicApi) {
    this.#api = api;
  }

  async get(jobId: number, options?: CallOptions): Promise<Job> {
    try {
      return await this.#api.get(`jobs/${jobId}`, {}, publicJobSchema, options);
    } catch (error) {
      // Airbyte says so of a job that it does not have: its reading has the words of a cancel.
      if (error instanceof AirbyteError && error.status === 409 && NO_SUCH_JOB.test(error.reason ?? '')) {
        const message = `${error.call} at ${this.#api.baseUrl} found no such job: ${error.reason} Check the id.`;
        throw new AirbyteError({ ...error, type: 'AirbyteNotFound', retryable: false, message });
      }
      throw error;
    }
  }

  getWithoutLogs(jobId: number, options?: CallOptions): Promise<Job> {
    return this.get(jobId, options);
  }

  /** Without a connection: of all workspaces that these credentials may read. */
  async list({ connectionId, ...filter }: JobListRequest, options?: CallOptions): Promise<Job[]> {
    const jobs = await this.#list({ connectionId }, filter, options);
    return jobs.filter((job) => mayRunOn(job, connectionId));
  }

  async listForWorkspaces(
    { workspaceIds, ...filter }: JobListForWorkspacesRequest,
    options?: CallOptions,
  ): Promise<Job[]> {
    // To this API no workspace means all of them.
    return workspaceIds.length === 0 ? [] : this.#list({ workspaceIds }, filter, options);
  }

  async cancel(jobId: number, options?: CallOptions): Promise<Job> {
    try {
      const job = await this.#api.delete(`jobs/${jobId}`, 'cancel', publicJobSchema, options);
      return isTerminal(job.status) && job.recordsSynced === undefined ? await this.#withCounts(job, options) : job;
    } catch (error) {
      if (!(error instanceof AirbyteError && error.type === 'AirbyteConflict')) throw error;
      // Refused, mostly because the job ended a moment ago: then there is nothing left to cancel.
      const job = await this.get(jobId, options);
      if (isTerminal(job.status)) return job;
      throw error;
    }
  }

  /** The response to a cancel has no counts. */
  async #withCounts(job: Job, options: CallOptions | undefined): Promise<Job> {
    const again = await this.get(job.jobId, options).catch((error: unknown) => {
      // The job has ended, whatever comes of looking at its counts.
      if (error instanceof AirbyteError) return job;
      throw error;
    });
    return again.status === job.status ? again : job;
  }

  async getLastReplicationJob(connectionId: string, options?: CallOptions): Promise<Job | undefined> {
    const [last] = await this.list({ connectionId, jobTypes: CONNECTION_JOB_TYPES, pageSize: 1 }, options);
    return last;
  }

  /**
   * This API filters by one type or by none, by one status or by none, and gives 100 jobs at once. Where that does not
   * say what is asked for, more is read and the rest is left out here.
   */
  async #list(scope: Query, filter: JobFilter, options: CallOptions | undefined): Promise<Job[]> {
    const { pageSize = DEFAULT_PAGE_SIZE, rowOffset = 0, orderBy = NEWEST_FIRST } = filter;
    const types = new Set(filter.jobTypes.filter((type) => toPublicJobType(type) !== undefined));
    const statuses = new Set(filter.statuses);
    const isExactQuery = (types.size === 1 || types.size === CONNECTION_JOB_TYPES.length) && statuses.size <= 1;
    const query = {
      ...scope,
      jobType: types.size === 1 ? toPublicJobType([...types][0] ?? '') : undefined,
      status: statuses.size === 1 ? [...statuses][0] : undefined,
      ...jobTimeFilter(filter),
      orderBy: `${orderBy.field}|${orderBy.direction}`,
    };
    const skipped = isExactQuery ? 0 : rowOffset;
    const seen = new Set<number>();
    const found: Job[] = [];
    for (let offset = isExactQuery ? rowOffset : 0; types.size > 0 && found.length < skipped + pageSize; ) {
      const limit = isExactQuery ? Math.min(PAGE_LIMIT, pageSize - found.length) : PAGE_LIMIT;
      const list = await this.#api.listPage('jobs', { ...query, limit, offset }, publicJobSchema, options, readJobs);
      const page = list.rows;
      const fresh = list.items.filter(({ jobId }) => !seen.has(jobId));
      for (const job of fresh) seen.add(job.jobId);
      assertReadable({ call: 'GET jobs', baseUrl: this.#api.baseUrl }, { items: [...seen], problem: list.problem });
      found.push(...fresh.filter((job) => types.has(job.jobType) && (statuses.size === 0 || statuses.has(job.status))));
      offset += page.length;
      // A page that brings nothing new comes from a server that does not page: going on would never end.
      if (this.#pages.isLast(page.length, limit) || (fresh.length === 0 && list.items.length > 0)) break;
    }
    return found.slice(skipped, skipped + pageSize);
  }
}
