/** Asks Temporal which workflow has recorded a job as its own. */
import type { Client } from '@temporalio/client';
import { sleep } from '../async/sleep';
import { searchAttributeKeys as keys } from '../contract/search-attribute-keys';
import { messageOf } from '../text/error-message';
import { queryEquals } from './visibility-query';

/** A job, and the workflow that may have started it. */
export interface JobClaim {
  jobId: number;
  connectionId: string;
  /** The run that asks. */
  runId: string | undefined;
  /** The workflow's task queue: on another one, the same ids belong to another Airbyte. */
  taskQueue: string;
}

/** The times of the queries: a workflow that has just started a job records it within this time. */
const POLLS_AFTER_MS = [0, 500, 1_500, 3_000, 5_000];

/** Whether another workflow has recorded a job as its own in its search attributes; false if Temporal does not respond. */
export async function isJobOfOtherWorkflow(
  { workflow }: Client,
  { jobId, connectionId, runId: ownRunId, taskQueue }: JobClaim,
  logger: Pick<Console, 'warn'>,
): Promise<boolean> {
  const query = [
    queryEquals(keys.connectionId.name, connectionId),
    queryEquals(keys.jobId.name, String(jobId)),
    queryEquals('TaskQueue', taskQueue),
  ].join(' AND ');
  let waitedMs = 0;
  for (const afterMs of POLLS_AFTER_MS) {
    await sleep(afterMs - waitedMs);
    waitedMs = afterMs;
    try {
      for await (const { runId } of workflow.list({ query })) if (runId !== ownRunId) return true;
    } catch (error) {
      logger.warn(`Cannot ask Temporal whether job ${jobId} is that of another workflow`, { reason: messageOf(error) });
      return false;
    }
  }
  return false;
}
