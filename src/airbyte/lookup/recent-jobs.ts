import type { CallOptions } from '../calls';
import { isInvalidRequest } from '../errors';
import { CONNECTION_JOB_TYPES, type Job } from '../jobs';
import type { Jobs } from '../resources';

/** The kinds of job that run on a connection, in the sets that Airbyte's versions know; the newest version first. */
const JOB_TYPE_SETS = [CONNECTION_JOB_TYPES, ['sync', 'reset_connection'], ['sync']];

/** How long a rejected set is not tried again: afterwards the server may have been upgraded. */
const REMEMBERED_MS = 10 * 60_000;

/** The set that a server accepts, if it rejects the newest one. */
const acceptedSets = new WeakMap<object, { index: number; until: number }>();

/**
 * Lists the newest jobs of every kind, of one connection or of all connections.
 *
 * @throws AirbyteError as `jobs.list` does
 */
export async function listRecentJobs(
  jobs: Pick<Jobs, 'list'>,
  filter: { connectionId?: string | undefined; pageSize: number },
  options?: CallOptions,
): Promise<Job[]> {
  const remembered = acceptedSets.get(jobs);
  const first = remembered !== undefined && performance.now() < remembered.until ? remembered.index : 0;
  for (let index = first; ; index++) {
    try {
      const found = await jobs.list({ ...filter, jobTypes: JOB_TYPE_SETS[index] ?? [] }, options);
      if (index > first) acceptedSets.set(jobs, { index, until: performance.now() + REMEMBERED_MS });
      return found;
    } catch (error) {
      if (!isInvalidRequest(error) || index === JOB_TYPE_SETS.length - 1) throw error;
    }
  }
}
