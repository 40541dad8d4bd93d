import type { Client } from '@temporalio/client';
import { Runtime, type Worker } from '@temporalio/worker';
import type { DetachedWaits } from '../activities/detached-waits';
import { findEndedRuns, passOnOrphans } from '../src/temporal/pending-waits';
import {
  AliveWorkers,
  type AnnouncedWorker,
  announceWorker,
  LIST_INTERVAL_MS,
  listAnnounced,
  startIdOf,
} from '../src/temporal/worker-presence';
import { messageOf } from '../src/text/error-message';
import type { AirbyteReach } from './airbyte-reach';

/**
 * A connection of a machine that has vanished may take tasks for as long as a poll of the SDK lasts, a minute. So the waits are
 * read once more after this time.
 */
const SECOND_SWEEP_AFTER_MS = 70_000;

/** How often a worker with waits lists the runs that have ended. */
const ENDED_RUNS_INTERVAL_MS = 30_000;
/** The period of that list: clocks differ, and Temporal lists a run some time after its end. */
const ENDED_RUNS_PERIOD_MS = 5 * 60_000;

/**
 * How long this worker has to be the only one that does not reach Airbyte before it leaves its waits to others. When Airbyte itself
 * has an outage, all workers notice its begin and its end within less time, and keep their waits.
 */
const LEAVE_AFTER_MS = 60_000;

/** How often it is checked whether the worker shuts down, of which the SDK informs only running activities. */
const SHUTDOWN_CHECK_INTERVAL_MS = 100;

/**
 * Keeps the waits of a worker that is about to run, and those of workers that have died, from being lost: passes its own on to
 * other workers as soon as it shuts down, and while it alone does not reach its Airbyte.
 *
 * @param onPassedOn called with the number of waits of dead workers that it has passed on
 * @returns passes them on if that has not begun, and resolves when it is done
 */
export function keepWaits(
  worker: Worker,
  waits: DetachedWaits,
  reach: Reach,
  onPassedOn: (waits: number) => void,
): () => Promise<void> {
  const { taskQueue, identity } = worker.options;
  const client = () => {
    if (worker.client === undefined) throw new Error('A worker that replays histories has no waits');
    return worker.client;
  };
  const { logger } = Runtime.instance();
  const takeover = new WaitTakeover({ client, taskQueue, identity, waits, reach, logger, onPassedOn });
  waits.serve({ client, identity, leavesWaits: () => takeover.leavesWaits });
  const endTakeover = takeover.start();
  const passOn = () => {
    clearInterval(timer);
    endTakeover();
    return waits.passOn();
  };
  const timer = setInterval(() => {
    if (['STOPPING', 'DRAINING', 'DRAINED'].includes(worker.getState())) void passOn();
  }, SHUTDOWN_CHECK_INTERVAL_MS).unref();
  return passOn;
}

type Reach = Pick<AirbyteReach, 'isReached' | 'lostForMs'>;

export interface WaitTakeoverOptions {
  /** The worker's current client. */
  client(): Client;
  taskQueue: string;
  identity: string;
  /** The waits of this worker. */
  waits: Pick<DetachedWaits, 'runIds' | 'dropRuns' | 'leave'>;
  /** Whether this worker reaches its Airbyte. */
  reach: Reach;
  logger: { info(message: string): void; warn(message: string): void };
  /** Called with the number of waits that were passed on. */
  onPassedOn?: (waits: number) => void;
}

/**
 * Keeps the waits of dead workers from being lost. Every worker announces itself, and every worker lists the live ones. When
 * one is missing, and when this worker begins, the oldest of the live workers passes on all waits of workers that are not
 * alive. As long as no worker dies, no wait is read. A worker that does not reach its Airbyte, while others do, leaves its waits
 * to them.
 */
export class WaitTakeover {
  readonly #alive = new AliveWorkers();
  /** Since when another live worker has reached its Airbyte; undefined while none does. */
  #othersReachSince: number | undefined;
  /** The live workers at the last sweep; undefined while another worker is the oldest. */
  #swept: readonly string[] | undefined;
  #nextSweepAt = Number.POSITIVE_INFINITY;
  #nextEndedRunsAt = 0;
  #isSweeping = false;
  #lastWarning: string | undefined;

