import { type Environment, InvalidEnvironmentError, readVariable } from './read-variable';
import type { ListenAddress } from './variables';

/** Where a worker sends its metrics by OTLP, the protocol of OpenTelemetry. */
export interface OtlpMetricsSettings {
  url: string;
  protocol: OtlpProtocol;
  /** They may have credentials in them. */
  headers: Record<string, string>;
  intervalMs: number;
  /** Names the service in what is sent; left out: `OTEL_RESOURCE_ATTRIBUTES` does, which the SDK reads. */
  serviceName?: string;
}

/** What a worker shows of itself, and where. */
export interface MetricsSettings {
  /** Where the worker serves its health and its metrics; left out: nowhere. */
  address?: ListenAddress;
  /** Left out: nowhere. */
  otlp?: OtlpMetricsSettings;
}

const OTLP_PROTOCOLS = ['http/protobuf', 'grpc'] as const;

type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

const SERVICE_NAME = 'temporal-airbyte';

/** The endpoints and the interval for which the specification of OpenTelemetry has these defaults. */
const DEFAULT_ENDPOINTS: Record<OtlpProtocol, string> = {
  'http/protobuf': 'http://localhost:4318',
  grpc: 'http://localhost:4317',
};
const DEFAULT_INTERVAL_MS = 60_000;

/**
 * Reads the variables of the group `Metrics`, and those of OpenTelemetry that concern metrics:
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 *
 * The SDK exports metrics in one way. So with an address and an endpoint, `OTEL_METRICS_EXPORTER=otlp` decides for the endpoint.
 *
 * @throws InvalidEnvironmentError
 */
export function metricsSettings(env: Environment = process.env): MetricsSettings {
  const address = readVariable(env, 'AIRBYTE_METRICS_ADDRESS');
  const otlp = usesOtlp(env, address !== undefined) ? readOtlp(env) : undefined;
  return { ...(address && { address }), ...(otlp && { otlp }) };
}

function usesOtlp(env: Environment, hasAddress: boolean): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false;
  const exporters = env['OTEL_METRICS_EXPORTER']?.split(',').map((name) => name.trim());
  if (exporters?.some(Boolean)) return exporters.includes('otlp');
  return !hasAddress && otlpVariable(env, 'ENDPOINT') !== undefined;
}

function readOtlp(env: Environment): OtlpMetricsSettings {
  const protocol = readProtocol(env);
  const serviceName = env['OTEL_SERVICE_NAME'] || undefined;
  const isNamedElsewhere = /(^|,)\s*service\.name=/.test(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '');
  return {
    url: readEndpoint(env, protocol),
    protocol,
    headers: readHeaders(env),
    intervalMs: readInterval(env),
    ...((serviceName !== undefined || !isNamedElsewhere) && { serviceName: serviceName ?? SERVICE_NAME }),
  };
}

function readProtocol(env: Environment): OtlpProtocol {
  const { name, value } = otlpVariable(env, 'PROTOCOL') ?? { name: '', value: OTLP_PROTOCOLS[0] };
  const protocol = OTLP_PROTOCOLS.find((known) => known === value);
  if (protocol !== undefined) return protocol;
  throw new InvalidEnvironmentError(name, `cannot be '${value}': metrics are sent by ${OTLP_PROTOCOLS.join(' or ')}.`);
}

function readEndpoint(env: Environment, protocol: OtlpProtocol): string {
  const { name, value } = otlpVariable(env, 'ENDPOINT') ?? { name: '', value: DEFAULT_ENDPOINTS[protocol] };
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidEnvironmentError(name, 'is no address of a collector, like http://collector:4318.');
  }
  // The endpoint of all signals is a base, to which the specification adds the path of each.
  if (protocol === 'grpc' || name === 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT') return value;
  return `${value.replace(/\/+$/, '')}/v1/metrics`;
}

/** Reads `name=value,name=value`, whose values are percent-encoded. */
function readHeaders(env: Environment): Record<string, string> {
  const { name, value } = otlpVariable(env, 'HEADERS') ?? { name: '', value: '' };
  const pairs = value.split(',').filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, header, text = ''] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
      // The message shows nothing of the value, which may be a secret.
      if (header === undefined) throw new InvalidEnvironmentError(name, 'is no list of headers, like a=1,b=2.');
      return [header, decodeOrKeep(text)];
    }),
  );
}

function decodeOrKeep(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A value with a percent sign that encodes nothing is meant as it is.
    return text;
  }
}

function readInterval(env: Environment): number {
  const name = 'OTEL_METRIC_EXPORT_INTERVAL';
  const text = env[name] || String(DEFAULT_INTERVAL_MS);
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidEnvironmentError(name, `cannot be '${text}': expected milliseconds, like 60000.`);
}

/** A variable of the exporter: the one for metrics, or else the one for all signals. */
function otlpVariable(
  env: Environment,
  suffix: 'ENDPOINT' | 'HEADERS' | 'PROTOCOL',
): { name: string; value: string } | undefined {
  for (const name of [`OTEL_EXPORTER_OTLP_METRICS_${suffix}`, `OTEL_EXPORTER_OTLP_${suffix}`]) {
    const value = env[name]?.trim();
    if (value) return { name, value };
  }
  return undefined;
}
