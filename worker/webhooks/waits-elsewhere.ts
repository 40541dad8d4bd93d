import type { Client } from '@temporalio/client';
import type { AirbyteClient } from '../../src/airbyte/client';
import { isTerminal, mayRunOn } from '../../src/airbyte/jobs';
import { findWaitsForJob, passOn } from '../../src/temporal/pending-waits';
import type { JobHint } from '../../src/webhooks/notification';

export interface WaitsElsewhereOptions {
  client: Client;
  taskQueue: string;
  /** The identity of this worker, which does not wait for the job. */
  identity: string;
  airbyte: { jobs: Pick<AirbyteClient['jobs'], 'getWithoutLogs'> };
}

/**
 * Ends the waits of other workers for a job that has ended: a notification reaches only one of the workers. Temporal gives such a
 * wait to any worker, which polls for the job immediately or within its polling interval.
 *
 * @returns how many waits were passed on
 */
export async function endWaitsElsewhere(
  { jobId, connectionId }: JobHint,
  { client, taskQueue, identity, airbyte }: WaitsElsewhereOptions,
): Promise<number> {
  const waits = await findWaitsForJob(client, { jobId, connectionId, taskQueue });
  const others = waits.filter(({ worker }) => worker !== identity);
  if (others.length === 0) return 0;
  const job = await airbyte.jobs.getWithoutLogs(jobId);
  if (!isTerminal(job.status) || !mayRunOn(job, connectionId)) return 0;
  const reason = 'Another worker was notified that the job has ended.';
  return (await Promise.all(others.map((wait) => passOn(client, wait, reason)))).filter(Boolean).length;
}
