import { type Command, Option } from 'commander';
import { AirbyteClient } from '../src/airbyte/client';
import { airbyteOptionsFromEnvironment } from '../src/configuration/client-options';
import { connectTemporal, type TemporalClient } from '../src/temporal/connection';
import { oneLine } from '../src/text/control-characters';
import type { ExitCode } from './exit-codes';
import { secretsOfEnvironment } from './render/environment-mask';
import { Output } from './render/output';
import type { Terminal } from './render/terminal';

/** What every command is given. */
export interface CommandContext {
  terminal: Terminal;
  /** What a command that did its work ends with; left out: 0. */
  exitCode?: ExitCode;
}

/** `--json`, the same on each command that has a result. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON document on stdout');
}

/** `--on-interrupt`, the same on each command that waits for a workflow. */
export function withOnInterrupt(command: Command): Command {
  return command.addOption(
    new Option(
      '--on-interrupt <choice>',
      'on Ctrl-C or SIGTERM, cancel the work or leave it running; asked on a terminal, else leave',
    ).choices(['cancel', 'leave']),
  );
}

export function outputOf({ terminal }: CommandContext, { json }: { json?: boolean }): Output {
  return new Output(terminal, json === true);
}

/** Runs with a connection to Temporal that is closed afterwards. */
export async function withTemporal<T>(
  env: NodeJS.ProcessEnv,
  use: (temporal: TemporalClient) => Promise<T>,
): Promise<T> {
  const temporal = await connectTemporal({ env });
  try {
    return await use(temporal);
  } finally {
    await temporal.close();
  }
}

/** A person waits: what Airbyte does not answer in this time, it does not answer. */
const AIRBYTE_READ_TIMEOUT_MS = 15_000;

/** Runs with a client of the Airbyte server that the environment names; it is closed afterwards. */
export async function withAirbyte<T>(env: NodeJS.ProcessEnv, use: (airbyte: AirbyteClient) => Promise<T>): Promise<T> {
  const options = airbyteOptionsFromEnvironment(env);
  const airbyte = new AirbyteClient({
    ...options,
    timeoutsMs: { read: AIRBYTE_READ_TIMEOUT_MS },
    secrets: secretsOfEnvironment(env),
    onWarning: (message) => process.stderr.write(`Warning: ${oneLine(message)}\n`),
  });
  try {
    return await use(airbyte);
  } finally {
    await airbyte.close();
  }
}

/**
 * Checks that Airbyte can be reached before a command starts a workflow: the workflow itself would retry for minutes before it
 * failed. Where only the worker has Airbyte's address, there is nothing to check.
 */
export async function requireReachableAirbyte(env: NodeJS.ProcessEnv): Promise<void> {
  if (hasAirbyteUrl(env)) await withAirbyte(env, (airbyte) => airbyte.health());
}

/** Whether this shell knows an Airbyte server. The worker may know one that this shell does not. */
export function hasAirbyteUrl(env: NodeJS.ProcessEnv): boolean {
  return (env['AIRBYTE_URL'] ?? '').trim() !== '';
}
