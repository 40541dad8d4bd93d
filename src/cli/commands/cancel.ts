import type { Command } from 'commander';
import { whyItStandsStill } from '../../temporal/run-status';
import { cancelUnlessEnded, runningSyncs } from '../../temporal/running-syncs';
import { workersPolling } from '../../temporal/task-queue';
import { workerSettings } from '../../worker/worker-settings';
import { CliError } from '../cli-error';
import { type CommandContext, knowsAirbyte, outputOf, withAirbyte, withJson, withTemporal } from '../command-context';
import { findConnection } from '../connection-lookup';
import { EXIT } from '../exit-codes';
import { describeCancellation, endOfSync, type SyncCancellation } from '../sync-cancellation';
import { noWorkerMessage } from '../task-queue';

interface CancelResult {
  connectionId: string;
  /** Those that were cancelled, or that ended otherwise meanwhile. */
  workflows: SyncCancellation[];
}

export function addCancelCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('cancel')
    .summary('cancel the running sync of a connection')
    .description(
      "Cancels the sync of a connection that Temporal runs, and waits until its Airbyte job has ended. A job that was started elsewhere, in Airbyte's own UI for instance, is left alone.",
    )
    .argument('<connection>', 'id or name of the connection')
    .action(async (idOrName: string, options: { json?: boolean }) => {
      const output = outputOf(context, options);
      const { env } = context.terminal;
      const { connectionId } = knowsAirbyte(env)
        ? await withAirbyte(env, (airbyte) => findConnection(airbyte, idOrName))
        : { connectionId: idOrName };
      await withTemporal(env, async (temporal) => {
        const { taskQueue } = workerSettings(env);
        const handles = await runningSyncs(temporal.client, connectionId, taskQueue);
        if (handles.length === 0) {
          throw new CliError(
            EXIT.failed,
            'NothingRunning',
            `Temporal runs no sync of the connection ${connectionId} on the task queue '${taskQueue}', so there is nothing to cancel. A job started elsewhere is cancelled in Airbyte itself.`,
          );
        }
        output.note(`Cancelling the sync of ${connectionId}, and waiting until its Airbyte job has ended …`);
        await Promise.all(handles.map(cancelUnlessEnded));
        if ((await workersPolling(temporal, taskQueue)).length === 0) {
          output.note(`Nothing moves yet: ${noWorkerMessage(taskQueue)}`);
        }
        for (const handle of handles) {
          const standsStill = whyItStandsStill(await handle.describe());
          if (standsStill !== undefined) output.note(`The cancel has no effect yet: ${standsStill}.`);
        }
        const workflows = await Promise.all(handles.map(endOfSync));
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
