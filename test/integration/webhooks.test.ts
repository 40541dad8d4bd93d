/** Airbyte's notifications, from a sandbox to workers, over a network that loses, repeats and delays them. */

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { AirbyteClient } from '../../src/airbyte/client';
import type { WebhookRoute } from '../../src/contract/webhook-routes';
import { routedWorkflowId, syncWorkflowId } from '../../src/contract/workflow-ids';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { createSecretResolver } from '../../src/secrets/secret-resolver';
import { findWaitsForJob } from '../../src/temporal/pending-waits';
import { freePort } from '../../tools/free-ports';
import { createWorker } from '../../worker/create-worker';
import type { syncConnection } from '../../workflows';
import { FAST_COUNT_POLLS } from '../support/fast-count-polls';
import { endOf, failureOf, type Stack, startStack } from '../support/stack';
import { uniqueName, workflowBundle } from '../support/temporal';
import { runCommand } from './cli-command';

const AIRBYTE_WEBHOOK_SECRET = 'the-secret-of-the-test';
const POLLS_ONCE_IN_AN_HOUR = { pollIntervalMs: 3_600_000 };
const SILENT = { info: () => {}, warn: () => {} };

/** What lies between Airbyte and a worker. By default, it passes notifications on and returns the worker's response. */
class Network {
  /** The port of the worker. */
  port = 0;
  /** Returns the status of the response. */
  deliver = (path: string, body: string): Promise<number> => this.forward(path, body);
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const status = await this.deliver(request.url ?? '', await text(request)).catch(() => 502);
      response.writeHead(status).end();
    });
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async forward(path: string, body: string): Promise<number> {
    return (await fetch(`http://127.0.0.1:${this.port}${path}`, { method: 'POST', body })).status;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

const network = new Network();
let stack: Stack;
/** The environment of the command line. */
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  await network.open();
  stack = await startStack({ worker: false });
  env = stack.temporal.environment({
    ...{ AIRBYTE_URL: stack.sandbox.url, AIRBYTE_WEBHOOK_URL: network.url, AIRBYTE_WEBHOOK_SECRET },
  });
});
const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
  await stack.stop();
  await network.close();
});

interface WorkerOptions {
  pollIntervalMs: number;
  routes?: WebhookRoute[];
}

/** Starts a worker that listens behind the network. */
async function startWorker(taskQueue: string, { pollIntervalMs, routes }: WorkerOptions): Promise<void> {
  network.port = await freePort();
  // Two workers of one task queue cannot share a connection.
  const connection = await NativeConnection.connect({ address: stack.temporal.address });
  const airbyte = new AirbyteClient({ url: stack.sandbox.url });
  const worker = await createWorker({
    connection,
    namespace: stack.temporal.namespace,
    ...{ taskQueue, airbyte, pollIntervalMs },
    jobs: new JobWatcher({ airbyte, pollIntervalMs, countsPatience: FAST_COUNT_POLLS, logger: SILENT }),
    secrets: createSecretResolver({ env: {} }),
    workflows: { workflowBundle: await workflowBundle() },
    webhook: {
      listener: { host: '127.0.0.1', port: network.port, secret: AIRBYTE_WEBHOOK_SECRET },
      ...(routes && { routes }),
    },
  });
  const running = worker.run();
  stops.push(async () => {
    worker.shutdown();
    await running;
    await airbyte.close();
    await connection.close();
  });
}

function startSync(connectionId: string, taskQueue: string) {
  return stack.temporal.client.workflow.start<typeof syncConnection>('syncConnection', {
    ...{ taskQueue, workflowId: syncWorkflowId(connectionId, taskQueue) },
    args: [{ connectionId }],
  });
}

/** The sync of a connection, whose job runs until the test ends it. */
async function running(connectionId: string, afterJobId = 0): Promise<number> {
  const { id } = await stack.sandbox.jobs.created(connectionId, afterJobId);
  await stack.sandbox.jobs.reached(id, ({ status }) => status === 'running');
  return id;
}

/** Takes the first tasks of workflows on a task queue, until so many have started. Returns their inputs by their ids. */
async function startedOn(taskQueue: string, count: number): Promise<Map<string, unknown>> {
  const { connection, namespace } = stack.temporal;
  const started = new Map<string, unknown>();
  const runs = new Set<string>();
  while (started.size < count) {
    const poll = { namespace, identity: 'test', taskQueue: { name: taskQueue } };
    const task = await connection.withDeadline(Date.now() + 60_000, () =>
      connection.workflowService.pollWorkflowTaskQueue(poll),
    );
    const { workflowId, runId } = task.workflowExecution ?? {};
    if (!workflowId || !runId) continue;
    runs.add(runId);
    const [input] = task.history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    started.set(workflowId, input && defaultPayloadConverter.fromPayload(input));
  }
  expect(runs.size).toBe(started.size);
  return started;
}

