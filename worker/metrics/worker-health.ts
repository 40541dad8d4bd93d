import type { Worker } from '@temporalio/worker';
import type { AirbyteClient } from '../../src/airbyte/client';
import { withTimeout } from '../../src/temporal/call-timeout';
import { checkAirbyteResponds } from '../airbyte-reach';
import { CachedCheck } from './cached-check';

/** How long Temporal may take to respond to a check. */
const CHECK_TIMEOUT_MS = 5_000;

/** What a worker needs in order to work. */
export type Dependency = 'temporal' | 'airbyte';

/** What is wrong with each dependency; undefined when nothing is. */
export type Readiness = Record<Dependency, string | undefined>;

/** Whether the worker of this process is alive, and whether it can work. */
export class WorkerHealth {
  #worker: Worker | undefined;
  readonly #checks: Record<Dependency, CachedCheck>;

  constructor(airbyte: Pick<AirbyteClient, 'health'>) {
    this.#checks = {
      temporal: new CachedCheck(() => this.#checkTemporal()),
      airbyte: new CachedCheck(() => checkAirbyteResponds(airbyte)),
    };
  }

  /** Sets the worker, which the process creates once Temporal has responded. */
  serve(worker: Worker): void {
    this.#worker = worker;
  }

  /**
   * Says why the process has to be restarted; undefined while it is alive. It sends no request: a restart would not end an
   * outage of Temporal or Airbyte, which the worker waits for.
   */
  get reasonToRestart(): string | undefined {
    if (this.#worker === undefined) return undefined;
    const { runState, workflowPollerState, activityPollerState } = this.#worker.getStatus();
    if (runState === 'FAILED') return 'the worker has failed';
    const isBroken = [workflowPollerState, activityPollerState].includes('FAILED');
    return isBroken ? 'the worker cannot poll for tasks any more' : undefined;
  }

  /** Checks whether Temporal and Airbyte respond. */
  async readiness(): Promise<Readiness> {
    const [temporal, airbyte] = await Promise.all([this.check('temporal'), this.check('airbyte')]);
    return { temporal, airbyte };
  }

  /** @returns what is wrong with a dependency; undefined when nothing is */
  check(dependency: Dependency): Promise<string | undefined> {
    return this.#checks[dependency].run();
  }

  async #checkTemporal(): Promise<void> {
    const { connection } = this.#worker ?? {};
    if (this.#worker === undefined || connection === undefined) throw new Error('the worker is starting');
    const state = this.#worker.getState();
    if (state !== 'RUNNING') throw new Error(`the worker takes no tasks: it is ${state}`);
    await withTimeout(connection, CHECK_TIMEOUT_MS, () => connection.workflowService.getSystemInfo({}));
  }
}
