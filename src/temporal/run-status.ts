import type { WorkflowExecutionDescription, WorkflowExecutionStatusName } from '@temporalio/client';

/** A run's status, as Temporal's client tells it: `UNKNOWN` where only the server has a name for it. */
export interface RunStatus {
  code: number;
  name: string;
}

/** The statuses of a run that has ended. Any other, also one not yet invented, means that it goes on. */
const ENDED: ReadonlySet<string> = new Set<WorkflowExecutionStatusName>([
  ...(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT', 'CONTINUED_AS_NEW'] as const),
]);

export function hasEnded({ name }: RunStatus): boolean {
  return ENDED.has(name);
}

/** Finds, in a list of workflows, those that have not ended; a query by the statuses that are left would miss new ones. */
export const NOT_ENDED =
  "ExecutionStatus NOT IN ('Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut', 'ContinuedAsNew')";

/** `running`, `paused`, `timed out`; a status that the client has no name for is told by its number. */
export function describeStatus({ code, name }: RunStatus): string {
  return name === 'UNKNOWN' || name === 'UNSPECIFIED' ? `status ${code}` : name.toLowerCase().replaceAll('_', ' ');
}

/** Why a run that has not ended does not go on, and what to do about it; undefined when it runs, or has ended. */
export function stallReasonOf({
  workflowId,
  status,
  raw,
}: Pick<WorkflowExecutionDescription, 'workflowId' | 'status' | 'raw'>): string | undefined {
  if (hasEnded(status) || status.name === 'RUNNING') return undefined;
  if (status.name !== 'PAUSED') {
    return `the workflow ${workflowId} has the ${describeStatus(status)} in Temporal, which is not known here: it counts as not ended`;
  }
  const { reason, identity } = raw.workflowExtendedInfo?.pauseInfo ?? {};
  const by = identity ? ` by ${identity}` : '';
  const why = reason ? ` (${reason})` : '';
  return `the workflow ${workflowId} was paused in Temporal${by}${why}: it goes on after \`temporal workflow unpause --workflow-id ${workflowId}\``;
}
