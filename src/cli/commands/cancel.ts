import type { WorkflowHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { whyItStandsStill } from '../../temporal/run-status';
import { runningSyncs } from '../../temporal/running-syncs';
import { workersPolling } from '../../temporal/task-queue';
import { workerSettings } from '../../worker/worker-settings';
import { CliError } from '../cli-error';
import { type CommandContext, knowsAirbyte, outputOf, withAirbyte, withJson, withTemporal } from '../command-context';
import { findConnection } from '../connection-lookup';
import { EXIT } from '../exit-codes';
import { isCancellation } from '../failure-presentation';
import { noWorkerMessage } from '../task-queue';

interface CancelResult {
  connectionId: string;
  /** Those that were cancelled, or that ended by themselves meanwhile. */
  workflows: { workflowId: string; cancelled: boolean }[];
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
        const handles = await runningSyncs(temporal.client, connectionId);
        if (handles.length === 0) {
          throw new CliError(
            EXIT.failed,
            'NothingRunning',
            `Temporal runs no sync of the connection ${connectionId}, so there is nothing to cancel. A job started elsewhere is cancelled in Airbyte itself.`,
          );
        }
        output.note(`Cancelling the sync of ${connectionId}, and waiting until its Airbyte job has ended …`);
        await Promise.all(handles.map((handle) => handle.cancel()));
        if ((await workersPolling(temporal, taskQueue)).length === 0) {
          output.note(`Nothing moves yet: ${noWorkerMessage(taskQueue)}`);
        }
        for (const handle of handles) {
          const standsStill = whyItStandsStill(await handle.describe());
          if (standsStill !== undefined) output.note(`The cancel has no effect yet: ${standsStill}.`);
        }
        const workflows = await Promise.all(
          handles.map(async (handle) => ({ workflowId: handle.workflowId, cancelled: await endsCancelled(handle) })),
        );
        const result: CancelResult = { connectionId, workflows };
        output.result(result, () =>
          workflows.map(({ workflowId, cancelled }) =>
            cancelled ? `Cancelled ${workflowId}.` : `${workflowId} had ended by itself before it could be cancelled.`,
          ),
        );
      });
    });
  withJson(command);
}

async function endsCancelled(handle: WorkflowHandle): Promise<boolean> {
  try {
    await handle.result();
    return false;
  } catch (error) {
    if (isCancellation(error)) return true;
    throw error;
  }
}
