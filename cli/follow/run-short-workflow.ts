import { workerSettings } from '../../src/configuration/worker-settings';
import type { TemporalClient } from '../../src/temporal/connection';
import type { Output } from '../render/output';
import { followWorkflow } from './follow-workflow';
import type { WorkflowKind } from './workflow-progress';

export interface ShortWorkflow<Input> {
  workflowType: string;
  /** Its id on a task queue. It is unique, so that no other command shares the run. */
  workflowIdOn: (taskQueue: string) => string;
  input: Input;
  kind: WorkflowKind;
  summary: string;
}

/** Starts a workflow that takes seconds, and waits for its result. Ctrl-C cancels it. */
export async function runShortWorkflow<Input, Result>(
  temporal: TemporalClient,
  output: Output,
  { workflowType, workflowIdOn, input, kind, summary }: ShortWorkflow<Input>,
): Promise<Result> {
  const { taskQueue } = workerSettings(output.terminal.env);
  const handle = await temporal.client.workflow.start(workflowType, {
    ...{ workflowId: workflowIdOn(taskQueue), taskQueue, args: [input] },
    staticSummary: summary,
  });
  const runId = handle.firstExecutionRunId;
  return followWorkflow<Result>({ output, temporal, handle, runId, kind, onInterrupt: 'cancel' });
}
