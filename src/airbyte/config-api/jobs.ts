import { Semaphore } from '../../async/semaphore';
import type { CallOptions } from '../calls';
import { isInvalidRequest } from '../errors';
import { jobListReader, readFullBody, readJob } from '../http/body-readers';
import { jobInfoSchema, listedJobSchema, loggedJobSchema, optionalJobSchema } from '../job-responses/job-schemas';
import { type Job, type LoggedJob, mayRunOn } from '../jobs';
import { jobTimeFilter } from '../lists/job-time-filter';
import { LastPageDetector } from '../lists/last-page-detector';
import { assertReadable } from '../lists/list-responses';
import type { JobFilter, JobListForWorkspacesRequest, JobListRequest, Jobs } from '../resources';
import type { ConfigApi } from './config-api';

/**
 * How many jobs are read concurrently with their logs: many jobs may fail together, and a log may have many megabytes.
 */
const CONCURRENT_LOGS = 2;

const readJobs = jobListReader('jobs');

export class ConfigJobs implements Jobs {
  readonly #api: ConfigApi;
  readonly #logSlots = new Semaphore(CONCURRENT_LOGS);
  readonly #pages = { 'jobs/list': new LastPageDetector(), 'jobs/list_for_workspaces': new LastPageDetector() };

  constructor(api: ConfigApi) {
    this.#api = api;
  }

  get(jobId: number, options?: CallOptions): Promise<Job> {
    const read = () => this.#api.post('jobs/get', 'read', { id: jobId }, jobInfoSchema, options, readJob);
    return this.#logSlots.run(read, options?.signal);
  }

  getWithLogs(jobId: number, options?: CallOptions): Promise<LoggedJob> {
    return this.#api.post('jobs/get', 'logs', { id: jobId }, loggedJobSchema, options, readFullBody);
  }

  getWithoutLogs(jobId: number, options?: CallOptions): Promise<Job> {
    return this.#api.unsupportedEndpoints.withFallback(
      'jobs/get_without_logs',
      (call) => this.#api.post(call, 'read', { id: jobId }, jobInfoSchema, options, readJob),
      () => this.get(jobId, options),
    );
  }

  async list(request: JobListRequest, options?: CallOptions): Promise<Job[]> {
    const fields = { ...filterBody(request), configId: request.connectionId };
    const jobs = await this.#list('jobs/list', fields, request, options).catch((error: unknown) => {
      // A server whose lists have only one page may reject the request for a page.
      if (!isInvalidRequest(error) || request.connectionId === undefined || request.rowOffset) throw error;
      if (request.pageSize === undefined && request.rowOffset === undefined) throw error;
      return this.#list('jobs/list', fields, {}, options);
    });
    return jobs.filter((job) => mayRunOn(job, request.connectionId));
  }

  listForWorkspaces(request: JobListForWorkspacesRequest, options?: CallOptions): Promise<Job[]> {
    const fields = { ...filterBody(request), workspaceIds: request.workspaceIds };
    return this.#list('jobs/list_for_workspaces', fields, request, options);
  }

  /**
   * Reads as many jobs as requested, even if the server gives fewer in one response. Further pages have the server's
   * own size, because it rounds an offset down to a whole page.
   */
  async #list(
    call: 'jobs/list' | 'jobs/list_for_workspaces',
    fields: object,
    { pageSize, rowOffset }: Pick<JobFilter, 'pageSize' | 'rowOffset'>,
    options: CallOptions | undefined,
  ): Promise<Job[]> {
    const found = new Map<number, Job>();
    let pagination: { pageSize?: number | undefined; rowOffset?: number | undefined } = { pageSize, rowOffset };
    for (let rows = 0; ; ) {
      const isPaged = pageSize !== undefined || rowOffset !== undefined;
      const body = { ...fields, pagination: isPaged ? pagination : undefined };
      const reading = this.#api.listPage(call, body, 'jobs', listedJobSchema, options, readJobs);
      const page = await reading.catch((error: unknown) => {
        // A server whose lists have only one page may reject the request for another one.
        if (rows > 0 && isInvalidRequest(error)) return NO_PAGE;
        throw error;
      });
      const known = found.size;
      for (const job of page.items) if (!found.has(job.jobId)) found.set(job.jobId, job);
      assertReadable({ call, baseUrl: this.#api.baseUrl }, { items: [...found.keys()], problem: page.problem });
      rows += page.rows.length;
      const { pageSize: requested } = pagination;
      const isLast = requested === undefined || this.#pages[call].isLast(page.rows.length, requested);
      // A page without a new job comes from a server that ignores the offset: the loop would never end.
      const isRepeated = found.size === known && page.items.length > 0;
      if (isLast || isRepeated || rows >= (pageSize ?? 0)) return [...found.values()];
      pagination = { pageSize: page.rows.length, rowOffset: (rowOffset ?? 0) + rows };
    }
  }

  async cancel(jobId: number, options?: CallOptions): Promise<Job> {
    const schema = optionalJobSchema.optional();
    // Airbyte sends the job with its whole log, so only the end of the log is read.
    const job = await this.#api.post('jobs/cancel', 'cancel', { id: jobId }, schema, options, readJob);
    return job ?? this.getWithoutLogs(jobId, options);
  }

  async getLastReplicationJob(connectionId: string, options?: CallOptions): Promise<Job | undefined> {
    const call = 'jobs/get_last_replication_job';
    const job = await this.#api.post(call, 'read', { connectionId }, optionalJobSchema, options, readJob);
    return job && mayRunOn(job, connectionId) ? job : undefined;
  }
}

/** The page after the last one. */
const NO_PAGE = { rows: [], items: [], problem: undefined };

function filterBody(filter: JobFilter) {
  return {
    configTypes: filter.jobTypes,
    statuses: filter.statuses,
    ...jobTimeFilter(filter),
    orderByField: filter.orderBy?.field,
    orderByMethod: filter.orderBy?.direction,
  };
}
