import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { context, propagation } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { Client } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { syncWorkflowId } from '../../src/contract/workflow-ids';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver';
import { type SharedTemporal, sharedTemporal, uniqueName } from '../support/temporal';
import { CliProcess } from './cli-command';

const TOKEN = 'a-token-that-no-trace-shows';
const PASSWORD = 'a-password-that-no-trace-shows';

let temporal: SharedTemporal;
let sandbox: Sandbox;
let receiver: OtlpReceiver;
let folder: string;
let env: NodeJS.ProcessEnv;
let worker: CliProcess;
let connectionId: string;
/** The run of the command. */
let command: CliProcess;
/** The trace of a caller that has Temporal's own interceptors. */
let callerTraceId: string;
/** The run that no command started, as a schedule starts it. */
let scheduledRunId: string;

beforeAll(async () => {
  [temporal, sandbox, receiver, folder] = await Promise.all([
    sharedTemporal(),
    startSandbox({ auth: { kind: 'bearer', token: TOKEN } }),
    startOtlpReceiver(),
    mkdtemp(join(tmpdir(), 'traces-')),
  ]);
  env = temporal.environment({
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    AIRBYTE_URL: sandbox.url,
    AIRBYTE_TOKEN: TOKEN,
    AIRBYTE_TASK_QUEUE: uniqueName('traces'),
    AIRBYTE_POLL_INTERVAL: '100ms',
    SECRET_PASSWORD: PASSWORD,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=data',
    OTEL_SERVICE_NAME: 'airbyte-of-the-test',
    OTEL_METRICS_EXPORTER: 'none',
    LOG_FORMAT: 'json',
  });
  worker = new CliProcess(['worker'], env);
  await worker.said(/Ready:/);
  const file = join(folder, 'pipeline.json');
  const document = {
    name: uniqueName('traced'),
    source: {
      name: 'source',
      definition: 'Simulated',
      configuration: { records: 12, bytes: 3400, duration_ms: 500, password: '${env:SECRET_PASSWORD}' },
    },
    destination: { name: 'destination', definition: 'Simulated', configuration: {} },
    connection: {
      name: 'traced',
      streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }],
    },
  };
  await writeFile(file, JSON.stringify(document));
  command = new CliProcess(['run', file, '--json'], env);
  expect(await command.exited).toBe(0);
  ({ connectionId } = command.document);
  const taskQueue = env['AIRBYTE_TASK_QUEUE'] ?? '';
  callerTraceId = await syncWithTemporalsInterceptors(taskQueue);
  const scheduled = await temporal.client.workflow.start('syncConnection', {
    ...{ taskQueue, workflowId: syncWorkflowId(connectionId, taskQueue), args: [{ connectionId }] },
  });
  scheduledRunId = scheduled.firstExecutionRunId;
  await scheduled.result();
  worker.kill('SIGTERM');
  expect(await worker.exited).toBe(0);
});

afterAll(async () => {
  if (!worker.hasExited) worker.kill('SIGKILL');
  await receiver.close();
  await sandbox.stop();
  await temporal.close();
  await rm(folder, { recursive: true });
});

/** Runs a sync as a program does that traces its client of Temporal in the usual way. @returns the id of its trace */
async function syncWithTemporalsInterceptors(taskQueue: string): Promise<string> {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const tracer = new BasicTracerProvider().getTracer('caller');
  const interceptor = new OpenTelemetryWorkflowClientInterceptor({ tracer });
  const { connection, namespace } = temporal;
  const client = new Client({ connection, namespace, interceptors: { workflow: [interceptor] } });
  try {
    return await tracer.startActiveSpan('the caller', async (span) => {
      const workflowId = syncWorkflowId(connectionId, taskQueue);
      await client.workflow.execute('syncConnection', { taskQueue, workflowId, args: [{ connectionId }] });
      return span.spanContext().traceId;
    });
  } finally {
    for (const api of [propagation, context]) api.disable();
  }
}

/** The names of a span and of those above it, from the first one of its trace. */
function pathTo(span: ReceivedSpan): string[] {
  if (span.parentSpanId === '') return [span.name];
  const parent = receiver.spans.find(({ spanId }) => spanId === span.parentSpanId);
  if (parent === undefined) throw new Error(`the parent of ${span.name} was not received`);
  expect(parent.traceId).toBe(span.traceId);
  return [...pathTo(parent), span.name];
}

function spansOfTrace(traceId: string): ReceivedSpan[] {
  return receiver.spans.filter((span) => span.traceId === traceId);
}

/** The only span with a name, in a trace if one is given. */
function rootNamed(name: string): ReceivedSpan {
  const spans = receiver.spans.filter((span) => span.name === name && span.parentSpanId === '');
  expect(spans).toHaveLength(1);
  return spans[0] as ReceivedSpan;
}

