import { WorkflowNotFoundError } from '@temporalio/client';
import { workerSettings } from '../../src/configuration/worker-settings';
import { currentAndLegacyIds, fleetWorkflowId } from '../../src/contract/workflow-ids';
import type { TemporalClient } from '../../src/temporal/connection';
import { describeStatus } from '../../src/temporal/run-status';
import { CliError } from '../cli-error';
import { EXIT } from '../exit-codes';
import { describeCounts } from '../render/fleet-progress';
import { fleetTree } from '../render/fleet-tree';
import type { Output } from '../render/output';
import { terminalWidth } from '../render/terminal';
import { WorkflowProgressReader } from './workflow-progress';

/** A query may get no response while Temporal still routes it to a worker that has died; a further read reaches another one. */
const MAXIMUM_READS = 3;

/**
 * Shows the status of a fleet as a tree. A fleet that has ended has its last status.
 *
 * @throws CliError when there is no such fleet, or no worker responds to its query
 */
export async function showFleet(output: Output, temporal: TemporalClient, name: string): Promise<void> {
  const { taskQueue } = workerSettings(output.terminal.env);
  const { workflowId, status } = await findFleet(temporal, name, taskQueue);
  const reader = new WorkflowProgressReader(temporal, { workflowId }, 'fleet');
  let reading = await reader.readFleet();
  for (let read = 1; read < MAXIMUM_READS && !reading.progress; read++) reading = await reader.readFleet();
  const { progress, jobs, waitingFor } = reading;
  if (!progress) {
    throw new CliError(
      EXIT.outOfReach,
      'TemporalUnavailable',
      `The fleet '${name}' is ${status}, but no worker reports its progress. ${waitingFor ?? 'Try again in a moment'}.`,
    );
  }
  output.note(`The fleet '${name}' is ${status} (workflow ${workflowId}): ${describeCounts(progress)}.`);
  if (waitingFor !== undefined) output.note(waitingFor);
  output.result({ workflowId, status, ...progress, jobs: Object.fromEntries(jobs) }, () =>
    fleetTree(progress, { jobs, columns: terminalWidth(output.terminal.stdout), paint: output.paintResult }),
  );
}

/** Finds the fleet of a task queue, with its status: `running`, `completed`, `failed`, … */
async function findFleet({ client }: TemporalClient, name: string, taskQueue: string) {
  const ids = currentAndLegacyIds(fleetWorkflowId, name, taskQueue);
  for (const workflowId of ids) {
    try {
      const found = await client.workflow.getHandle(workflowId).describe();
      if (found.taskQueue === taskQueue) return { workflowId, status: describeStatus(found.status) };
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  throw CliError.badInput(
    `Temporal knows no fleet '${name}' (workflow ${ids[0]}) on the task queue '${taskQueue}'. \`temporal-airbyte run FILE\` starts one. Temporal keeps a fleet that has ended for the retention period of the namespace.`,
  );
}
