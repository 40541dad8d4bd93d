import type { CallOptions } from '../calls';
import { AirbyteError } from '../errors';
import { jobListReader } from '../http/body-readers';
import { CONNECTION_JOB_TYPES, isTerminal, type Job, type LoggedJob, mayRunOn } from '../jobs';
import { jobTimeFilter } from '../lists/job-time-filter';
import { LastPageDetector } from '../lists/last-page-detector';
import { assertReadable } from '../lists/list-responses';
import { PAGE_LIMIT } from '../lists/paged-list';
import type { JobFilter, JobListForWorkspacesRequest, JobListRequest, Jobs } from '../resources';
import { publicJobSchema, toPublicJobType } from './job-fields';
import { type PublicApi, type Query, USE_CONFIG_API } from './public-api';

/** The default of the Config API. */
const DEFAULT_PAGE_SIZE = 200;
const NEWEST_FIRST = { field: 'createdAt', direction: 'DESC' } as const;
const readJobs = jobListReader('data');
/** The text of the 409 that Airbyte returns when it is asked for a job that does not exist. */
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
      // For a job that does not exist, Airbyte's response has the text of a failed cancel.
      if (error instanceof AirbyteError && error.status === 409 && NO_SUCH_JOB.test(error.reason ?? '')) {
        const message = `${error.call} at ${this.#api.baseUrl} found no such job: ${error.reason} Check the id.`;
        throw new AirbyteError({ ...error, type: 'AirbyteNotFound', retryable: false, message });
      }
      throw error;
    }
  }

  async getWithLogs(jobId: number): Promise<LoggedJob> {
    throw this.#api.unsupported('jobs/get', `The log of job ${jobId}`, USE_CONFIG_API);
  }

  getWithoutLogs(jobId: number, options?: CallOptions): Promise<Job> {
    return this.get(jobId, options);
  }

  /** Without a connection, the list has the jobs of all workspaces that the credentials may read. */
  async list({ connectionId, ...filter }: JobListRequest, options?: CallOptions): Promise<Job[]> {
    const jobs = await this.#list({ connectionId }, filter, options);
    return jobs.filter((job) => mayRunOn(job, connectionId));
  }

  async listForWorkspaces(
    { workspaceIds, ...filter }: JobListForWorkspacesRequest,
    options?: CallOptions,
  ): Promise<Job[]> {
    // For this API, an empty list of workspaces means all of them.
    return workspaceIds.length === 0 ? [] : this.#list({ workspaceIds }, filter, options);
  }

  async cancel(jobId: number, options?: CallOptions): Promise<Job> {
    try {
      const job = await this.#api.delete(`jobs/${jobId}`, 'cancel', publicJobSchema, options);
      return isTerminal(job.status) && job.recordsSynced === undefined ? await this.#withCounts(job, options) : job;
    } catch (error) {
      if (!(error instanceof AirbyteError && error.type === 'AirbyteConflict')) throw error;
      // Airbyte mostly rejects the cancel because the job has just ended. Then there is nothing left to cancel.
      const job = await this.get(jobId, options);
      if (isTerminal(job.status)) return job;
      throw error;
    }
  }

  /** The response to a cancel has no counts. */
  async #withCounts(job: Job, options: CallOptions | undefined): Promise<Job> {
    const counted = await this.get(job.jobId, options).catch((error: unknown) => {
      // The job has ended, even if its counts cannot be read.
      if (error instanceof AirbyteError) return job;
      throw error;
    });
    return counted.status === job.status ? counted : job;
  }

  async getLastReplicationJob(connectionId: string, options?: CallOptions): Promise<Job | undefined> {
    const [last] = await this.list({ connectionId, jobTypes: CONNECTION_JOB_TYPES, pageSize: 1 }, options);
    return last;
  }

  /**
   * This API filters by at most one type and one status, and gives 100 jobs in a page. If that cannot express the
   * filter, this method reads more jobs and applies the filter itself.
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
      // A page without a new job comes from a server that ignores the offset: the loop would never end.
      if (this.#pages.isLast(page.length, limit) || (fresh.length === 0 && list.items.length > 0)) break;
    }
    return found.slice(skipped, skipped + pageSize);
  }
}