describe('the traces of a worker and a command', () => {
  it('lead from the command through workflows and activities to each request', () => {
    const root = rootNamed('temporal-airbyte run');
    const paths = spansOfTrace(root.traceId).map((span) => pathTo(span).join(' > '));
    const pipeline = 'temporal-airbyte run > StartWorkflow:runPipeline > RunWorkflow:runPipeline';
    const sync = `${pipeline} > StartChildWorkflow:syncConnection > RunWorkflow:syncConnection`;
    expect(paths).toEqual(
      expect.arrayContaining([
        `${pipeline} > StartActivity:checkSourceConfiguration > RunActivity:checkSourceConfiguration > POST scheduler/sources/check_connection`,
        `${sync} > StartActivity:triggerSync > RunActivity:triggerSync > POST connections/sync`,
        `${sync} > StartActivity:waitForJob > RunActivity:waitForJob`,
      ]),
    );
    expect(new Set(paths.map((path) => path.split(' > ')[0]))).toEqual(new Set(['temporal-airbyte run']));
  });

  it('begin in the workflow where a schedule starts it, with the run’s id as the id of the trace', () => {
    const spans = spansOfTrace(scheduledRunId.replaceAll('-', ''));
    const root = spans.find(({ parentSpanId }) => parentSpanId === '');
    expect(root).toMatchObject({
      name: 'RunWorkflow:syncConnection',
      attributes: { run_id: scheduledRunId, 'airbyte.connection.id': connectionId },
    });
    expect(spans.map((span) => pathTo(span).join(' > '))).toContain(
      'RunWorkflow:syncConnection > StartActivity:triggerSync > RunActivity:triggerSync > POST connections/sync',
    );
  });

  it('continue that of a caller with Temporal’s own interceptors', () => {
    const spans = spansOfTrace(callerTraceId);
    const run = spans.find(({ name }) => name === 'RunWorkflow:syncConnection');
    expect(run?.parentSpanId).toMatch(/^[0-9a-f]{16}$/);
    expect(spans.map(({ name }) => name)).toContain('POST connections/sync');
  });

  it('have polls, which serve all waiting syncs, as traces of their own', () => {
    const polls = receiver.spans.filter(
      ({ name, parentSpanId }) => /jobs\/(get|list)/.test(name) && parentSpanId === '',
    );
    expect(polls.length).toBeGreaterThan(0);
  });

  it('describe requests as those of any HTTP client, and the service by its name', () => {
    const request = receiver.spans.find(({ name }) => name === 'POST connections/sync');
    const { hostname, port } = new URL(sandbox.url);
    expect(request).toMatchObject({
      kind: 3,
      service: 'airbyte-of-the-test',
      attributes: {
        'http.request.method': 'POST',
        'http.response.status_code': 200,
        'url.full': `${sandbox.url.replace(/\/$/, '')}/connections/sync`,
        'url.template': 'connections/sync',
        'server.address': hostname,
        'server.port': Number(port),
      },
    });
    expect(receiver.headers[0]).toMatchObject({ 'x-tenant': 'data' });
  });

  it('show no secret', () => {
    const all = receiver.bodies.join();
    expect(all).toContain('connections/sync');
    for (const secret of [TOKEN, PASSWORD]) expect(all).not.toContain(secret);
  });

  it('are named in the log entries of activities, with the ids of the sync', () => {
    const entries = worker.stderr
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    const ended = entries.filter(({ message }) => /^Job \d+ succeeded$/.test(String(message)));
    expect(ended).toHaveLength(3);
    for (const { trace_id: traceId, span_id: spanId, ...entry } of ended) {
      const span = spansOfTrace(String(traceId)).find((one) => one.spanId === spanId);
      expect(span?.name).toBe('RunActivity:waitForJob');
      expect(entry).toMatchObject({
        ...{ level: 'info', connectionId, jobId: expect.any(Number) },
        ...{ workflowId: expect.stringContaining(connectionId), runId: span?.attributes['run_id'] },
      });
    }
  });
});

describe('a program that exports no traces', () => {
  it('loads no package of OpenTelemetry', async () => {
    const dist = join(__dirname, '../../dist');
    const script = `
      for (const file of ['cli/program', 'worker/airbyte-plugin', 'worker/run-worker', 'src']) require(${JSON.stringify(`${dist}/`)} + file);
      const { startTracing, requestTracerOfProcess } = require(${JSON.stringify(`${dist}/worker/tracing/tracing`)});
      Promise.all([startTracing({ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' }), requestTracerOfProcess({})]).then((none) =>
        console.log(JSON.stringify([...none, Object.keys(require.cache).filter((file) => file.includes('@opentelemetry'))])),
      );`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
    expect(JSON.parse(stdout)).toEqual([null, null, []]);
  });
});