describe('a worker that polls once in an hour', () => {
  const taskQueue = uniqueName('notified');
  beforeAll(() => startWorker(taskQueue, POLLS_ONCE_IN_AN_HOUR));

  test('is notified after the command has installed the webhooks, which keeps what is there', async () => {
    const workspaceId = await stack.caller.workspaceId();
    const before = await stack.caller.call('workspaces/get', { workspaceId });
    const installed = { events: { success: 'installed', failure: 'installed' }, delivered: true };
    const { document, exitCode } = await runCommand(['webhook', 'install', '--json'], env);
    expect({ exitCode, document }).toEqual({
      exitCode: 0,
      document: { url: network.url, workspaces: [{ workspaceId, name: 'Default Workspace', ...installed }] },
    });
    const after = await stack.caller.call('workspaces/get', { workspaceId });
    const { sendOnSuccess, sendOnFailure, ...others } = after.notificationSettings;
    expect(before.notificationSettings).toMatchObject(others);
    expect(sendOnSuccess.slackConfiguration.webhook).toBe(`${network.url}/airbyte/${AIRBYTE_WEBHOOK_SECRET}`);
    expect(sendOnFailure.notificationType).toEqual(['customerio', 'slack']);
    const status = await runCommand(['webhook', 'status', '--workspace', 'Default Workspace'], env);
    expect(status.stdout).toMatch(/Default Workspace +installed +installed +arrived/);
    expect(status.stdout + status.stderr).not.toContain(AIRBYTE_WEBHOOK_SECRET);
  });

  test.each([
    ['succeeded', 'COMPLETED'],
    ['failed', 'FAILED'],
  ] as const)('ends the wait for a sync that has %s when it is notified', async (outcome, status) => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await startSync(connectionId, taskQueue);
    await stack.sandbox.jobs.finish(await running(connectionId), outcome);
    expect(await endOf(sync)).toBe(status);
  });
});

test('a notification that reaches another worker than the one that waits ends the wait, too', async () => {
  const taskQueue = uniqueName('two-workers');
  await startWorker(taskQueue, POLLS_ONCE_IN_AN_HOUR);
  const connectionId = await stack.caller.simulatedConnection({ hold: true });
  const sync = await startSync(connectionId, taskQueue);
  const jobId = await running(connectionId);
  const { client } = stack.temporal;
  while ((await findWaitsForJob(client, { jobId, connectionId, taskQueue })).length === 0) await sleep(50);
  // From now on, notifications reach this worker only.
  await startWorker(taskQueue, POLLS_ONCE_IN_AN_HOUR);
  await stack.sandbox.jobs.finish(jobId);
  expect(await sync.result()).toMatchObject({ jobId, status: 'succeeded' });
});

test('notifications that are lost, repeated, late or false lose no sync, and start one workflow for each', async () => {
  const taskQueue = uniqueName('bad-network');
  const routedQueue = uniqueName('routed');
  const route = { namePattern: 'shop *', on: 'end', workflow: 'transform', taskQueue: routedQueue } as const;
  await startWorker(taskQueue, { pollIntervalMs: 50, routes: [route] });
  const path = `/airbyte/${AIRBYTE_WEBHOOK_SECRET}`;
  const late: string[] = [];
  let sent = 0;
  network.deliver = async (to, body) => {
    const turn = sent++ % 4;
    if (turn === 2) late.push(body);
    if (turn === 3) await Promise.all([network.forward(to, body), network.forward(to, body)]);
    return 200;
  };
  const connectionIds = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      stack.caller.simulatedConnection({ hold: true }, { name: `shop ${index}` }),
    ),
  );
  // One of them is started by Airbyte itself.
  const [scheduled = '', ...ours] = connectionIds;
  stack.sandbox.jobs.start(stack.sandbox.store.connection(scheduled), 'sync');
  const syncs = await Promise.all(ours.map((connectionId) => startSync(connectionId, taskQueue)));
  const jobIds = await Promise.all(connectionIds.map((connectionId) => running(connectionId)));
  const notification = (jobId: number, connection: string) =>
    JSON.stringify({ data: { jobId, success: true, connection: { id: connection } } });
  const forged = [
    ...jobIds.map((jobId, index) => notification(jobId, connectionIds[index] ?? '')),
    notification(10, 'x'),
  ];
  expect(await Promise.all(forged.map((body) => network.forward(path, body)))).toEqual(forged.map(() => 200));
  expect(await network.forward('/airbyte/a-secret-that-is-wrong', forged[0] ?? '')).toBe(404);
  const hasFailed = (index: number) => index % 3 === 0;
  await Promise.all(
    jobIds.map((id, index) => stack.sandbox.jobs.finish(id, hasFailed(index) ? 'failed' : 'succeeded')),
  );
  const ends = syncs.map(async (sync, at) => {
    const index = at + 1;
    const end = hasFailed(index) ? (await failureOf(sync)).type : await sync.result();
    if (!hasFailed(index)) expect(end).toMatchObject({ jobId: jobIds[index], status: 'succeeded' });
    else expect(end).toBe('AirbyteSyncFailed');
  });
  await Promise.all(ends);
  await Promise.all(late.map((body) => network.forward(path, body)));
  const started = await startedOn(routedQueue, connectionIds.length);
  expect(Object.fromEntries(started)).toEqual(
    Object.fromEntries(
      connectionIds.map((connectionId, index) => [
        routedWorkflowId({ connectionId, jobId: jobIds[index] ?? 0 }, 'transform', taskQueue),
        expect.objectContaining({
          ...{ connectionId, connectionName: `shop ${index}`, jobId: jobIds[index] },
          status: hasFailed(index) ? 'failed' : 'succeeded',
        }),
      ]),
    ),
  );
  expect(sent).toBe(connectionIds.length);
});

test('the command says what to do if no worker listens', async () => {
  network.port = await freePort();
  network.deliver = (path, body) => network.forward(path, body);
  const { exitCode, stderr } = await runCommand(['webhook', 'install'], env);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr: expect.stringContaining('Start a worker with AIRBYTE_WEBHOOK_PORT'),
  });
});

test('the command removes the webhooks, and only those', async () => {
  const workspaceId = await stack.caller.workspaceId();
  const { exitCode } = await runCommand(['webhook', 'remove'], env);
  const airbyte = new AirbyteClient({ url: stack.sandbox.url });
  expect({ exitCode, webhooks: await airbyte.webhooks.get(workspaceId) }).toEqual({ exitCode: 0, webhooks: {} });
  await airbyte.close();
});
