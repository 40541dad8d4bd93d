import { isInvalidRequest } from './errors';
import type { CallOptions } from './http';
import { CONNECTION_JOB_TYPES, type Job } from './jobs';
import type { Jobs } from './resources';

/** Airbyte's kinds of job that concern a connection, in the sets that its versions know; the newest first. */
const JOB_TYPE_SETS = [CONNECTION_JOB_TYPES, ['sync', 'reset_connection'], ['sync']];

/**
 * Lists the newest jobs of every kind, of one connection or of all.
 *
 * @throws AirbyteError as `jobs.list` does
 */
export async function listRecentJobs(
  jobs: Pick<Jobs, 'list'>,
  filter: { connectionId?: string | undefined; pageSize: number },
  options?: CallOptions,
): Promise<Job[]> {
  let refusal: unknown;
  for (const jobTypes of JOB_TYPE_SETS) {
    try {
      return await jobs.list({ ...filter, jobTypes }, options);
    } catch (error) {
      if (!isInvalidRequest(error)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}
