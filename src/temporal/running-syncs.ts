import { type Client, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { NOT_ENDED } from './run-status';
import { describeRunning } from './running-workflow';
import { searchAttributeKeys as keys } from './search-attribute-keys';
import { syncWorkflowId } from './workflow-ids';

/**
 * The syncs of a connection that have not ended in Temporal: the one under the connection's own id, and those that run beside
 * it. Each is followed over its runs, since a sync with many attempts goes on in another run.
 */
export async function runningSyncs(client: Client, connectionId: string): Promise<WorkflowHandle[]> {
  const found = new Map<string, WorkflowHandle>();
  const handleOf = (workflowId: string, firstRunId: string | null | undefined) =>
    client.workflow.getHandle(workflowId, undefined, firstRunId ? { firstExecutionRunId: firstRunId } : {});
  const own = await describeRunning(client, syncWorkflowId(connectionId));
  if (own) found.set(own.workflowId, handleOf(own.workflowId, own.raw.workflowExecutionInfo?.firstRunId));
  const query = `${keys.connectionId.name} = '${connectionId.replaceAll("'", "''")}' AND WorkflowType = 'syncConnection' AND ${NOT_ENDED}`;
  for await (const { workflowId, raw } of client.workflow.list({ query })) {
    if (!found.has(workflowId)) found.set(workflowId, handleOf(workflowId, raw.firstRunId));
  }
  return [...found.values()];
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
