import type { Client } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import type { AirbyteClient } from '../../src/airbyte/client';
import { sleep } from '../../src/async/sleep';
import type { JobWatcher } from '../../src/jobs/job-watcher';
import { messageOf } from '../../src/text/error-message';
import type { JobHint } from '../../src/webhooks/notification';
import { RoutedSyncs } from '../../src/webhooks/routed-syncs';
import type { WebhookSettings } from '../../src/webhooks/webhook-settings';
import { HintQueue } from './hint-queue';
import { routeStarter } from './route-starter';
import { endWaitsElsewhere } from './waits-elsewhere';
import { listenForWebhooks, type NotificationResult, type WebhookListener } from './webhook-listener';

export interface WebhookServiceOptions extends WebhookSettings {
  airbyte: AirbyteClient;
  jobs: JobWatcher;
  /** The worker's polling interval, in milliseconds. */
  pollIntervalMs: number;
  logger: Pick<Console, 'info' | 'warn'>;
  /** Called with what became of each request. */
  onNotification?: (result: NotificationResult) => void;
}

/** How often the syncs of routes are polled, whether or not notifications come: every 30 s by default. */
const POLL_INTERVALS_PER_ROUTES_POLL = 15;

/** What a worker does with Airbyte's notifications: they end waits, and start the workflows of routes. */
export class WebhookService {
  readonly #options: WebhookServiceOptions;
  readonly #hints: HintQueue;
  readonly #closing = new AbortController();
  #listening: Promise<WebhookListener> | undefined;
  #routed: RoutedSyncs | undefined;
  readonly #workers = new Set<Worker>();
  #polling: Promise<void> | undefined;

  constructor(options: WebhookServiceOptions) {
    this.#options = options;
    this.#hints = new HintQueue({ handle: (hint) => this.#handle(hint), logger: options.logger });
  }

  /** Listens for notifications, if it was told to. @throws WebhookListenError */
  async listen(): Promise<void> {
    const { listener, logger, onNotification } = this.#options;
    if (listener === undefined) return;
    const listen = () => listenForWebhooks(listener, (hint) => this.#hints.add(hint), onNotification);
    this.#listening ??= listen().then((listening) => {
      logger.info(`Listens for notifications from Airbyte at ${listening.address}`);
      return listening;
    });
    await this.#listening;
  }

  /** Serves a worker that is about to run: starts the workflows of routes, and ends the waits of other workers. */
  serve(worker: Worker): void {
    const { routes, airbyte, logger } = this.#options;
    this.#workers.add(worker);
    if (routes === undefined || this.#routed !== undefined) return;
    const { taskQueue } = worker.options;
    const start = routeStarter({ client: () => clientOf(worker), taskQueue, logger });
    this.#routed = new RoutedSyncs({ routes, airbyte, start, logger });
    this.#polling = this.#poll(this.#routed);
  }

  /** Stops serving a worker that has stopped. */
  leave(worker: Worker): void {
    this.#workers.delete(worker);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#hints.close();
    await (await this.#listening?.catch(() => undefined))?.close();
    await this.#polling;
  }

  /** @returns whether that causes a request to Airbyte */
  async #handle(hint: JobHint): Promise<boolean> {
    const isWatched = this.#options.jobs.recheck(hint);
    await Promise.all([this.#routed?.onHint(hint), ...(isWatched ? [] : this.#endElsewhere(hint))]);
    return isWatched || this.#routed !== undefined;
  }

  #endElsewhere(hint: JobHint): Promise<void>[] {
    const { airbyte, logger } = this.#options;
    return [...this.#workers].map(async (worker) => {
      const { taskQueue, identity } = worker.options;
      try {
        const passedOn = await endWaitsElsewhere(hint, { client: clientOf(worker), taskQueue, identity, airbyte });
        if (passedOn > 0) logger.info(`Passed on the wait for job ${hint.jobId}, which has ended`);
      } catch (error) {
        logger.warn(`Cannot end the wait of another worker for job ${hint.jobId}, its poll does: ${messageOf(error)}`);
      }
    });
  }

  async #poll(routed: RoutedSyncs): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await routed.poll();
      await sleep(this.#options.pollIntervalMs * POLL_INTERVALS_PER_ROUTES_POLL, signal);
    }
  }
}

function clientOf({ client }: Worker): Client {
  if (client === undefined) throw new Error('A worker that replays histories has no client');
  return client;
}
