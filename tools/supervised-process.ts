import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';

/** How long a process that was asked to end may take before it is killed. */
const KILL_AFTER_MS = 5_000;
const LAST_WORDS_LENGTH = 4_000;

/**
 * Runs between us and the process: its standard input is a pipe from us, which the system closes however we end, a kill
 * included. A handler of signals in our own process could not promise that, and would change how the program that uses
 * us takes its signals.
 */
const SUPERVISOR = `
const { spawn } = require('node:child_process');
const [killAfterMs, file, ...args] = process.argv.slice(1);
const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true });
const end = () => {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), Number(killAfterMs)).unref();
};
child.on('error', (error) => { console.error(error.message); process.exit(127); });
child.on('exit', (code) => process.exit(code ?? 1));
process.stdin.on('data', () => child.kill('SIGKILL')).on('end', end).on('error', end);
process.on('SIGTERM', end).on('SIGINT', end);
`;

/** A process that never outlives this one. */
export interface SupervisedProcess {
  /** Resolves with the first line of its output that holds `text`; rejects with its last words if it ends before. */
  waitForOutput(text: string): Promise<void>;
  /** Ends it, and resolves once it has ended. */
  stop(): Promise<void>;
  /** Kills it without a warning, and resolves once it has ended. */
  kill(): Promise<void>;
}

/**
 * Starts a process that ends when this one does. It is in a process group of its own: Ctrl-C in the terminal reaches
 * only us. Once its output has been waited for it does not keep this process alive.
 */
export function superviseProcess(file: string, args: readonly string[]): SupervisedProcess {
  const supervisor = spawn(process.execPath, ['-e', SUPERVISOR, '--', String(KILL_AFTER_MS), file, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    windowsHide: true,
  });
  const ended = once(supervisor, 'close');
  const output = new Output();
  for (const stream of [supervisor.stdout, supervisor.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => output.add(text));
  }
  // Writing and closing may meet a process that is already gone.
  supervisor.stdin.on('error', () => {});
  void ended.then(
    () => output.end(),
    (error: unknown) => output.add(String(error)),
  );
  return {
    async waitForOutput(text) {
      await output.waitFor(text, file);
      supervisor.unref();
      for (const pipe of [supervisor.stdin, supervisor.stdout, supervisor.stderr]) {
        // The types of Node leave open what a pipe is; it is a socket.
        if (pipe instanceof Socket) pipe.unref();
      }
    },
    async stop() {
      supervisor.ref();
      supervisor.stdin.end();
      await ended;
    },
    async kill() {
      supervisor.ref();
      supervisor.stdin.write('kill');
      await ended;
    },
  };
}

class Output {
  private text = '';
  private hasEnded = false;
  private changed: (() => void)[] = [];

  add(text: string): void {
    this.text = (this.text + text).slice(-LAST_WORDS_LENGTH);
    this.notify();
  }

  end(): void {
    this.hasEnded = true;
    this.notify();
  }

  async waitFor(text: string, file: string): Promise<void> {
    while (!this.text.includes(text)) {
      if (this.hasEnded) throw new Error(`${file} ended before it was ready: ${this.text.trim() || 'no output'}`);
      await new Promise<void>((resolve) => this.changed.push(resolve));
    }
  }

  private notify(): void {
    for (const resolve of this.changed.splice(0)) resolve();
  }
}
