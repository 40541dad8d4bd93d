import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { RunningProgram } from './running-program';

/** A program that runs as a process of its own, as people run it. */
export class Program extends RunningProgram {
  /** Resolves with the exit code; with the signal's name when one ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
  private readonly process;

  constructor(file: string, args: string[], env: NodeJS.ProcessEnv) {
    super();
    this.process = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout.on('data', (data) => this.addOutput('stdout', String(data)));
    createInterface({ input: this.process.stderr }).on('line', (line) => this.addOutput('stderr', `${line}\n`));
    this.exited = new Promise((resolve, reject) => {
      this.process.once('error', reject);
      this.process.once('close', (code, signal) => {
        resolve(code ?? signal);
        this.notify();
      });
    });
  }

  get hasExited(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  kill(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }
}
