import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ChildProcess } from '../../src/cli/child-process';
import { WORKER_READY } from '../../src/cli/commands/worker';
import { CLI_ENTRY } from '../../src/cli/entry-points';

/** Worker processes of which one after the other is killed without a warning; another one takes its place. */
export class KilledWorkers {
  /** How many were killed so far. */
  killed = 0;
  private readonly workers: ChildProcess[] = [];
  private readonly stopping = new AbortController();
  private killing: Promise<void> | undefined;

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

  /**
   * Kills the one that has lived longest, again and again, until all are stopped or so many were killed.
   *
   * @returns never resolves; rejects when a worker cannot be replaced
   */
  killOneEvery(intervalMs: number, maximum: number): Promise<never> {
    this.killing = this.kill(intervalMs, maximum);
    return this.killing.then(() => new Promise<never>(() => {}));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    // Whoever has asked for the killing is told when it fails.
    await this.killing?.catch(() => undefined);
    await Promise.all(this.workers.map((worker) => worker.stop()));
  }

  private async kill(intervalMs: number, maximum: number): Promise<void> {
    const { signal } = this.stopping;
    while (this.killed < maximum) {
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
      const oldest = this.workers[0];
      if (signal.aborted || oldest?.pid === undefined) return;
      this.workers.shift();
      process.kill(oldest.pid, 'SIGKILL');
      await oldest.exited;
      this.killed += 1;
      await this.startOne();
    }
  }

  private async startOne(): Promise<void> {
    const worker = new ChildProcess({
      name: 'A worker',
      script: CLI_ENTRY,
      args: ['worker'],
      env: this.env,
      logFile: join(this.folder, 'workers.log'),
    });
    this.workers.push(worker);
    await worker.line((line) => line.startsWith(WORKER_READY));
  }
}
