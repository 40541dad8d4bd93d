import type { ResponseTiming } from '../airbyte/calls';
import type { AirbyteError } from '../airbyte/errors';
import { isTerminal, type Job } from '../airbyte/jobs';
import type { TriggeredSync } from '../contract/trigger';
import { findJobSince, firstPossibleJob, pollUntilFound, recentJobs } from './job-search';
import type { TriggerContext } from './trigger-context';
import { adopt, LOST_RESPONSE_WAIT_MS, requireActive, resolveOtherJob, startedByOther } from './trigger-outcomes';

/** The resolution of the server's times, which are whole seconds. */
const SERVER_CLOCK_RESOLUTION_MS = 1_000;
/** For this time after a job's end, Airbyte may still reject a trigger because of it. */
const STALE_CONFLICT_MS = 60_000;

/**
 * Resolves a trigger that Airbyte rejects because a job runs. The job is ours when an earlier request may have started it. It
 * is also ours when it was created after our request was sent and no other workflow has it: then a gateway has sent our
 * request twice, and the second one met the job of the first.
 */
export async function resolveRunningConflict(context: TriggerContext, error: AirbyteError): Promise<TriggeredSync> {
  const { airbyte, attempt, jobStartTimeoutMs } = context;
  const { connectionId } = attempt.input;
  const isOurs = async (job: Job) =>
    attempt.mayHaveStarted ||
    (wasCreatedSince(job, attempt.timing) && !(await context.isJobOfOtherWorkflow(job.jobId, connectionId)));
  const jobs = await recentJobs(airbyte, connectionId);
  const [newest] = jobs;
  const newer = firstPossibleJob(jobs, attempt.input);
  if (newer && (await isOurs(newer))) return adopt(context, newer);
  if (newest && !isTerminal(newest.status)) return startedByOther(context, newest);
  if (newer && !attempt.mayHaveStarted) return resolveOtherJob(context, error, undefined);
  await requireActive(context);
  // No visible job explains the rejection: one is about to appear, unless Airbyte has not noticed the end of the last one.
  const withinMs =
    newest && hasJustEnded(newest, attempt.timing)
      ? Math.min(LOST_RESPONSE_WAIT_MS, jobStartTimeoutMs)
      : jobStartTimeoutMs;
  context.logger.warn(
    `Airbyte says that a job runs, and shows none: waits up to ${Math.round(withinMs / 1_000)} s for it`,
    { connectionId },
  );
  const late = await pollUntilFound(withinMs, () => findJobSince(airbyte, attempt.input), context.shutdown);
  if (late && (await isOurs(late))) return adopt(context, late);
  return resolveOtherJob(context, error, late && !isTerminal(late.status) ? late : undefined);
}

/** Whether a job was created after a request was sent, by the server's clock if its time is known. */
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
