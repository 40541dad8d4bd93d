import type { CallOptions } from '../calls';
import { AirbyteError, isUnsupportedEndpoint } from '../errors';
import type { Job } from '../jobs';
import { mayRunOn } from '../jobs';
import type { Jobs } from '../resources';
import { listRecentJobs } from './recent-jobs';

/** Jobs of its connection that are looked through: one that is waited for is among the newest. */
const RECENT_JOBS_PAGE_SIZE = 20;

/**
 * Reads a job by its id, and where that fails as if there were no such job, off the list of its connection's jobs: Airbyte
 * has been seen to list jobs that it does not find by their id. A job of another connection is not the one: Airbyte gives
 * the ids of lost jobs to new ones after its database was restored from a backup.
 *
 * @param job with the connection that it runs on, if that is known; without it there is no list to look into
 * @throws AirbyteError of type `AirbyteNotFound` when neither has the job; else what the one that failed has failed with
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
      (inList: unknown) => {
        // A caller that may not list has only the first response; while the list fails for a while, nothing is known.
        throw inList instanceof AirbyteError && inList.retryable ? inList : error;
      },
    );
    const found = listed.find((job) => job.jobId === jobId && mayRunOn(job, connectionId));
    if (found) return found;
    // The page of a gateway tells nothing of the job.
    if (isUnsupportedEndpoint(error) && error.retryable) throw error;
    const message = `${error.message} Nor is job ${jobId} among the jobs that Airbyte lists of the connection ${connectionId}.`;
    throw new AirbyteError({ ...error, type: 'AirbyteNotFound', message, retryable: false, callMayBeMissing: false });
  }
}

/**
 * The job, unless it is surely one of another connection.
 *
 * @throws AirbyteError of type `AirbyteNotFound`
 */
export function requireJobOfConnection(job: Job, connectionId: string | undefined): Job {
  if (mayRunOn(job, connectionId)) return job;
  throw new AirbyteError({
    type: 'AirbyteNotFound',
    call: 'jobs/get',
    message: `Job ${job.jobId} is one of the connection ${job.connectionId} by now, and not of ${connectionId}: Airbyte gives the ids of lost jobs to new ones after its database was restored.`,
    retryable: false,
    effect: 'none',
  });
}

/** The Config API responds with 500 for a job that it does not have, the public API with 409; with authentication on, both may with 403. */
const MISSING_JOB_STATUSES: readonly (number | undefined)[] = [500, 409, 403];

function mayMeanMissingJob(error: AirbyteError): boolean {
  return (
    error.type === 'AirbyteNotFound' || MISSING_JOB_STATUSES.includes(error.status) || isUnsupportedEndpoint(error)
  );
}
