import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program that runs as a process of its own, as people run it. */
export class Program {
  stdout = '';
  stderr = '';
  /** Resolves with the exit code; with the signal's name when one ended it. */
  readonly exited: Promise<number | NodeJS.Signals | null>;
  private readonly process;
  private readonly listeners = new Set<() => void>();

  constructor(file: string, args: string[], env: NodeJS.ProcessEnv) {
    this.process = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout.on('data', (data) => {
      this.stdout += data;
      this.notify();
    });
    createInterface({ input: this.process.stderr }).on('line', (line) => {
      this.stderr += `${line}\n`;
      this.notify();
    });
    this.exited = new Promise((resolve, reject) => {
      this.process.once('error', reject);
      this.process.once('close', (code, signal) => {
        resolve(code ?? signal);
        this.notify();
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
  said(pattern: RegExp): Promise<RegExpExecArray> {
    return this.found(pattern, () => this.stderr);
  }

  /** Waits until it has printed something on stdout. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return this.found(pattern, () => this.stdout);
  }

  private async found(pattern: RegExp, text: () => string): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(text());
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

  private notify(): void {
    for (const listener of this.listeners) listener();
  }
}
