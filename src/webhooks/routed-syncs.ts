import type { AirbyteClient } from '../airbyte/client';
import { AirbyteError } from '../airbyte/errors';
import { type Job, mayRunOn } from '../airbyte/jobs';
import { tagNamesOf } from '../airbyte/schemas';
import type { EndedSync, WebhookRoute } from '../contract/webhook-routes';
import { ChangeFeed, type ChangeFeedClient } from '../jobs/change-feed';
import { readOutcome } from '../jobs/job-outcome';
import { messageOf } from '../text/error-message';
import type { JobHint } from './notification';
import { matchesConnection, needsConnection, type RoutedConnection, routesOfSync } from './route-matching';

/** What the routes need from the client. */
export interface RoutedSyncsClient extends ChangeFeedClient {
  jobs: ChangeFeedClient['jobs'] & Pick<AirbyteClient['jobs'], 'getWithoutLogs'>;
  connections: Pick<AirbyteClient['connections'], 'get'>;
  health: AirbyteClient['health'];
}

export interface RoutedSyncsOptions {
  routes: readonly WebhookRoute[];
  airbyte: RoutedSyncsClient;
  /** Starts the workflow of a route, unless that was done before. */
  start: (route: WebhookRoute, sync: EndedSync) => Promise<void>;
  logger: Pick<Console, 'info' | 'warn'>;
}

/** A sync that ended earlier starts no workflow: by then, Temporal may have forgotten that it did. */
const MAXIMUM_AGE_SECONDS = 60 * 60;

/** The most pages of changes in one poll. The first one covers an hour. */
const MAXIMUM_PAGES = 100;

/** How many jobs are remembered as done. */
const MAXIMUM_DONE = 20_000;

const CONNECTION_CACHED_FOR_MS = 10 * 60_000;
const MAXIMUM_CACHED_CONNECTIONS = 10_000;

type EndedJob = Job & { connectionId: string; status: 'succeeded' | 'failed' };

/**
 * Starts the workflows of routes for the syncs that have ended. A notification lets it read its job immediately. Since
 * notifications may be lost, it also polls the changes of all jobs, and begins with those of the last hour.
 */
export class RoutedSyncs {
  readonly #options: RoutedSyncsOptions;
  readonly #feed: ChangeFeed;
  readonly #done = new Set<string>();
  readonly #retries = new Map<string, EndedJob>();
  #lastReason: string | undefined;
  readonly #connections = new Map<string, { connection: RoutedConnection | undefined; readAt: number }>();

