import { setTimeout as delay } from 'node:timers/promises';
import { WorkerProcesses } from '../worker-processes';

/** Worker processes of which one after the other is killed without a warning; another one takes its place. */
export class KilledWorkers {
  /** How many were killed so far. */
  killed = 0;
  private readonly workers: WorkerProcesses;
  private readonly stopping = new AbortController();
  private killing: Promise<void> | undefined;

  /**
   * @param env where Temporal and Airbyte are
   * @param folder where the workers' logs go
   */
  constructor(env: NodeJS.ProcessEnv, folder: string) {
    this.workers = new WorkerProcesses(env, folder);
  }

  start(count: number): Promise<void> {
    return this.workers.start(count);
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
    // The caller that requested the kills gets the error when one fails.
    await this.killing?.catch(() => undefined);
    await this.workers.stop();
  }

  private async kill(intervalMs: number, maximum: number): Promise<void> {
    const { signal } = this.stopping;
    while (this.killed < maximum) {
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      this.killed += 1;
      await this.workers.killOne();
    }
  }
}
