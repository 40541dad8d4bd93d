/** Shows which workers of a task queue are alive, without an action that Temporal Cloud bills. */
import { randomBytes } from 'node:crypto';
import type { ConnectionLike } from '@temporalio/client';
import { describeWorkers, pollingIdentities, type TaskQueueOptions, type TaskQueueWorker } from './task-queue-workers';

/** A worker announces itself this often. */
const ANNOUNCE_INTERVAL_MS = 3_000;
/** Temporal logs a warning about each poll with a shorter timeout than 10 s. So several polls of a worker overlap. */
const POLL_TIMEOUT_MS = 12_000;
/** How often the list of the workers is read; after a longer pause than twice this, nothing is known of that time. */
export const LIST_INTERVAL_MS = 3_000;
/** A worker that three successive lists do not show to have polled again is dead. The timers of the lists are not exact. */
const DEAD_AFTER_MS = 2.5 * LIST_INTERVAL_MS;
/** How long a worker that is gone is remembered. Temporal itself lists it for 5 minutes. */
const REMEMBERED_FOR_MS = 10 * 60_000;

/** When a worker started, in seconds since 1970, and a random number: both hexadecimal. */
const START_ID = /#([0-9a-f]{12})(?= |$)/;

/** Makes an identity unique: a container that restarts has the process id and the host name of the one before. */
export function withStartId(identity: string): string {
  const seconds = Math.floor(Date.now() / 1_000)
    .toString(16)
    .padStart(8, '0');
  return `${identity}#${seconds}${randomBytes(2).toString('hex')}`;
}

/** The start id of an identity, which orders workers by their age. The workers of earlier releases have none. */
export function startIdOf(identity: string): string | undefined {
  return START_ID.exec(identity)?.[1];
}

/** A task queue that never has a task: workers poll it only to be listed, by Temporal, with the time of their last poll. */
function presenceQueueOf(taskQueue: string): string {
  return `${taskQueue}/alive`;
}

/** Behind the identity in the announcements of a worker that does not reach the Airbyte which it serves. */
const OUT_OF_REACH = ' airbyte-out-of-reach';

export interface PresenceOptions {
  /** Returns the worker's current connection. */
  connection(): Pick<ConnectionLike, 'workflowService' | 'withDeadline' | 'withAbortSignal'>;
  namespace: string;
  taskQueue: string;
  /** The identity of this worker, which no other worker has, nor an earlier one of this process. */
  identity: string;
  /** Whether the worker reaches the Airbyte that it serves. */
  reachesAirbyte(): boolean;
}

/**
 * Announces this worker to the others of its task queue. A poll costs nothing, and a worker polls every few seconds: the SDK's
 * own polls take a minute each, too long to show within 30 s that a worker has died.
 *
 * @returns ends the announcements, with the polls that are under way
 */
export function announceWorker(options: PresenceOptions): () => void {
  const { connection, namespace, taskQueue } = options;
  const polls = new Set<AbortController>();
  const announce = () => {
    const identity = options.reachesAirbyte() ? options.identity : `${options.identity}${OUT_OF_REACH}`;
    const poll = { namespace, identity, taskQueue: { name: presenceQueueOf(taskQueue) } };
    const current = connection();
    // Each has a signal of its own: the connection adds a listener to it, and removes none.
    const ended = new AbortController();
    polls.add(ended);
    current
      .withAbortSignal(ended.signal, () =>
        current.withDeadline(Date.now() + POLL_TIMEOUT_MS, () => current.workflowService.pollWorkflowTaskQueue(poll)),
      )
      // The next poll announces the worker as well. If none does, the list of the workers shows that.
      .catch(() => undefined)
      .finally(() => polls.delete(ended));
  };
  announce();
  const timer = setInterval(announce, ANNOUNCE_INTERVAL_MS).unref();
  return () => {
    clearInterval(timer);
    for (const ended of polls) ended.abort();
  };
}

/** A worker that has recently announced itself. */
export interface AnnouncedWorker {
  identity: string;
  /** When it last did, by the server's clock, in milliseconds since 1970. */
  lastSeenMs: number;
  /** Whether it then reached the Airbyte that it serves. */
  reachesAirbyte: boolean;
}

