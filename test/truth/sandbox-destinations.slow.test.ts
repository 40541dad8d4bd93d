/** What a destination is given is what it has afterwards, or it says why not. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeConnections, type FakeSource, recordLine, streamOf } from '../support/fake-connections';
import { startPostgres, type TestPostgres } from '../support/postgres';

let folder: string;
let postgres: TestPostgres;
let connections: FakeConnections;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'destinations-'));
  postgres = await startPostgres();
  connections = await FakeConnections.start(folder);
});
afterAll(async () => {
  await connections.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => postgres.query('DROP SCHEMA IF EXISTS raw CASCADE'));

const append = { syncMode: 'full_refresh', destinationSyncMode: 'append' };
const dedup = {
  syncMode: 'incremental',
  destinationSyncMode: 'append_dedup',
  primaryKey: [['id']],
  cursorField: ['at'],
};
const id = { id: { type: 'integer' } };
const text = { type: 'string' };

const toPostgres = () => {
  const { host, port, database, username, password } = postgres;
  return { definition: 'Postgres', configuration: { host, port, database, username, password, schema: 'raw' } };
};

/** Gives the source of a connection something else to send. */
async function change(connectionId: string, connectionConfiguration: FakeSource): Promise<void> {
  const { caller } = connections;
  const { sourceId } = await caller.call('connections/get', { connectionId });
  await caller.call('sources/update', { sourceId, name: 'changed', connectionConfiguration });
}

/** Takes over what the source discovers now. */
async function rediscover(connectionId: string, config: object): Promise<void> {
  const { caller } = connections;
  const { sourceId } = await caller.call('connections/get', { connectionId });
  const { catalog } = await caller.call('sources/discover_schema', { sourceId, disable_cache: true });
  const streams = catalog.streams.map(({ stream }: { stream: object }) => ({ stream, config }));
  await caller.call('connections/update', { connectionId, syncCatalog: { streams } });
}

