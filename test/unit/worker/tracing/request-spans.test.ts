import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { AirbyteClient } from '../../../../src/airbyte/client';
import { clientInterceptorsOfProcess, requestTracerOfProcess } from '../../../../worker/tracing/tracing';

describe('the requests of a process that has registered a tracer, as a host of the plugin does', () => {
  const exporter = new InMemorySpanExporter();
  let server: Server;
  let url: string;
  const received: IncomingHttpHeaders[] = [];

  beforeAll(async () => {
    expect(requestTracerOfProcess({})).toBeUndefined();
    expect(clientInterceptorsOfProcess()).toBeUndefined();
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    server = createServer((request, response) => {
      received.push(request.headers);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"available":true,"data":[]}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    for (const api of [trace, propagation, context]) api.disable();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  afterEach(() => {
    exporter.reset();
    received.length = 0;
  });

  async function clientOf(env: NodeJS.ProcessEnv = {}, address = url): Promise<AirbyteClient> {
    const tracer = requestTracerOfProcess(env);
    return new AirbyteClient({ url: address, auth: { kind: 'bearer', token: 'hush-hush' }, ...(tracer && { tracer }) });
  }

  it('are spans below the current one, without query and credentials, and do not carry the trace', async () => {
    const airbyte = await clientOf({}, `${url}/api/public/v1`);
    const parent = trace.getTracer('host').startSpan('host');
    await context.with(trace.setSpan(context.active(), parent), () => airbyte.workspaces.list());
    await airbyte.close();
    const [span] = exporter.getFinishedSpans();
    expect(span).toMatchObject({
      name: 'GET workspaces',
      parentSpanContext: { spanId: parent.spanContext().spanId },
      attributes: { 'http.response.status_code': 200, 'url.full': `${url}/api/public/v1/workspaces` },
    });
    expect(span?.spanContext().traceId).toBe(parent.spanContext().traceId);
    expect(JSON.stringify(span?.attributes)).not.toContain('hush');
    expect(received[0]).not.toHaveProperty('traceparent');
  });

  it('carry the trace where AIRBYTE_SEND_TRACEPARENT asks for it', async () => {
    const airbyte = await clientOf({ AIRBYTE_SEND_TRACEPARENT: 'true' });
    await airbyte.health();
    await airbyte.close();
    const [span] = exporter.getFinishedSpans();
    const { traceId = '', spanId = '' } = span?.spanContext() ?? {};
    expect(received[0]?.['traceparent']).toBe(`00-${traceId}-${spanId}-01`);
  });

  it('say what type of error they have failed with, and nothing of its text', async () => {
    const airbyte = await clientOf({}, 'http://127.0.0.1:1');
    await expect(airbyte.health()).rejects.toThrow();
    await airbyte.close();
    const [span] = exporter.getFinishedSpans();
    expect(span).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'AirbyteUnavailable' }, events: [] });
    expect(span?.status.message).toBeUndefined();
  });
});
