import { describe, expect, it } from '@jest/globals';
import { metricsSettings } from '../../../src/configuration/metrics-settings';

describe('the address of the metrics', () => {
  it.each([
    ['9464', { host: '127.0.0.1', port: 9464 }],
    ['0.0.0.0:9464', { host: '0.0.0.0', port: 9464 }],
    [' localhost:80 ', { host: 'localhost', port: 80 }],
    ['[::]:9464', { host: '::', port: 9464 }],
  ])('%s', (text, address) => {
    expect(metricsSettings({ AIRBYTE_METRICS_ADDRESS: text }).address).toEqual(address);
  });

  it('is none unless it is set', () => {
    expect(metricsSettings({})).toEqual({});
    expect(metricsSettings({ AIRBYTE_METRICS_ADDRESS: '' })).toEqual({});
  });

  // Elsewhere, a port after a lone colon means all interfaces.
  it.each(['x', ':9464', '127.0.0.1', '::1:9464', '0', '65536', 'http://0.0.0.0:9464'])('cannot be %s', (text) => {
    expect(() => metricsSettings({ AIRBYTE_METRICS_ADDRESS: text })).toThrow(/^AIRBYTE_METRICS_ADDRESS cannot be used/);
  });
});

describe('the endpoint of OpenTelemetry', () => {
  const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

  it('has the defaults of its specification', () => {
    expect(metricsSettings(collector).otlp).toEqual({
      url: 'http://collector:4318/v1/metrics',
      protocol: 'http/protobuf',
      headers: {},
      intervalMs: 60_000,
      serviceName: 'temporal-airbyte',
    });
    expect(metricsSettings({ OTEL_METRICS_EXPORTER: 'otlp' }).otlp?.url).toBe('http://localhost:4318/v1/metrics');
  });

  it('is that of metrics, where one of them is set', () => {
    const env = {
      ...collector,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://metrics:443/custom',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: ' authorization = Bearer%20x=, percent=100% ',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_SERVICE_NAME: 'mine',
    };
    expect(metricsSettings(env).otlp).toEqual({
      url: 'https://metrics:443/custom',
      protocol: 'http/protobuf',
      headers: { authorization: 'Bearer x=', percent: '100%' },
      intervalMs: 500,
      serviceName: 'mine',
    });
    const grpc = { ...collector, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(metricsSettings(grpc).otlp).toMatchObject({ url: 'http://collector:4318', protocol: 'grpc' });
    expect(metricsSettings({ ...collector, OTEL_RESOURCE_ATTRIBUTES: 'a=1,service.name=x' }).otlp).not.toHaveProperty(
      'serviceName',
    );
  });

  it.each<[object, boolean]>([
    [{}, true],
    [{ OTEL_METRICS_EXPORTER: 'none' }, false],
    [{ OTEL_METRICS_EXPORTER: 'prometheus' }, false],
    [{ OTEL_SDK_DISABLED: 'true' }, false],
    [{ AIRBYTE_METRICS_ADDRESS: '9464' }, false],
    [{ AIRBYTE_METRICS_ADDRESS: '9464', OTEL_METRICS_EXPORTER: 'otlp' }, true],
  ])('%j: %s', (env, isUsed) => {
    expect(metricsSettings({ ...collector, ...env }).otlp !== undefined).toBe(isUsed);
  });

  it.each<[Record<string, string>, string]>([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT is no address'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, "OTEL_EXPORTER_OTLP_PROTOCOL cannot be 'http/json'"],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'hunter2' }, 'OTEL_EXPORTER_OTLP_HEADERS is no list of headers'],
    [{ OTEL_METRIC_EXPORT_INTERVAL: '1s' }, "OTEL_METRIC_EXPORT_INTERVAL cannot be '1s'"],
  ])('cannot be %j', (env, problem) => {
    expect(() => metricsSettings({ ...collector, ...env })).toThrow(problem);
    expect(() => metricsSettings({ ...collector, ...env })).not.toThrow('hunter2');
  });
});
