import { setMaxListeners } from 'node:events';
import type { WorkflowHandle } from '@temporalio/client';
import type { TemporalClient } from '../../src/temporal/connection';
import { cancelUnlessEnded } from '../../src/temporal/running-syncs';
import type { Output } from '../render/output';
import { ProgressDisplay } from '../render/progress-display';
import { askCancelOrLeave, type InterruptChoice, Interruptions, type InterruptSignal } from './interruption';
import { follow } from './wait-with-progress';
import { type WorkflowKind, WorkflowProgressReader } from './workflow-progress';

const READ_INTERVAL_MS = 500;

export interface FollowWorkflowOptions {
  output: Output;
  temporal: TemporalClient;
  handle: WorkflowHandle;
  runId: string;
  kind: WorkflowKind;
  /** Decided ahead; left out, the person is asked where there is one. */
  onInterrupt?: InterruptChoice | undefined;
}

/** Waits for a workflow of ours on the terminal: progress, Ctrl-C, result. */
export async function followWorkflow<T>(options: FollowWorkflowOptions): Promise<T> {
  const { output, temporal, handle, runId, kind } = options;
  const display = new ProgressDisplay(output.terminal);
  // Fleets and syncs go on in further runs.
  const goesOn = kind === 'fleet' || kind === 'sync';
  const run = goesOn ? { workflowId: handle.workflowId } : { workflowId: handle.workflowId, runId };
  const reader = new WorkflowProgressReader(temporal, run, kind);
  const interruptions = new Interruptions();
  // A closed connection still waits for the server's answers, and the one to a result may take as long as it likes.
  const left = new AbortController();
  // Temporal's connection leaves a listener there each time it asks for the result again, every minute or so.
  setMaxListeners(0, left.signal);
  try {
    output.progress = display;
    return await follow<T>({
      workflow: {
        workflowId: handle.workflowId,
        result: () => temporal.connection.withAbortSignal(left.signal, () => handle.result() as Promise<T>),
        cancel: () => cancelUnlessEnded(handle),
      },
      noun: kind,
      display,
      readSnapshot: (signal) => temporal.connection.withAbortSignal(signal, () => reader.read()),
      readIntervalMs: READ_INTERVAL_MS,
      nextInterrupt: () => interruptions.next(),
      chooseOnInterrupt: (signal, ended) => choose(options, signal, ended),
    });
  } finally {
    output.progress = undefined;
    left.abort();
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
