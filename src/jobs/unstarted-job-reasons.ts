import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import { isTerminal, type Job } from '../airbyte/jobs';
import { sleep } from '../async/sleep';
import type { JobOutcome } from '../contract/job-outcome';
import { newestJob } from './job-search';

/** When the connection is polled for the job that replaces one that was cancelled before its first attempt. */
const SUCCESSOR_POLLS_AFTER_MS = [0, 1_000, 2_000];

/**
 * Why a job has not started, for the end of a message.
 *
 * @param status that of the job, now or before it was cancelled
 */
export async function explainNotBegun(
  airbyte: AirbyteClient,
  connectionId: string | undefined,
  status: string,
): Promise<string> {
  const connection =
    connectionId === undefined ? undefined : await ignoreAirbyteErrors(airbyte.connections.get(connectionId));
  if (connection?.status !== undefined && connection.status !== 'active') {
    return `the connection is ${connection.status}, and Airbyte begins nothing on it: set its status to active`;
  }
  if (status === 'queued')
    return 'Airbyte kept it queued until it has the capacity to run it: check what else runs there';
  return `Airbyte kept it ${status}: its workers are busy, or do not run`;
}

/** The job that Airbyte has started in place of one that was cancelled before its first attempt. */
export async function findSuccessor(
  airbyte: AirbyteClient,
  { jobId }: Job,
  connectionId: string | undefined,
  logger: Pick<Console, 'warn'>,
): Promise<JobOutcome['successor']> {
  if (connectionId === undefined) return undefined;
  for (const afterMs of SUCCESSOR_POLLS_AFTER_MS) {
    await sleep(afterMs);
    const newest = await ignoreAirbyteErrors(newestJob(airbyte, connectionId));
    if (newest && newest.jobId > jobId && !isTerminal(newest.status)) {
      logger.warn(`Job ${jobId} was cancelled, and Airbyte has started job ${newest.jobId} since`, { connectionId });
      return { jobId: newest.jobId, status: newest.status };
    }
  }
  return undefined;
}

/** An error of additional information must not fail what it is added to. */
function ignoreAirbyteErrors<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error: unknown) => {
    if (error instanceof AirbyteError) return undefined;
    throw error;
  });
}