/** The workers that have recently announced themselves on a task queue. */
export async function listAnnounced(options: TaskQueueOptions, taskQueue: string): Promise<AnnouncedWorker[]> {
  return readAnnouncements((await describeWorkers(options, presenceQueueOf(taskQueue))).workers);
}

/** Temporal lists a worker by each identity with which it has announced itself; the newest one counts. */
export function readAnnouncements(
  announcements: readonly Pick<TaskQueueWorker, 'identity' | 'lastSeenMs'>[],
): AnnouncedWorker[] {
  const newest = new Map<string, AnnouncedWorker>();
  for (const { identity: announced, lastSeenMs } of announcements) {
    const reachesAirbyte = !announced.endsWith(OUT_OF_REACH);
    const identity = reachesAirbyte ? announced : announced.slice(0, -OUT_OF_REACH.length);
    if (lastSeenMs > (newest.get(identity)?.lastSeenMs ?? -1)) {
      newest.set(identity, { identity, lastSeenMs, reachesAirbyte });
    }
  }
  return [...newest.values()];
}

/** By the clock of this machine, which may differ from that of the server. */
const ANNOUNCED_WITHIN_MS = 30_000;

/**
 * The identities of the workers of a task queue that are alive. Temporal lists a worker for minutes after its last poll. One that
 * announces itself, and has not done so for half a minute, has stopped.
 */
export async function liveIdentities(options: TaskQueueOptions, taskQueue: string): Promise<string[]> {
  const [polling, announced] = await Promise.all([
    pollingIdentities(options, taskQueue),
    listAnnounced(options, taskQueue),
  ]);
  return liveWorkers(polling, announced);
}

/** Those of the identities that poll a task queue whose workers are alive. */
export function liveWorkers(polling: readonly string[], announced: readonly AnnouncedWorker[]): string[] {
  const oldest = Date.now() - ANNOUNCED_WITHIN_MS;
  const alive = new Set(announced.filter(({ lastSeenMs }) => lastSeenMs >= oldest).map(({ identity }) => identity));
  return [...new Set(polling)].filter((identity) => startIdOf(identity) === undefined || alive.has(identity));
}

/**
 * Judges by successive lists which workers are alive. It compares the times in a list only with those in earlier lists, so the
 * clocks of the machines may differ. A gap between two lists (Temporal did not respond, or this process was frozen) makes no
 * worker dead: Temporal may have lost its record of the polls meanwhile.
 */
export class AliveWorkers {
  readonly #polls = new Map<string, { lastSeenMs: number; noticedAt: number }>();
  #readAt = Number.NEGATIVE_INFINITY;
  #readSince = 0;

  /** Adds a list that was read at a moment, in milliseconds of a monotonic clock. */
  update(workers: readonly Pick<TaskQueueWorker, 'identity' | 'lastSeenMs'>[], now: number): void {
    if (now - this.#readAt > 2 * LIST_INTERVAL_MS) {
      this.#readSince = now;
      for (const poll of this.#polls.values()) poll.noticedAt = now;
    }
    this.#readAt = now;
    for (const { identity, lastSeenMs } of workers) {
      if (lastSeenMs > (this.#polls.get(identity)?.lastSeenMs ?? -1)) {
        this.#polls.set(identity, { lastSeenMs, noticedAt: now });
      }
    }
    for (const [identity, { noticedAt }] of this.#polls) {
      if (now - noticedAt > REMEMBERED_FOR_MS) this.#polls.delete(identity);
    }
  }

  /** Whether lists were read for so long that each live worker is on one of them. */
  get isComplete(): boolean {
    return this.#readAt - this.#readSince >= DEAD_AFTER_MS;
  }

  /** The identities of the live workers, the oldest first: it has read the most lists. All workers see the same order. */
  get identities(): string[] {
    const alive = [...this.#polls].filter(([, { noticedAt }]) => this.#readAt - noticedAt < DEAD_AFTER_MS);
    const ages = alive.map(([identity]) => ({ identity, age: `${startIdOf(identity)} ${identity}` }));
    return ages.sort((one, other) => (one.age < other.age ? -1 : 1)).map(({ identity }) => identity);
  }
}
