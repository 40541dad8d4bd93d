import { type Command, Option } from 'commander';
import { AirbyteClient } from '../src/airbyte/client';
import { airbyteOptionsFromEnvironment } from '../src/configuration/client-options';
import { connectTemporal, type TemporalClient } from '../src/temporal/connection';
import { oneLine } from '../src/text/control-characters';
import { clientInterceptorsOfProcess, requestTracerOfProcess } from '../worker/tracing/tracing';
import type { ExitCode } from './exit-codes';
import { secretsOfEnvironment } from './render/environment-mask';
import { Output } from './render/output';
import type { Terminal } from './render/terminal';

/** What every command receives. */
export interface CommandContext {
  terminal: Terminal;
  /** The exit code of a command that succeeded; default: 0. */
  exitCode?: ExitCode;
}

/** Adds `--json`, the same for each command that has a result. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON document on stdout');
}

/** Adds `--on-interrupt`, the same for each command that waits for a workflow. */
export function withOnInterrupt(command: Command): Command {
  return command.addOption(
    new Option(
      '--on-interrupt <choice>',
      'on Ctrl-C or SIGTERM, cancel the workflow or leave it running (default: ask on a terminal, otherwise leave)',
    ).choices(['cancel', 'leave']),
  );
}

/** Adds `--yes`, which Terraform calls `--auto-approve`, the same for each command that asks before it changes something. */
export function withYes(command: Command, description: string): Command {
  return command.option('--auto-approve, --yes', description);
}

/** Adds `--take-over`, the same for each command that applies documents or plans that. */
export function withTakeOver(command: Command): Command {
  return command.option(
    '--take-over',
    'also change objects that another pipeline manages (it created or changed them last), and manage them from then on',
  );
}

/** The document, as the options of the command line complete it. */
export function withTakeOverOf<Document extends object>(
  document: Document,
  { takeOver }: { takeOver?: boolean },
): Document & { takeOver?: boolean } {
  return takeOver ? { ...document, takeOver } : document;
}

export function outputOf({ terminal }: CommandContext, { json }: { json?: boolean }): Output {
  return new Output(terminal, json === true);
}

/** Connects to Temporal, runs `use`, and closes the connection. */
export async function withTemporal<T>(
  env: NodeJS.ProcessEnv,
  use: (temporal: TemporalClient) => Promise<T>,
): Promise<T> {
  const temporal = await connectTemporal({ env, workflowInterceptors: clientInterceptorsOfProcess() });
  try {
    return await use(temporal);
  } finally {
    await temporal.close();
  }
}

/** Shorter than a worker's timeout, because a user is waiting. */
const AIRBYTE_READ_TIMEOUT_MS = 15_000;

/** Opens a client of the Airbyte server that the environment names, runs `use`, and closes the client. Its warnings go to stderr. */
export async function withAirbyte<T>(terminal: Terminal, use: (airbyte: AirbyteClient) => Promise<T>): Promise<T> {
  const { env } = terminal;
  const output = new Output(terminal, false);
  const options = airbyteOptionsFromEnvironment(env);
  const tracer = requestTracerOfProcess(env);
  const airbyte = new AirbyteClient({
    ...options,
    ...(tracer && { tracer }),
    timeoutsMs: { read: AIRBYTE_READ_TIMEOUT_MS },
    secrets: secretsOfEnvironment(env),
    onWarning: (message) => output.warn(oneLine(message)),
    observer: {
      onRequest: ({ endpoint, status, durationMs }) =>
        output.detail(`Airbyte: ${endpoint}: ${status}, ${Math.round(durationMs)} ms`),
      onRateLimitWait: (waitedMs) => output.detail(`Airbyte: waited ${Math.round(waitedMs)} ms before a request`),
      onTokenRefresh: (hasSucceeded) =>
        output.detail(`Airbyte: ${hasSucceeded ? 'got a token' : 'got no token'} for the client credentials`),
    },
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
export async function requireReachableAirbyte(terminal: Terminal): Promise<void> {
  if (hasAirbyteUrl(terminal.env)) await withAirbyte(terminal, (airbyte) => airbyte.health());
}

/** Whether this shell has Airbyte's address. The worker may have one where the shell has none. */
export function hasAirbyteUrl(env: NodeJS.ProcessEnv): boolean {
  return (env['AIRBYTE_URL'] ?? '').trim() !== '';
}
