import { EventEmitter } from 'node:events';
import { CLI_ENTRY } from '../../cli/demo/entry-points';
import type { ExitCode } from '../../cli/exit-codes';
import { runCli } from '../../cli/program';
import type { InterruptSignal, TextStream } from '../../cli/render/terminal';
import { Program } from '../support/child-program';
import { RunningProgram } from '../support/running-program';

/**
 * A command of the command line tool, run in the test's own process: all of it but the few lines of `cli/main.ts`. A process
 * of its own would take a second of processor time to start.
 */
export class CliCommand extends RunningProgram {
  hasExited = false;
  readonly exited: Promise<ExitCode>;
  private readonly signals = new EventEmitter();

  constructor(args: string[], env: NodeJS.ProcessEnv) {
    super();
    const stream = (name: 'stdout' | 'stderr'): TextStream => ({ write: (text) => this.addOutput(name, text) });
    const { signals } = this;
    const terminal = { stdout: stream('stdout'), stderr: stream('stderr'), env, signals, canAsk: false };
    this.exited = runCli(args, terminal).finally(() => {
      this.hasExited = true;
      this.notify();
    });
  }

  /** Sends a signal, for which the command must listen: nothing else would end it. */
  interrupt(signal: InterruptSignal): void {
    if (!this.signals.emit(signal, signal)) throw new Error(`the command does not listen for ${signal}`);
  }
}

/** Runs a command to its end. */
export async function runCommand(args: string[], env: NodeJS.ProcessEnv): Promise<CliCommand & { exitCode: ExitCode }> {
  const command = new CliCommand(args, env);
  return Object.assign(command, { exitCode: await command.exited });
}

/** A command of the built command line tool in a process of its own, for what concerns processes: workers, signals, the exit code. */
export class CliProcess extends Program {
  constructor(args: string[], env: NodeJS.ProcessEnv) {
    super(process.execPath, [CLI_ENTRY, ...args], env);
  }
}
