import { type FleetDocument, fleetInputSchema } from '../../src/contract/fleet-document';
import type { FleetProgress } from '../../src/contract/fleet-progress';
import type { FleetConnectionResult, FleetResult } from '../../src/contract/fleet-result';
import { fleetWorkflowId } from '../../src/contract/workflow-ids';
import { fleetStaticDetails } from '../../src/details/static-details';
import { formatCount, formatVolume } from '../../src/text/formatting';
import { CliError } from '../cli-error';
import { requireReachableAirbyte, withTemporal } from '../command-context';
import { FollowedWorkflowError } from '../followed-workflow-error';
import { detailsOf, presentFailure } from '../render/failure-presentation';
import { describeCounts, describeEnd } from '../render/fleet-progress';
import type { Output } from '../render/output';
import { renderTable } from '../render/table';
import { terminalWidth } from '../render/terminal';
import type { InterruptChoice } from './interruption';
import { runNamedDocument } from './run-named-document';

export interface RunFleetOptions {
  output: Output;
  document: FleetDocument;
  onInterrupt?: InterruptChoice | undefined;
}

/**
 * Runs a fleet until it has ended: starts its workflow, or attaches to the run of the same document. Shows the result of a
 * fleet that fails too.
 *
 * @throws CliError with the result as its details, when connections of the fleet have failed
 */
export async function runFleet({ output, document: withSchedule, onInterrupt }: RunFleetOptions): Promise<void> {
  const { env } = output.terminal;
  const { schedule: _, ...document } = withSchedule;
  await requireReachableAirbyte(output.terminal);
  try {
    const result = await withTemporal(env, (temporal) =>
      runNamedDocument<typeof document, FleetResult>(temporal, {
        ...{ output, document, onInterrupt, kind: 'fleet', workflowType: 'syncFleet' },
        workflowIdOf: fleetWorkflowId,
        schema: fleetInputSchema(),
        ...fleetStaticDetails(document),
      }),
    );
    output.result(result, () => describeFleet(result, output));
  } catch (error) {
    const result = detailsOf(error);
    if (!isFleetResult(result)) throw error;
    const { type, message, exitCode } = presentFailure(error);
    if (!output.json) output.result(result, () => describeFleet(result, output));
    const failed = new CliError(exitCode, type, message, result);
    throw error instanceof FollowedWorkflowError ? new FollowedWorkflowError(error.workflow, failed) : failed;
  }
}

/** Whether the details of a failure are the result of a fleet. */
function isFleetResult(details: unknown): details is FleetResult {
  const { counts, connections } = Object(details) as Partial<FleetResult>;
  return typeof counts === 'object' && Array.isArray(connections);
}

/** The result of a fleet: a summary, and one line for each connection. */
function describeFleet(
  { name, counts, connections, unmeasured = 0, ...moved }: FleetResult,
  { terminal }: Output,
): string[] {
  const all: FleetProgress['counts'] = { waiting: 0, running: 0, ...counts };
  const someUnmeasured =
    unmeasured > 0 && moved.recordsSynced !== null ? `, and ${formatCount(unmeasured, 'connection')} not measured` : '';
  const columns = [
    { header: 'CONNECTION', value: (each: FleetConnectionResult) => each.name, shrinks: true },
    { header: 'OUTCOME', value: (each: FleetConnectionResult) => each.outcome },
    { header: 'WHAT', value: whatOf, shrinks: true },
  ];
  return [
    `Fleet '${name}': ${describeCounts({ counts: all })}; ${formatVolume(moved)}${someUnmeasured}.`,
    ...renderTable(columns, connections, terminalWidth(terminal.stdout)),
  ];
}

function whatOf({ outcome, ...connection }: FleetConnectionResult): string {
  if (outcome === 'skipped' || outcome === 'cancelled') return connection.message ?? '';
  return describeEnd({ ...connection, phase: outcome, dependsOn: [] }) ?? '';
}
