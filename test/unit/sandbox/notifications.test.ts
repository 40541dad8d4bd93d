import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../sandbox/server';
import { publicApiUrl } from '../../../src/airbyte/airbyte-url';
import { AirbyteClient } from '../../../src/airbyte/client';
import { ApiCaller } from './api-caller';

interface Received {
  headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads JSON whose shape it knows
  body: any;
}

let sandbox: Sandbox;
let caller: ApiCaller;
let receiver: Server;
let received: Received[];
let respond: (response: ServerResponse) => void;
let url: string;

beforeEach(async () => {
  received = [];
  respond = (response) => void response.end();
  receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
    respond(response);
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});

afterEach(async () => {
  await sandbox.stop();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

async function start(options: SandboxOptions = {}): Promise<string> {
  sandbox = await startSandbox(options);
  caller = new ApiCaller(sandbox);
  const item = { notificationType: ['slack'], slackConfiguration: { webhook: url } };
  await caller.call('workspaces/update', {
    workspaceId: await caller.workspaceId(),
    notificationSettings: { sendOnSuccess: item, sendOnFailure: item },
  });
  return caller.simulatedConnection({ hold: true });
}

describe('the webhook of a workspace', () => {
  test('is told of a sync that has succeeded, by a client that offers HTTP/2', async () => {
    const connectionId = await start();
    const { id } = sandbox.jobs.start(sandbox.store.connection(connectionId), 'sync');
    await sandbox.jobs.finish(id);
    expect(received).toEqual([
      {
        headers: expect.objectContaining({ 'content-type': 'application/json', upgrade: 'h2c' }),
        body: expect.objectContaining({
          text: expect.stringContaining('Sync completed'),
          data: expect.objectContaining({
            jobId: id,
            success: true,
            connection: expect.objectContaining({ id: connectionId }),
          }),
        }),
      },
    ]);
  });

  test('is told why a sync has failed', async () => {
    const connectionId = await start();
    const { id } = sandbox.jobs.start(sandbox.store.connection(connectionId), 'sync');
    await sandbox.jobs.finish(id, 'failed', 'the disk is full');
    expect(received.map(({ body }) => body.data)).toEqual([
      expect.objectContaining({ jobId: id, success: false, errorMessage: 'the disk is full' }),
    ]);
  });

  test('is not told of cancelled syncs and of resets', async () => {
    const connectionId = await start();
    const connection = sandbox.store.connection(connectionId);
    const { id } = sandbox.jobs.start(connection, 'sync');
    await sandbox.jobs.reached(id, ({ status }) => status === 'running');
    await sandbox.jobs.cancel(connectionId);
    const reset = sandbox.jobs.start(connection, 'reset_connection');
    expect(await sandbox.jobs.finish(reset.id)).toMatchObject({ status: 'succeeded' });
    expect(received).toEqual([]);
  });

  test('gets only a text from a server before 0.59', async () => {
    const connectionId = await start({ airbyteVersion: '0.50.0' });
    const { id } = sandbox.jobs.start(sandbox.store.connection(connectionId), 'sync');
    await sandbox.jobs.finish(id);
    expect(received.map(({ body }) => body)).toEqual([{ text: expect.any(String) }]);
  });

  test('keeps the connection busy until it has responded, although the job has ended', async () => {
    const connectionId = await start();
    const held = new Promise<ServerResponse>((resolve) => {
      respond = resolve;
    });
    const connection = sandbox.store.connection(connectionId);
    const { id } = sandbox.jobs.start(connection, 'sync');
    const finished = sandbox.jobs.finish(id);
    const response = await held;
    expect(sandbox.store.job(id).status).toBe('succeeded');
    expect(() => sandbox.jobs.start(connection, 'sync')).toThrow('already running');
    response.end();
    await finished;
    respond = (next) => void next.end();
    expect(sandbox.jobs.start(connection, 'sync').id).toBe(id + 1);
  });

  test('does not affect the job by an error', async () => {
    const connectionId = await start();
    respond = (response) => void response.destroy();
    const { id } = sandbox.jobs.start(sandbox.store.connection(connectionId), 'sync');
    expect(await sandbox.jobs.finish(id)).toMatchObject({ status: 'succeeded' });
  });

  test('is tried with a job that does not exist', async () => {
    await start();
    const request = { notificationTrigger: 'sync_failure', slackConfiguration: { webhook: url } };
    expect(await caller.call('notifications/try_webhook', request)).toEqual({ status: 'succeeded' });
    expect(received.map(({ body }) => body.data)).toEqual([expect.objectContaining({ jobId: 10, success: false })]);
    respond = (response) => void response.writeHead(404).end();
    expect(await caller.call('notifications/try_webhook', request)).toEqual({ status: 'failed' });
  });
});

describe('the notification settings', () => {
  test('are replaced as a whole by the Config API, with defaults for what is missing', async () => {
    await start();
    const workspaceId = await caller.workspaceId();
    const item = { notificationType: ['slack'], slackConfiguration: { webhook: url } };
    const change = { workspaceId, notificationSettings: { sendOnSyncDisabled: item } };
    const { notificationSettings } = await caller.call('workspaces/update', change);
    expect(notificationSettings).toMatchObject({
      sendOnSyncDisabled: item,
      sendOnSuccess: { notificationType: [] },
      sendOnFailure: { notificationType: ['customerio'] },
    });
  });

  test('are the same through both APIs, and keep what a client does not change', async () => {
    await start();
    const workspaceId = await caller.workspaceId();
    const config = new AirbyteClient({ url: sandbox.url });
    const open = new AirbyteClient({ url: publicApiUrl(sandbox.url) });
    const before = await caller.call('workspaces/get', { workspaceId });
    await open.webhooks.set(workspaceId, { success: null });
    expect(await config.webhooks.get(workspaceId)).toEqual({ failure: { url, enabled: true } });
    await config.webhooks.set(workspaceId, { success: url, failure: null });
    expect(await open.webhooks.get(workspaceId)).toEqual({ success: { url, enabled: true } });
    await open.webhooks.set(workspaceId, { failure: url });
    expect((await caller.call('workspaces/get', { workspaceId })).notificationSettings).toEqual(
      before.notificationSettings,
    );
    await Promise.all([config.close(), open.close()]);
  });

  test('are not supported by the public API before 1.6', async () => {
    await start({ airbyteVersion: '1.0.0' });
    const open = new AirbyteClient({ url: publicApiUrl(sandbox.url) });
    await expect(open.webhooks.get(await caller.workspaceId())).rejects.toMatchObject({ type: 'AirbyteUnsupported' });
    await open.close();
  });
});
