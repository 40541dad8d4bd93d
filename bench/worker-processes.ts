import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WORKER_READY } from '../cli/commands/worker';
import { CLI_ENTRY } from '../cli/demo/entry-points';
import { SupervisedProcess } from '../tools/supervised-process';

/** Worker processes, to which things are done: always to the one that has lived longest. */
export class WorkerProcesses {
  private readonly workers: SupervisedProcess[] = [];

  /**
   * @param env where Temporal and Airbyte are
   * @param folder where the workers' logs go
   */
  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly folder: string,
  ) {}

  async start(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.startOne()));
  }

  /** Kills one without a warning; another one takes its place. */
  async killOne(): Promise<void> {
    const worker = this.take();
    process.kill(worker.pid, 'SIGKILL');
    await worker.process.exited;
    await this.startOne();
  }

  /** Kills all of them at the same time; as many others take their place. */
  async killAll(): Promise<void> {
    const killed = Array.from({ length: this.workers.length }, () => this.take());
    for (const { pid } of killed) process.kill(pid, 'SIGKILL');
    await Promise.all(killed.map(({ process: { exited } }) => exited));
    await this.start(killed.length);
  }

  /** Asks one to end (SIGTERM), and starts another one meanwhile. @returns the exit code */
  async drainOne(): Promise<number | null> {
    const worker = this.take();
    process.kill(worker.pid, 'SIGTERM');
    const [{ code }] = await Promise.all([worker.process.exited, this.startOne()]);
    return code;
  }

  /** Freezes one, and resumes it after a time, in milliseconds, or sooner when the signal aborts. */
  async freezeOne(forMs: number, signal: AbortSignal): Promise<void> {
    const worker = this.take();
    process.kill(worker.pid, 'SIGSTOP');
    await delay(forMs, undefined, { signal }).catch(() => undefined);
    process.kill(worker.pid, 'SIGCONT');
    this.workers.push(worker.process);
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.stop()));
  }

  private take(): { process: SupervisedProcess; pid: number } {
    const worker = this.workers.shift();
    if (worker?.pid === undefined) throw new Error('There is no worker left.');
    return { process: worker, pid: worker.pid };
  }

  private async startOne(): Promise<void> {
    const worker = new SupervisedProcess({
      name: 'A worker',
      file: process.execPath,
      args: [CLI_ENTRY, 'worker'],
      env: this.env,
      logFile: join(this.folder, 'workers.log'),
    });
    this.workers.push(worker);
    await worker.waitForLine((line) => line.startsWith(WORKER_READY));
  }
}
