import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { ListenAddress } from '../../src/configuration/variables';
import { messageOf } from '../../src/text/error-message';
import type { SdkMetrics } from './sdk-metrics';
import type { WorkerHealth } from './worker-health';

/** A connection beyond these is closed: probes and Prometheus open one or two each. */
const MAXIMUM_CONNECTIONS = 100;
const REQUEST_TIMEOUT_MS = 10_000;

/** The format that Prometheus reads: https://prometheus.io/docs/instrumenting/exposition_formats/ */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';

/** The worker cannot serve its health and its metrics where it was told to. */
export class MetricsListenError extends Error {
  override readonly name = 'MetricsListenError';
}

export interface MetricsEndpointOptions {
  address: ListenAddress;
  health: Pick<WorkerHealth, 'reasonToRestart' | 'readiness' | 'check'>;
  /** Undefined when the metrics are sent to a collector. */
  readMetrics: SdkMetrics['read'] | undefined;
}

interface PageContent {
  status: number;
  type: string;
  text: string;
}

type Page = () => Promise<PageContent>;

/**
 * Serves the health and the metrics of a worker process:
 *
 * - `/livez` responds with 200 while the process works, and with 503 when only a restart helps
 * - `/readyz` responds with 200 while Temporal and Airbyte respond, else with 503 and the reasons; `/readyz/temporal` and
 *   `/readyz/airbyte` check one of them
 * - `/metrics` lists the metrics in the text format of Prometheus
 *
 * @returns closes it
 * @throws MetricsListenError
 */
export async function openMetricsEndpoint({
  address,
  health,
  readMetrics,
}: MetricsEndpointOptions): Promise<() => Promise<void>> {
  const pages: Record<string, Page> = {
    '/livez': async () => healthPage({ worker: health.reasonToRestart }),
    '/readyz': async () => healthPage(await health.readiness()),
    '/readyz/temporal': async () => healthPage({ temporal: await health.check('temporal') }),
    '/readyz/airbyte': async () => healthPage({ airbyte: await health.check('airbyte') }),
    ...(readMetrics && { '/metrics': async () => ({ status: 200, type: METRICS_TYPE, text: await readMetrics() }) }),
  };
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    if (!['GET', 'HEAD'].includes(method)) return respond(response, plainText(405, 'Only GET is supported here.'));
    const page = pages[url.replace(/\?.*$/s, '')];
    if (page === undefined) return respond(response, plainText(404, `There is ${Object.keys(pages).join(', ')}.`));
    page().then(
      (content) => respond(response, content),
      (error: unknown) => respond(response, plainText(500, messageOf(error))),
    );
  });
  server.maxConnections = MAXIMUM_CONNECTIONS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.listen(address.port, address.host);
  await once(server, 'listening').catch((error: unknown) => {
    throw new MetricsListenError(
      `Cannot serve the metrics of the worker at ${address.host}:${address.port}: ${messageOf(error)}. Set AIRBYTE_METRICS_ADDRESS to a free port of this machine, or to one of its addresses and a port.`,
      { cause: error },
    );
  });
  return async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
}

/** @param problems what is wrong, by what was checked; undefined when nothing is */
function healthPage(problems: Record<string, string | undefined>): PageContent {
  const isWell = Object.values(problems).every((problem) => problem === undefined);
  const lines = Object.entries(problems).map(([name, problem]) => `${name}: ${problem ?? 'ok'}`);
  return plainText(isWell ? 200 : 503, lines.join('\n'));
}

function plainText(status: number, text: string): PageContent {
  return { status, type: TEXT_TYPE, text: `${text}\n` };
}

function respond(response: ServerResponse, { status, type, text }: PageContent): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
}
