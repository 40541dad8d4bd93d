import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import protobuf from 'protobufjs';
import { endOf, type Stack, startStack } from '../support/stack';
import { until } from '../support/until';
import { CliProcess } from './cli-command';

/** The fields that the test reads, of https://github.com/open-telemetry/opentelemetry-proto. */
const ExportRequest = protobuf
  .parse(`syntax = "proto3";
    message ExportRequest { repeated ResourceMetrics resource_metrics = 1; }
    message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
    message Resource { repeated Attribute attributes = 1; }
    message ScopeMetrics { repeated Metric metrics = 2; }
    message Metric { string name = 1; string unit = 3; Sum sum = 7; }
    message Sum { repeated Point data_points = 1; }
    message Point { repeated Attribute attributes = 7; }
    message Attribute { string key = 1; Value value = 2; }
    message Value { string string_value = 1; }`)
  .root.lookupType('ExportRequest');

interface Attribute {
  key: string;
  value?: { stringValue?: string };
}

interface ExportedMetric {
  name: string;
  unit: string;
  sum?: { dataPoints: { attributes: Attribute[] }[] };
}

interface Exported {
  resourceMetrics: { resource: { attributes: Attribute[] }; scopeMetrics: { metrics: ExportedMetric[] }[] }[];
}

const valuesOf = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value?.stringValue]));

describe('a worker with an endpoint of OpenTelemetry', () => {
  const received: { path: string | undefined; headers: IncomingHttpHeaders; exported: Exported }[] = [];
  let collector: Server;
  let stack: Stack;
  let worker: CliProcess;

  beforeAll(async () => {
    collector = createServer(async (request, response) => {
      const exported = ExportRequest.decode(await buffer(request)).toJSON() as Exported;
      received.push({ path: request.url, headers: request.headers, exported });
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    stack = await startStack({ worker: false });
    worker = new CliProcess(['worker'], {
      ...stack.environment(),
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=a%20key,other=1',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
    });
    await worker.said(/Ready:/);
  });
  afterAll(async () => {
    worker?.kill('SIGTERM');
    expect(await worker?.exited).toBe(0);
    await stack?.stop();
    collector?.close();
    collector?.closeAllConnections();
  });

  it("sends its metrics and those of Temporal's SDK there, with the headers and the name of the service", async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 5 });
    expect(await endOf(await stack.startSync({ connectionId }))).toBe('COMPLETED');
    const allMetrics = () =>
      received.flatMap(({ exported }) =>
        exported.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics)),
      );
    const syncs = await until(() => allMetrics().find(({ name }) => name === 'temporal_airbyte_syncs'));
    expect(syncs.sum?.dataPoints.map(({ attributes }) => valuesOf(attributes))).toEqual([
      expect.objectContaining({ outcome: 'succeeded', job_type: 'sync', taskQueue: stack.taskQueue }),
    ]);
    const units = new Map(allMetrics().map(({ name, unit }) => [name, unit]));
    expect(units.get('temporal_airbyte_sync_duration')).toBe('seconds');
    expect(units.get('temporal_request_latency')).toBe('s');
    expect(units.has('temporal_airbyte_waiting_syncs')).toBe(true);

    const [first] = received;
    expect(first).toMatchObject({ path: '/v1/metrics', headers: { 'x-api-key': 'a key', other: '1' } });
    expect(valuesOf(first?.exported.resourceMetrics[0]?.resource.attributes ?? [])).toMatchObject({
      'service.name': 'temporal-airbyte',
    });
  });
});
