import { type Client, type ScheduleExecutionResult, WorkflowNotFoundError } from '@temporalio/client';
import type { FleetResult } from '../../src/contract/fleet-result';
import { searchAttributeKeys as keys } from '../../src/contract/search-attribute-keys';
import type { SyncConnectionResult } from '../../src/contract/sync-result';
import { describeStatus, hasEnded } from '../../src/temporal/run-status';
import { presentFailure } from '../render/failure-presentation';

/** A run that a schedule has started, and its outcome. */
export interface ScheduleRun {
  workflowId: string;
  runId: string;
  /** When it was due, with its jitter. ISO 8601. */
  dueAt: string;
  /** ISO 8601. */
  startedAt: string;
  /**
   * `succeeded` and `skipped` come from the sync's result; `forgotten` is a run that Temporal no longer keeps. A run that has
   * not ended is `running`, `paused`, or has another status of Temporal's.
   */
  outcome: 'running' | 'succeeded' | 'skipped' | 'failed' | 'cancelled' | 'terminated' | 'timed out' | (string & {});
  jobId: number | null;
  recordsSynced: number | null;
  failure: { type: string; message: string } | null;
}

const UNKNOWN = { jobId: null, recordsSynced: null, failure: null };

/** Reads the outcome of a schedule's run from Temporal. */
export async function readScheduleRun(
  client: Client,
  { scheduledAt, takenAt, action }: ScheduleExecutionResult,
): Promise<ScheduleRun> {
  const { workflowId, firstExecutionRunId: runId } = action.workflow;
  const run = { workflowId, runId, dueAt: scheduledAt.toISOString(), startedAt: takenAt.toISOString() };
  try {
    return { ...run, ...(await readRunOutcome(client, workflowId, runId)) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { ...run, ...UNKNOWN, outcome: 'forgotten' };
    throw error;
  }
}

/** Outcomes by the status that Temporal gives a run that did not end by itself. */
const OUTCOMES: Readonly<Record<string, ScheduleRun['outcome']>> = {
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed out',
};

type RunOutcome = Pick<ScheduleRun, 'outcome' | 'jobId' | 'recordsSynced' | 'failure'>;

async function readRunOutcome(client: Client, workflowId: string, runId: string): Promise<RunOutcome> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const first = await handle.describe();
  // A run that continued as a new one, under the same id, has the outcome of that one.
  const continued = first.status.name === 'CONTINUED_AS_NEW';
  const { status, typedSearchAttributes } = continued ? await client.workflow.getHandle(workflowId).describe() : first;
  const taggedJob = typedSearchAttributes.get(keys.jobId);
  const known = { ...UNKNOWN, jobId: taggedJob === undefined ? null : Number(taggedJob) };
  if (!hasEnded(status)) return { ...known, outcome: describeStatus(status) };
  try {
    const result = (await handle.result()) as SyncConnectionResult | FleetResult;
    const { recordsSynced } = result;
    if (!('jobId' in result)) return { ...known, recordsSynced, outcome: 'succeeded' };
    const { jobId, status: syncStatus } = result;
    return { ...known, jobId, recordsSynced, outcome: syncStatus === 'skipped' ? 'skipped' : 'succeeded' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error;
    const { type, message } = presentFailure(error);
    return { ...known, outcome: OUTCOMES[status.name] ?? 'failed', failure: { type, message } };
  }
}
