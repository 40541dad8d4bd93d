import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  WorkflowExecutionAlreadyStartedError,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
  type WorkflowHandle,
  type WorkflowStartOptions,
} from '@temporalio/client';
import type { StaticDetails } from '../../src/details/static-details';
import type { TemporalClient } from '../../src/temporal/connection';
import { stallReasonOf } from '../../src/temporal/run-status';
import { describeRunning, describeRunningOn, firstRunIdOf, inputOf } from '../../src/temporal/running-workflow';

/** A workflow that a command follows, and whether the command has started it. */
export interface StartedWorkflow {
  handle: WorkflowHandle;
  /** The run to follow: another may start under the same id as soon as it has ended. */
  runId: string;
  attached: boolean;
}

export interface StartOptions<Input> extends StaticDetails {
  workflowType: string;
  /** Its id, and other ids under which the task queue may run the same work: see `currentAndLegacyIds`. */
  workflowIds: readonly [id: string, ...others: string[]];
  taskQueue: string;
  input: Input;
  typedSearchAttributes?: WorkflowStartOptions['typedSearchAttributes'];
  /**
   * Decides what to do if a workflow is running under the id: attach to it, wait until it has ended and then start the new one,
   * or start the new one under a separate id.
   *
   * @throws Error to do none of these
   */
  onRunning: (running: { input: unknown; workflowId: string }) => 'attach' | 'wait' | 'separate';
  /**
   * Decides what to do if a run of another task queue has the id. The command never follows that run, because it usually works
   * on another Airbyte.
   *
   * @throws Error to start nothing
   */
  onOtherTaskQueue: (running: { taskQueue: string; workflowId: string }) => 'separate';
  /** The note before it waits for the running workflow. */
  waiting: string;
  note: (message: string) => void;
}

/** Delay between two attempts to start, when the workflow under the id has ended meanwhile. */
const START_RETRY_DELAY_MS = 250;

/**
 * Starts a workflow, or attaches to the one that is running under its id. Temporal's own 'use existing' policy would also
 * attach to one with another input, and its result would then be reported for work that was never done.
 */
export async function startOrAttach<Input>(
  { client }: TemporalClient,
  options: StartOptions<Input>,
): Promise<StartedWorkflow> {
  const { workflowType, taskQueue, input, typedSearchAttributes, staticSummary, staticDetails } = options;
  const [ownId, ...otherIds] = options.workflowIds;
  let workflowId = ownId;
  const start = async (): Promise<StartedWorkflow | undefined> => {
    try {
      const handle = await client.workflow.start(workflowType, {
        workflowId,
        taskQueue,
        args: [input],
        workflowIdConflictPolicy: 'FAIL',
        ...(typedSearchAttributes && { typedSearchAttributes }),
        ...{ staticSummary, staticDetails },
      });
      return { handle, runId: handle.firstExecutionRunId, attached: false };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return undefined;
    }
  };
  for (;;) {
    const other = workflowId === ownId ? await describeRunningOn(client, taskQueue, otherIds) : undefined;
    const started = other ? undefined : await start();
    if (started) return started;
    const running = other ?? (await describeRunning(client, workflowId));
    if (!running) {
      await sleep(START_RETRY_DELAY_MS);
      continue;
    }
    const runId = firstRunIdOf(running);
    const handle = client.workflow.getHandle(running.workflowId, undefined, { firstExecutionRunId: runId });
    const decision = isOurs(running) ? await decide(running, runId) : options.onOtherTaskQueue(running);
    const stallReason = stallReasonOf(running);
    if (stallReason !== undefined && decision !== 'separate') options.note(stallReason);
    if (decision === 'attach') return { handle, runId, attached: true };
    if (decision === 'separate') {
      workflowId = `${ownId}:${randomUUID()}`;
      continue;
    }
    options.note(options.waiting);
    // The command that started it reports how it ended.
    await handle.result().catch((error: unknown) => {
      if (!(error instanceof WorkflowFailedError)) throw error;
    });
  }

  function isOurs(running: WorkflowExecutionDescription): boolean {
    return running.taskQueue === taskQueue && running.type === workflowType;
  }

  async function decide({ workflowId: id }: WorkflowExecutionDescription, runId: string) {
    return options.onRunning({ input: await inputOf(client, { workflowId: id, runId }), workflowId: id });
  }
}
