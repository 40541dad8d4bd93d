import { isDeepStrictEqual } from 'node:util';
import {
  defaultPayloadConverter,
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  type WorkflowStartOptions,
} from '@temporalio/client';
import type { TemporalClient } from '../temporal/connection';

/** A workflow that one command follows, and whether this command has started it. */
export interface StartedWorkflow {
  handle: WorkflowHandle;
  /** The run that is followed: another one may start under the same id as soon as it has ended. */
  runId: string;
  attached: boolean;
}

export interface StartOptions<Input> {
  workflowType: string;
  workflowId: string;
  taskQueue: string;
  input: Input;
  typedSearchAttributes?: WorkflowStartOptions['typedSearchAttributes'];
  staticSummary?: string;
  /**
   * What to do about one that is running under the id: follow it as if it were ours, or wait until it has ended and
   * then start ours.
   *
   * @throws whatever refuses to do either
   */
  onRunning: (running: { input: unknown; workflowId: string }) => 'attach' | 'wait';
  /** Told before it waits for the one that is running. */
  onWaiting: () => void;
}

/**
 * Starts a workflow, or attaches to the one that runs under its id. Temporal's own 'use existing' would also attach to
 * one that was started with another input, and then report its result for work that was never done.
 */
export async function startOrAttach<Input>(
  { client }: TemporalClient,
  options: StartOptions<Input>,
): Promise<StartedWorkflow> {
  const { workflowType, workflowId, taskQueue, input, typedSearchAttributes, staticSummary } = options;
  for (;;) {
    try {
      const handle = await client.workflow.start(workflowType, {
        workflowId,
        taskQueue,
        args: [input],
        workflowIdConflictPolicy: 'FAIL',
        ...(typedSearchAttributes && { typedSearchAttributes }),
        ...(staticSummary !== undefined && { staticSummary }),
      });
      return { handle, runId: handle.firstExecutionRunId, attached: false };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const running = await describeRunning({ client }, workflowId);
    if (!running) continue;
    const runId = firstRunId(running);
    const handle = client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: runId });
    const decision = options.onRunning({ input: await inputOf({ client }, { workflowId, runId }), workflowId });
    if (decision === 'attach') return { handle, runId, attached: true };
    options.onWaiting();
    // How it ends is its own starter's affair.
    await handle.result().catch((error: unknown) => {
      if (!(error instanceof WorkflowFailedError)) throw error;
    });
  }
}

/** The run under a workflow id that has not ended, if there is one. */
export async function describeRunning(
  { client }: Pick<TemporalClient, 'client'>,
  workflowId: string,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    const description = await client.workflow.getHandle(workflowId).describe();
    return description.status.name === 'RUNNING' ? description : undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** A workflow that has gone on in further runs is the same one to whoever has started it. */
function firstRunId({ raw, runId }: WorkflowExecutionDescription): string {
  return raw.workflowExecutionInfo?.firstRunId || runId;
}

/** What a workflow was started with: the first event of its history has it. */
async function inputOf(
  { client }: Pick<TemporalClient, 'client'>,
  { workflowId, runId }: { workflowId: string; runId: string },
): Promise<unknown> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const [payload] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  return payload ? defaultPayloadConverter.fromPayload(payload) : undefined;
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
