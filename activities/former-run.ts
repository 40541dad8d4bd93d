import { activityInfo, getClient, log } from '@temporalio/activity';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { AirbyteClient } from '../src/airbyte/client';
import { findJob } from '../src/airbyte/find-job';
import { ifFound } from '../src/airbyte/if-found';
import { isTerminal } from '../src/airbyte/jobs';
import type { SeenJob } from '../src/contract/connection-job';
import type { StartableJobType } from '../src/contract/job-types';
import { decodePayloads } from '../src/temporal/running-workflow';
import type { ActivityDependencies } from './dependencies';
import { asSeen, foundWithin, jobSince, mayBeOursAlone, type TriggerInput } from './job-search';
import type { Patience } from './patience';
import type { TriggeredSync } from './start-outcomes';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** What a former run knew of its job. */
interface FormerTrigger {
  input: TriggerInput;
  /** Undefined where the run had ended before the trigger told it anything. */
  result: TriggeredSync | undefined;
}

/** A sync whose job is looked for. */
interface FormerSync extends Pick<Patience, 'startsWithinMs'> {
  connectionId: string;
  jobType: StartableJobType;
  /** Whether it was ended from outside. */
  wasCutOff: boolean;
}

/** A run that was reset may have been reset before, and before it had started anything. */
const RUNS_READ = 10;

export function formerRunActivities({ airbyte }: Pick<ActivityDependencies, 'airbyte'>, patience: Patience) {
  return {
    /**
     * The job that a sync has started before it was reset, which made another run of it; null where there is none that is
     * still its own. A job that has ended counts only where the former run has not seen it end: somebody who resets a run which
     * has ended by itself wants another job.
     */
    async findFormerJob(input: { connectionId: string; jobType: StartableJobType }): Promise<SeenJob | null> {
      const client = getClient();
      const { workflowId, runId } = activityInfo().workflowExecution ?? {};
      if (workflowId === undefined || runId === undefined) return null;
      const historyOf = async (run: string) =>
        (await client.workflow.getHandle(workflowId, run).fetchHistory()).events ?? [];
      let former = formerRunIn(await historyOf(runId));
      for (let read = 0; former !== undefined && read < RUNS_READ; read++) {
        const events = await historyOf(former);
        const trigger = await lastTriggerIn(client, events);
        if (trigger) return jobOf(airbyte, trigger, { ...input, ...patience, wasCutOff: wasCutOff(events) });
        former = formerRunIn(events);
      }
      return null;
    },
  };
}

/** The run that was reset, as the history of the one that goes on in its place tells. */
function formerRunIn(events: readonly HistoryEvent[]): string | undefined {
  return events.findLast(({ workflowTaskFailedEventAttributes: failed }) => failed?.baseRunId)
    ?.workflowTaskFailedEventAttributes?.baseRunId as string | undefined;
}

/** Whether a run was ended from outside, as a reset ends one that goes on. */
function wasCutOff(events: readonly HistoryEvent[]): boolean {
  return Boolean(events.at(-1)?.workflowExecutionTerminatedEventAttributes);
}

async function lastTriggerIn(client: Client, events: readonly HistoryEvent[]): Promise<FormerTrigger | undefined> {
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
  { input, result }: FormerTrigger,
  { connectionId, jobType, wasCutOff, startsWithinMs }: FormerSync,
): Promise<SeenJob | null> {
  // What the former run had met was somebody else's; and one that has ended by itself has looked for what it left behind.
  if (result ? !result.started : !wasCutOff) return null;
  const job = result
    ? await ifFound(findJob(airbyte.jobs, { jobId: result.job.jobId, connectionId }))
    : // What was under way when the run was reset may have an effect later.
      await foundWithin(startsWithinMs, () => jobSince(airbyte, input, mayBeOursAlone));
  if (job === undefined || (job.connectionId ?? connectionId) !== connectionId) return null;
  if (isTerminal(job.status) && !wasCutOff) return null;
  log.info(`Job ${job.jobId} was started by this sync before it was reset`, { connectionId, status: job.status });
  return asSeen(airbyte, job, jobType);
}
