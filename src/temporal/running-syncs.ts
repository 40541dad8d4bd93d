import {
  type Client,
  type WorkflowExecutionInfo,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { searchAttributeKeys as keys } from '../contract/search-attribute-keys';
import { currentAndLegacyIds, syncWorkflowId } from '../contract/workflow-ids';
import { NOT_ENDED } from './run-status';
import { describeRunning } from './running-workflow';
import { equals } from './visibility-query';

const WORKFLOW_TYPE = 'syncConnection';

/**
 * The syncs of a connection that have not ended in Temporal: the one under the connection's own id, and those that run beside
 * it. Each is followed over its runs, since a sync with many attempts goes on in another run.
 *
 * Those of another task queue are none of them: a connection of the same id there may be that of another Airbyte. What a
 * list brings is compared once more, since what is found here is cancelled.
 */
export async function runningSyncs(client: Client, connectionId: string, taskQueue: string): Promise<WorkflowHandle[]> {
  const found = new Map<string, WorkflowHandle>();
  const handleOf = (workflowId: string, firstRunId: string | null | undefined) =>
    client.workflow.getHandle(workflowId, undefined, firstRunId ? { firstExecutionRunId: firstRunId } : {});
  const isSyncHere = ({ type, taskQueue: its }: Pick<WorkflowExecutionInfo, 'type' | 'taskQueue'>) =>
    type === WORKFLOW_TYPE && its === taskQueue;
  for (const id of currentAndLegacyIds(syncWorkflowId, connectionId, taskQueue)) {
    const own = await describeRunning(client, id);
    if (own && isSyncHere(own)) found.set(id, handleOf(id, own.raw.workflowExecutionInfo?.firstRunId));
  }
  const query = [
    equals(keys.connectionId.name, connectionId),
    equals('WorkflowType', WORKFLOW_TYPE),
    equals('TaskQueue', taskQueue),
    NOT_ENDED,
  ].join(' AND ');
  for await (const listed of client.workflow.list({ query })) {
    const { workflowId, raw, typedSearchAttributes } = listed;
    if (!isSyncHere(listed) || typedSearchAttributes.get(keys.connectionId) !== connectionId) continue;
    if (!found.has(workflowId)) found.set(workflowId, handleOf(workflowId, raw.firstRunId));
  }
  return [...found.values()];
}

/** A sync that was running when it was found. */
export interface RequestedCancel {
  sync: WorkflowHandle;
  /** False when the sync had ended before the request reached it. */
  cancelRequested: boolean;
}

/** Finds the running syncs of a connection on a task queue as {@link runningSyncs} does, and requests that each cancels. */
export async function cancelRunningSyncs(
  client: Client,
  connectionId: string,
  taskQueue: string,
): Promise<RequestedCancel[]> {
  const syncs = await runningSyncs(client, connectionId, taskQueue);
  return Promise.all(syncs.map(async (sync) => ({ sync, cancelRequested: await cancelUnlessEnded(sync) })));
}

/** Asks a workflow to cancel. @returns false when it has ended by itself meanwhile */
export async function cancelUnlessEnded(workflow: Pick<WorkflowHandle, 'cancel'>): Promise<boolean> {
  try {
    await workflow.cancel();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
