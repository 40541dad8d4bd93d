import type { CallOptions } from '../calls';
import { AirbyteError, isUnsupportedEndpoint } from '../errors';
import type { Job } from '../jobs';
import { mayRunOn } from '../jobs';
import type { Jobs } from '../resources';
import { listRecentJobs } from './recent-jobs';

/** How many jobs of the connection are searched: a job that a sync waits for is among the newest. */
const RECENT_JOBS_PAGE_SIZE = 20;

/**
 * Reads a job by its id. If that fails as if there were no such job, searches the list of its connection's jobs,
 * because Airbyte sometimes lists jobs that it does not find by their id. A job of another connection does not count:
 * after its database was restored from a backup, Airbyte gives the ids of lost jobs to new ones.
 *
 * @param job with the connection that it runs on, if known; without it, no list is searched
 * @throws AirbyteError of type `AirbyteNotFound` if neither finds the job; else the error of the call that failed
 */
export async function findJob(
  jobs: Pick<Jobs, 'getWithoutLogs' | 'list'>,
  { jobId, connectionId }: Pick<Job, 'jobId' | 'connectionId'>,
  options?: CallOptions,
): Promise<Job> {
  try {
    return requireJobOfConnection(await jobs.getWithoutLogs(jobId, options), connectionId);
  } catch (error) {
    if (!(error instanceof AirbyteError && mayMeanMissingJob(error)) || connectionId === undefined) throw error;
    const listed = await listRecentJobs(jobs, { connectionId, pageSize: RECENT_JOBS_PAGE_SIZE }, options).catch(
      (listError: unknown) => {
        // A retryable error of the list leaves open whether there is such a job. Otherwise, the first error says more.
        throw listError instanceof AirbyteError && listError.retryable ? listError : error;
      },
    );
    const found = listed.find((job) => job.jobId === jobId && mayRunOn(job, connectionId));
    if (found) return found;
    // A gateway's page does not show whether the job exists.
    if (isUnsupportedEndpoint(error) && error.retryable) throw error;
    const message = `${error.message} Job ${jobId} is not among the jobs that Airbyte lists for connection ${connectionId} either.`;
    throw new AirbyteError({ ...error, type: 'AirbyteNotFound', message, retryable: false, callMayBeMissing: false });
  }
}

/**
 * The job, unless it surely runs on another connection.
 *
 * @throws AirbyteError of type `AirbyteNotFound`
 */
export function requireJobOfConnection(job: Job, connectionId: string | undefined): Job {
  if (mayRunOn(job, connectionId)) return job;
  throw new AirbyteError({
    type: 'AirbyteNotFound',
    call: 'jobs/get',
    message: `Job ${job.jobId} now belongs to connection ${job.connectionId}, not to ${connectionId}: after its database was restored from a backup, Airbyte gives the ids of lost jobs to new ones.`,
    retryable: false,
    effect: 'none',
  });
}

/**
 * For a missing job, the Config API returns 500 and the public API 409. With authentication enabled, both may return
 * 403.
 */
const MISSING_JOB_STATUSES: readonly (number | undefined)[] = [500, 409, 403];

function mayMeanMissingJob(error: AirbyteError): boolean {
  return (
    error.type === 'AirbyteNotFound' || MISSING_JOB_STATUSES.includes(error.status) || isUnsupportedEndpoint(error)
  );
}
