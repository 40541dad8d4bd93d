import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startSandbox } from '../../../sandbox/server';
import type { ApiResponse } from './api-caller';
import { PublicCaller } from './public-caller';

let caller: PublicCaller;
let workspaceId: string;

beforeAll(async () => {
  caller = new PublicCaller(await startSandbox({ airbyteVersion: '2.0.0', workspaces: ['One', 'Two'] }));
  workspaceId = await caller.workspaceId();
});
afterAll(() => caller.sandbox.stop());

const problem = (status: number, title: string, message: unknown = expect.any(String)) => ({
  status,
  body: { status, title, data: { message } },
});
const names = ({ data }: ApiResponse['body']) => data.map(({ name }: { name: string }) => name);

describe('workspaces and definitions', () => {
  test('are listed, created and read', async () => {
    expect(names(await caller.get('GET workspaces'))).toEqual(['One', 'Two']);
    const created = await caller.get('POST workspaces', { name: 'Three' });
    expect(await caller.get(`GET workspaces/${created.workspaceId}`)).toEqual(created);
    expect(names(await caller.get(`GET workspaces?workspaceIds=${created.workspaceId}`))).toEqual(['Three']);
  });

  test('of a workspace that does not exist are not found', async () => {
    const missing = randomUUID();
    for (const path of [`workspaces/${missing}`, `workspaces/${missing}/definitions/sources`]) {
      expect(await caller.ask(`GET ${path}`)).toMatchObject({
        status: 404,
        body: { title: 'resource-not-found', data: { resourceId: missing } },
      });
    }
  });

  test('name their connectors by id, image and version', async () => {
    const definitions = `workspaces/${workspaceId}/definitions/destinations`;
    const { data } = await caller.get(`GET ${definitions}`);
    const s3 = data.find(({ name }: { name: string }) => name === 'S3');
    expect(s3).toMatchObject({ dockerRepository: 'airbyte/destination-s3', dockerImageTag: expect.any(String) });
    expect(await caller.get(`GET ${definitions}/${s3.id}`)).toEqual(s3);
    const all = await caller.get(`GET connector_definitions?type=destination&workspaceId=${workspaceId}`);
    expect(all.data).toContainEqual({
      id: s3.id,
      connectorDefinitionType: 'destination',
      name: 'S3',
      version: s3.dockerImageTag,
    });
  });
});