describe('rows that are deduplicated', () => {
  it('are gone when the source says that they were deleted, and stay gone', async () => {
    const fields = { ...id, name: text, at: text, _ab_cdc_deleted_at: text };
    const row = (name: string, at: string, deletedAt: string | null) =>
      recordLine(JSON.stringify({ id: name.length, name, at, _ab_cdc_deleted_at: deletedAt }));
    const streams = [streamOf(fields)];
    const connectionId = await connections.connect(
      { streams, lines: [row('a', '1', null), row('bb', '1', null), row('ccc', '1', null), row('ccc', '2', 'then')] },
      toPostgres(),
      dedup,
    );
    await connections.sync(connectionId);
    expect(await postgres.query('SELECT name FROM raw.users ORDER BY id')).toEqual([{ name: 'a' }, { name: 'bb' }]);
    await change(connectionId, { streams, lines: [row('a', '2', 'now'), row('bb', '2', null)] });
    await connections.sync(connectionId);
    expect(await postgres.query('SELECT name, at FROM raw.users')).toEqual([{ name: 'bb', at: '2' }]);
  });

  it('keep the deletion as a row where they are appended', async () => {
    const streams = [streamOf({ ...id, _ab_cdc_deleted_at: text })];
    const lines = [recordLine('{"id":1}'), recordLine('{"id":1,"_ab_cdc_deleted_at":"now"}')];
    await connections.sync(await connections.connect({ streams, lines }, toPostgres(), append));
    expect(await postgres.query('SELECT count(*)::int AS rows FROM raw.users')).toEqual([{ rows: 2 }]);
  });

  it('are the newest by their cursor, in whatever order they come', async () => {
    const streams = [streamOf({ ...id, at: text, name: text })];
    const lines = [recordLine('{"id":1,"at":"2","name":"new"}'), recordLine('{"id":1,"at":"1","name":"old"}')];
    await connections.sync(await connections.connect({ streams, lines }, toPostgres(), dedup));
    expect(await postgres.query('SELECT name FROM raw.users')).toEqual([{ name: 'new' }]);
  });

  it.each([
    ['UUIDs in capitals and not, in a column of type uuid', 'uuid', text, '550E8400-E29B-41D4-A716-446655440000'],
    ['times in two zones', undefined, { type: 'string', format: 'date-time' }, '2024-01-01T01:00:00+01:00'],
    ['numbers with more zeros', undefined, { type: 'number' }, '1.50'],
  ])('are one row where the database takes their keys for the same: %s', async (_title, type, field, key) => {
    if (type) {
      await postgres.query(`CREATE SCHEMA raw; CREATE TABLE raw.users (id ${type}, _airbyte_raw_id varchar,
        _airbyte_extracted_at timestamptz, _airbyte_meta jsonb)`);
    }
    const same: Record<string, string> = { '1.50': '1.5', '2024-01-01T01:00:00+01:00': '2024-01-01T00:00:00Z' };
    const lines = [key, same[key] ?? key.toLowerCase(), key].map((value) => recordLine(JSON.stringify({ id: value })));
    const source = { streams: [streamOf({ id: field })], lines };
    const connectionId = await connections.connect(source, toPostgres(), { ...dedup, cursorField: [] });
    for (const _ of ['first', 'second']) {
      expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded' });
      expect(await postgres.query('SELECT count(*)::int AS rows FROM raw.users')).toEqual([{ rows: 1 }]);
    }
  });

  it('are one row where a part of their key is null, in one sync and over several', async () => {
    const lines = [null, null, 1].map((value) => recordLine(JSON.stringify({ id: 1, part: value })));
    const source = { streams: [streamOf({ ...id, part: { type: ['null', 'integer'] } })], lines };
    const config = { ...dedup, primaryKey: [['id'], ['part']], cursorField: [] };
    const connectionId = await connections.connect(source, toPostgres(), config);
    for (const _ of ['first', 'second']) {
      await connections.sync(connectionId);
      expect(await postgres.query('SELECT count(*)::int AS rows FROM raw.users')).toEqual([{ rows: 2 }]);
    }
  });

  it('are two rows where their keys are texts that differ in capitals, as they are two at the source', async () => {
    const lines = ['ABC', 'abc'].map((value) => recordLine(JSON.stringify({ id: value })));
    const source = { streams: [streamOf({ id: text })], lines };
    await connections.sync(await connections.connect(source, toPostgres(), { ...dedup, cursorField: [] }));
    expect(await postgres.query('SELECT count(*)::int AS rows FROM raw.users')).toEqual([{ rows: 2 }]);
  });
});

describe('a field that changes its type between two syncs', () => {
  const first = {
    streams: [streamOf({ ...id, value: { type: 'integer' } })],
    lines: [recordLine('{"id":1,"value":7}')],
  };

  it('has the column changed, and the values that were there with it', async () => {
    const connectionId = await connections.connect(first, toPostgres(), append);
    await connections.sync(connectionId);
    await change(connectionId, {
      streams: [streamOf({ ...id, value: text })],
      lines: [recordLine('{"id":2,"value":"seven"}')],
    });
    await rediscover(connectionId, append);
    expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded' });
    expect(await postgres.query('SELECT value FROM raw.users ORDER BY id')).toEqual([
      { value: '7' },
      { value: 'seven' },
    ]);
    await change(connectionId, {
      streams: [streamOf({ ...id, value: { type: 'object' } })],
      lines: [recordLine('{"id":3,"value":{"a":1}}')],
    });
    await rediscover(connectionId, append);
    expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded' });
    expect(await postgres.query('SELECT value FROM raw.users ORDER BY id')).toEqual(
      ['7', 'seven', { a: 1 }].map((value) => ({ value })),
    );
  });

  it('fails the sync, with what to do, where the values that are there cannot be of the new type', async () => {
    const connectionId = await connections.connect(first, toPostgres(), append);
    await connections.sync(connectionId);
    const dates = [streamOf({ ...id, value: { type: 'string', format: 'date' } })];
    await change(connectionId, { streams: dates, lines: [recordLine('{"id":2,"value":"2024-01-01"}')] });
    await rediscover(connectionId, append);
    const { failure } = await connections.sync(connectionId);
    expect(failure).toMatchObject({ failureOrigin: 'destination', failureType: 'config_error' });
    expect(failure?.externalMessage).toMatch(/"value" is now of type date.*is of type bigint.*Clear the stream/);
    expect(await postgres.query('SELECT value::int FROM raw.users')).toEqual([{ value: 7 }]);
  });
});

