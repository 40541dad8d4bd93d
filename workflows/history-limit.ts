import { type WorkflowInfo, workflowInfo } from '@temporalio/workflow';

/**
 * From here on a workflow starts nothing more in this history, of which Temporal takes 51,200 events and warns at 10,240.
 * What still runs then, up to 500 syncs, has its end in it too, at nine events for each that is cancelled.
 */
const LONG_HISTORY_EVENTS = 4_000;
/** Temporal takes 50 MB and warns at 10 MB. */
const LONG_HISTORY_BYTES = 8_000_000;

/** Whether a workflow that has more to do had better go on in another run. */
export function isHistoryLong({
  historyLength,
  historySize,
  continueAsNewSuggested,
}: Pick<WorkflowInfo, 'historyLength' | 'historySize' | 'continueAsNewSuggested'>): boolean {
  return continueAsNewSuggested || historyLength >= LONG_HISTORY_EVENTS || historySize >= LONG_HISTORY_BYTES;
}

/** Whether an earlier run has started this one: only then is the second argument one that it has handed over. */
export function isContinuedRun(): boolean {
  return workflowInfo().continuedFromExecutionRunId !== undefined;
}
