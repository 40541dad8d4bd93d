import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiCaller, startCaller } from './api-caller';

let caller: ApiCaller;

beforeAll(async () => {
  caller = await startCaller();
});
afterAll(() => caller.sandbox.stop());

describe('a source', () => {
  test('shows its secrets masked and keeps them when they come back masked', async () => {
    const sourceId = await caller.createActor('source', 'Simulated', { api_key: 'first secret', records: 1 });
    const read = await caller.call('sources/get', { sourceId });
    expect(read.connectionConfiguration).toEqual({ api_key: '**********', records: 1 });

    const { name, connectionConfiguration } = read;
    const changed = { ...connectionConfiguration, records: 2 };
    const updated = await caller.call('sources/update', { sourceId, name, connectionConfiguration: changed });
    expect(updated.connectionConfiguration).toEqual({ api_key: '**********', records: 2 });
    expect(caller.sandbox.store.actor('source', sourceId).configuration).toEqual({
      api_key: 'first secret',
      records: 2,
    });

    await caller.call('sources/update', { sourceId, name, connectionConfiguration: { api_key: 'second secret' } });
    expect(caller.sandbox.store.actor('source', sourceId).configuration).toEqual({ api_key: 'second secret' });
  });

  test('is rejected with the reason when its configuration breaks the specification', async () => {
    const refused = await caller.request('sources/create', {
      workspaceId: await caller.workspaceId(),
      name: 'broken',
      sourceDefinitionId: await caller.definitionId('source', 'Postgres'),
      connectionConfiguration: { host: 'db', port: '5432', username: 'airbyte' },
    });
    expect(refused.status).toBe(422);
    expect(refused.body.message).toContain('The provided configuration does not fulfill the specification.');
    expect(refused.body.message).toContain("required property 'database' not found");
    expect(refused.body.message).toContain('$.port: string found, integer expected');
  });

  test('responds to a failed check with 200 and the reason', async () => {
    const sourceId = await caller.createActor('source', 'Simulated', { check_message: 'The key is wrong.' });
    const response = await caller.request('sources/check_connection', { sourceId });
    expect(response).toMatchObject({ status: 200, body: { status: 'failed', message: 'The key is wrong.' } });
    expect(response.body.jobInfo.succeeded).toBe(true);
  });

  test('is checked and discovered with a configuration that is not saved, and keeps its own', async () => {
    const sourceId = await caller.createActor('source', 'Simulated', { streams: ['one'], api_key: 'the key' });
    const { sourceDefinitionId, name, connectionConfiguration } = await caller.call('sources/get', { sourceId });
    const refused = { ...connectionConfiguration, check_message: 'The key is wrong.' };
    const update = { sourceId, name, connectionConfiguration: refused };
    const failed = { status: 'failed', message: 'The key is wrong.' };
    expect(await caller.call('sources/check_connection_for_update', update)).toMatchObject(failed);
    const workspaceId = await caller.workspaceId();
    const created = { workspaceId, sourceDefinitionId, connectionConfiguration: refused };
    expect(await caller.call('scheduler/sources/check_connection', created)).toMatchObject(failed);
    const discovered = await caller.call('scheduler/sources/discover_schema', {
      ...created,
      connectionConfiguration: { streams: ['two'] },
    });
    expect(discovered.catalog.streams).toMatchObject([{ stream: { name: 'two' } }]);
    expect(
      await caller.request('sources/check_connection_for_update', {
        ...update,
        connectionConfiguration: { records: 'x' },
      }),
    ).toMatchObject({ status: 422 });
    expect(await caller.call('sources/check_connection', { sourceId })).toMatchObject({ status: 'succeeded' });
    const { catalog } = await caller.call('sources/discover_schema', { sourceId });
    expect(catalog.streams).toMatchObject([{ stream: { name: 'one' } }]);
  });

  test('is discovered once, unless the cache is disabled', async () => {
    const sourceId = await caller.createActor('source', 'Simulated', { streams: ['one', 'two'] });
    const first = await caller.call('sources/discover_schema', { sourceId });
    expect(first.catalog.streams.map(({ stream }: { stream: { name: string } }) => stream.name)).toEqual([
      'one',
      'two',
    ]);
    expect((await caller.call('sources/discover_schema', { sourceId })).catalogId).toBe(first.catalogId);
    const anew = await caller.call('sources/discover_schema', { sourceId, disable_cache: true });
    expect(anew.catalogId).not.toBe(first.catalogId);
  });

  test('whose discovery fails yields 200, the reason and no catalog', async () => {
    const sourceId = await caller.createActor('source', 'REST API', { url: 'http://127.0.0.1:1/nobody' });
    const response = await caller.request('sources/discover_schema', { sourceId });
    expect(response.status).toBe(200);
    expect(response.body).not.toHaveProperty('catalog');
    expect(response.body.jobInfo).toMatchObject({ succeeded: false, configType: 'discover_schema' });
    expect(response.body.jobInfo.failureReason.externalMessage).not.toBe('');
  });

  test('comes in a list of pages, sorted by name', async () => {
    const other = await startCaller({ airbyteVersion: '2.0.0' });
    try {
      for (let count = 0; count < 25; count += 1) {
        await other.createActor('source', 'Simulated', {}, `source ${String(count).padStart(2, '0')}`);
      }
      const workspaceId = await other.workspaceId();
      const first = await other.call('sources/list', { workspaceId });
      expect(first).toMatchObject({ num_connections: 25, page_size: 20 });
      expect(first.sources).toHaveLength(20);
      const rest = await other.call('sources/list', { workspaceId, cursor: first.sources[19].sourceId });
      expect(rest.sources.map(({ name }: { name: string }) => name)).toEqual([
        'source 20',
        'source 21',
        'source 22',
        'source 23',
        'source 24',
      ]);
    } finally {
      await other.sandbox.stop();
    }
  });

  test('that was deleted is gone, and its connections with it', async () => {
    const connectionId = await caller.simulatedConnection();
    const { sourceId } = await caller.call('connections/get', { connectionId });
    const workspaceId = await caller.workspaceId();
    expect((await caller.request('sources/delete', { sourceId })).status).toBe(204);
    expect((await caller.request('sources/get', { sourceId })).status).toBe(404);
    const { connections } = await caller.call('connections/list', { workspaceId });
    expect(connections.map((connection: { connectionId: string }) => connection.connectionId)).not.toContain(
      connectionId,
    );
  });
});

