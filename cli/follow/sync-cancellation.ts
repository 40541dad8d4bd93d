import { WorkflowFailedError, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { endedByCancellation, type PresentedFailure, presentFailure } from '../render/failure-presentation';

/** How a sync ended after the command requested its cancel. */
export interface SyncCancellation {
  workflowId: string;
  cancelled: boolean;
  /**
   * How it ended if it was not cancelled: with its result's status (`succeeded`, `skipped`), as `failed`, or as `ended` when
   * Temporal no longer keeps the run and so cannot say how.
   */
  status?: string;
  /** Why it failed. */
  failure?: Pick<PresentedFailure, 'type' | 'message' | 'exitCode'>;
  /** Set if it failed although the cancel came in time: its job may still be running. */
  afterRequest?: true;
}

/**
 * Waits until a sync has ended.
 *
 * @throws Error with which Temporal rejects the calls, unless it says that it no longer keeps the run
 */
export async function waitForSyncEnd(
  sync: Pick<WorkflowHandle, 'workflowId' | 'result' | 'describe'>,
): Promise<SyncCancellation> {
  const { workflowId } = sync;
  try {
    const { status } = (await sync.result()) as { status: string };
    return { workflowId, cancelled: false, status };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { workflowId, cancelled: false, status: 'ended' };
    if (endedByCancellation(error)) return { workflowId, cancelled: true };
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { type, message, exitCode } = presentFailure(error);
    const failure = { type, message, exitCode };
    const afterRequest = await wasAskedInTime(sync);
    return { workflowId, cancelled: false, status: 'failed', failure, ...(afterRequest && { afterRequest }) };
  }
}

/** Temporal accepts a cancel also after a workflow has ended, but notes it only on one that runs. */
async function wasAskedInTime(sync: Pick<WorkflowHandle, 'describe'>): Promise<boolean> {
  try {
    return (await sync.describe()).raw.workflowExtendedInfo?.cancelRequested === true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** One line for people. */
export function describeCancellation({
  workflowId,
  cancelled,
  status,
  failure,
  afterRequest,
}: SyncCancellation): string {
  if (cancelled) return `Cancelled ${workflowId}.`;
  if (afterRequest) return `${workflowId} was not cancelled: ${failure?.message}`;
  return `${workflowId} had ended by itself before it could be cancelled: ${describeEnd(status, failure)}`;
}

function describeEnd(status: SyncCancellation['status'], failure: SyncCancellation['failure']): string {
  if (failure) return `it failed with ${failure.type}: ${failure.message}`;
  if (status === 'ended') return 'Temporal no longer keeps its result.';
  return `it ${status === 'skipped' ? 'was skipped' : 'succeeded'}.`;
}
