import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type AirbyteMessage,
  type ConfiguredStream,
  ConnectorError,
  type DestinationConnector,
  type ProtocolStream,
  type SourceConnector,
} from '../../../sandbox/connectors/protocol';
import { builtInDefinitions } from '../../../sandbox/connectors/registry';
import {
  type ReplicationOptions,
  type ReplicationProgress,
  replicate,
} from '../../../sandbox/jobs/replication/replication';
import { SHOP_CHANGED, SHOP_CHANGES, SHOP_CUSTOMERS, SHOP_ORDERS } from '../../../sandbox/shop/shop-seed';
import { startPostgres, type TestPostgres } from '../../support/postgres';
import { parquetRows } from './parquet-rows';

const users: ProtocolStream = {
  name: 'users',
  json_schema: { properties: { id: { type: 'integer' } } },
  supported_sync_modes: ['full_refresh', 'incremental'],
};
const configured = (stream: ProtocolStream, change: Partial<ConfiguredStream> = {}): ConfiguredStream => ({
  stream,
  sync_mode: 'incremental',
  destination_sync_mode: 'append',
  ...change,
});
const record = (id: number): AirbyteMessage => ({
  type: 'RECORD',
  record: { stream: 'users', data: { id }, emitted_at: 1 },
});
const state = (id: number): AirbyteMessage => ({
  type: 'STATE',
  state: { type: 'STREAM', stream: { stream_descriptor: { name: 'users' }, stream_state: { id } } },
});

const specification = { properties: { password: { type: 'string', airbyte_secret: true } } };

function raise(error: Error): never {
  throw error;
}

function sourceOf(...messages: (AirbyteMessage | Error | (() => void))[]): SourceConnector {
  return {
    spec: async () => specification,
    check: async () => ({ status: 'SUCCEEDED' }),
    discover: async () => [users],
    async *read() {
      for (const message of messages) {
        if (message instanceof Error) throw message;
        if (typeof message === 'function') message();
        else yield message;
      }
    },
  };
}

/** Keeps what it is given, and confirms each state immediately. */
function memoryDestination(onRecord: (count: number) => void = () => undefined) {
  const records: unknown[] = [];
  const catalogs: unknown[] = [];
  const destination: DestinationConnector = {
    spec: async () => ({}),
    check: async () => ({ status: 'SUCCEEDED' }),
    async *write(_config, catalog, messages) {
      catalogs.push(catalog);
      for await (const message of messages) {
        if (message.type === 'RECORD') {
          records.push(message.record);
          onRecord(records.length);
        } else yield message;
      }
    },
  };
  return { destination, records, catalogs };
}

