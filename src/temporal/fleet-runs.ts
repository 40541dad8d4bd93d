/** Finds the runs of a fleet. */
import { type Client, type WorkflowExecutionInfo, WorkflowNotFoundError } from '@temporalio/client';
import { currentAndLegacyIds, fleetScheduleId, fleetWorkflowId } from '../contract/workflow-ids';
import { hasEnded, NOT_ENDED } from './run-status';
import { queryEquals } from './visibility-query';

const WORKFLOW_TYPE = 'syncFleet';

export type FleetRun = Pick<WorkflowExecutionInfo, 'workflowId' | 'taskQueue' | 'status' | 'startTime'>;

/**
 * Finds runs of a fleet on a task queue: the newest one under the fleet's workflow id, and of those that its schedule has started, the
 * newest one and all that have not ended. The runs that have not ended come first, and of them the newest.
 */
export async function findFleetRuns(client: Client, name: string, taskQueue: string): Promise<FleetRun[]> {
  const found = new Map<string, FleetRun>();
  for (const id of currentAndLegacyIds(fleetWorkflowId, name, taskQueue)) {
    const own = await describeAny(client, id);
    if (own?.taskQueue === taskQueue) found.set(id, own);
  }
  const conditions = [
    queryEquals('WorkflowType', WORKFLOW_TYPE),
    queryEquals('TaskQueue', taskQueue),
    queryEquals('TemporalScheduledById', fleetScheduleId(name, taskQueue)),
  ];
  const list = (more: string[], pageSize?: number) =>
    client.workflow.list({ query: [...conditions, ...more].join(' AND '), ...(pageSize && { pageSize }) });
  for await (const running of list([NOT_ENDED])) found.set(running.workflowId, running);
  // Temporal lists the newest first.
  for await (const newest of list([], 1)) {
    if (!found.has(newest.workflowId)) found.set(newest.workflowId, newest);
    break;
  }
  const rank = ({ status }: FleetRun) => (hasEnded(status) ? 1 : 0);
  return [...found.values()].sort(
    (one, other) => rank(one) - rank(other) || other.startTime.getTime() - one.startTime.getTime(),
  );
}

async function describeAny(client: Client, workflowId: string): Promise<FleetRun | undefined> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
