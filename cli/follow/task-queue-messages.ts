import type { TemporalClient } from '../../src/temporal/connection';
import { pollingIdentities } from '../../src/temporal/task-queue-workers';
import type { Output } from '../render/output';

/** What the user reads when no worker polls the task queue. */
export function noWorkerMessage(taskQueue: string): string {
  return `no worker polls the task queue '${taskQueue}'. Start one in another terminal: temporal-airbyte worker`;
}

/** Notes that a workflow does not progress because no worker polls its task queue. */
export async function noteIfNoWorker(output: Output, temporal: TemporalClient, taskQueue: string): Promise<void> {
  if ((await pollingIdentities(temporal, taskQueue)).length > 0) return;
  output.note(`Waiting: ${noWorkerMessage(taskQueue)}`);
}

/** What the user reads when a workflow of another task queue has the id that the new one would have. */
export function describeOtherTaskQueue({ workflowId, taskQueue }: { workflowId: string; taskQueue: string }): string {
  return `The workflow id ${workflowId} is in use by a run of the task queue '${taskQueue}', whose workers may serve another Airbyte, so this command does not follow it.`;
}
