import { WorkflowNotFoundError } from '@temporalio/client';
import type { TemporalClient } from '../temporal/connection';
import { describeStatus } from '../temporal/run-status';
import { fleetWorkflowId } from '../temporal/workflow-ids';
import { CliError } from './cli-error';
import { EXIT } from './exit-codes';
import { describeCounts } from './fleet-progress';
import { fleetTree } from './fleet-tree';
import type { Output } from './output';
import { columnsOf } from './terminal';
import { WorkflowProgressReader } from './workflow-progress';

/** Looks until a query is answered, and no longer than a worker that has died takes to be known for it. */
const LOOKS = 3;

/**
 * Shows how a fleet stands, or stood when it ended, as a tree.
 *
 * @throws CliError when there is no such fleet, or nobody answers for it
 */
export async function showFleet(output: Output, temporal: TemporalClient, name: string): Promise<void> {
  const workflowId = fleetWorkflowId(name);
  const status = await statusOf(temporal, workflowId, name);
  const reader = new WorkflowProgressReader(temporal, { workflowId }, 'fleet');
  let picture = await reader.readFleet();
  for (let look = 1; look < LOOKS && !picture.progress; look++) picture = await reader.readFleet();
  const { progress, jobs, waitingFor } = picture;
  if (!progress) {
    throw new CliError(
      EXIT.outOfReach,
      'TemporalUnavailable',
      `The fleet '${name}' is ${status}, but no worker tells how it stands: ${waitingFor ?? 'try again in a moment'}.`,
    );
  }
  output.note(`The fleet '${name}' is ${status} (workflow ${workflowId}): ${describeCounts(progress)}.`);
  if (waitingFor !== undefined) output.note(`It waits: ${waitingFor}`);
  output.result({ workflowId, status, ...progress, jobs: Object.fromEntries(jobs) }, () =>
    fleetTree(progress, { jobs, columns: columnsOf(output.terminal.stdout), paint: output.paintResult }),
  );
}

/** `running`, `completed`, `failed`, … */
async function statusOf({ client }: TemporalClient, workflowId: string, name: string): Promise<string> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return describeStatus(status);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw CliError.badInput(
      `Temporal knows no fleet '${name}' (workflow ${workflowId}). \`temporal-airbyte run FILE\` starts one; how long it is known after its end, the namespace's retention says.`,
    );
  }
}
