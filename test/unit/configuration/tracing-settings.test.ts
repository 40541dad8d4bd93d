import { describe, expect, it } from '@jest/globals';
import { sendsTraceparent, tracingSettings } from '../../../src/configuration/tracing-settings';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' };

describe('tracingSettings', () => {
  it('are given where an endpoint is set', () => {
    const settings = {
      protocol: 'http/protobuf',
      exportTimeoutMs: 2_000,
      sampler: { root: 'all', followsParent: true },
    };
    expect(tracingSettings(ENDPOINT)).toEqual(settings);
    expect(tracingSettings({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:4318/x' })).toEqual(settings);
  });

  it('leave the timeout to the exporter where the environment has one', () => {
    expect(tracingSettings({ ...ENDPOINT, OTEL_EXPORTER_OTLP_TIMEOUT: '9' })?.exportTimeoutMs).toBeUndefined();
  });

  it.each([
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
    { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' },
    { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' },
  ])('are undefined with %j', (env) => {
    expect(tracingSettings(env)).toBeUndefined();
  });

  it.each([
    ['always_off', { root: 'none', followsParent: false }],
    ['parentbased_traceidratio', { root: { ratio: 0.25 }, followsParent: true }],
    ['traceidratio', { root: { ratio: 0.25 }, followsParent: false }],
  ])('have the sampler of the environment: %s', (name, sampler) => {
    const env = { ...ENDPOINT, OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: '0.25', OTEL_SERVICE_NAME: 'a' };
    expect(tracingSettings(env)).toMatchObject({ sampler, serviceName: 'a' });
  });

  it.each([
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' },
    { OTEL_TRACES_EXPORTER: 'zipkin' },
    { OTEL_TRACES_SAMPLER: 'jaeger_remote' },
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' },
  ])('reject what is not supported, and name the last variable: %j', (variables) => {
    expect(() => tracingSettings({ ...ENDPOINT, ...variables })).toThrow(
      new RegExp(`^${Object.keys(variables).at(-1)} `),
    );
  });
});

describe('sendsTraceparent', () => {
  it('is false unless it is asked for', () => {
    expect(sendsTraceparent({})).toBe(false);
    expect(sendsTraceparent({ AIRBYTE_SEND_TRACEPARENT: 'true' })).toBe(true);
    expect(() => sendsTraceparent({ AIRBYTE_SEND_TRACEPARENT: 'yes' })).toThrow(/^AIRBYTE_SEND_TRACEPARENT /);
  });
});
