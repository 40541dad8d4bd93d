import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'undici';
import { freePort } from '../tools/free-ports';

/** More often than most set Prometheus to: the cost of a scrape counts. */
const SCRAPE_INTERVAL_MS = 5_000;

/** One read of the metrics of a worker. */
export interface Scrape {
  /** From the request to the end of the response, in milliseconds. */
  durationMs: number;
  /** The syncs that waited at this moment, as the metrics themselves say. */
  waitingSyncs: number;
  /** How many time series the metrics have. */
  series: number;
}

/** Receives the traces of a worker, and reads its metrics as Prometheus does. */
export class Telemetry {
  private readonly scrapes: Scrape[] = [];
  private readonly stopping = new AbortController();
  private readonly client: Client;
  private exports = 0;
  private scraping: Promise<void> = Promise.resolve();

  private constructor(
    private readonly metricsPort: number,
    private readonly collector: Server,
  ) {
    this.client = new Client(`http://127.0.0.1:${metricsPort}`);
    collector.on('request', (request, response) => {
      this.exports += 1;
      request.resume().once('end', () => response.writeHead(200).end());
    });
  }

  static async open(): Promise<Telemetry> {
    const collector = createServer().listen(0, '127.0.0.1');
    await once(collector, 'listening');
    return new Telemetry(await freePort(), collector);
  }

  /** What a worker needs in its environment. */
  get environment(): NodeJS.ProcessEnv {
    return {
      AIRBYTE_METRICS_ADDRESS: `127.0.0.1:${this.metricsPort}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(this.collector.address() as AddressInfo).port}`,
    };
  }

  /** Reads the metrics from now on. The worker must be ready. */
  startScraping(): void {
    this.scraping = this.scrapeUntilStopped();
    // `stopScraping` throws its error.
    this.scraping.catch(() => undefined);
  }

  /** Call it before the worker ends. @throws Error when the metrics could not be read */
  async stopScraping(): Promise<Scrape[]> {
    this.stopping.abort();
    await this.scraping;
    return this.scrapes;
  }

  /** Call it after the worker has ended, which exports its last traces then. @throws Error when it has exported none */
  async close(): Promise<void> {
    await this.client.destroy();
    this.collector.closeAllConnections();
    this.collector.close();
    if (this.exports === 0) throw new Error('The worker has exported no traces.');
  }

  private async scrapeUntilStopped(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.scrapes.push(await this.scrape());
      await delay(SCRAPE_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async scrape(): Promise<Scrape> {
    const startedAt = performance.now();
    const { statusCode, body } = await this.client.request({ method: 'GET', path: '/metrics' });
    const text = await body.text();
    const durationMs = performance.now() - startedAt;
    const [, waiting] = /^temporal_airbyte_waiting_syncs(?:\{.*\})? (\d+)$/m.exec(text) ?? [];
    if (statusCode !== 200 || waiting === undefined) {
      throw new Error(`The metrics of the worker do not say how many syncs wait (${statusCode}):\n${text}`);
    }
    return { durationMs, waitingSyncs: Number(waiting), series: text.match(/^[^#\n]/gm)?.length ?? 0 };
  }
}