describe('names that PostgreSQL would cut', () => {
  const long = 'a'.repeat(63);

  it('keep the values of fields and the rows of streams apart that share their first 63 bytes', async () => {
    const names = [`${long}_one`, `${long}_two`];
    const fields = { ...id, ...Object.fromEntries(names.map((name) => [name, text])) };
    const streams = names.map((name) => streamOf(fields, name));
    const lines = names.map((name) =>
      recordLine(JSON.stringify({ id: 1, [names[0] ?? '']: 'one', [names[1] ?? '']: 'two' }), name),
    );
    expect(await connections.sync(await connections.connect({ streams, lines }, toPostgres(), append))).toMatchObject({
      status: 'succeeded',
      records: 2,
    });
    const tables = await postgres.query(`SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw'`);
    expect(new Set(tables.map((row) => row['table_name'])).size).toBe(2);
    for (const { table_name: table } of tables) {
      const [row, ...others] = await postgres.query(`SELECT * FROM raw."${table}"`);
      expect(others).toEqual([]);
      expect(Object.values(row ?? {})).toEqual(expect.arrayContaining(['one', 'two']));
    }
  });

  it('are found by as much of them as PostgreSQL reads where there is no other, also in a key', async () => {
    const field = `${'ü'.repeat(31)}_more_than_fits`;
    const lines = [1, 1, 2].map((value) => recordLine(JSON.stringify({ [field]: value })));
    const source = { streams: [streamOf({ [field]: { type: 'integer' } })], lines };
    const config = { ...dedup, primaryKey: [[field]], cursorField: [] };
    expect(await connections.sync(await connections.connect(source, toPostgres(), config))).toMatchObject({
      status: 'succeeded',
    });
    expect(await postgres.query(`SELECT "${field}"::int AS value FROM raw.users ORDER BY 1`)).toEqual([
      { value: 1 },
      { value: 2 },
    ]);
  });
});

describe.each([
  ['PostgreSQL', toPostgres],
  ['Parquet', () => 'refused'],
])('written to %s', (_title, destination) => {
  it('a field with the name of a column that Airbyte adds is rejected, since one of the two would be lost', async () => {
    const streams = [streamOf({ ...id, _airbyte_raw_id: text })];
    const lines = [recordLine('{"id":1,"_airbyte_raw_id":"mine"}')];
    const { failure } = await connections.sync(await connections.connect({ streams, lines }, destination(), append));
    expect(failure).toMatchObject({ failureOrigin: 'destination', failureType: 'config_error' });
    expect(failure?.externalMessage).toContain('the field _airbyte_raw_id');
  });

  it('another field whose name begins so is moved as any other', async () => {
    const streams = [streamOf({ ...id, _airbyte_note: text })];
    const lines = [recordLine('{"id":1,"_airbyte_note":"mine"}')];
    const to = destination() === 'refused' ? 'noted' : destination();
    expect(await connections.sync(await connections.connect({ streams, lines }, to, append))).toMatchObject({
      status: 'succeeded',
      records: 1,
    });
  });

  it('two namespaces that would share a table are rejected, with the ways to separate them', async () => {
    const streams = ['one', 'two'].map((namespace) => streamOf(id, 'users', { namespace }));
    const fields = { namespaceDefinition: 'destination' };
    const connectionId = await connections.connect({ streams, lines: [] }, destination(), append, fields);
    const { failure } = await connections.sync(connectionId);
    expect(failure).toMatchObject({ failureOrigin: 'destination', failureType: 'config_error' });
    expect(failure?.externalMessage).toMatch(/two streams would be written to .*users; .*prefix/);
  });
});

