import { CLI_ENTRY } from '../../cli/demo/entry-points';
import { Program } from '../support/child-program';

/** A command of the built command line tool. */
export class CliCommand extends Program {
  constructor(args: string[], env: NodeJS.ProcessEnv) {
    super(process.execPath, [CLI_ENTRY, ...args], env);
  }
}

/** Runs a command to its end. */
export async function runCommand(args: string[], env: NodeJS.ProcessEnv): Promise<CliCommand & { exitCode: unknown }> {
  const command = new CliCommand(args, env);
  return Object.assign(command, { exitCode: await command.exited });
}
