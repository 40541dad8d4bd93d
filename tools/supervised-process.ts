import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** How long a process may take to end after a request to, before it is killed. */
const KILL_AFTER_MS = 12_000;
const TAIL_LINES = 20;
const TAIL_CHARACTERS = 4_000;

/**
 * The program of the supervisor, which runs between this process and the supervised one. An IPC channel connects it to
 * this process; the system closes the channel however this process ends, a kill included, and the supervisor then ends
 * its child. Handlers of signals in this process could not guarantee that, and would change how it reacts to signals.
 */
const SUPERVISOR = `
const { spawn } = require('node:child_process');
const [killAfterMs, file, ...args] = process.argv.slice(1);
const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true });
const end = () => {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), Number(killAfterMs)).unref();
};
const report = (message, then = () => {}) => (process.connected ? process.send(message, then) : then());
const reportExit = (code, signal) => report({ code, signal }, () => process.exit(code ?? 1));
if (child.pid !== undefined) report({ pid: child.pid });
child.on('error', (error) => { console.error(error.message); reportExit(127, null); });
child.on('exit', reportExit);
process.on('message', (message) => (message === 'kill' ? child.kill('SIGKILL') : end()));
process.on('disconnect', end).on('SIGTERM', end).on('SIGINT', end);
`;

export interface SupervisedProcessOptions {
  /** What errors call the process. */
  name: string;
  /** The program, and its arguments. */
  file: string;
  args?: readonly string[];
  /** @default the environment of this process */
  env?: NodeJS.ProcessEnv;
  /** Its output is appended to this file. */
  logFile?: string;
  /** Called with each line of its output. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
}

/** How a process ended: with an exit code, or by a signal. */
export interface ProcessExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** The rest of a sentence that begins with the process. */
export function describeExit({ code, signal }: ProcessExit): string {
  return signal === null ? `ended with exit code ${code}` : `was killed (${signal})`;
}

/**
 * A process that ends when this one ends. It is in a process group of its own: Ctrl-C in the terminal reaches only this
 * process, which can then end its processes in order.
 */
export class SupervisedProcess {
  /** Resolves once the process has ended and all of its output is read and in the log file. */
  readonly exited: Promise<ProcessExit>;
  private childPid: number | undefined;
  private exit: ProcessExit | undefined;
  private readonly started: Promise<void>;
  private readonly supervisor: ChildProcess;
  private readonly log: WriteStream | undefined;
  private readonly lastLines: string[] = [];
  private readonly listeners = new Set<(line: string) => void>();

  constructor(private readonly options: SupervisedProcessOptions) {
    const { file, args = [], env = process.env, logFile } = options;
    if (logFile !== undefined) this.log = createWriteStream(logFile, { flags: 'a' });
    this.supervisor = spawn(process.execPath, ['-e', SUPERVISOR, '--', String(KILL_AFTER_MS), file, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
      windowsHide: true,
    });
    this.read(this.supervisor.stdout, 'stdout');
    this.read(this.supervisor.stderr, 'stderr');
    this.started = new Promise((resolve) => {
      this.supervisor.on('message', (message: { pid: number } | ProcessExit) => {
        if ('pid' in message) this.childPid = message.pid;
        else this.exit = message;
        resolve();
      });
    });
    this.exited = new Promise((resolve) => {
      this.supervisor.once('error', (error) => this.take(error.message, 'stderr'));
      this.supervisor.once('close', (code, signal) => {
        const ended = () => resolve(this.exit ?? { code, signal });
        if (this.log) this.log.end(ended);
        else ended();
      });
    });
  }

  /** The id of the process itself; known once a line was waited for. */
  get pid(): number | undefined {
    return this.childPid;
  }

  /** The last lines of its output, for an error. */
  get outputTail(): string {
    return this.lastLines.join('\n').slice(-TAIL_CHARACTERS);
  }

  /**
   * Waits for a line of its output, one of the last lines included.
   *
   * @throws Error with the last lines of its output when it ends before
   */
  async waitForLine(matches: (line: string) => boolean): Promise<string> {
    let listener = (_line: string) => {};
    const found = new Promise<string>((resolve) => {
      listener = (line) => {
        if (matches(line)) resolve(line);
      };
      this.listeners.add(listener);
      for (const line of this.lastLines) listener(line);
    });
    const line = await Promise.race([found, this.exited.then(() => undefined)]);
    this.listeners.delete(listener);
    if (line === undefined) {
      throw new Error(`${this.options.name} ended before it was ready: ${this.outputTail || 'no output'}`);
    }
    await this.started;
    return line;
  }

  /** Lets this process end without waiting for the supervised one, which then ends as well. */
  unref(): void {
    for (const handle of this.handles()) handle.unref();
  }

  /** Ends it gracefully, or kills it after 12 seconds. Resolves once it has ended. */
  async stop(): Promise<void> {
    await this.request('stop');
  }

  /** Kills it. Resolves once it has ended. */
  async kill(): Promise<void> {
    await this.request('kill');
  }

  private request(message: 'stop' | 'kill'): Promise<ProcessExit> {
    for (const handle of this.handles()) handle.ref();
    // The supervisor may end before the message reaches it.
    if (this.supervisor.connected) this.supervisor.send(message, () => {});
    return this.exited;
  }

  /** What keeps this process alive while the supervised one runs. */
  private handles(): { ref(): void; unref(): void }[] {
    const { channel, stdout, stderr } = this.supervisor;
    // Node's types say only that a pipe is a stream; it is a socket.
    const pipes = [stdout, stderr].filter((pipe) => pipe instanceof Socket);
    return [this.supervisor, ...(channel ? [channel] : []), ...pipes];
  }

  private read(pipe: Readable | null, stream: 'stdout' | 'stderr'): void {
    if (pipe) createInterface({ input: pipe }).on('line', (line) => this.take(line, stream));
  }

  private take(line: string, stream: 'stdout' | 'stderr'): void {
    this.log?.write(`${line}\n`);
    this.lastLines.push(line);
    if (this.lastLines.length > TAIL_LINES) this.lastLines.shift();
    this.options.onLine?.(line, stream);
    for (const listener of this.listeners) listener(line);
  }
}
