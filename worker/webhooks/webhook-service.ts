import type { ConnectionLike } from '@temporalio/client';
import type { AirbyteClient } from '../../src/airbyte/client';
import { sleep } from '../../src/async/sleep';
import type { JobWatcher } from '../../src/jobs/job-watcher';
import type { JobHint } from '../../src/webhooks/notification';
import { RoutedSyncs } from '../../src/webhooks/routed-syncs';
import type { WebhookSettings } from '../../src/webhooks/webhook-settings';
import { HintQueue } from './hint-queue';
import { routeStarter } from './route-starter';
import { listenForWebhooks, type WebhookListener } from './webhook-listener';

export interface WebhookServiceOptions extends WebhookSettings {
  airbyte: AirbyteClient;
  jobs: JobWatcher;
  /** The worker's polling interval, in milliseconds. */
  pollIntervalMs: number;
  logger: Pick<Console, 'info' | 'warn'>;
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
  #polling: Promise<void> | undefined;

  constructor(options: WebhookServiceOptions) {
    this.#options = options;
    const { jobs, logger } = options;
    const handle = async (hint: JobHint) => {
      const [isWatched] = await Promise.all([jobs.recheck(hint), this.#routed?.onHint(hint)]);
      return isWatched || this.#routed !== undefined;
    };
    this.#hints = new HintQueue({ handle, logger });
  }

  /** Listens for notifications, if it was told to. @throws WebhookListenError */
  async listen(): Promise<void> {
    const { listener, logger } = this.#options;
    if (listener === undefined) return;
    this.#listening ??= listenForWebhooks(listener, (hint) => this.#hints.add(hint)).then((listening) => {
      logger.info(`Listens for notifications from Airbyte at ${listening.address}`);
      return listening;
    });
    await this.#listening;
  }

  /** Starts the workflows of routes from now on, if there are routes. */
  startRoutes(temporal: { connection: ConnectionLike; namespace: string; taskQueue: string }): void {
    const { routes, airbyte, logger } = this.#options;
    if (routes === undefined || this.#routed !== undefined) return;
    const routed = new RoutedSyncs({ routes, airbyte, start: routeStarter({ ...temporal, logger }), logger });
    this.#routed = routed;
    this.#polling = this.#poll(routed);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#hints.close();
    await (await this.#listening?.catch(() => undefined))?.close();
    await this.#polling;
  }

  async #poll(routed: RoutedSyncs): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await routed.poll();
      await sleep(this.#options.pollIntervalMs * POLL_INTERVALS_PER_ROUTES_POLL, signal);
    }
  }
}
