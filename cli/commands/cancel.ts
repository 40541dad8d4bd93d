import type { WorkflowHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { workerSettings } from '../../src/configuration/worker-settings';
import { connectionIdSchema } from '../../src/contract/sync-options';
import { describeZodError } from '../../src/contract/validation/schema-problems';
import type { TemporalClient } from '../../src/temporal/connection';
import { stallReasonOf } from '../../src/temporal/run-status';
import { cancelRunningSyncs, cancelUnlessEnded } from '../../src/temporal/running-syncs';
import { describeRunning, firstRunIdOf } from '../../src/temporal/running-workflow';
import { CliError } from '../cli-error';
import { type CommandContext, hasAirbyteUrl, outputOf, withAirbyte, withJson, withTemporal } from '../command-context';
import { EXIT } from '../exit-codes';
import { findFleet } from '../follow/fleet-status';
import { describeCancellation, type SyncCancellation, waitForSyncEnd } from '../follow/sync-cancellation';
import { whileNotingLackOfWorkers } from '../follow/task-queue-messages';
import { findConnection } from '../lookup/connection-lookup';
import { readConnectionOrFleet } from '../lookup/connection-or-fleet';
import type { Output } from '../render/output';

/** The connection or the fleet, and how each workflow that was running has ended. */
type CancelResult = ({ connectionId: string } | { fleet: string }) & { workflows: SyncCancellation[] };

/** @throws CliError when a text that is taken as an id cannot be one: a name, in a shell without Airbyte's address */
function requireAirbyteId(connectionId: string): void {
  const parsed = connectionIdSchema().safeParse(connectionId);
  if (!parsed.success) {
    throw CliError.badInput(
      `connection: ${describeZodError(parsed.error)}. To give a name, set AIRBYTE_URL: the command then asks Airbyte for the id.`,
    );
  }
}

interface CancelOptions {
  json?: boolean;
  fleet?: string;
}

export function addCancelCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('cancel')
    .summary('cancel the running sync of a connection, or a fleet')
    .description(
      'Cancels the running sync of a connection, or a running fleet with all its syncs, and waits until their Airbyte jobs have ended. It cancels only jobs that a sync started or joined: any other job on a connection keeps running.',
    )
    .argument('[connection]', 'id or name of the connection')
    .option('--fleet <name>', 'cancel the fleet with this name')
    .action(async (idOrName: string | undefined, options: CancelOptions) => {
      const output = outputOf(context, options);
      const given = readConnectionOrFleet(idOrName, options);
      if ('fleet' in given) await cancelFleet(output, given.fleet);
      else await cancelConnection(output, given.connection);
    });
  withJson(command);
}

async function cancelFleet(output: Output, name: string): Promise<void> {
  const { env } = output.terminal;
  await withTemporal(env, async (temporal) => {
    const { taskQueue } = workerSettings(env);
    const cancelled: WorkflowHandle[] = [];
    for (const { workflowId } of await findFleet(temporal, name, taskQueue)) {
      const running = await describeRunning(temporal.client, workflowId);
      if (running === undefined) continue;
      const firstExecutionRunId = firstRunIdOf(running);
      const fleet = temporal.client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId });
      if (await cancelUnlessEnded(fleet)) cancelled.push(fleet);
    }
    if (cancelled.length === 0) {
      throw nothingRunning(`The fleet '${name}' is not running, so there is nothing to cancel.`);
    }
    output.note(`Cancelling the fleet '${name}', and waiting until the Airbyte jobs of its syncs have ended …`);
    const advice = `If none will run any more, end the fleet and its syncs without it, and cancel their jobs in Airbyte yourself: ${cancelled.map(({ workflowId }) => `temporal workflow terminate --workflow-id ${workflowId}`).join(' && ')}`;
    const workflows = await waitForEnds(output, temporal, cancelled, advice);
    report(output, { fleet: name, workflows });
  });
}

async function cancelConnection(output: Output, idOrName: string): Promise<void> {
  const { env } = output.terminal;
  const { connectionId } = hasAirbyteUrl(env)
    ? await withAirbyte(output.terminal, (airbyte) => findConnection(airbyte, idOrName))
    : { connectionId: idOrName };
  requireAirbyteId(connectionId);
  await withTemporal(env, async (temporal) => {
    const { taskQueue } = workerSettings(env);
    const syncs = (await cancelRunningSyncs(temporal.client, connectionId, taskQueue)).map(({ sync }) => sync);
    if (syncs.length === 0) {
      throw nothingRunning(
        `Temporal runs no sync of the connection ${describeTyped(idOrName, connectionId)} on the task queue '${taskQueue}', so there is nothing to cancel. Cancel a job that was started elsewhere in Airbyte itself.`,
      );
    }
    output.note(
      `Cancelling the sync of ${describeTyped(idOrName, connectionId)}, and waiting until its Airbyte job has ended …`,
    );
    const advice = `If none will run any more, end the sync without it, and cancel its job in Airbyte yourself: ${syncs.map(({ workflowId }) => `temporal workflow terminate --workflow-id ${workflowId}`).join(' && ')}`;
    report(output, { connectionId, workflows: await waitForEnds(output, temporal, syncs, advice) });
  });
}

/** `'orders' (id)`, or only the id where the user has typed it. */
function describeTyped(idOrName: string, connectionId: string): string {
  return idOrName === connectionId ? connectionId : `'${idOrName}' (${connectionId})`;
}

function nothingRunning(message: string): CliError {
  return new CliError(EXIT.failed, 'NothingRunning', message);
}

async function waitForEnds(
  output: Output,
  temporal: TemporalClient,
  cancelled: readonly WorkflowHandle[],
  advice: string,
): Promise<SyncCancellation[]> {
  for (const { workflowId } of cancelled) {
    const running = await describeRunning(temporal.client, workflowId);
    const stallReason = running && stallReasonOf(running);
    if (stallReason !== undefined) output.note(`The cancel has no effect yet: ${stallReason}.`);
  }
  const { taskQueue } = workerSettings(output.terminal.env);
  return whileNotingLackOfWorkers({ output, temporal, taskQueue, advice }, Promise.all(cancelled.map(waitForSyncEnd)));
}

/** @throws CliError with the result as its details, when a workflow failed although it was cancelled in time */
function report(output: Output, result: CancelResult): void {
  const lines = result.workflows.map(describeCancellation);
  const failed = result.workflows.find(({ afterRequest }) => afterRequest)?.failure;
  if (failed) {
    if (lines.length > 1) for (const line of lines) output.note(line);
    throw new CliError(failed.exitCode, failed.type, failed.message, result);
  }
  output.result(result, () => lines);
}
