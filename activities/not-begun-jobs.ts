import { log } from '@temporalio/activity';
import type { AirbyteClient } from '../src/airbyte/client';
import { AirbyteError } from '../src/airbyte/errors';
import { isTerminal, type Job } from '../src/airbyte/jobs';
import { sleep } from '../src/airbyte/sleep';
import type { JobOutcome } from '../src/contract/job-outcome';
import { newestJob } from '../src/jobs/job-search';
import { whyNotStarted } from '../src/jobs/unstarted-job';

/** When the connection is polled for a job in place of one that was cancelled before it had begun. */
const SUCCESSOR_POLLS_AFTER_MS = [0, 1_000, 2_000];

/** Why a job has not begun that Airbyte shows, or has shown, with this status. */
export async function notBegunBecause(
  airbyte: AirbyteClient,
  connectionId: string | undefined,
  status: string,
): Promise<string> {
  const connection = connectionId === undefined ? undefined : await ifAvailable(airbyte.connections.get(connectionId));
  return whyNotStarted(status, connection?.status);
}

/** The job that Airbyte has started in place of one that was cancelled before it had begun. */
export async function findSuccessor(
  airbyte: AirbyteClient,
  { jobId }: Job,
  connectionId: string | undefined,
): Promise<JobOutcome['successor']> {
  if (connectionId === undefined) return undefined;
  for (const afterMs of SUCCESSOR_POLLS_AFTER_MS) {
    await sleep(afterMs);
    const newest = await ifAvailable(newestJob(airbyte, connectionId));
    if (newest && newest.jobId > jobId && !isTerminal(newest.status)) {
      log.warn(`Job ${jobId} was cancelled, and Airbyte has started job ${newest.jobId} since`, { connectionId });
      return { jobId: newest.jobId, status: newest.status };
    }
  }
  return undefined;
}

/** What is only told in addition must not fail what it is added to. */
function ifAvailable<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error: unknown) => {
    if (error instanceof AirbyteError) return undefined;
    throw error;
  });
}
