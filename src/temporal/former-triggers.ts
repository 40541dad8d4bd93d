import type { Client, WorkflowHandle } from '@temporalio/client';
import type { TriggeredSync, TriggerInput } from '../contract/trigger';
import { decodePayloads } from './running-workflow';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** The last trigger of a run that was reset. */
export interface FormerTrigger {
  input: TriggerInput;
  /** Undefined if the run had ended before the trigger returned. */
  result: TriggeredSync | undefined;
  /** Whether the run was terminated, as a reset does with one that is still running. */
  wasTerminated: boolean;
}

/** How many runs are read: one that was reset may have been reset before, and before it had started anything. */
const MAXIMUM_RUNS = 10;

/** The last trigger of the runs that a run replaces because of resets; undefined if none of them had one. */
export async function findFormerTrigger(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId: string },
): Promise<FormerTrigger | undefined> {
  const readHistory = async (run: string) =>
    (await client.workflow.getHandle(workflowId, run).fetchHistory()).events ?? [];
  let formerRunId = baseRunIdIn(await readHistory(runId));
  for (let runs = 0; formerRunId !== undefined && runs < MAXIMUM_RUNS; runs++) {
    const events = await readHistory(formerRunId);
    const trigger = await lastTriggerIn(client, events);
    if (trigger) return trigger;
    formerRunId = baseRunIdIn(events);
  }
  return undefined;
}

/** The run that was reset, by the history of the run that replaces it. */
function baseRunIdIn(events: readonly HistoryEvent[]): string | undefined {
  return events.findLast(({ workflowTaskFailedEventAttributes: failed }) => failed?.baseRunId)
    ?.workflowTaskFailedEventAttributes?.baseRunId as string | undefined;
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
  const wasTerminated = Boolean(events.at(-1)?.workflowExecutionTerminatedEventAttributes);
  return { input: input as TriggerInput, result: result as TriggeredSync | undefined, wasTerminated };
}