describe('a source', () => {
  const postgres = { host: 'db', port: 5432, database: 'shop', username: 'airbyte', password: 'a secret' };
  const create = (fields: object) =>
    caller.ask('POST sources', {
      name: 'shop',
      workspaceId,
      configuration: { sourceType: 'postgres', ...postgres },
      ...fields,
    });
  const stored = (sourceId: string) => caller.sandbox.store.actor('source', sourceId).configuration;

  test('may be named by its type, and shows its secrets masked', async () => {
    const { status, body } = await create({});
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'shop',
      sourceType: 'postgres',
      workspaceId,
      configuration: { ...postgres, password: '**********' },
      createdAt: expect.any(Number),
    });
    expect(stored(body.sourceId)).toEqual(postgres);
    expect(await caller.get(`GET sources/${body.sourceId}`)).toEqual(body);
  });

  test('is rejected when it names no connector, or one that is none', async () => {
    expect(await create({ configuration: postgres })).toMatchObject({
      status: 422,
      body: { title: 'unprocessable-entity' },
    });
    expect(await create({ configuration: { sourceType: 'abacus' } })).toMatchObject({
      status: 400,
      body: { title: 'value-not-found', data: { value: 'abacus' } },
    });
  });

  test('is rejected with the reason when its configuration breaks the specification', async () => {
    const refused = await create({ configuration: { sourceType: 'postgres', host: 'db', port: '5432' } });
    expect(refused).toMatchObject(problem(422, 'unprocessable-entity'));
    expect(refused.body.data.message).toContain('$.port: string found, integer expected');
    expect(refused.body.data.message).not.toContain('Schema:');
  });

  test('patched changes what is given, put all of it', async () => {
    const { sourceId } = (await create({})).body;
    await caller.get(`PATCH sources/${sourceId}`, { configuration: { port: 5433 } });
    expect(stored(sourceId)).toEqual({ ...postgres, port: 5433 });
    const renamed = await caller.get(`PATCH sources/${sourceId}`, { name: 'renamed' });
    expect(renamed).toMatchObject({ name: 'renamed', configuration: { port: 5433 } });

    const configuration = { ...postgres, database: 'other', password: '**********' };
    await caller.get(`PUT sources/${sourceId}`, { name: 'put', configuration });
    expect(stored(sourceId)).toEqual({ ...postgres, database: 'other' });
    expect(await caller.ask(`PUT sources/${sourceId}`, { name: 'put' })).toMatchObject({ status: 400 });
  });

  test('patched with a mask loses its secret, as it does in Airbyte', async () => {
    const { sourceId } = (await create({})).body;
    await caller.get(`PATCH sources/${sourceId}`, { configuration: { password: '**********' } });
    expect(stored(sourceId)).toMatchObject({ password: '**********' });
  });

  test('that was deleted is gone, except from lists that include deleted ones', async () => {
    const { sourceId } = (await create({ name: 'short-lived' })).body;
    expect((await caller.ask(`DELETE sources/${sourceId}`)).status).toBe(204);
    expect((await caller.ask(`GET sources/${sourceId}`)).status).toBe(404);
    expect(names(await caller.get('GET sources?limit=100'))).not.toContain('short-lived');
    expect(names(await caller.get('GET sources?limit=100&includeDeleted=true'))).toContain('short-lived');
  });

  test('with an id that is none is a mistake of the server', async () => {
    expect(await caller.ask('GET sources/shop')).toMatchObject({ status: 500, body: { errorId: expect.any(String) } });
  });

  test('comes in a list of pages of 20, or of at most 100', async () => {
    const other = new PublicCaller(await startSandbox({ airbyteVersion: '2.0.0' }));
    for (let count = 0; count < 25; count += 1) await other.createActor('source', 'Simulated', {}, `source ${count}`);
    const first = await other.get('GET sources');
    expect(first.data).toHaveLength(20);
    expect((await other.get(`GET ${first.next}`)).data).toHaveLength(5);
    expect((await other.ask('GET sources?limit=101')).status).toBe(400);
    await other.sandbox.stop();
  });

  test('moves between the pages of a list, which has no order', async () => {
    const other = new PublicCaller(await startSandbox({ airbyteVersion: '2.0.0' }));
    for (let count = 0; count < 25; count += 1) await other.createActor('source', 'Simulated', {}, `source ${count}`);
    const orders = [1, 2].map(() => other.get('GET sources'));
    const [one, another] = (await Promise.all(orders)).map(names);
    expect(one).not.toEqual(another);
    const [whole, again] = (await Promise.all([1, 2].map(() => other.get('GET sources?limit=25')))).map(names);
    expect(whole).toEqual(again);
    await other.sandbox.stop();
  });
});

describe('the streams of a source', () => {
  test('tell their fields and, for a destination, the sync modes that both have', async () => {
    const sourceId = await caller.createActor('source', 'Simulated', { streams: ['events'] });
    const [alone] = await caller.get(`GET streams?sourceId=${sourceId}`);
    expect(alone).toEqual({
      streamName: 'events',
      defaultCursorField: ['updated_at'],
      sourceDefinedCursorField: false,
      sourceDefinedPrimaryKey: [['id']],
      propertyFields: [['id'], ['updated_at']],
    });
    const format = { format_type: 'Parquet' };
    const destinationId = await caller.createActor('destination', 'S3', { s3_bucket_name: 'lake', format });
    const [together] = await caller.get(`GET streams?sourceId=${sourceId}&destinationId=${destinationId}`);
    expect(together.syncModes).toEqual(['full_refresh_append', 'full_refresh_overwrite', 'incremental_append']);
  });

  test('that cannot be discovered are an unexpected problem in the words of the connector', async () => {
    const sourceId = await caller.createActor('source', 'REST API', { url: 'http://127.0.0.1:1/nobody' });
    expect(await caller.ask(`GET streams?sourceId=${sourceId}`)).toMatchObject(
      problem(500, 'unexpected-problem', expect.stringContaining('Something went wrong in the connector. logs:')),
    );
  });
});

