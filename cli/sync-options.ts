import { type Command, Option } from 'commander';
import { STARTABLE_JOB_TYPES } from '../src/contract/job-types';
import {
  type SyncConnectionInput,
  type SyncConnectionOptions,
  syncConnectionInputSchema,
} from '../src/contract/sync-options';
import { type Problem, toProblems } from '../src/contract/validation/schema-problems';
import { CliError } from './cli-error';

/** The options of a sync as the user gives them on the command line. */
export interface SyncFlags {
  jobType?: string;
  onRunning?: string;
  timeout?: string;
  onTimeout?: string;
  stallTimeout?: string;
  maximumAttempts?: string;
  minimumRecords?: string[];
  unmeasured?: string;
}

/** Adds the options of a sync, the same for each command that starts or schedules syncs. */
export function withSyncOptions(command: Command): Command {
  return command
    .addOption(new Option('--job-type <type>', 'kind of job (default: sync)').choices(STARTABLE_JOB_TYPES))
    .addOption(
      new Option(
        '--on-running <choice>',
        'what to do if a job is already running on the connection (default: attach)',
      ).choices(['attach', 'queue', 'skip', 'fail']),
    )
    .option('--timeout <duration>', 'how long the job may take, such as 90m or 6h (default: 1h)')
    .addOption(
      new Option('--on-timeout <choice>', 'what to do with the job when the timeout is over (default: cancel)').choices(
        ['cancel', 'leave'],
      ),
    )
    .option(
      '--stall-timeout <duration>',
      'cancel the job when nothing moves in it for so long, such as 30m (default: off)',
    )
    .option('--maximum-attempts <number>', 'how many jobs to run at most until one succeeds (default: 1)')
    .option(
      '--minimum-records <number>',
      'fail if the job syncs fewer records than this; for one stream: orders=10. Can be repeated',
      (value: string, before: string[] = []) => [...before, value],
    )
    .addOption(
      new Option(
        '--unmeasured <choice>',
        'what to do if Airbyte has not measured what the job synced (default: warn)',
      ).choices(['accept', 'warn', 'fail']),
    );
}

/** @throws CliError that names the invalid options */
export function readSyncInput(connectionId: string, flags: SyncFlags): SyncConnectionOptions {
  const { jobType, onRunning, timeout, onTimeout, stallTimeout, maximumAttempts, minimumRecords, unmeasured } = flags;
  const given = {
    connectionId,
    jobType,
    onRunning,
    timeout,
    onTimeout,
    stallTimeout,
    maximumAttempts: wholeNumber('--maximum-attempts', maximumAttempts),
    minimumRecords: readMinimumRecords(minimumRecords),
    unmeasured,
  };
  const parsed = syncConnectionInputSchema().safeParse(given);
  if (parsed.success) return parsed.data;
  throw badFlags(toProblems(parsed.error));
}

/** Turns problems with fields into an error that names the options they came from. */
export function badFlags(problems: readonly Problem[]): CliError {
  return CliError.badInput(problems.map(({ path, message }) => `${flagOf(path)}: ${message}`).join('\n'));
}

/** Reads `10` for all streams together and `orders=10` for one. */
function readMinimumRecords(given: readonly string[] = []): SyncConnectionInput['minimumRecords'] {
  const flag = '--minimum-records';
  const streams = new Map<string, number>();
  let total: number | undefined;
  for (const text of given) {
    const [, stream, number] = /^(.*)=([^=]*)$/s.exec(text) ?? [];
    const minimum = wholeNumber(flag, number ?? text) ?? 0;
    const isDuplicate = stream === undefined ? total !== undefined : streams.has(stream);
    if (isDuplicate) throw CliError.badInput(`${flag}: given more than once for ${stream ?? 'all streams together'}.`);
    if (stream === '') throw CliError.badInput(`${flag}: expected the name of a stream before =, found '${text}'.`);
    if (stream === undefined) total = minimum;
    else streams.set(stream, minimum);
  }
  if (streams.size === 0) return total;
  return { ...(total !== undefined && { total }), streams: Object.fromEntries(streams) };
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
