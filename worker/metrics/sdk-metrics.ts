import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { MetricsExporterConfig } from '@temporalio/worker';
import { Client } from 'undici';
import type { MetricsSettings, OtlpMetricsSettings } from '../../src/configuration/metrics-settings';
import { logMasking } from '../logger';

/** How long the SDK may take to list its metrics. */
const READ_TIMEOUT_MS = 5_000;

/** The buckets of this project's histograms, in seconds. Without an entry, a histogram has those of the SDK, which end at minutes. */
const BUCKETS: Record<string, number[]> = {
  temporal_airbyte_sync_duration: [5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400],
  temporal_airbyte_detection_delay: [0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300],
  temporal_airbyte_request_duration: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600],
  temporal_airbyte_poll_duration: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  temporal_airbyte_rate_limit_wait: [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
};

/** The metrics of the SDK's runtime, to which this project adds its own. */
export interface SdkMetrics {
  /** For `telemetryOptions.metrics` of `Runtime.install`. */
  exporter: MetricsExporterConfig;
  /** Reads the current values, in the text format of Prometheus; undefined when they are sent to a collector. */
  read?: () => Promise<string>;
  close(): Promise<void>;
}

/** Prepares the export of metrics; undefined when the settings ask for none. */
export async function exportMetrics({ address, otlp }: MetricsSettings): Promise<SdkMetrics | undefined> {
  if (otlp !== undefined) return otlpMetrics(otlp);
  return address === undefined ? undefined : prometheusMetrics();
}

/**
 * For Prometheus, the SDK's native code lists its metrics only by a server of its own. So it gets a free port of this machine,
 * which `read` reads from.
 */
async function prometheusMetrics(): Promise<SdkMetrics> {
  const address = `127.0.0.1:${await freePort()}`;
  const client = new Client(`http://${address}`, { headersTimeout: READ_TIMEOUT_MS, bodyTimeout: READ_TIMEOUT_MS });
  return {
    exporter: {
      // The names that Prometheus recommends, which Temporal's SDKs for Go and Java use too.
      prometheus: {
        bindAddress: address,
        countersTotalSuffix: true,
        unitSuffix: true,
        useSecondsForDurations: true,
        histogramBucketOverrides: BUCKETS,
      },
      // Prometheus itself names the job and the instance.
      attachServiceName: false,
    },
    async read() {
      const { statusCode, body } = await client.request({ method: 'GET', path: '/metrics' });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`Temporal's SDK lists no metrics: it has responded with ${statusCode}.`);
      return text;
    },
    close: () => client.destroy(),
  };
}

function otlpMetrics({ url, protocol, headers, intervalMs, serviceName }: OtlpMetricsSettings): SdkMetrics {
  // The SDK logs why it could not send metrics.
  const credentials = [...Object.values(headers), new URL(url).password].filter(Boolean);
  logMasking.add(() => credentials.map((value) => ({ name: 'OTEL_EXPORTER_OTLP_HEADERS', value })));
  return {
    exporter: {
      otel: {
        ...{ url, http: protocol === 'http/protobuf', headers, metricsExportInterval: intervalMs },
        useSecondsForDurations: true,
        histogramBucketOverrides: BUCKETS,
      },
      // By OTLP these are attributes of the resource, not labels of each metric.
      ...(serviceName !== undefined && { globalTags: { 'service.name': serviceName } }),
      attachServiceName: false,
    },
    close: async () => {},
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