describe('a connection', () => {
  const create = async (fields: object, streams = ['events', 'users']) => {
    const sourceId = await caller.createActor('source', 'Simulated', { streams }, 'shop');
    const destinationId = await caller.createActor('destination', 'Simulated', {}, 'lake');
    return caller.ask('POST connections', { sourceId, destinationId, ...fields });
  };

  test('has every stream, whole each time, where nothing else is said', async () => {
    const { status, body } = await create({});
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'shop <> lake',
      status: 'active',
      workspaceId,
      schedule: { scheduleType: 'manual' },
      namespaceDefinition: 'destination',
      nonBreakingSchemaUpdatesBehavior: 'ignore',
      configurations: {
        streams: [
          { name: 'events', syncMode: 'full_refresh_overwrite' },
          { name: 'users', syncMode: 'full_refresh_overwrite' },
        ],
      },
    });
    expect(await caller.get(`GET connections/${body.connectionId}`)).toEqual(body);
  });

  test('is the same for both APIs, each in its own words', async () => {
    const { body } = await create({
      namespaceDefinition: 'custom_format',
      namespaceFormat: 'lake',
      nonBreakingSchemaUpdatesBehavior: 'disable_connection',
      schedule: { scheduleType: 'cron', cronExpression: '0 0 */6 * * ? UTC' },
      configurations: { streams: [{ name: 'events', syncMode: 'incremental_deduped_history' }] },
    });
    expect(body).toMatchObject({
      namespaceDefinition: 'custom_format',
      nonBreakingSchemaUpdatesBehavior: 'disable_connection',
      schedule: { scheduleType: 'cron', cronExpression: '0 0 */6 * * ? UTC' },
    });
    const { syncCatalog, ...read } = await caller.call('connections/get', { connectionId: body.connectionId });
    expect(read).toMatchObject({
      namespaceDefinition: 'customformat',
      namespaceFormat: 'lake',
      nonBreakingChangesPreference: 'disable',
      scheduleType: 'cron',
      scheduleData: { cron: { cronExpression: '0 0 */6 * * ?', cronTimeZone: 'UTC' } },
    });
    expect(syncCatalog.streams).toHaveLength(1);
    expect(syncCatalog.streams[0].config).toMatchObject({
      syncMode: 'incremental',
      destinationSyncMode: 'append_dedup',
      cursorField: ['updated_at'],
      primaryKey: [['id']],
    });
  });

  test('shows a basic schedule that the Config API gave it', async () => {
    const connectionId = await caller.simulatedConnection({}, { schedule: { units: 6, timeUnit: 'hours' } });
    expect((await caller.get(`GET connections/${connectionId}`)).schedule).toEqual({
      scheduleType: 'basic',
      basicTiming: 'Every 6 HOURS',
    });
  });

  test.each([
    [
      'a stream that the source lacks',
      [{ name: 'nothing' }],
      'No streams found with name [nothing] and namespace [null].',
    ],
    ['a stream twice', [{ name: 'events' }, { name: 'events' }], 'Duplicate stream found'],
    ['a mode that is not possible', [{ name: 'events', syncMode: 'incremental_soft_delete' }], 'Cannot set sync mode'],
    [
      'a cursor that the stream lacks',
      [{ name: 'events', syncMode: 'incremental_append', cursorField: ['changed'] }],
      'Invalid cursor field for stream: events. The list of valid cursor fields include: [[id], [updated_at]].',
    ],
    [
      'a primary key that the source defines otherwise',
      [{ name: 'events', syncMode: 'incremental_deduped_history', primaryKey: [['updated_at']] }],
      'Primary key for stream: events is already pre-defined.',
    ],
  ])('is rejected with %s', async (_, streams, message) => {
    expect(await create({ configurations: { streams } })).toMatchObject(
      problem(400, 'bad-request', expect.stringContaining(message)),
    );
  });

  test.each([
    [{ scheduleType: 'cron' }, 'Missing cron expression'],
    [{ scheduleType: 'cron', cronExpression: '0 0 * * *' }, 'is not valid'],
    [{ scheduleType: 'cron', cronExpression: '* 0 0 * * ?' }, 'less than the one hour minimum'],
  ])('is rejected with the schedule %j', async (schedule, message) => {
    expect(await create({ schedule })).toMatchObject(problem(400, 'bad-request', expect.stringContaining(message)));
  });

  test('patched changes what is given', async () => {
    const { body } = await create({
      prefix: 'raw_',
      schedule: { scheduleType: 'cron', cronExpression: '0 0 0 * * ?' },
    });
    const path = `connections/${body.connectionId}`;
    const configurations = { streams: [{ name: 'users', syncMode: 'full_refresh_append' }] };
    expect(await caller.get(`PATCH ${path}`, { name: 'patched', status: 'inactive', configurations })).toMatchObject({
      name: 'patched',
      status: 'inactive',
      prefix: 'raw_',
      schedule: { scheduleType: 'cron', cronExpression: '0 0 0 * * ? UTC' },
      configurations: { streams: [{ name: 'users', syncMode: 'full_refresh_append' }] },
    });
    const manual = await caller.get(`PATCH ${path}`, { schedule: { scheduleType: 'manual' } });
    expect(manual.schedule).toEqual({ scheduleType: 'manual' });
    expect((await caller.ask(`PATCH ${path}`, { namespaceDefinition: 'customformat' })).status).toBe(400);
    expect((await caller.ask(`PUT ${path}`, { name: 'put' })).status).toBe(405);
  });

  test('that was deleted stops, and is no longer listed', async () => {
    const connectionId = await caller.simulatedConnection({ hold: true });
    const { jobId } = await caller.get('POST jobs', { connectionId, jobType: 'sync' });
    const listed = async (query = '') =>
      (await caller.get(`GET connections?limit=100${query}`)).data.map(
        (each: ApiResponse['body']) => each.connectionId,
      );
    expect(await listed()).toContain(connectionId);
    expect((await caller.ask(`DELETE connections/${connectionId}`)).status).toBe(204);
    expect(await listed()).not.toContain(connectionId);
    expect(await listed('&includeDeleted=true')).toContain(connectionId);
    expect(await caller.get(`GET jobs/${jobId}`)).toMatchObject({ status: 'cancelled' });
  });
});

