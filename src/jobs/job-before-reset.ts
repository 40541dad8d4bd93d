import type { AirbyteTimings } from '../airbyte/airbyte-timings';
import type { AirbyteClient } from '../airbyte/client';
import { isTerminal, type Job, mayRunOn } from '../airbyte/jobs';
import { findJob } from '../airbyte/lookup/find-job';
import { ifFound } from '../airbyte/lookup/optional-responses';
import type { FormerTrigger } from '../temporal/former-triggers';
import { findJobSince, mayBeStartedByTrigger, pollUntilFound } from './job-search';

/**
 * The job that a trigger has started before its workflow was reset, if the workflow can continue with it. A job that has ended
 * counts only if the run was terminated: a run that ended by itself has seen its job end, and its reset requests another one.
 */
export async function findJobBeforeReset(
  airbyte: AirbyteClient,
  connectionId: string,
  { input, result, wasTerminated }: FormerTrigger,
  { jobStartTimeoutMs }: Pick<AirbyteTimings, 'jobStartTimeoutMs'>,
): Promise<Job | undefined> {
  // A job that the trigger only found belongs to another caller. A run that ended by itself has searched for its job.
  if (result ? !result.started : !wasTerminated) return undefined;
  const job = result
    ? await ifFound(findJob(airbyte.jobs, { jobId: result.job.jobId, connectionId }))
    : // A request that was in flight when the run was reset may take effect later.
      await pollUntilFound(jobStartTimeoutMs, () => findJobSince(airbyte, input, mayBeStartedByTrigger));
  if (job === undefined || !mayRunOn(job, connectionId)) return undefined;
  return isTerminal(job.status) && !wasTerminated ? undefined : job;
}
