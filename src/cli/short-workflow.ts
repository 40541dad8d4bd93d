import type { TemporalClient } from '../temporal/connection';
import { workerSettings } from '../worker/worker-settings';
import { followWorkflow } from './followed-workflow';
import type { Output } from './output';
import type { FollowedKind } from './workflow-progress';

export interface ShortWorkflow<Input> {
  workflowType: string;
  /** One that nobody else uses: the run is ours alone. */
  workflowId: string;
  input: Input;
  kind: FollowedKind;
  summary: string;
}

/** Has a worker do something that a person waits for. Ctrl-C cancels it. */
export async function runShortWorkflow<Input, Result>(
  temporal: TemporalClient,
  output: Output,
  { workflowType, workflowId, input, kind, summary }: ShortWorkflow<Input>,
): Promise<Result> {
  const { taskQueue } = workerSettings(output.terminal.env);
  const handle = await temporal.client.workflow.start(workflowType, {
    ...{ workflowId, taskQueue, args: [input] },
    staticSummary: summary,
  });
  const runId = handle.firstExecutionRunId;
  return followWorkflow<Result>({ output, temporal, handle, runId, kind, onInterrupt: 'cancel' });
}
