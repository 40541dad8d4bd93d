/** Reads running workflows: their description, their first run and their input. */
import { isDeepStrictEqual } from 'node:util';
import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { hasEnded } from './run-status';

/** Describes the run of a workflow that has not ended; undefined if there is none. The run may be paused. */
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

/** Describes the first running workflow among some ids. Workflows of other task queues do not count. */
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

/** The id of a workflow's first run: a workflow that continues as new keeps the one that it was started with. */
export function firstRunIdOf({ raw, runId }: Pick<WorkflowExecutionDescription, 'raw' | 'runId'>): string {
  return raw.workflowExecutionInfo?.firstRunId || runId;
}

/** Reads the input of a workflow from the first event of its history. */
export async function inputOf(
  client: Client,
  { workflowId, runId }: Pick<WorkflowExecutionDescription, 'workflowId' | 'runId'>,
): Promise<unknown> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const [started] = history?.events ?? [];
  const [input] = await decodePayloads(client, started?.workflowExecutionStartedEventAttributes?.input?.payloads);
  return input;
}

/** Decodes payloads of a history. */
export async function decodePayloads(client: Client, payloads: Payload[] | null | undefined): Promise<unknown[]> {
  const { payloadConverter } = client.options.loadedDataConverter;
  const decoded = await passThroughCodecs(client, payloads);
  return decoded.map((payload) => payloadConverter.fromPayload(payload));
}

/** Undoes what the codecs of a client did with payloads, such as their encryption. */
export async function passThroughCodecs(client: Client, payloads: Payload[] | null | undefined): Promise<Payload[]> {
  let decoded = payloads ?? [];
  for (const codec of [...client.options.loadedDataConverter.payloadCodecs].reverse()) {
    decoded = await codec.decode(decoded);
  }
  return decoded;
}

/** Whether two inputs are equal after a schema has applied its defaults. */
export function isSameInput(
  schema: { safeParse(value: unknown): { success: boolean; data?: unknown } },
  one: unknown,
  other: unknown,
): boolean {
  const [first, second] = [schema.safeParse(one), schema.safeParse(other)];
  return first.success && second.success && isDeepStrictEqual(first.data, second.data);
}
