import type { Command } from 'commander';
import { workerSettings } from '../../src/configuration/worker-settings';
import { connectionIdSchema } from '../../src/contract/sync-options';
import { describeZodError } from '../../src/contract/validation/schema-problems';
import { stallReasonOf } from '../../src/temporal/run-status';
import { cancelRunningSyncs } from '../../src/temporal/running-syncs';
import { describeRunning } from '../../src/temporal/running-workflow';
import { CliError } from '../cli-error';
import { type CommandContext, hasAirbyteUrl, outputOf, withAirbyte, withJson, withTemporal } from '../command-context';
import { EXIT } from '../exit-codes';
import { describeCancellation, type SyncCancellation, waitForSyncEnd } from '../follow/sync-cancellation';
import { whileNotingLackOfWorkers } from '../follow/task-queue-messages';
import { findConnection } from '../lookup/connection-lookup';

interface CancelResult {
  connectionId: string;
  /** The syncs that were running, and how each ended. */
  workflows: SyncCancellation[];
}

/** @throws CliError when a text that is taken as an id cannot be one: a name, in a shell without Airbyte's address */
function requireAirbyteId(connectionId: string): void {
  const parsed = connectionIdSchema().safeParse(connectionId);
  if (!parsed.success) {
    throw CliError.badInput(
      `connection: ${describeZodError(parsed.error)}. To give a name, set AIRBYTE_URL: the command then asks Airbyte for the id.`,
    );
  }
}

export function addCancelCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('cancel')
    .summary('cancel the running sync of a connection')
    .description(
      'Cancels the running sync of a connection, and waits until its Airbyte job has ended. It cancels only jobs that the sync started or joined: any other job on the connection keeps running.',
    )
    .argument('<connection>', 'id or name of the connection')
    .action(async (idOrName: string, options: { json?: boolean }) => {
      const output = outputOf(context, options);
      const { env } = context.terminal;
      const { connectionId } = hasAirbyteUrl(env)
        ? await withAirbyte(context.terminal, (airbyte) => findConnection(airbyte, idOrName))
        : { connectionId: idOrName };
      requireAirbyteId(connectionId);
      await withTemporal(env, async (temporal) => {
        const { taskQueue } = workerSettings(env);
        const syncs = (await cancelRunningSyncs(temporal.client, connectionId, taskQueue)).map(({ sync }) => sync);
        if (syncs.length === 0) {
          throw new CliError(
            EXIT.failed,
            'NothingRunning',
            `Temporal runs no sync of the connection ${connectionId} on the task queue '${taskQueue}', so there is nothing to cancel. Cancel a job that was started elsewhere in Airbyte itself.`,
          );
        }
        output.note(`Cancelling the sync of ${connectionId}, and waiting until its Airbyte job has ended …`);
        for (const { workflowId } of syncs) {
          const running = await describeRunning(temporal.client, workflowId);
          const stallReason = running && stallReasonOf(running);
          if (stallReason !== undefined) output.note(`The cancel has no effect yet: ${stallReason}.`);
        }
        const advice = `If none will run any more, end the sync without it, and cancel its job in Airbyte yourself: ${syncs.map(({ workflowId }) => `temporal workflow terminate --workflow-id ${workflowId}`).join(' && ')}`;
        const workflows = await whileNotingLackOfWorkers(
          { output, temporal, taskQueue, advice },
          Promise.all(syncs.map(waitForSyncEnd)),
        );
        const result: CancelResult = { connectionId, workflows };
        const lines = workflows.map(describeCancellation);
        const failed = workflows.find(({ afterRequest }) => afterRequest)?.failure;
        if (failed) {
          if (lines.length > 1) for (const line of lines) output.note(line);
          throw new CliError(failed.exitCode, failed.type, failed.message, result);
        }
        output.result(result, () => lines);
      });
    });
  withJson(command);
}
