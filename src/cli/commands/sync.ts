import { type Command, Option } from 'commander';
import { STARTABLE_JOB_TYPES } from '../../airbyte/capabilities';
import { describeProblems } from '../../pipeline/problems';
import { type SyncConnectionOptions, syncConnectionInputSchema } from '../../pipeline/sync-options';
import type { KnownConnection } from '../../temporal/static-details';
import { CliError } from '../cli-error';
import {
  type CommandContext,
  knowsAirbyte,
  outputOf,
  withAirbyte,
  withJson,
  withOnInterrupt,
  withTemporal,
} from '../command-context';
import { findConnection, workspaceOf } from '../connection-lookup';
import type { InterruptChoice } from '../interruption';
import type { Output } from '../output';
import { describeSync, runSync } from '../sync-run';

interface SyncCommandOptions {
  json?: boolean;
  jobType?: string;
  onRunning?: string;
  timeout?: string;
  onTimeout?: string;
  maximumAttempts?: string;
  minimumRecords?: string;
  onInterrupt?: InterruptChoice;
}

export function addSyncCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('sync')
    .summary('sync a connection and wait until its job has ended')
    .description(
      'Starts a sync of an Airbyte connection, or attaches to the one that runs, and waits until it has ended.',
    )
    .argument('<connection>', 'id or name of the connection')
    .addOption(new Option('--job-type <type>', 'the kind of job (default: sync)').choices(STARTABLE_JOB_TYPES))
    .addOption(
      new Option('--on-running <choice>', 'what to do when a job is already running (default: attach)').choices([
        'attach',
        'queue',
        'skip',
        'fail',
      ]),
    )
    .option('--timeout <duration>', 'how long the job may take, such as 90m or 6h (default: 1h)')
    .addOption(
      new Option('--on-timeout <choice>', 'what becomes of the job then (default: cancel)').choices([
        'cancel',
        'leave',
      ]),
    )
    .option('--maximum-attempts <number>', 'jobs to run at most until one succeeds (default: 1)')
    .option('--minimum-records <number>', 'fail when fewer records than this were synced')
    .action((connection: string, options: SyncCommandOptions) => sync(context, connection, options));
  withOnInterrupt(withJson(command));
}

async function sync(context: CommandContext, idOrName: string, options: SyncCommandOptions): Promise<void> {
  const output = outputOf(context, options);
  const { env } = context.terminal;
  // What is wrong with the options is said before anything is asked of anybody.
  readInput(idOrName, options);
  const connection = await lookUp(output, idOrName);
  const { connectionId, name } = connection;
  output.note(
    `Syncing the connection ${name ? `'${name}' (${connectionId})` : connectionId} in Temporal, which carries it through crashes and restarts; this terminal only watches.`,
  );
  const result = await withTemporal(env, (temporal) =>
    runSync(temporal, {
      output,
      input: readInput(connectionId, options),
      connection,
      onInterrupt: options.onInterrupt,
    }),
  );
  output.result(result, () => [describeSync(result)]);
}

async function lookUp(output: Output, idOrName: string): Promise<KnownConnection> {
  const { env } = output.terminal;
  if (!knowsAirbyte(env)) {
    output.note(
      `AIRBYTE_URL is not set here: '${idOrName}' is taken for the connection's id, and the worker looks it up.`,
    );
    return { connectionId: idOrName };
  }
  return withAirbyte(env, async (airbyte) => {
    const connection = await findConnection(airbyte, idOrName);
    const { connectionId, name } = connection;
    return { connectionId, name, workspaceId: await workspaceOf(airbyte, connection), webappUrl: airbyte.webappUrl };
  });
}

function readInput(connectionId: string, options: SyncCommandOptions): SyncConnectionOptions {
  const { jobType, onRunning, timeout, onTimeout, maximumAttempts, minimumRecords } = options;
  const given = {
    connectionId,
    jobType,
    onRunning,
    timeout,
    onTimeout,
    maximumAttempts: wholeNumber('--maximum-attempts', maximumAttempts),
    minimumRecords: wholeNumber('--minimum-records', minimumRecords),
  };
  const parsed = syncConnectionInputSchema().safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = describeProblems(parsed.error).map(({ path, message }) => `${flagOf(path)}: ${message}`);
  throw CliError.badInput(problems.join('\n'));
}

function wholeNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw CliError.badInput(`${flag}: expected a whole number, found '${text}'.`);
  return Number(text);
}

/** `maximumAttempts` → `--maximum-attempts`. */
function flagOf(path: string): string {
  return path === 'connectionId' ? 'connection' : `--${path.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
