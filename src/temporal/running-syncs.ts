/** Finds and cancels the running syncs of a connection. */
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
import { queryEquals } from './visibility-query';

const WORKFLOW_TYPE = 'syncConnection';

/**
 * Finds the running syncs of a connection: the one under the connection's workflow id, and those that schedules and other
 * callers have started under other ids. Each handle follows its sync over all runs, because a sync with many attempts
 * continues as new.
 *
 * Syncs of other task queues are excluded: there, a connection with the same id may belong to another Airbyte. The function
 * checks the listed workflows again, because its callers cancel what it returns.
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
  const query = `${syncsOf(connectionId, taskQueue)} AND ${NOT_ENDED}`;
  for await (const listed of client.workflow.list({ query })) {
    const { workflowId, raw, typedSearchAttributes } = listed;
    if (!isSyncHere(listed) || typedSearchAttributes.get(keys.connectionId) !== connectionId) continue;
    if (!found.has(workflowId)) found.set(workflowId, handleOf(workflowId, raw.firstRunId));
  }
  return [...found.values()];
}

/** The id of a running sync of a connection, or else of the newest one that Temporal keeps; undefined if there is none. */
export async function newestSyncOf(
  client: Client,
  connectionId: string,
  taskQueue: string,
): Promise<string | undefined> {
  const [running] = await runningSyncs(client, connectionId, taskQueue);
  if (running !== undefined) return running.workflowId;
  // Temporal lists the newest first.
  for await (const { workflowId } of client.workflow.list({ query: syncsOf(connectionId, taskQueue), pageSize: 1 })) {
    return workflowId;
  }
  return undefined;
}

/** The query for all syncs of a connection on a task queue. */
function syncsOf(connectionId: string, taskQueue: string): string {
  return [
    queryEquals(keys.connectionId.name, connectionId),
    queryEquals('WorkflowType', WORKFLOW_TYPE),
    queryEquals('TaskQueue', taskQueue),
  ].join(' AND ');
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

/** Requests the cancellation of a workflow. @returns false if it has already ended */
export async function cancelUnlessEnded(workflow: Pick<WorkflowHandle, 'cancel'>): Promise<boolean> {
  try {
    await workflow.cancel();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