  constructor(options: RoutedSyncsOptions) {
    this.#options = options;
    this.#feed = new ChangeFeed(options.airbyte, (reason) =>
      options.logger.warn(
        `Airbyte lists no changes of all jobs here (${reason}). Workflows start only after notifications, and after none that is lost.`,
      ),
    );
  }

  /** Reads the job of a notification, and starts the workflows of its routes if it is a sync that has ended. */
  async onHint({ jobId, connectionId }: JobHint): Promise<void> {
    if (this.#done.has(keyOf({ jobId, connectionId }))) return;
    try {
      const job = await this.#options.airbyte.jobs.getWithoutLogs(jobId);
      if (mayRunOn({ connectionId }, job.connectionId)) await this.#startFor(job);
    } catch (error) {
      const isUnknown = error instanceof AirbyteError && !error.retryable;
      if (!isUnknown) this.#warn(`Cannot read job ${jobId}, which may have ended`, error);
    }
  }

  /** Polls for syncs that have ended since the last poll, and starts the workflows that could not be started before. */
  async poll(): Promise<void> {
    for (const job of [...this.#retries.values()]) await this.#startFor(job);
    try {
      if (!this.#feed.isStarted && !(await this.#beginFeed())) return;
      const changes = await this.#feed.read(MAXIMUM_PAGES);
      if (changes === undefined) return;
      if (!changes.complete) {
        this.#options.logger.warn('More jobs have changed than one poll reads: some may start no workflow.');
      }
      for (const job of changes.jobs) await this.#startFor(job);
      if (this.#retries.size === 0) this.#lastReason = undefined;
    } catch (error) {
      this.#warn('Cannot poll for syncs that have ended, retrying', error);
    }
  }

  async #beginFeed(): Promise<boolean> {
    // Any response shows the server's time.
    if (this.#options.airbyte.serverTime === undefined) await this.#options.airbyte.health();
    return this.#feed.begin(this.#now() - MAXIMUM_AGE_SECONDS);
  }

  /** The server's epoch seconds. */
  #now(): number {
    return this.#options.airbyte.serverTime ?? Date.now() / 1_000;
  }

  /** While the reason stays the same, it is logged once. */
  #warn(problem: string, error: unknown): void {
    const reason = messageOf(error);
    if (reason !== this.#lastReason) this.#options.logger.warn(`${problem}: ${reason}`);
    this.#lastReason = reason;
  }

  async #startFor(job: Job): Promise<void> {
    if (!isEndedSync(job)) return;
    const key = keyOf(job);
    this.#retries.delete(key);
    if (this.#done.has(key) || (job.updatedAt ?? 0) < this.#now() - MAXIMUM_AGE_SECONDS) return;
    try {
      for (const { route, name } of await this.#routesOf(job)) await this.#options.start(route, toEndedSync(job, name));
    } catch (error) {
      this.#retries.set(key, job);
      const { jobId, connectionId } = job;
      this.#warn(`Cannot start a workflow after job ${jobId} of connection ${connectionId}, retrying`, error);
      return;
    }
    addBounded(this.#done, key, MAXIMUM_DONE);
  }

  async #routesOf(job: EndedJob): Promise<{ route: WebhookRoute; name: string | undefined }[]> {
    const routes = routesOfSync(this.#options.routes, job);
    if (!routes.some(needsConnection)) return routes.map((route) => ({ route, name: undefined }));
    const connection = await this.#connection(job.connectionId);
    return routes
      .filter((route) => !needsConnection(route) || (connection && matchesConnection(route, connection)))
      .map((route) => ({ route, name: connection?.name }));
  }

  /** @returns undefined for a connection that was deleted */
  async #connection(connectionId: string): Promise<RoutedConnection | undefined> {
    const known = this.#connections.get(connectionId);
    if (known && performance.now() - known.readAt < CONNECTION_CACHED_FOR_MS) return known.connection;
    let connection: RoutedConnection | undefined;
    try {
      const read = await this.#options.airbyte.connections.get(connectionId);
      connection = { name: read.name ?? '', tags: tagNamesOf(read) };
    } catch (error) {
      if (!(error instanceof AirbyteError) || error.retryable) throw error;
    }
    this.#connections.delete(connectionId);
    this.#connections.set(connectionId, { connection, readAt: performance.now() });
    const [oldest] = this.#connections.keys();
    if (this.#connections.size > MAXIMUM_CACHED_CONNECTIONS && oldest !== undefined) this.#connections.delete(oldest);
    return connection;
  }
}

function isEndedSync(job: Job): job is EndedJob {
  return (
    job.jobType === 'sync' && job.connectionId !== undefined && (job.status === 'succeeded' || job.status === 'failed')
  );
}

/** After a database was restored, a job of another connection may have the same id. */
function keyOf({ jobId, connectionId }: { jobId: number; connectionId: string }): string {
  return `${connectionId.toLowerCase()}:${jobId}`;
}

function toEndedSync(job: EndedJob, connectionName: string | undefined): EndedSync {
  const outcome = readOutcome(job);
  return {
    connectionId: job.connectionId,
    ...(connectionName !== undefined && { connectionName }),
    jobId: job.jobId,
    status: job.status,
    recordsSynced: outcome.recordsSynced,
    bytesSynced: outcome.bytesSynced,
    recordsRejected: outcome.recordsRejected,
    startedAt: outcome.startedAt,
    endedAt: outcome.endedAt,
    ...(outcome.failure !== undefined && { failure: outcome.failure }),
  };
}

function addBounded(set: Set<string>, key: string, maximum: number): void {
  set.add(key);
  const [oldest] = set;
  if (set.size > maximum && oldest !== undefined) set.delete(oldest);
}
