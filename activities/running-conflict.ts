import { activityInfo, getClient, log } from '@temporalio/activity';
import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { ResponseTiming } from '../src/airbyte/calls';
import type { AirbyteClient } from '../src/airbyte/client';
import type { AirbyteError } from '../src/airbyte/errors';
import { isTerminal, type Job } from '../src/airbyte/jobs';
import { searchAttributeKeys as keys } from '../src/contract/search-attribute-keys';
import type { TriggeredSync, TriggerInput } from '../src/contract/trigger';
import { findJobSince, firstOf, pollUntilFound, recentJobs, toJobSnapshot } from '../src/jobs/job-search';
import { equals } from '../src/temporal/visibility-query';
import { messageOf } from '../src/text/error-message';
import { pause } from '../src/text/pause';
import { shutdownSignal } from './shutdown-signal';
import type { TriggerAttempt } from './trigger-attempt';
import { adopt, LOST_RESPONSE_WAIT_MS, otherRunningJob, requireActive } from './trigger-outcomes';

/** How exactly the server's times tell when a job was created, since they are whole seconds. */
const SERVER_CLOCK_RESOLUTION_MS = 1_000;
/** After the end of a job Airbyte may say for a while that it still runs. */
const STALE_CONFLICT_MS = 60_000;
/** When Temporal is asked whether a job is that of another workflow: one that has just started it says so at any moment. */
const CLAIM_POLLS_AFTER_MS = [0, 500, 1_500, 3_000, 5_000];

/**
 * Airbyte says that a job runs, which alone does not say whose. It is ours when a trigger before this one may have started
 * it, or when it began while our request was under way and no other workflow has it: then a gateway has sent our request
 * twice, and the second one has found the job of the first.
 */
export async function resolveRunningConflict(
  airbyte: AirbyteClient,
  input: TriggerInput,
  error: AirbyteError,
  attempt: TriggerAttempt,
  { jobStartTimeoutMs }: AirbyteTimings,
): Promise<TriggeredSync> {
  const { connectionId, jobType } = input;
  const isOurs = async (job: Job) =>
    attempt.mayHaveStarted ||
    (wasCreatedSince(job, attempt.timing) && !(await belongsToOtherWorkflow(job.jobId, connectionId)));
  const jobs = await recentJobs(airbyte, connectionId);
  const [newest] = jobs;
  const newer = firstOf(jobs, input);
  if (newer && (await isOurs(newer))) return adopt(airbyte, newer, jobType);
  if (newest && !isTerminal(newest.status)) return { job: toJobSnapshot(airbyte, newest, jobType), started: false };
  if (newer && !attempt.mayHaveStarted) return otherRunningJob(airbyte, input, error, undefined);
  await requireActive(airbyte, connectionId);
  // No job explains the rejection, so one is about to show, unless Airbyte has not noticed the end of the last one yet.
  const withinMs =
    newest && hasJustEnded(newest, attempt.timing)
      ? Math.min(LOST_RESPONSE_WAIT_MS, jobStartTimeoutMs)
      : jobStartTimeoutMs;
  log.warn(`Airbyte says that a job runs, and shows none: waits up to ${Math.round(withinMs / 1_000)} s for it`, {
    connectionId,
  });
  const late = await pollUntilFound(withinMs, () => findJobSince(airbyte, input), shutdownSignal());
  if (late && (await isOurs(late))) return adopt(airbyte, late, jobType);
  return otherRunningJob(airbyte, input, error, late && !isTerminal(late.status) ? late : undefined);
}

/** Whether a job was created after a request went out, by the server's clock where it tells it. */
function wasCreatedSince({ createdAt }: Job, timing: ResponseTiming | undefined): boolean {
  if (createdAt === undefined || timing === undefined) return false;
  return createdAt * 1_000 >= serverTime(timing) - timing.tookMs - SERVER_CLOCK_RESOLUTION_MS;
}

function hasJustEnded({ updatedAt }: Job, timing: ResponseTiming | undefined): boolean {
  if (updatedAt === undefined || timing === undefined) return false;
  return serverTime(timing) - updatedAt * 1_000 < STALE_CONFLICT_MS;
}

function serverTime({ serverTimeMs }: ResponseTiming): number {
  return serverTimeMs ?? Date.now();
}

/** Whether another workflow has a job, as it notes in its search attributes once it knows it. */
async function belongsToOtherWorkflow(jobId: number, connectionId: string): Promise<boolean> {
  const own = activityInfo().workflowExecution?.runId;
  const query = [
    equals(keys.connectionId.name, connectionId),
    equals(keys.jobId.name, String(jobId)),
    // On another task queue the same ids are those of another Airbyte.
    equals('TaskQueue', activityInfo().taskQueue),
  ].join(' AND ');
  let waitedMs = 0;
  for (const afterMs of CLAIM_POLLS_AFTER_MS) {
    await pause(afterMs - waitedMs);
    waitedMs = afterMs;
    try {
      for await (const { runId } of getClient().workflow.list({ query })) if (runId !== own) return true;
    } catch (error) {
      log.warn(`Cannot ask Temporal whether job ${jobId} is that of another workflow`, { reason: messageOf(error) });
      return false;
    }
  }
  return false;
}
