import { workerSettings } from '../../src/configuration/worker-settings';
import type { FleetProgress } from '../../src/contract/fleet-progress';
import { fleetWorkflowId } from '../../src/contract/workflow-ids';
import type { TemporalClient } from '../../src/temporal/connection';
import { findFleetRuns } from '../../src/temporal/fleet-runs';
import { describeStatus, hasEnded } from '../../src/temporal/run-status';
import { oneLine } from '../../src/text/control-characters';
import { CliError } from '../cli-error';
import type { CommandContext } from '../command-context';
import { EXIT } from '../exit-codes';
import { describeCounts } from '../render/fleet-progress';
import { fleetTree } from '../render/fleet-tree';
import { Output } from '../render/output';
import { canRedraw, terminalWidth } from '../render/terminal';
import { truncate } from '../render/terminal-text';
import { watchStatus } from './watch-status';
import { WorkflowProgressReader } from './workflow-progress';

/** A query may get no response while Temporal still routes it to a worker that has died; a further read reaches another one. */
const MAXIMUM_READS = 3;

/** Shows the status of a fleet as a tree. A fleet that has ended has its last status. @throws CliError as {@link readFleet} */
export async function showFleet(output: Output, temporal: TemporalClient, name: string): Promise<void> {
  const { workflowId, status, progress, jobs, waitingFor } = await readFleet(output, temporal, name);
  output.note(headingOf({ name, workflowId, status, progress }));
  if (waitingFor !== undefined) output.note(waitingFor);
  output.result({ workflowId, status, ...progress, jobs: Object.fromEntries(jobs) }, () =>
    fleetTree(progress, { jobs, columns: terminalWidth(output.terminal.stdout), paint: output.paintResult }),
  );
}

/** Shows the status of a fleet until it has ended: its tree on a terminal, elsewhere its counts when they change. */
export async function watchFleet(context: CommandContext, temporal: TemporalClient, name: string): Promise<void> {
  const output = new Output(context.terminal, false);
  const { stdout, env } = context.terminal;
  await watchStatus(context, async () => {
    const { workflowId, status, ended, progress, jobs, waitingFor } = await readFleet(output, temporal, name);
    const heading = oneLine(headingOf({ name, workflowId, status, progress }));
    if (!canRedraw(stdout, env))
      return { heading: [], lines: [{ key: 'fleet', state: heading, text: heading }], isFinal: ended };
    const columns = terminalWidth(stdout);
    const tree = fleetTree(progress, { jobs, columns, paint: output.paintResult });
    const lines = tree.map((text, index) => ({ key: String(index), state: text, text }));
    return {
      heading: [truncate(heading, columns), ...(waitingFor ? [truncate(waitingFor, columns)] : [])],
      lines,
      isFinal: ended,
    };
  });
}

type FleetHeading = { name: string; workflowId: string; status: string; progress: FleetProgress };

function headingOf({ name, workflowId, status, progress }: FleetHeading): string {
  return `The fleet '${name}' is ${status} (workflow ${workflowId}): ${describeCounts(progress)}.`;
}

/** @throws CliError when there is no such fleet, or no worker responds to its query */
async function readFleet(output: Output, temporal: TemporalClient, name: string) {
  const { taskQueue } = workerSettings(output.terminal.env);
  const [{ workflowId, ...found }] = await findFleet(temporal, name, taskQueue);
  const [status, ended] = [describeStatus(found.status), hasEnded(found.status)];
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
  return { workflowId, status, ended, progress, jobs, waitingFor };
}

/**
 * Finds the runs of a fleet of a task queue as {@link findFleetRuns} does, at least one.
 *
 * @throws CliError when there is none
 */
export async function findFleet({ client }: TemporalClient, name: string, taskQueue: string) {
  const [newest, ...others] = await findFleetRuns(client, name, taskQueue);
  if (newest !== undefined) return [newest, ...others] as const;
  throw CliError.badInput(
    `Temporal knows no fleet '${name}' (workflow ${fleetWorkflowId(name, taskQueue)}) on the task queue '${taskQueue}'. \`temporal-airbyte run FILE\` starts one. Temporal keeps a fleet that has ended for the retention period of the namespace.`,
  );
}
