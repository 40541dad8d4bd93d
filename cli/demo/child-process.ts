import { type ChildProcess as NodeChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { END_WITH_PARENT } from './entry-points';

/** How long a process that was asked to end may take before it is killed. */
const KILL_AFTER_MS = 12_000;
const OUTPUT_TAIL_LINES = 8;

export interface ChildProcessOptions {
  /** How it is called in an error. */
  name: string;
  /** The script that `node` runs, and its arguments. */
  script: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Where its stderr is kept. */
  logFile: string;
}

/** How a process ended: with an exit code, or by a signal. */
export interface ChildExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/**
 * A Node process of ours. It is in a process group of its own, so that Ctrl-C reaches only us and we end things in
 * order; and it ends when we do, however we end.
 */
export class ChildProcess {
  /** Resolves once it has ended. */
  readonly exited: Promise<ChildExit>;
  private readonly process: NodeChildProcess;
  private readonly log: WriteStream;
  private readonly lastLines: string[] = [];
  private readonly listeners = new Set<(line: string) => void>();

  constructor(private readonly options: ChildProcessOptions) {
    this.log = createWriteStream(options.logFile, { flags: 'a' });
    this.process = spawn(process.execPath, ['--require', END_WITH_PARENT, options.script, ...options.args], {
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
      windowsHide: true,
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.take(line));
    }
    this.exited = new Promise((resolve) => {
      this.process.once('close', (code, signal) => {
        this.log.end();
        resolve({ code, signal });
      });
      this.process.once('error', (error) => {
        this.take(error.message);
        resolve({ code: null, signal: null });
      });
    });
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** The last lines it has written, for an error. */
  get outputTail(): string {
    return this.lastLines.join('\n');
  }

  /**
   * The first line of its output that matches.
   *
   * @throws Error with its last words when it ends before
   */
  async line(matches: (line: string) => boolean): Promise<string> {
    let listener = (_line: string) => {};
    const found = new Promise<string>((resolve) => {
      listener = (line) => {
        if (matches(line)) resolve(line);
      };
      this.listeners.add(listener);
    });
    const ended = this.exited.then(() => undefined);
    const line = await Promise.race([found, ended]);
    this.listeners.delete(listener);
    if (line !== undefined) return line;
    throw new Error(`${this.options.name} ended before it was ready:\n${this.outputTail}`);
  }

  /** Ends it, and resolves once it has ended. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), KILL_AFTER_MS);
    await this.exited;
    clearTimeout(timer);
  }

  private take(line: string): void {
    this.log.write(`${line}\n`);
    this.lastLines.push(line);
    if (this.lastLines.length > OUTPUT_TAIL_LINES) this.lastLines.shift();
    for (const listener of this.listeners) listener(line);
  }
}
