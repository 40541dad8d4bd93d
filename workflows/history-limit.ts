import { type WorkflowInfo, workflowInfo } from '@temporalio/workflow';

/**
 * A workflow with this many events starts nothing more in this run. Temporal accepts 51,200 events and warns at 10,240. Up
 * to 500 syncs may still run then, and the end of each adds events to the history: nine for one that is cancelled.
 */
const LONG_HISTORY_EVENTS = 4_000;
/** Temporal accepts 50 MB and warns at 10 MB. */
const LONG_HISTORY_BYTES = 8_000_000;

/** Whether a workflow that has more to do should continue as new. */
export function isHistoryLong({
  historyLength,
  historySize,
  continueAsNewSuggested,
}: Pick<WorkflowInfo, 'historyLength' | 'historySize' | 'continueAsNewSuggested'>): boolean {
  return continueAsNewSuggested || historyLength >= LONG_HISTORY_EVENTS || historySize >= LONG_HISTORY_BYTES;
}

/** Whether an earlier run was continued as this one: only then has the second argument been passed by that run. */
export function isContinuedRun(): boolean {
  return workflowInfo().continuedFromExecutionRunId !== undefined;
}
