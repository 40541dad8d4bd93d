import { activityInfo, getClient, log } from '@temporalio/activity';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { AirbyteTimings } from '../src/airbyte/airbyte-timings';
import type { AirbyteClient } from '../src/airbyte/client';
import { isTerminal } from '../src/airbyte/jobs';
import { findJob } from '../src/airbyte/lookup/find-job';
import { ifFound } from '../src/airbyte/lookup/optional-responses';
import type { JobSnapshot } from '../src/contract/connection-job';
import type { StartableJobType } from '../src/contract/job-types';
import type { TriggeredSync, TriggerInput } from '../src/contract/trigger';
import { findJobSince, mayBeStartedByTrigger, pollUntilFound, toJobSnapshot } from '../src/jobs/job-search';
import { decodePayloads } from '../src/temporal/running-workflow';
import type { ActivityDependencies } from './dependencies';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** What a former run knew of its job. */
interface TriggerBeforeReset {
  input: TriggerInput;
  /** Undefined where the run had ended before the trigger told it anything. */
  result: TriggeredSync | undefined;
}

/** A sync whose job is looked for. */
interface SyncBeforeReset extends Pick<AirbyteTimings, 'jobStartTimeoutMs'> {
  connectionId: string;
  jobType: StartableJobType;
  /** Whether it was ended from outside. */
  wasTerminated: boolean;
}

/** A run that was reset may have been reset before, and before it had started anything. */
const RUNS_READ = 10;

export function resetSyncActivities({ airbyte }: Pick<ActivityDependencies, 'airbyte'>, patience: AirbyteTimings) {
  return {
    /**
     * The job that a sync has started before it was reset, which made another run of it; null where there is none that is
     * still its own. A job that has ended counts only where the former run has not seen it end: somebody who resets a run which
     * has ended by itself wants another job.
     */
    async findFormerJob(input: { connectionId: string; jobType: StartableJobType }): Promise<JobSnapshot | null> {
      const client = getClient();
      const { workflowId, runId } = activityInfo().workflowExecution ?? {};
      if (workflowId === undefined || runId === undefined) return null;
      const historyOf = async (run: string) =>
        (await client.workflow.getHandle(workflowId, run).fetchHistory()).events ?? [];
      let former = baseRunIdIn(await historyOf(runId));
      for (let read = 0; former !== undefined && read < RUNS_READ; read++) {
        const events = await historyOf(former);
        const trigger = await lastTriggerIn(client, events);
        if (trigger) return jobOf(airbyte, trigger, { ...input, ...patience, wasTerminated: wasTerminated(events) });
        former = baseRunIdIn(events);
      }
      return null;
    },
  };
}

/** The run that was reset, as the history of the one that goes on in its place tells. */
function baseRunIdIn(events: readonly HistoryEvent[]): string | undefined {
  return events.findLast(({ workflowTaskFailedEventAttributes: failed }) => failed?.baseRunId)
    ?.workflowTaskFailedEventAttributes?.baseRunId as string | undefined;
}

/** Whether a run was ended from outside, as a reset ends one that goes on. */
function wasTerminated(events: readonly HistoryEvent[]): boolean {
  return Boolean(events.at(-1)?.workflowExecutionTerminatedEventAttributes);
}

async function lastTriggerIn(client: Client, events: readonly HistoryEvent[]): Promise<TriggerBeforeReset | undefined> {
  const scheduled = events.findLast(
    ({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType?.name === 'triggerSync',
  );
  if (scheduled === undefined) return undefined;
  const completed = events.find(
    ({ activityTaskCompletedEventAttributes: activity }) =>
      activity !== undefined && activity !== null && String(activity.scheduledEventId) === String(scheduled.eventId),
  );
  const [input] = await decodePayloads(client, scheduled.activityTaskScheduledEventAttributes?.input?.payloads);
  const [result] = await decodePayloads(client, completed?.activityTaskCompletedEventAttributes?.result?.payloads);
  return { input: input as TriggerInput, result: result as TriggeredSync | undefined };
}

async function jobOf(
  airbyte: AirbyteClient,
  { input, result }: TriggerBeforeReset,
  { connectionId, jobType, wasTerminated, jobStartTimeoutMs }: SyncBeforeReset,
): Promise<JobSnapshot | null> {
  // What the former run had met was somebody else's; and one that has ended by itself has looked for what it left behind.
  if (result ? !result.started : !wasTerminated) return null;
  const job = result
    ? await ifFound(findJob(airbyte.jobs, { jobId: result.job.jobId, connectionId }))
    : // What was under way when the run was reset may have an effect later.
      await pollUntilFound(jobStartTimeoutMs, () => findJobSince(airbyte, input, mayBeStartedByTrigger));
  if (job === undefined || (job.connectionId ?? connectionId) !== connectionId) return null;
  if (isTerminal(job.status) && !wasTerminated) return null;
  log.info(`Job ${job.jobId} was started by this sync before it was reset`, { connectionId, status: job.status });
  return toJobSnapshot(airbyte, job, jobType);
}
