import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { isCancellation, type PresentedFailure, presentFailure } from '../render/failure-presentation';

/** How a sync has ended that was to be cancelled. */
export interface SyncCancellation {
  workflowId: string;
  cancelled: boolean;
  /** What it ended as instead: its result's status (`succeeded`, `skipped`), or `failed`. */
  status?: string;
  /** Why it failed. */
  failure?: Pick<PresentedFailure, 'type' | 'message' | 'exitCode'>;
  /** That it failed although it was asked to cancel in time: its job may go on. */
  afterRequest?: true;
}

/**
 * Waits until a sync has ended.
 *
 * @throws what Temporal refuses with
 */
export async function endOfSync(
  handle: Pick<WorkflowHandle, 'workflowId' | 'result' | 'describe'>,
): Promise<SyncCancellation> {
  const { workflowId } = handle;
  try {
    const { status } = (await handle.result()) as { status: string };
    return { workflowId, cancelled: false, status };
  } catch (error) {
    if (isCancellation(error)) return { workflowId, cancelled: true };
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { type, message, exitCode } = presentFailure(error);
    // Temporal takes a cancel also for a workflow that has ended, and notes it only of one that runs.
    const { cancelRequested } = (await handle.describe()).raw.workflowExtendedInfo ?? {};
    const failure = { type, message, exitCode };
    return { workflowId, cancelled: false, status: 'failed', failure, ...(cancelRequested && { afterRequest: true }) };
  }
}

/** A line for people. */
export function describeCancellation({
  workflowId,
  cancelled,
  status,
  failure,
  afterRequest,
}: SyncCancellation): string {
  if (cancelled) return `Cancelled ${workflowId}.`;
  if (afterRequest) return `${workflowId} was not cancelled: ${failure?.message}`;
  const how = failure
    ? `it failed with ${failure.type}: ${failure.message}`
    : `it ${status === 'skipped' ? 'was skipped' : 'succeeded'}.`;
  return `${workflowId} had ended by itself before it could be cancelled: ${how}`;
}
