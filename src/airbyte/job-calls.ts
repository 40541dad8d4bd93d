import { type ConfigApi, isInvalidRequest, isMissingCall } from './config-api';
import type { CallOptions } from './http';
import { type Job, jobInfoSchema, jobListSchema, optionalJobSchema } from './jobs';

export interface JobFilter {
  /** Airbyte's `configTypes`: `sync`, `reset_connection`, `refresh`, `clear`. Airbyte 0.50 knows the first two. */
  jobTypes: readonly string[];
  pageSize?: number | undefined;
  rowOffset?: number | undefined;
  /** Jobs whose status changed at this moment or later. Servers before 0.63 ignore it. */
  updatedAtStart?: Date | string | undefined;
  statuses?: readonly string[] | undefined;
  orderBy?: { field: 'createdAt' | 'updatedAt'; direction: 'ASC' | 'DESC' } | undefined;
}

export interface JobListRequest extends JobFilter {
  /** Airbyte's `configId`. Airbyte 0.50 requires it. */
  connectionId?: string | undefined;
}

export interface JobListForWorkspacesRequest extends JobFilter {
  workspaceIds: readonly string[];
}

export class Jobs {
  readonly #api: ConfigApi;
  #lacksGetWithoutLogs = false;

  constructor(api: ConfigApi) {
    this.#api = api;
  }

  /** One job with its attempts and the end of their logs. Airbyte sends whole logs: not for polling. */
  get(jobId: number, options?: CallOptions): Promise<Job> {
    return this.#api.post('jobs/get', 'read', { id: jobId }, jobInfoSchema, options);
  }

  /**
   * One job with its attempts and the counts so far, which `jobs/get` has only for attempts that ended. From a server
   * without this call: the same as `get`.
   */
  async getWithoutLogs(jobId: number, options?: CallOptions): Promise<Job> {
    if (this.#lacksGetWithoutLogs) {
      return this.get(jobId, options);
    }
    try {
      return await this.#api.post('jobs/get_without_logs', 'read', { id: jobId }, jobInfoSchema, options);
    } catch (error) {
      if (!isMissingCall(error)) {
        throw error;
      }
    }
    const job = await this.get(jobId, options);
    this.#lacksGetWithoutLogs = true;
    return job;
  }

  /** One page of jobs; Airbyte's pages have 200, newest first, when nothing else is asked for. */
  async list(request: JobListRequest, options?: CallOptions): Promise<Job[]> {
    const body = { ...filterBody(request), configId: request.connectionId };
    const list = (fields: object) => this.#api.post('jobs/list', 'read', fields, jobListSchema, options);
    if (request.connectionId === undefined || body.pagination === undefined || body.pagination.rowOffset) {
      return list(body);
    }
    return list(body).catch((error: unknown) => {
      // A server whose lists have one page may refuse to be asked for one.
      if (isInvalidRequest(error)) return list({ ...body, pagination: undefined });
      throw error;
    });
  }

  /** Jobs of the workspaces given, for those who may not read all of them. Airbyte has it since 0.63. */
  listForWorkspaces(request: JobListForWorkspacesRequest, options?: CallOptions): Promise<Job[]> {
    const body = { ...filterBody(request), workspaceIds: request.workspaceIds };
    return this.#api.post('jobs/list_for_workspaces', 'read', body, jobListSchema, options);
  }

  /** Stops whatever runs on the job's connection, and answers when it has stopped. */
  async cancel(jobId: number, options?: CallOptions): Promise<Job> {
    const job = await this.#api.post('jobs/cancel', 'cancel', { id: jobId }, optionalJobSchema.optional(), options);
    return job ?? this.getWithoutLogs(jobId, options);
  }

  /** The connection's newest sync, reset, refresh or clear; undefined when there never was one. */
  getLastReplicationJob(connectionId: string, options?: CallOptions): Promise<Job | undefined> {
    return this.#api.post('jobs/get_last_replication_job', 'read', { connectionId }, optionalJobSchema, options);
  }
}

function filterBody(filter: JobFilter) {
  const { updatedAtStart } = filter;
  const pagination = { pageSize: filter.pageSize, rowOffset: filter.rowOffset };
  return {
    configTypes: filter.jobTypes,
    statuses: filter.statuses,
    updatedAtStart: updatedAtStart instanceof Date ? updatedAtStart.toISOString() : updatedAtStart,
    orderByField: filter.orderBy?.field,
    orderByMethod: filter.orderBy?.direction,
    pagination: pagination.pageSize === undefined && pagination.rowOffset === undefined ? undefined : pagination,
  };
}
