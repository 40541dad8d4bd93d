import { isDeepStrictEqual } from 'node:util';
import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { hasEnded } from './run-status';

/** The run under a workflow id that has not ended, if there is one. It may be paused. */
export async function describeRunning(
  client: Client,
  workflowId: string,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    const description = await client.workflow.getHandle(workflowId).describe();
    return hasEnded(description.status) ? undefined : description;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** The run that a task queue has under one of some ids, the first that there is; what another task queue has there does not count. */
export async function describeRunningOn(
  client: Client,
  taskQueue: string,
  workflowIds: readonly string[],
): Promise<WorkflowExecutionDescription | undefined> {
  for (const workflowId of workflowIds) {
    const running = await describeRunning(client, workflowId);
    if (running?.taskQueue === taskQueue) return running;
  }
  return undefined;
}

/** What a workflow was started with: the first event of its history has it. */
export async function inputOf(
  client: Client,
  { workflowId, runId }: Pick<WorkflowExecutionDescription, 'workflowId' | 'runId'>,
): Promise<unknown> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  let payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  for (const codec of [...payloadCodecs].reverse()) payloads = await codec.decode(payloads);
  const [payload] = payloads;
  return payload ? payloadConverter.fromPayload(payload) : undefined;
}

/** Whether two inputs mean the same, once a schema has read both and filled in the defaults. */
export function isSameInput(
  schema: { safeParse(value: unknown): { success: boolean; data?: unknown } },
  one: unknown,
  other: unknown,
): boolean {
  const [first, second] = [schema.safeParse(one), schema.safeParse(other)];
  return first.success && second.success && isDeepStrictEqual(first.data, second.data);
}
