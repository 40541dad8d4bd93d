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
      'Starts a sync of an Airbyte connection, or attaches to the one that runs, and waits until it has ended: for a person, or for cron, Airflow or a Kubernetes CronJob, which go by the exit code.',
    )
    .argument('<connection>', 'id or name of the connection')
    .option('--wait', 'wait until the job has ended (default)', true)
    .option('--no-wait', "start it, print the workflow's id, and leave");
  withSyncOptions(command).action((connection: string, options: SyncCommandOptions) =>
    sync(context, connection, options),
  );
  withOnInterrupt(withJson(command));
}

async function sync(context: CommandContext, idOrName: string, options: SyncCommandOptions): Promise<void> {
  const output = outputOf(context, options);
  const { env } = context.terminal;
  // What is wrong with the options is said before anything is asked of anybody.
  readSyncInput('any', options);
  const connection = await lookUp(output, idOrName);
  const watching = options.wait ? 'this terminal only watches' : 'and nobody waits here until it has ended';
  output.note(
    `Syncing ${describeConnection(connection)} in Temporal, which carries it through crashes and restarts; ${watching}.`,
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
      `AIRBYTE_URL is not set here: '${idOrName}' is taken for the connection's id, and the worker looks it up.`,
    );
    return { connectionId: idOrName };
  }
  return withAirbyte(env, async (airbyte) => {
    const connection = await withWorkspace(airbyte, await findConnection(airbyte, idOrName));
    const { connectionId, name, workspaceId } = connection;
    return { connectionId, name, workspaceId, webappUrl: airbyte.webappUrl };
  });
}