describe('a token of the public API', () => {
  test('says how long it lasts, and lets in to both APIs', async () => {
    const auth = {
      kind: 'client-credentials',
      clientId: 'id',
      clientSecret: 'secret',
      tokenLifetimeMs: 60_000,
    } as const;
    const guarded = new PublicCaller(await startSandbox({ airbyteVersion: '2.0.0', auth }));
    expect((await guarded.ask('GET jobs')).status).toBe(401);
    const wrong = await guarded.ask('POST applications/token', { client_id: 'id', client_secret: 'no' });
    expect(wrong.status).toBe(401);
    const form = new URLSearchParams({ client_id: 'id', client_secret: 'secret', grant_type: 'client_credentials' });
    const url = new URL('/api/public/v1/applications/token', guarded.sandbox.url);
    const response = await fetch(url, { method: 'POST', body: form });
    const token = (await response.json()) as { access_token: string; token_type: string; expires_in: number };
    expect(token).toMatchObject({ token_type: 'Bearer', expires_in: 60 });
    const authorization = `Bearer ${token.access_token}`;
    const publicJobs = new URL('/api/public/v1/jobs', guarded.sandbox.url);
    expect((await fetch(publicJobs, { headers: { authorization } })).status).toBe(200);
    expect((await guarded.request('jobs/list', { configTypes: ['sync'] }, { authorization })).status).toBe(200);
    await guarded.sandbox.stop();
  });
});