  constructor(private readonly options: WaitTakeoverOptions) {}

  /** Whether other workers are to have the waits of this one: only they reach the Airbyte of the task queue. */
  get leavesWaits(): boolean {
    const { lostForMs } = this.options.reach;
    if (lostForMs === 0 || this.#othersReachSince === undefined) return false;
    const hasNeverReached = lostForMs === Number.POSITIVE_INFINITY;
    return hasNeverReached || Math.min(lostForMs, performance.now() - this.#othersReachSince) >= LEAVE_AFTER_MS;
  }

  /** Begins. @returns ends it */
  start(): () => void {
    const { client, taskQueue, identity, reach } = this.options;
    const { namespace } = client().options;
    const endAnnouncements = announceWorker({
      ...{ connection: () => client().connection, namespace, taskQueue, identity },
      reachesAirbyte: () => reach.isReached,
    });
    void this.#check();
    const timer = setInterval(() => void this.#check(), LIST_INTERVAL_MS).unref();
    return () => {
      clearInterval(timer);
      endAnnouncements();
    };
  }

  async #check(): Promise<void> {
    try {
      await this.#list();
      if (this.leavesWaits) this.options.waits.leave();
      await this.#dropEndedRuns();
      if (this.#isSweeping || !this.#alive.isComplete) return;
      this.#isSweeping = true;
      try {
        await this.#sweepIfDue();
      } finally {
        this.#isSweeping = false;
      }
      this.#lastWarning = undefined;
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== this.#lastWarning) {
        this.options.logger.warn(`Cannot take over the waits of workers that have died, retrying: ${reason}`);
      }
      this.#lastWarning = reason;
    }
  }

  async #list(): Promise<void> {
    const { client, taskQueue } = this.options;
    const { connection, options } = client();
    const workers = await listAnnounced({ connection, namespace: options.namespace }, taskQueue);
    this.#alive.update(workers, performance.now());
    this.#noteReach(workers);
  }

  #noteReach(workers: readonly AnnouncedWorker[]): void {
    const alive = new Set(this.#alive.identities);
    alive.delete(this.options.identity);
    const isReached = workers.some(({ identity, reachesAirbyte }) => reachesAirbyte && alive.has(identity));
    this.#othersReachSince = isReached ? (this.#othersReachSince ?? performance.now()) : undefined;
  }

  /** A run that was terminated or reset has no wait any more. Its job must not keep a slot of this worker. */
  async #dropEndedRuns(): Promise<void> {
    const { client, taskQueue, waits } = this.options;
    const now = performance.now();
    if (now < this.#nextEndedRunsAt || waits.runIds.size === 0) return;
    this.#nextEndedRunsAt = now + ENDED_RUNS_INTERVAL_MS;
    waits.dropRuns(await findEndedRuns(client(), taskQueue, new Date(Date.now() - ENDED_RUNS_PERIOD_MS)));
  }

  async #sweepIfDue(): Promise<void> {
    const { client, taskQueue, identity, waits, logger, onPassedOn } = this.options;
    const { identities } = this.#alive;
    if (!identities.includes(identity)) throw new Error('Temporal does not list this worker as one that polls');
    if (identities[0] !== identity) {
      this.#swept = undefined;
      return;
    }
    const now = performance.now();
    const isMissing = this.#swept === undefined || this.#swept.some((worker) => !identities.includes(worker));
    if (!isMissing && now < this.#nextSweepAt) return;
    const findDead = (workers: ReadonlySet<string>) => this.#findDead(workers);
    const passedOn = await passOnOrphans(client(), { taskQueue, ownRunIds: waits.runIds, findDead });
    if (passedOn > 0) {
      logger.info(`Passed on ${passedOn} waits of workers that no longer respond`);
      onPassedOn?.(passedOn);
    }
    this.#swept = identities;
    this.#nextSweepAt = isMissing ? now + SECOND_SWEEP_AFTER_MS : Number.POSITIVE_INFINITY;
  }

  /** Reads the list of live workers once more, for those that have started since the last time. */
  async #findDead(workers: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    const isDead = (worker: string) => startIdOf(worker) !== undefined && !this.#alive.identities.includes(worker);
    if (![...workers].some(isDead)) return new Set();
    await this.#list();
    return new Set([...workers].filter(isDead));
  }
}
