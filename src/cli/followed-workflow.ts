import type { WorkflowHandle } from '@temporalio/client';
import type { TemporalClient } from '../temporal/connection';
import { follow } from './follow';
import { askCancelOrLeave, type InterruptChoice, Interruptions, type InterruptSignal } from './interruption';
import type { Output } from './output';
import { ProgressDisplay } from './progress-display';
import { noWorkerMessage, workersPolling } from './task-queue';
import { WorkflowProgressReader } from './workflow-progress';

const READ_INTERVAL_MS = 1_000;

export interface FollowWorkflowOptions {
  output: Output;
  temporal: TemporalClient;
  handle: WorkflowHandle;
  kind: 'pipeline' | 'sync';
  taskQueue: string;
  /** Decided ahead; left out, the person is asked where there is one. */
  onInterrupt?: InterruptChoice | undefined;
}

/** Waits for a workflow of ours on the terminal: progress, Ctrl-C, result. */
export async function followWorkflow<T>(options: FollowWorkflowOptions): Promise<T> {
  const { output, temporal, handle, kind, taskQueue } = options;
  const display = new ProgressDisplay(output.terminal);
  const reader = new WorkflowProgressReader(temporal, handle.workflowId, kind, taskQueue);
  const interruptions = new Interruptions();
  try {
    if ((await workersPolling(temporal, taskQueue)).length === 0) {
      output.note(`Nothing moves yet: ${noWorkerMessage(taskQueue)}`);
    }
    output.progress = display;
    return await follow<T>({
      workflow: handle as unknown as { workflowId: string; result(): Promise<T>; cancel(): Promise<unknown> },
      noun: kind,
      display,
      readSnapshot: () => reader.read(),
      readIntervalMs: READ_INTERVAL_MS,
      nextInterrupt: () => interruptions.next(),
      chooseOnInterrupt: (signal, ended) => choose(options, signal, ended),
    });
  } finally {
    output.progress = undefined;
    interruptions[Symbol.dispose]();
  }
}

async function choose(
  { onInterrupt, output, kind }: FollowWorkflowOptions,
  signal: InterruptSignal,
  ended: AbortSignal,
): Promise<InterruptChoice> {
  if (onInterrupt) return onInterrupt;
  if (signal !== 'SIGINT' || !output.terminal.canAsk) return 'leave';
  return askCancelOrLeave(
    `The ${kind} goes on in Temporal without this terminal. [l]eave it running, or [c]ancel it? (l) `,
    ended,
  );
}