describe('a replication', () => {
  const run = (options: Partial<ReplicationOptions> & Pick<ReplicationOptions, 'source'>) =>
    replicate({
      sourceConfig: { password: 'hunter22' },
      destination: memoryDestination().destination,
      destinationConfig: {},
      catalog: { streams: [configured(users)] },
      state: [],
      signal: new AbortController().signal,
      ...options,
    });

  it('counts what it moves, and remembers the last committed state', async () => {
    const { destination, records } = memoryDestination();
    const result = await run({ source: sourceOf(record(1), state(1), record(22), state(22)), destination });
    expect(records).toHaveLength(2);
    expect(result).toMatchObject({
      status: 'succeeded',
      recordsEmitted: 2,
      recordsCommitted: 2,
      bytesEmitted: '{"id":1}{"id":22}'.length,
      bytesCommitted: '{"id":1}{"id":22}'.length,
      perStream: [{ name: 'users', recordsCommitted: 2 }],
      state: [{ type: 'STREAM', stream: { stream_descriptor: { name: 'users' }, stream_state: { id: 22 } } }],
    });
    expect(result.failure).toBeUndefined();
  });

  it('keeps what earlier syncs remember of other streams', async () => {
    const other = { type: 'STREAM', stream: { stream_descriptor: { name: 'other' }, stream_state: { id: 5 } } };
    const old = { type: 'STREAM', stream: { stream_descriptor: { name: 'users' }, stream_state: { id: 0 } } };
    const { state: remembered } = await run({ source: sourceOf(record(1), state(1)), state: [old, other] });
    expect(remembered).toEqual([
      other,
      expect.objectContaining({ stream: expect.objectContaining({ stream_state: { id: 1 } }) }),
    ]);
  });

  it('blames the source for what the source says, and keeps what was committed', async () => {
    const broken = new ConnectorError('the server went away: hunter22', 'transient_error');
    const result = await run({ source: sourceOf(record(1), state(1), record(2), broken) });
    expect(result).toMatchObject({
      status: 'failed',
      failure: { origin: 'source', type: 'transient_error', message: 'the server went away: **********' },
      recordsEmitted: 2,
      recordsCommitted: 1,
      state: [{ stream: { stream_state: { id: 1 } } }],
    });
    expect(result.logLines.join('\n')).not.toContain('hunter22');
  });

  it('fails when the source reports an error, though it then ends well', async () => {
    const trace: AirbyteMessage = {
      type: 'TRACE',
      trace: {
        type: 'ERROR',
        error: { message: 'no permission', failure_type: 'config_error', internal_message: 'at line 7' },
      },
    };
    const result = await run({ source: sourceOf(record(1), trace) });
    expect(result.failure).toEqual({ origin: 'source', type: 'config_error', message: 'no permission' });
    expect(result.logLines.join('\n')).toContain('source: at line 7');
  });

  it('blames the destination for what the destination says', async () => {
    const { destination } = memoryDestination(() => {
      throw new ConnectorError('disk full', 'transient_error');
    });
    expect(await run({ source: sourceOf(record(1)), destination })).toMatchObject({
      status: 'failed',
      failure: { origin: 'destination', type: 'transient_error', message: 'disk full' },
      recordsCommitted: 0,
    });
  });

  it('ends as cancelled when it is aborted, with what was committed before', async () => {
    const controller = new AbortController();
    const source = sourceOf(record(1), state(1), record(2), () => controller.abort(new Error('stop')), record(3));
    const result = await run({ source, signal: controller.signal });
    expect(result).toMatchObject({
      status: 'cancelled',
      recordsCommitted: 1,
      state: [{ stream: { stream_state: { id: 1 } } }],
    });
    expect(result.failure).toBeUndefined();
  });

  it('blames a source that cannot even begin', async () => {
    const source = { ...sourceOf(), read: () => raise(new ConnectorError('not there', 'config_error')) };
    expect((await run({ source })).failure).toEqual({ origin: 'source', type: 'config_error', message: 'not there' });
  });

  it('ignores records of streams that are not part of the sync', async () => {
    const { destination, records } = memoryDestination();
    const result = await run({
      source: sourceOf(record(1)),
      destination,
      catalog: { streams: [configured({ ...users, name: 'others' })] },
    });
    expect(records).toEqual([]);
    expect(result.logLines.join('\n')).toContain('the stream users, which is not part of the sync');
  });

  it('reports its progress up to the end', async () => {
    const told: ReplicationProgress[] = [];
    await run({ source: sourceOf(record(1), record(2)), onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toMatchObject({ recordsEmitted: 2, recordsCommitted: 2 });
  });

  it.each([
    [{ namespaceDefinition: 'source' }, { stream: 'users', namespace: 'public' }],
    [{ namespaceDefinition: 'destination', prefix: 'shop_' }, { stream: 'shop_users' }],
    [
      { namespaceDefinition: 'customformat', namespaceFormat: 'raw_${SOURCE_NAMESPACE}' },
      { stream: 'users', namespace: 'raw_public' },
    ],
    [{ namespaceDefinition: 'customformat', namespaceFormat: '' }, { stream: 'users' }],
  ])(
    'calls streams at the destination as %j says',
    async (namespaces, called: { stream: string; namespace?: string }) => {
      const { stream, namespace } = called;
      const { destination, records, catalogs } = memoryDestination();
      const inPublic: AirbyteMessage = {
        type: 'RECORD',
        record: { stream: 'users', namespace: 'public', data: { id: 1 }, emitted_at: 1 },
      };
      const committed: AirbyteMessage = {
        type: 'STATE',
        state: {
          type: 'STREAM',
          stream: { stream_descriptor: { name: 'users', namespace: 'public' }, stream_state: 1 },
        },
      };
      const result = await run({
        source: sourceOf(inPublic, committed),
        destination,
        namespaces,
        catalog: { streams: [configured({ ...users, namespace: 'public' })] },
      });
      expect(records).toEqual([{ stream, data: { id: 1 }, emitted_at: 1, ...(namespace && { namespace }) }]);
      const { namespace: written, name } = (catalogs[0] as { streams: ConfiguredStream[] }).streams[0]?.stream ?? {};
      expect({ name, written }).toEqual({ name: stream, written: namespace });
      // The source gets its state back under its own names.
      expect(result.state).toEqual([committed.state]);
    },
  );

  it('asks the source for the fields of streams that are names only', async () => {
    const { destination, catalogs } = memoryDestination();
    await run({
      source: sourceOf(record(1)),
      destination,
      catalog: { streams: [configured({ name: 'users', json_schema: {}, supported_sync_modes: [] })] },
    });
    expect(catalogs).toMatchObject([{ streams: [{ stream: { json_schema: users.json_schema } }] }]);
  });

  it('says which stream the source does not have', async () => {
    const nothing = { name: 'nothing', json_schema: {}, supported_sync_modes: [] };
    const result = await run({ source: sourceOf(), catalog: { streams: [configured(nothing)] } });
    expect(result.failure).toEqual({
      origin: 'source',
      type: 'config_error',
      message: 'the stream nothing does not exist at the source',
    });
  });
});

describe('replicating the shop', () => {
  let postgres: TestPostgres;
  let dataDir: string;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'replication-test-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  const definitions = () => builtInDefinitions({ dataDir });
  const sourceNamed = (name: string): SourceConnector => {
    for (const each of definitions()) if (each.kind === 'source' && each.name === name) return each.connector;
    throw new Error(`no source ${name}`);
  };
  const destinationNamed = (name: string): DestinationConnector => {
    for (const each of definitions()) if (each.kind === 'destination' && each.name === name) return each.connector;
    throw new Error(`no destination ${name}`);
  };
  const address = () => {
    const { host, port, database, username, password } = postgres;
    return { host, port, database, username, password };
  };
  const stream = (name: string): ConfiguredStream => ({
    // As a connection has it that was made by hand: a name and a namespace.
    stream: { name, namespace: 'public', json_schema: {}, supported_sync_modes: [] },
    sync_mode: 'incremental',
    cursor_field: ['updated_at'],
    destination_sync_mode: 'append',
  });
  const catalog = { streams: [stream('customers'), stream('orders')] };
  const { signal } = new AbortController();

  const lake = async (table: string): Promise<Record<string, unknown>[]> => {
    const folder = path.join(dataDir, 'lake', 'public', table);
    const rows = [];
    for (const file of (await readdir(folder)).sort())
      rows.push(...(await parquetRows(await readFile(path.join(folder, file)))));
    return rows;
  };

  it('to Parquet gives the same rows, and then only those that have changed', async () => {
    const sync = (remembered: unknown[]) =>
      replicate({
        source: sourceNamed('Postgres'),
        sourceConfig: address(),
        destination: destinationNamed('S3'),
        destinationConfig: { s3_bucket_name: 'lake', format: { format_type: 'Parquet', compression_codec: 'snappy' } },
        catalog,
        state: JSON.parse(JSON.stringify(remembered)) as unknown[],
        signal,
      });
    const first = await sync([]);
    expect(first.failure).toBeUndefined();
    expect(first).toMatchObject({ status: 'succeeded', recordsCommitted: SHOP_CUSTOMERS + SHOP_ORDERS });
    const micros = '(extract(epoch FROM updated_at) * 1000000)::bigint::text AS updated_at';
    const desired = await postgres.query(
      `SELECT id, name, country, credit::float8, newsletter, preferences, ${micros} FROM customers ORDER BY id`,
    );
    const found = (await lake('customers'))
      .map(({ id, name, country, credit, newsletter, preferences, updated_at }) => ({
        id: Number(id),
        name,
        country: country ?? null,
        credit,
        newsletter,
        preferences,
        updated_at: String(updated_at),
      }))
      .sort((a, b) => a.id - b.id);
    expect(found).toEqual(desired);

    expect(await sync(first.state)).toMatchObject({ status: 'succeeded', recordsCommitted: 0 });
    await postgres.query(SHOP_CHANGES);
    const third = await sync(first.state);
    expect(third.perStream.map(({ name, recordsCommitted }) => [name, recordsCommitted])).toEqual(
      Object.entries(SHOP_CHANGED),
    );
    expect(await lake('orders')).toHaveLength(SHOP_ORDERS + SHOP_CHANGED.orders);
  });

  it('to another PostgreSQL gives the same rows', async () => {
    const warehouse = await startPostgres();
    try {
      const { host, port, database, username, password } = warehouse;
      const result = await replicate({
        source: sourceNamed('Postgres'),
        sourceConfig: address(),
        destination: destinationNamed('Postgres'),
        destinationConfig: { host, port, database, username, password, schema: 'staging' },
        catalog,
        state: [],
        namespaces: { namespaceDefinition: 'destination', prefix: 'shop_' },
        signal,
      });
      expect(result.failure).toBeUndefined();
      const columns = 'id, name, country, credit::float8, newsletter, preferences, created_at::text, updated_at::text';
      const desired = await postgres.query(`SELECT ${columns} FROM customers ORDER BY id`);
      const found = await warehouse.query(`SELECT ${columns} FROM staging.shop_customers ORDER BY id`);
      expect(found.map((row) => ({ ...row, id: Number(row['id']) }))).toEqual(desired);
    } finally {
      await warehouse.stop();
    }
  });

  it('fails with the driver’s words when the password is wrong', async () => {
    const result = await replicate({
      source: sourceNamed('Postgres'),
      sourceConfig: { ...address(), password: 'wrong' },
      destination: destinationNamed('S3'),
      destinationConfig: { s3_bucket_name: 'lake' },
      catalog,
      state: [],
      signal,
    });
    expect(result.failure).toEqual({
      origin: 'source',
      type: 'config_error',
      message: 'password authentication failed for user "airbyte"',
    });
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('says that a connector of the list cannot run', async () => {
    expect(await destinationNamed('S3 Data Lake').check({}, signal)).toEqual({
      status: 'FAILED',
      message: 'the sandbox lists the connector "S3 Data Lake" but cannot run it',
    });
  });
});