describe('dates before the year 1, and after the year 9999', () => {
  const fields = {
    id: { type: 'integer' },
    day: { type: 'string', format: 'date' },
    at: { type: 'string', format: 'date-time', airbyte_type: 'timestamp_with_timezone' },
    local: { type: 'string', format: 'date-time', airbyte_type: 'timestamp_without_timezone' },
  };
  const rows = [
    { id: 1, day: '0044-03-15 BC', at: '0044-03-15 12:00:00.5+00 BC', local: '0001-12-31 23:59:59 BC' },
    { id: 2, day: '12024-02-29', at: '12024-02-29T00:00:00Z', local: '12024-02-29T00:00:00' },
    { id: 3, day: '0044-02-30 BC', at: 'the day before', local: '99999-99-99' },
  ];
  const source = { streams: [streamOf(fields)], lines: rows.map((row) => recordLine(JSON.stringify(row))) };

  it('are the same dates in PostgreSQL, and null with a note next to it where they are none', async () => {
    await connections.sync(await connections.connect(source, toPostgres(), append));
    const written = await postgres.query(
      `SELECT day::text, (at AT TIME ZONE 'UTC')::text AS at, local::text, jsonb_array_length(_airbyte_meta->'changes') AS changes
         FROM raw.users ORDER BY id`,
    );
    expect(written).toEqual([
      { day: '0044-03-15 BC', at: '0044-03-15 12:00:00.5 BC', local: '0001-12-31 23:59:59 BC', changes: 0 },
      { day: '12024-02-29', at: '12024-02-29 00:00:00', local: '12024-02-29 00:00:00', changes: 0 },
      { day: null, at: null, local: null, changes: 3 },
    ]);
  });

  it('are the same dates in Parquet', async () => {
    await connections.sync(await connections.connect(source, 'dates', append));
    const written = (await connections.rows('dates')).sort((a, b) => Number(a['id']) - Number(b['id']));
    const micros = (iso: string) => BigInt(Date.parse(iso)) * 1_000n;
    expect(written).toEqual([
      expect.objectContaining({
        day: new Date('-000043-03-15'),
        at: micros('-000043-03-15T12:00:00.500Z'),
        local: micros('+000000-12-31T23:59:59Z'),
      }),
      expect.objectContaining({ day: new Date('+012024-02-29'), at: micros('+012024-02-29T00:00:00Z') }),
      expect.objectContaining({ day: null, at: null, local: null }),
    ]);
  });

  it('come from a PostgreSQL source as they are', async () => {
    await postgres.query(`DROP TABLE IF EXISTS ides; CREATE TABLE ides (id int PRIMARY KEY, day date, at timestamptz);
      INSERT INTO ides VALUES (1, '0044-03-15 BC', '0044-03-15 12:00:00+00 BC')`);
    const { caller } = connections;
    const { definition, configuration } = toPostgres();
    const sourceId = await caller.createActor('source', 'Postgres', { ...configuration, schemas: ['public'] });
    const destinationId = await caller.createActor('destination', definition, configuration);
    const streams = [{ stream: { name: 'ides' }, config: append }];
    const request = { sourceId, destinationId, status: 'active', namespaceDefinition: 'destination' };
    const { connectionId } = await caller.call('connections/create', { ...request, syncCatalog: { streams } });
    expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded', records: 1 });
    expect(await postgres.query(`SELECT day::text, (at AT TIME ZONE 'UTC')::text AS at FROM raw.ides`)).toEqual([
      { day: '0044-03-15 BC', at: '0044-03-15 12:00:00 BC' },
    ]);
  });
});
