/** The status of a workflow run: whether it has ended, and why it stalls. */
import type { WorkflowExecutionDescription, WorkflowExecutionStatusName } from '@temporalio/client';

/** A run's status from Temporal's client, which names it `UNKNOWN` if only the server knows its name. */
export interface RunStatus {
  code: number;
  name: string;
}

/** The statuses of a run that has ended. With any other status, also an unknown one, the run continues. */
const ENDED: ReadonlySet<string> = new Set<WorkflowExecutionStatusName>([
  ...(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT', 'CONTINUED_AS_NEW'] as const),
]);

export function hasEnded({ name }: RunStatus): boolean {
  return ENDED.has(name);
}

/** The condition of a query for workflows that have not ended. A list of the running statuses would miss future ones. */
export const NOT_ENDED =
  "ExecutionStatus NOT IN ('Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut', 'ContinuedAsNew')";

/** `running`, `paused`, `timed out`, or the number of a status that the client does not know. */
export function describeStatus({ code, name }: RunStatus): string {
  return name === 'UNKNOWN' || name === 'UNSPECIFIED' ? `status ${code}` : name.toLowerCase().replaceAll('_', ' ');
}

/** Why a run does not continue, and what to do; undefined if it is running or has ended. */
export function stallReasonOf({
  workflowId,
  status,
  raw,
}: Pick<WorkflowExecutionDescription, 'workflowId' | 'status' | 'raw'>): string | undefined {
  if (hasEnded(status) || status.name === 'RUNNING') return undefined;
  if (status.name !== 'PAUSED') {
    return `the workflow ${workflowId} has the ${describeStatus(status)} in Temporal, which this version does not know: it counts as not ended`;
  }
  const { reason, identity } = raw.workflowExtendedInfo?.pauseInfo ?? {};
  const by = identity ? ` by ${identity}` : '';
  const why = reason ? ` (${reason})` : '';
  return `the workflow ${workflowId} was paused in Temporal${by}${why}; to continue it: \`temporal workflow unpause --workflow-id ${workflowId}\``;
}
