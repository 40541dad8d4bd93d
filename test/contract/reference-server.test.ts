import { afterEach, describe, expect, test } from '@jest/globals';
import { type ReferenceServer, type ReferenceServerOptions, startReferenceServer } from '../support/reference-server';

/** The stand-in is what other tests lean on, so it has to be as strict as it says. */
describe('the reference server', () => {
  let server: ReferenceServer;
  afterEach(() => server.stop());

  async function post(call: string, body: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${server.url}/${call}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  async function withConnection(options: ReferenceServerOptions = {}, more: object = {}) {
    server = await startReferenceServer(options);
    const actor = { connectionConfiguration: {}, workspaceId: 'default-workspace-id', name: 'shop' };
    await post('sources/create', { ...actor, sourceDefinitionId: 'postgres-definition-id' });
    await post('destinations/create', { ...actor, destinationDefinitionId: 's3-definition-id' });
    const connection = {
      sourceId: 'source-id-123',
      destinationId: 'dest-id-456',
      syncCatalog: {
        streams: [
          {
            stream: { name: 'orders' },
            config: { syncMode: 'full_refresh', destinationSyncMode: 'append', selected: true },
          },
        ],
      },
      schedule: { units: 24, timeUnit: 'hours' },
      name: 'shop to lake',
      namespaceDefinition: 'source',
      status: 'active',
      ...more,
    };
    return { connection, created: await post('connections/create', connection) };
  }

  test.each([
    'health',
    'workspaces/get',
    'source_definitions/list_for_workspace',
    'source_definition_specifications/get',
    'destination_definitions/get',
    'sources/get',
    'sources/update',
    'destinations/list',
    'connections/list',
    'jobs/get_last_replication_job',
    'jobs/list_for_workspaces',
    'applications/token',
  ])('does not have %s', async (call) => {
    server = await startReferenceServer();
    expect(await post(call, {})).toEqual({ status: 404, body: undefined });
    expect(server.requests).toEqual([{ method: 'POST', call, body: {}, status: 404 }]);
  });

  test('takes nothing but JSON', async () => {
    server = await startReferenceServer();
    expect(await post('workspaces/list', {}, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    expect(await post('workspaces/list', 'no object')).toMatchObject({ status: 400 });
  });

  test('rejects a body that lacks what the reference shows, and says what', async () => {
    const { connection } = await withConnection();
    expect(await post('jobs/list', { configTypes: ['sync'] })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('configId') },
    });
    expect(await post('sources/create', { name: 'shop' })).toMatchObject({
      status: 400,
      body: { message: expect.stringMatching(/sourceDefinitionId.*connectionConfiguration.*workspaceId/) },
    });
    const { namespaceDefinition: _, ...lacking } = connection;
    expect(await post('connections/create', lacking)).toMatchObject({ status: 400 });
    expect(await post('connections/update', { connectionId: 'connection-id-789', name: 'new' })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('syncCatalog') },
    });
  });

  test('replaces a connection on update: what the body leaves out is lost', async () => {
    const { created } = await withConnection();
    const { schedule: _, ...rest } = created.body;
    await post('connections/update', rest);
    expect((await post('connections/get', { connectionId: 'connection-id-789' })).body).toEqual(rest);
  });

  test('keeps fields it does not know, or drops them', async () => {
    expect((await withConnection({}, { prefix: 'shop_' })).created.body).toMatchObject({ prefix: 'shop_' });
    await server.stop();
    const { created } = await withConnection({ unknownFields: 'dropped' }, { prefix: 'shop_' });
    expect(created).toMatchObject({ status: 200, body: { name: 'shop to lake' } });
    expect(created.body).not.toHaveProperty('prefix');
  });

  test('moves a job one step with each response that shows it, and gives totals only at the end', async () => {
    await withConnection({ outcomes: ['succeeded', 'failed'] });
    expect(await post('connections/sync', { connectionId: 'connection-id-789' })).toEqual({
      status: 200,
      body: { job: { id: 12_345, configType: 'sync', status: 'pending', createdAt: 1_729_108_800 } },
    });
    expect((await post('connections/sync', { connectionId: 'connection-id-789' })).status).toBe(409);

    const seen = [];
    for (let read = 0; read < 3; read++) seen.push((await post('jobs/get', { id: 12_345 })).body.job);
    expect(seen.map(({ status, summary }) => [status, summary])).toEqual([
      ['pending', undefined],
      ['running', undefined],
      ['succeeded', { recordsSynced: 150_000, bytesSynced: 52_428_800 }],
    ]);

    await post('connections/sync', { connectionId: 'connection-id-789' });
    for (let read = 0; read < 3; read++) await post('jobs/get', { id: 12_346 });
    const { body } = await post('jobs/list', { configTypes: ['sync'], configId: 'connection-id-789' });
    expect(body.jobs.map((job: { id: number; status: string }) => [job.id, job.status])).toEqual([
      [12_346, 'failed'],
      [12_345, 'succeeded'],
    ]);
  });

  test('lets the test move the jobs, and cancels them', async () => {
    await withConnection({ jobsMoveBy: 'the test' });
    await post('connections/sync', { connectionId: 'connection-id-789' });
    const status = async () => (await post('jobs/get', { id: 12_345 })).body.job.status;
    expect([await status(), await status()]).toEqual(['pending', 'pending']);
    server.jobs.advance(12_345);
    expect(await status()).toBe('running');
    await post('jobs/cancel', { id: 12_345 });
    server.jobs.advance(12_345);
    expect(await status()).toBe('cancelled');
  });

  test('fails a check the way Airbyte does: with 200 and a status', async () => {
    await withConnection();
    server.failCheck('source-id-123', 'password authentication failed');
    expect(await post('sources/check_connection', { sourceId: 'source-id-123' })).toEqual({
      status: 200,
      body: { status: 'failed', message: 'password authentication failed' },
    });
  });
});