test.each([
  [
    'source',
    'Postgres',
    {
      host: 'postgres',
      port: 5432,
      database: 'ecommerce',
      username: 'postgres',
      password: 'postgres',
      ssl: false,
      replication_method: { method: 'Standard' },
    },
  ],
  ['source', 'REST API', { url: 'https://api.example.com/customers', api_key: 'your-api-key', method: 'GET' }],
  [
    'destination',
    'S3',
    {
      s3_bucket_name: 'datalake',
      s3_bucket_path: 'bronze/',
      s3_bucket_region: 'us-east-1',
      access_key_id: 'minioadmin',
      secret_access_key: 'minioadmin',
      s3_endpoint: 'http://minio:9000',
      format: { format_type: 'Parquet', compression_codec: 'snappy' },
    },
  ],
  [
    'destination',
    'Postgres',
    {
      host: 'postgres',
      port: 5432,
      database: 'datawarehouse',
      username: 'postgres',
      password: 'postgres',
      schema: 'raw',
      ssl: false,
    },
  ],
] as const)('a %s of the definition %s takes the configuration people use', async (kind, definition, configuration) => {
  const id = await caller.createActor(kind, definition, configuration);
  const read = await caller.call(`${kind}s/get`, { [`${kind}Id`]: id });
  expect(JSON.stringify(read)).not.toMatch(/minioadmin|your-api-key|"password":"postgres"/);
});

describe('a connection', () => {
  const create = async (fields: object) => {
    const sourceId = await caller.createActor('source', 'Simulated', {}, 'shop');
    const destinationId = await caller.createActor('destination', 'Simulated', {}, 'lake');
    return caller.request('connections/create', { sourceId, destinationId, status: 'active', ...fields });
  };
  const basicSchedule = { units: 6, timeUnit: 'hours' };

  test('has defaults where it says nothing', async () => {
    expect((await create({})).body).toMatchObject({
      name: 'shop <> lake',
      namespaceDefinition: 'source',
      scheduleType: 'manual',
      status: 'active',
      breakingChange: false,
      syncCatalog: { streams: [] },
    });
  });

  test.each([
    ['old', { schedule: basicSchedule }],
    ['new', { scheduleType: 'basic', scheduleData: { basicSchedule } }],
  ])('shows both forms of a schedule that was given in the %s one', async (_, fields) => {
    const { body } = await create(fields);
    expect(body).toMatchObject({ schedule: basicSchedule, scheduleType: 'basic', scheduleData: { basicSchedule } });
  });

  test('is rejected when it has the schedule in both forms', async () => {
    const { status, body } = await create({
      schedule: basicSchedule,
      scheduleType: 'basic',
      scheduleData: { basicSchedule },
    });
    expect(status).toBe(422);
    expect(body.message).toContain('supply old or new schedule schema but not both');
  });

  test('keeps what an update leaves out, and takes a new schedule in the new form only', async () => {
    const { body } = await create({ schedule: basicSchedule, prefix: 'raw_' });
    const { connectionId } = body;
    const cron = { cronExpression: '0 0 */6 * * ?', cronTimeZone: 'Europe/Rome' };
    const updated = await caller.call('connections/update', {
      connectionId,
      scheduleType: 'cron',
      scheduleData: { cron },
    });
    expect(updated).toMatchObject({
      name: 'shop <> lake',
      prefix: 'raw_',
      scheduleType: 'cron',
      scheduleData: { cron },
    });
    expect(updated).not.toHaveProperty('schedule');

    const refused = await caller.request('connections/update', { connectionId, schedule: basicSchedule });
    expect(refused.status).toBe(500);
    expect(refused.body.message).toContain("'schedule' is no longer supported");
  });

  test.each(['0 0 * * *', '0 0 0 * * *', 'every day at noon please ?'])(
    'is rejected with the cron %s',
    async (expression) => {
      const cron = { cronExpression: expression, cronTimeZone: 'UTC' };
      expect((await create({ scheduleType: 'cron', scheduleData: { cron } })).status).toBe(400);
    },
  );

  test('keeps the selected streams only', async () => {
    const config = { syncMode: 'full_refresh', destinationSyncMode: 'append' };
    const streams = [
      { stream: { name: 'one' }, config: { ...config, selected: true } },
      { stream: { name: 'two' }, config: { ...config, selected: false } },
    ];
    const { body } = await create({ syncCatalog: { streams } });
    expect(body.syncCatalog.streams.map(({ stream }: { stream: { name: string } }) => stream.name)).toEqual(['one']);
  });

  test('is rejected with what is wrong, field by field', async () => {
    const { status, body } = await create({ namespaceDefinition: 'custom_format', sourceId: 'default' });
    expect(status).toBe(422);
    const paths = body.validationErrors.map(({ propertyPath }: { propertyPath: string }) => propertyPath);
    expect(paths.sort()).toEqual(['namespaceDefinition', 'sourceId']);
  });

  test('is rejected when its source does not exist', async () => {
    expect((await create({ sourceId: randomUUID() })).status).toBe(404);
  });
});
