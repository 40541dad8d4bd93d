import { setMaxListeners } from 'node:events';
import type { WorkflowHandle } from '@temporalio/client';
import type { TemporalClient } from '../../src/temporal/connection';
import { cancelUnlessEnded } from '../../src/temporal/running-syncs';
import { type FollowedWorkflow, FollowedWorkflowError } from '../followed-workflow-error';
import type { Output } from '../render/output';
import { ProgressDisplay } from '../render/progress-display';
import type { InterruptSignal } from '../render/terminal';
import { askCancelOrLeave, type InterruptChoice, Interruptions } from './interruption';
import { follow } from './wait-with-progress';
import { type WorkflowKind, WorkflowProgressReader } from './workflow-progress';

const READ_INTERVAL_MS = 500;

export interface FollowWorkflowOptions {
  output: Output;
  temporal: TemporalClient;
  handle: WorkflowHandle;
  runId: string;
  kind: WorkflowKind;
  /** The connection of a sync, for messages. */
  connection?: FollowedWorkflow['connection'];
  /** What to do on an interrupt; left out: asks the user if the terminal allows it. */
  onInterrupt?: InterruptChoice | undefined;
}

/**
 * Waits for a workflow on the terminal: shows its progress, handles Ctrl-C, and returns its result.
 *
 * @throws FollowedWorkflowError when the workflow failed, or the command was interrupted
 */
export async function followWorkflow<T>(options: FollowWorkflowOptions): Promise<T> {
  const { output, temporal, handle, runId, kind } = options;
  const { address, namespace } = temporal;
  output.detail(`Temporal: ${address}, namespace '${namespace}': workflow ${handle.workflowId}, run ${runId}`);
  const display = new ProgressDisplay(output.terminal);
  // Fleets and syncs may continue in further runs.
  const continues = kind === 'fleet' || kind === 'sync';
  const run = continues ? { workflowId: handle.workflowId } : { workflowId: handle.workflowId, runId };
  const reader = new WorkflowProgressReader(temporal, run, kind);
  const interruptions = new Interruptions(output.terminal.signals);
  // Closing the connection does not end a pending call, and the call for a result may be pending for hours.
  const left = new AbortController();
  // Temporal's connection adds a listener each time it polls for the result, about once a minute, and removes none.
  setMaxListeners(0, left.signal);
  let job: FollowedWorkflow['job'];
  const readSnapshot = async (signal: AbortSignal) => {
    // A read that describes each partition of a task queue makes more than ten calls.
    setMaxListeners(0, signal);
    const snapshot = await temporal.connection.withAbortSignal(signal, () => reader.read());
    job = snapshot?.job ?? job;
    return snapshot;
  };
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
      readSnapshot,
      readIntervalMs: READ_INTERVAL_MS,
      nextInterrupt: () => interruptions.next(),
      chooseOnInterrupt: (signal, ended) => choose(options, signal, ended),
    });
  } catch (error) {
    throw new FollowedWorkflowError(
      { workflowId: handle.workflowId, runId, job, connection: options.connection },
      error,
    );
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
    `The ${kind} continues in Temporal without this terminal. [l]eave it running, or [c]ancel it? (l) `,
    ended,
  );
}
