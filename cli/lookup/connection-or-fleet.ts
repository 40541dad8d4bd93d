import type { Command } from 'commander';
import { CliError } from '../cli-error';

/** What a command acts on: a connection, by its id or name, or a fleet, by its name. */
export type ConnectionOrFleet = { connection: string } | { fleet: string };

/** Adds the argument and the option by which a command learns whose schedule it acts on. */
export function withScheduled(command: Command): Command {
  return command
    .argument('[connection]', 'id or name of the connection')
    .option('--fleet <name>', 'the schedule of the fleet with this name, instead of that of a connection');
}

/** @throws CliError unless the user has given either a connection or a fleet */
export function readConnectionOrFleet(
  connection: string | undefined,
  { fleet }: { fleet?: string },
): ConnectionOrFleet {
  if (connection !== undefined && fleet !== undefined) {
    throw CliError.badInput('Give a connection or --fleet, not both.');
  }
  if (fleet !== undefined) return { fleet };
  if (connection !== undefined) return { connection };
  throw CliError.badInput('Give a connection, or a fleet with --fleet.');
}
