import { type Command, Option } from 'commander';
import { type LogLevel, logFormat, logLevel } from '../src/configuration/log-settings';
import { JsonLinesStream } from './render/json-lines-stream';
import type { Terminal } from './render/terminal';

/** Adds the options that every command has. They have no values, so {@link commandNameIn} finds the command behind them. */
export function withGlobalOptions(program: Command): Command {
  return program
    .addOption(new Option('--quiet', 'show only results, warnings and errors').conflicts('verbose'))
    .addOption(new Option('--verbose', 'also show details, such as each request to Airbyte').conflicts('quiet'));
}

/** The name of the command on a command line; undefined if there is none. */
export function commandNameIn(args: readonly string[]): string | undefined {
  return args.find((arg) => !arg.startsWith('-'));
}

/**
 * Applies the level and the format of the log: `--quiet` and `--verbose` take precedence over `LOG_LEVEL`. With
 * `LOG_FORMAT=json`, all that a command writes to stderr is a log in JSON. Invalid variables are ignored here:
 * {@link checkLogVariables} reports them.
 */
export function withLogSettings(args: readonly string[], terminal: Terminal): Terminal {
  const { env, stderr } = terminal;
  return {
    ...terminal,
    logLevel: levelOf(args, env),
    stderr: env['LOG_FORMAT'] === 'json' ? new JsonLinesStream(stderr) : stderr,
  };
}

function levelOf(args: readonly string[], env: NodeJS.ProcessEnv): LogLevel {
  if (args.includes('--quiet')) return 'warn';
  if (args.includes('--verbose')) return 'debug';
  try {
    return logLevel(env);
  } catch {
    return 'info';
  }
}

/** @throws InvalidEnvironmentError */
export function checkLogVariables(env: NodeJS.ProcessEnv): void {
  logFormat(env);
  logLevel(env);
}
