/** What the sandbox moves is what the source has sent: every row of every sync, and every digit. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeConnections, recordLine, stateLine, streamOf } from '../support/fake-connections';
import { startPostgres, type TestPostgres } from '../support/postgres';

const BIG = '9007199254740993';
const wholeEachTime = { syncMode: 'full_refresh', destinationSyncMode: 'overwrite' };
const incremental = { syncMode: 'incremental', destinationSyncMode: 'append', cursorField: ['id'] };

let folder: string;
let connections: FakeConnections;
let postgres: TestPostgres;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'moves-rows-'));
  connections = await FakeConnections.start(folder);
  postgres = await startPostgres();
});
afterAll(async () => {
  await connections.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('a source that has nothing more to send once it has a state', () => {
  const source = { lines: [recordLine('{"id":1}'), recordLine('{"id":2}'), stateLine('{"sent":true}')], once: true };

  it('fills the destination again in a second full refresh, since its state is dropped before', async () => {
    const connectionId = await connections.connect(source, 'refreshed', wholeEachTime);
    for (const _ of ['first', 'second']) {
      expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded', records: 2 });
      expect(await connections.rows('refreshed')).toHaveLength(2);
    }
  });

  it('gets its state back in an incremental sync', async () => {
    const connectionId = await connections.connect(source, 'incremental', incremental);
    expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded', records: 2 });
    expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded', records: 0 });
    expect(await connections.rows('incremental')).toHaveLength(2);
  });

  it('keeps the state of the incremental streams of a connection that has full-refresh streams, too', async () => {
    const streams = ['users', 'orders'].map((name) => streamOf({ id: { type: 'integer' } }, name));
    const lines = [stateLine('{"sent":true}'), stateLine('{"sent":true}', 'orders')];
    const connectionId = await connections.connect({ streams, lines }, 'mixed');
    const { caller } = connections;
    const { syncCatalog } = await caller.call('connections/get', { connectionId });
    for (const { stream, config } of syncCatalog.streams)
      Object.assign(config, stream.name === 'users' ? incremental : wholeEachTime);
    await caller.call('connections/update', { connectionId, syncCatalog });
    await connections.sync(connectionId);

    const { sourceId } = await caller.call('connections/get', { connectionId });
    const witness = path.join(folder, 'witness.json');
    const connectionConfiguration = { streams, lines, witness };
    await caller.call('sources/update', { sourceId, name: 'with a witness', connectionConfiguration });
    await connections.sync(connectionId);
    const { state } = JSON.parse(await readFile(witness, 'utf8'));
    expect(state).toEqual([
      { type: 'STREAM', stream: { stream_descriptor: { name: 'users' }, stream_state: { sent: true } } },
    ]);
  });

  it('is given its state in a full refresh by a server of 0.50, which emptied the destination', async () => {
    const old = await FakeConnections.start(folder, { airbyteVersion: '0.50.0' });
    try {
      const connectionId = await old.connect(source, 'old', wholeEachTime);
      expect(await old.sync(connectionId)).toMatchObject({ status: 'succeeded', records: 2 });
      expect(await old.sync(connectionId)).toMatchObject({ status: 'succeeded', records: 0 });
      expect(await old.rows('old')).toEqual([]);
    } finally {
      await old.stop();
    }
  });
});

it('a refresh that truncates leaves one row of each key where the stream is deduplicated', async () => {
  const { host, port, database, username, password } = postgres;
  const configuration = { host, port, database, username, password, schema: 'raw' };
  const dedup = { ...incremental, destinationSyncMode: 'append_dedup', primaryKey: [['id']] };
  const lines = [recordLine('{"id":1}'), recordLine('{"id":1}')];
  const connectionId = await connections.connect({ lines }, { definition: 'Postgres', configuration }, dedup);
  await connections.sync(connectionId);
  const { caller } = connections;
  const { job } = await caller.call('connections/refresh', { connectionId, refreshMode: 'Truncate' });
  await caller.ended(job.id);
  expect(await postgres.query('SELECT id::int FROM raw.users')).toEqual([{ id: 1 }]);
  expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded' });
  expect(await postgres.query('SELECT id::int FROM raw.users')).toEqual([{ id: 1 }]);
});

describe('a number that JavaScript cannot hold', () => {
  const fields = {
    id: { type: 'integer' },
    amount: { type: 'number' },
    note: { type: 'string' },
    detail: { type: 'object' },
  };
  const data = `{"id":${BIG},"amount":12345678901234567890.123456789,"note":${BIG},"detail":{"deep":[-${BIG},1]}}`;
  const lines = [recordLine(data), stateLine(`{"cursor":${BIG},"small":1}`)];

  describe('on its way to PostgreSQL', () => {
    it('keeps every digit in columns, in texts and deep in JSON', async () => {
      const { host, port, database, username, password } = postgres;
      const configuration = { host, port, database, username, password, schema: 'exact' };
      const connectionId = await connections.connect(
        { streams: [streamOf(fields)], lines },
        { definition: 'Postgres', configuration },
        wholeEachTime,
      );
      expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded' });
      expect(await postgres.query('SELECT id::text, amount::text, note, detail::text FROM exact.users')).toEqual([
        { id: BIG, amount: '12345678901234567890.123456789', note: BIG, detail: `{"deep": [-${BIG}, 1]}` },
      ]);
    });

    it.each([
      ['a bigint', 'id', ['9007199254740994', '2'], ['9007199254740992', '3']],
      ['a numeric', 'amount', ['1', '12345678901234567890.6'], ['2', '12345678901234567890.4']],
    ])('keeps every digit from PostgreSQL, and in the cursor of %s', async (_title, cursor, later, earlier) => {
      await postgres.query('DROP TABLE IF EXISTS ledger; DROP SCHEMA IF EXISTS copied CASCADE');
      const { host, port, database, username, password } = postgres;
      await postgres.query(`CREATE TABLE ledger (id bigint PRIMARY KEY, amount numeric, detail jsonb);
        INSERT INTO ledger VALUES (${BIG}, 12345678901234567890.5, '{"deep": ${BIG}}')`);
      const { caller } = connections;
      const sourceId = await caller.createActor('source', 'Postgres', { host, port, database, username, password });
      const destinationId = await caller.createActor('destination', 'Postgres', {
        ...{ host, port, database, username, password },
        schema: 'copied',
      });
      const { catalog } = await caller.call('sources/discover_schema', { sourceId });
      const streams = catalog.streams
        .filter(({ stream }: { stream: { name: string } }) => stream.name === 'ledger')
        .map(({ stream, config }: { stream: object; config: object }) => ({
          stream,
          config: { ...config, ...incremental, cursorField: [cursor] },
        }));
      const request = { sourceId, destinationId, status: 'active', namespaceDefinition: 'destination' };
      const { connectionId } = await caller.call('connections/create', { ...request, syncCatalog: { streams } });
      expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded', records: 1 });
      // One row after the cursor and one before it, each by less than a double can tell.
      await postgres.query(`INSERT INTO ledger VALUES (${later.join()}), (${earlier.join()})`);
      expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded', records: 1 });
      expect(
        await postgres.query('SELECT id::text, amount::text, detail::text FROM copied.ledger ORDER BY detail'),
      ).toEqual([
        { id: BIG, amount: '12345678901234567890.5', detail: `{"deep": ${BIG}}` },
        { id: later[0], amount: later[1], detail: null },
      ]);
    });
  });

  it('keeps every digit in Parquet files, where a number is a double as Airbyte writes it, and a note says so', async () => {
    const connectionId = await connections.connect({ streams: [streamOf(fields)], lines }, 'exact', wholeEachTime);
    expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded' });
    const [row] = await connections.rows('exact');
    expect(row).toMatchObject({ id: BigInt(BIG), amount: 12_345_678_901_234_567_000, note: BIG });
    const rounded = { field: 'amount', change: 'TRUNCATED', reason: 'DESTINATION_FIELD_SIZE_LIMITATION' };
    expect(row?.['_airbyte_meta']).toEqual({ changes: [rounded] });
    const [file] = await parquetTexts(path.join(folder, 'exact'));
    expect(file).toContain(`{"deep":[-${BIG},1]}`);
  });

  it('goes back to the source in its state as it came, and is shown so by the API', async () => {
    const witness = path.join(folder, 'exact-witness');
    const connectionId = await connections.connect(
      { streams: [streamOf(fields)], lines, witness, raw_witness: true },
      'cursor',
      incremental,
    );
    await connections.sync(connectionId);
    await connections.sync(connectionId);
    expect(await readFile(`${witness}.state`, 'utf8')).toContain(`"stream_state":{"cursor":${BIG},"small":1}`);
    const { url } = connections.caller.sandbox;
    const response = await fetch(`${url}/state/get`, { method: 'POST', body: JSON.stringify({ connectionId }) });
    expect(await response.text()).toContain(`"cursor":${BIG}`);
  });

  it('keeps every digit in a configuration', async () => {
    const { caller } = connections;
    const witness = path.join(folder, 'configured-witness');
    const sourceId = await caller.createActor('source', 'Fake', {});
    const body = `{"sourceId":"${sourceId}","name":"exact","connectionConfiguration":{"account":${BIG},"witness":${JSON.stringify(witness)},"raw_witness":true}}`;
    expect(await caller.request('sources/update', body)).toMatchObject({ status: 200 });
    expect(await caller.call('sources/check_connection', { sourceId })).toMatchObject({ status: 'succeeded' });
    expect(await readFile(`${witness}.config`, 'utf8')).toContain(`"account":${BIG}`);
  });
});

/** The bytes of the files in a folder as text. What is there once only, Snappy leaves as it is. */
async function parquetTexts(bucket: string): Promise<string[]> {
  const files = (await readdir(bucket, { recursive: true })).filter((name) => name.endsWith('.parquet'));
  return Promise.all(files.map(async (name) => (await readFile(path.join(bucket, name))).toString('latin1')));
}
