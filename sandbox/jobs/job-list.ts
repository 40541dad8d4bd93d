import type { Job } from '../state/job';
import type { Store } from '../state/store';

/** Which jobs a caller asks for. Times are in milliseconds since 1970; both limits are inclusive. */
export interface JobFilter {
  configTypes: readonly string[];
  /** A connection's id. */
  configId?: string | undefined;
  workspaceIds?: readonly string[] | undefined;
  statuses?: readonly string[] | undefined;
  createdAtStart?: number | undefined;
  createdAtEnd?: number | undefined;
  updatedAtStart?: number | undefined;
  updatedAtEnd?: number | undefined;
  /** Default: by time of creation, newest first. */
  orderByField?: 'createdAt' | 'updatedAt' | undefined;
  orderByMethod?: 'ASC' | 'DESC' | undefined;
}

/** All jobs that match a filter, in its order. */
export function listJobs(store: Store, filter: JobFilter): Job[] {
  const { configId, workspaceIds, statuses = [], orderByField, orderByMethod } = filter;
  const types = new Set(filter.configTypes);
  // One connection has few jobs, however many jobs there are overall.
  const candidates = configId === undefined ? store.jobs.values() : (store.connections.get(configId)?.jobs ?? []);
  const found: Job[] = [];
  for (const job of candidates) {
    if (
      between(job.updatedAtMs, filter.updatedAtStart, filter.updatedAtEnd) &&
      between(job.createdAtMs, filter.createdAtStart, filter.createdAtEnd) &&
      types.has(job.configType) &&
      (statuses.length === 0 || statuses.includes(job.status)) &&
      (workspaceIds === undefined || workspaceIds.includes(store.connection(job.connectionId).workspaceId))
    ) {
      found.push(job);
    }
  }
  const timeOf = orderByField === 'updatedAt' ? (job: Job) => job.updatedAtMs : (job: Job) => job.createdAtMs;
  found.sort((one, other) => timeOf(one) - timeOf(other) || one.id - other.id);
  return orderByField !== undefined && orderByMethod === 'ASC' ? found : found.reverse();
}

function between(time: number, start = 0, end = Number.POSITIVE_INFINITY): boolean {
  return time >= start && time <= end;
}
