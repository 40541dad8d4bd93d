import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { CLI_ENTRY } from '../../src/cli/entry-points';

/** A command of the built command line tool, run as a process of its own, as people run it. */
export class CliCommand {
  stdout = '';
  stderr = '';
  /** Resolves with the exit code; with the signal's name when one ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
  private readonly process;
  private readonly listeners = new Set<() => void>();

  constructor(args: string[], env: NodeJS.ProcessEnv) {
    this.process = spawn(process.execPath, [CLI_ENTRY, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout.on('data', (data) => {
      this.stdout += data;
    });
    createInterface({ input: this.process.stderr }).on('line', (line) => {
      this.stderr += `${line}\n`;
      for (const listener of this.listeners) listener();
    });
    this.exited = new Promise((resolve, reject) => {
      this.process.once('error', reject);
      this.process.once('close', (code, signal) => {
        resolve(code ?? signal);
        for (const listener of this.listeners) listener();
      });
    });
  }

  /** The one document that it has printed on stdout. */
  get document() {
    return JSON.parse(this.stdout);
  }

  get hasExited(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Waits until it has said something on stderr. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stderr);
      if (match) return match;
      if (this.hasExited) throw new Error(`ended without saying ${pattern}:\n${this.stderr}${this.stdout}`);
      await new Promise<void>((resolve) => {
        const listener = () => {
          this.listeners.delete(listener);
          resolve();
        };
        this.listeners.add(listener);
      });
    }
  }
}

/** Runs a command to its end. */
export async function runCommand(args: string[], env: NodeJS.ProcessEnv): Promise<CliCommand & { exitCode: unknown }> {
  const command = new CliCommand(args, env);
  return Object.assign(command, { exitCode: await command.exited });
}
