import type { Command } from 'commander';
import { withWorkspace } from '../../src/airbyte/lookup/connection-workspace';
import type { KnownConnection } from '../../src/details/static-details';
import {
  type CommandContext,
  hasAirbyteUrl,
  outputOf,
  withAirbyte,
  withJson,
  withOnInterrupt,
  withTemporal,
} from '../command-context';
import type { InterruptChoice } from '../follow/interruption';
import { describeDetachedSync, describeSync, describeWarnings, runSync, startDetachedSync } from '../follow/sync-run';
import { describeConnection, findConnection } from '../lookup/connection-lookup';
import type { Output } from '../render/output';
import { readSyncInput, type SyncFlags, withSyncOptions } from '../sync-options';

interface SyncCommandOptions extends SyncFlags {
  json?: boolean;
  wait: boolean;
  onInterrupt?: InterruptChoice;
}

export function addSyncCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('sync')
    .summary('sync a connection and wait until its job has ended')
    .description(
      'Starts a sync of an Airbyte connection, or attaches to the one that is running, and waits until its job has ended. The exit code tells a scheduler such as cron, Airflow or a Kubernetes CronJob how it ended.',
    )
    .argument('<connection>', 'id or name of the connection')
    .option('--wait', 'wait until the job has ended', true)
    .option('--no-wait', "start the sync, print the workflow's id, and exit");
  withSyncOptions(command).action((connection: string, options: SyncCommandOptions) =>
    sync(context, connection, options),
  );
  withOnInterrupt(withJson(command));
}

async function sync(context: CommandContext, idOrName: string, options: SyncCommandOptions): Promise<void> {
  const output = outputOf(context, options);
  const { env } = context.terminal;
  // Checks the options before it sends any request.
  readSyncInput('any', options);
  const connection = await lookUp(output, idOrName);
  const watching = options.wait ? 'this terminal only shows the progress' : 'this command does not wait for it';
  output.note(
    `Syncing ${describeConnection(connection)} in Temporal, which continues it after crashes and restarts; ${watching}.`,
  );
  const request = { output, input: readSyncInput(connection.connectionId, options), connection };
  await withTemporal(env, async (temporal) => {
    if (options.wait) {
      const result = await runSync(temporal, { ...request, onInterrupt: options.onInterrupt });
      output.result(result, () => [describeSync(result), ...describeWarnings(result)]);
    } else {
      const start = await startDetachedSync(temporal, request);
      output.result(start, () => [describeDetachedSync(start)]);
    }
  });
}

async function lookUp(output: Output, idOrName: string): Promise<KnownConnection> {
  const { env } = output.terminal;
  if (!hasAirbyteUrl(env)) {
    output.note(
      `AIRBYTE_URL is not set here, so '${idOrName}' is used as the connection's id; the worker checks it in Airbyte.`,
    );
    return { connectionId: idOrName };
  }
  return withAirbyte(output.terminal, async (airbyte) => {
    const connection = await withWorkspace(airbyte, await findConnection(airbyte, idOrName));
    const { connectionId, name, workspaceId } = connection;
    return { connectionId, name, workspaceId, webappUrl: airbyte.webappUrl };
  });
}
