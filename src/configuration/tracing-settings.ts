import { type Environment, InvalidEnvironmentError, readVariable } from './read-variable';

/** How traces are exported, from the variables that OpenTelemetry defines. */
export interface TracingSettings {
  protocol: 'http/protobuf' | 'http/json';
  /** How long an export may take with its retries; left out: the exporter reads it. */
  exportTimeoutMs?: number;
  /** The name of this program in traces; left out: `OTEL_RESOURCE_ATTRIBUTES` may have one. */
  serviceName?: string;
  /** Which traces that begin here are recorded. */
  sampler: { root: 'all' | 'none' | { ratio: number }; followsParent: boolean };
}

/** OpenTelemetry's default is 10 seconds. A command that ends would wait that long for a collector that is not there. */
const EXPORT_TIMEOUT_MS = 2_000;

/** The samplers of the specification that need no other service. */
const SAMPLERS: Readonly<Record<string, { root: 'all' | 'none' | 'ratio'; followsParent: boolean }>> = {
  always_on: { root: 'all', followsParent: false },
  always_off: { root: 'none', followsParent: false },
  traceidratio: { root: 'ratio', followsParent: false },
  parentbased_always_on: { root: 'all', followsParent: true },
  parentbased_always_off: { root: 'none', followsParent: true },
  parentbased_traceidratio: { root: 'ratio', followsParent: true },
};

/**
 * Reads whether traces are exported, and how. They are if `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is
 * set, unless `OTEL_SDK_DISABLED` is `true` or `OTEL_TRACES_EXPORTER` is `none`. The exporter itself reads the endpoints, their headers,
 * timeouts and certificates (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 *
 * @returns undefined if no traces are exported
 * @throws InvalidEnvironmentError
 */
export function tracingSettings(env: Environment): TracingSettings | undefined {
  const isRequested = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (!isRequested || env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return undefined;
  const exporter = env['OTEL_TRACES_EXPORTER'] || 'otlp';
  if (exporter === 'none') return undefined;
  if (exporter !== 'otlp') {
    throw new InvalidEnvironmentError(
      'OTEL_TRACES_EXPORTER',
      `cannot be used: '${exporter}' is neither otlp nor none.`,
    );
  }
  const serviceName = env['OTEL_SERVICE_NAME'];
  const hasTimeout = env['OTEL_EXPORTER_OTLP_TIMEOUT'] || env['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'];
  return {
    protocol: readProtocol(env),
    sampler: readSampler(env),
    ...(!hasTimeout && { exportTimeoutMs: EXPORT_TIMEOUT_MS }),
    ...(serviceName && { serviceName }),
  };
}

/** Whether requests to Airbyte carry the trace that they belong to. @throws InvalidEnvironmentError */
export function sendsTraceparent(env: Environment): boolean {
  return readVariable(env, 'AIRBYTE_SEND_TRACEPARENT');
}

function readProtocol(env: Environment): TracingSettings['protocol'] {
  const general = 'OTEL_EXPORTER_OTLP_PROTOCOL';
  const variable = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ? 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL' : general;
  const protocol = env[variable] || 'http/protobuf';
  if (protocol === 'http/protobuf' || protocol === 'http/json') return protocol;
  throw new InvalidEnvironmentError(
    variable,
    `cannot be used for traces: '${protocol}' is neither http/protobuf nor http/json. Set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL to one of them and OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to the collector's port for HTTP, like http://localhost:4318/v1/traces, or OTEL_TRACES_EXPORTER to none.`,
  );
}

function readSampler(env: Environment): TracingSettings['sampler'] {
  const name = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on';
  const sampler = SAMPLERS[name];
  if (sampler === undefined) {
    const known = Object.keys(SAMPLERS).join(', ');
    throw new InvalidEnvironmentError('OTEL_TRACES_SAMPLER', `cannot be used: '${name}' is none of ${known}.`);
  }
  const { root, followsParent } = sampler;
  return { root: root === 'ratio' ? { ratio: readRatio(env) } : root, followsParent };
}

function readRatio(env: Environment): number {
  const text = env['OTEL_TRACES_SAMPLER_ARG'] || '1';
  const ratio = Number(text);
  if (ratio >= 0 && ratio <= 1) return ratio;
  throw new InvalidEnvironmentError('OTEL_TRACES_SAMPLER_ARG', `cannot be used: '${text}' is no number from 0 to 1.`);
}
