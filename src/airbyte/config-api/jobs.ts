import { jobListReader, readJob } from '../body-reading';
import { isInvalidRequest } from '../errors';
import type { CallOptions } from '../http';
import { jobTimes } from '../job-times';
import { type Job, jobInfoSchema, listedJobSchema, optionalJobSchema } from '../jobs';
import type { JobFilter, JobListForWorkspacesRequest, JobListRequest, Jobs } from '../resources';
import { Slots } from '../slots';
import type { ConfigApi } from './config-api';

/** Jobs that are read with their logs concurrently: many jobs may fail together, and a log may have many megabytes. */
const CONCURRENT_LOGS = 2;

const readJobs = jobListReader('jobs');

export class ConfigJobs implements Jobs {
  readonly #api: ConfigApi;
  readonly #logSlots = new Slots(CONCURRENT_LOGS);

  constructor(api: ConfigApi) {
    this.#api = api;
  }

  get(jobId: number, options?: CallOptions): Promise<Job> {
    const read = () => this.#api.post('jobs/get', 'read', { id: jobId }, jobInfoSchema, options, readJob);
    return this.#logSlots.run(read, options?.signal);
  }

  getWithoutLogs(jobId: number, options?: CallOptions): Promise<Job> {
    return this.#api.lacked.preferring(
      'jobs/get_without_logs',
      (call) => this.#api.post(call, 'read', { id: jobId }, jobInfoSchema, options, readJob),
      () => this.get(jobId, options),
    );
  }

  async list(request: JobListRequest, options?: CallOptions): Promise<Job[]> {
    const body = { ...filterBody(request), configId: request.connectionId };
    const list = (fields: object) => this.#api.list('jobs/list', fields, 'jobs', listedJobSchema, options, readJobs);
    if (request.connectionId === undefined || body.pagination === undefined || body.pagination.rowOffset) {
      return list(body);
    }
    return list(body).catch((error: unknown) => {
      // A server whose lists have one page may refuse to be asked for one.
      if (isInvalidRequest(error)) return list({ ...body, pagination: undefined });
      throw error;
    });
  }

  listForWorkspaces(request: JobListForWorkspacesRequest, options?: CallOptions): Promise<Job[]> {
    const body = { ...filterBody(request), workspaceIds: request.workspaceIds };
    return this.#api.list('jobs/list_for_workspaces', body, 'jobs', listedJobSchema, options, readJobs);
  }

  async cancel(jobId: number, options?: CallOptions): Promise<Job> {
    const schema = optionalJobSchema.optional();
    // Airbyte sends the job with its whole log.
    const job = await this.#api.post('jobs/cancel', 'cancel', { id: jobId }, schema, options, readJob);
    return job ?? this.getWithoutLogs(jobId, options);
  }

  getLastReplicationJob(connectionId: string, options?: CallOptions): Promise<Job | undefined> {
    const call = 'jobs/get_last_replication_job';
    return this.#api.post(call, 'read', { connectionId }, optionalJobSchema, options, readJob);
  }
}

function filterBody(filter: JobFilter) {
  const pagination = { pageSize: filter.pageSize, rowOffset: filter.rowOffset };
  return {
    configTypes: filter.jobTypes,
    statuses: filter.statuses,
    ...jobTimes(filter),
    orderByField: filter.orderBy?.field,
    orderByMethod: filter.orderBy?.direction,
    pagination: pagination.pageSize === undefined && pagination.rowOffset === undefined ? undefined : pagination,
  };
}
