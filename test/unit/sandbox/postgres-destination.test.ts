import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createPostgresDestination } from '../../../sandbox/connectors/postgres-destination';
import type { AirbyteMessage, ConfiguredStream, StateMessage } from '../../../sandbox/connectors/protocol';
import { startPostgres, type TestPostgres } from '../../support/postgres';

const destination = createPostgresDestination();
const { signal } = new AbortController();

const jsonSchema = {
  properties: {
    id: { type: 'integer' },
    big: { type: 'number', airbyte_type: 'integer' },
    amount: { type: 'number' },
    paid: { type: 'boolean' },
    name: { type: 'string' },
    at: { type: 'string', format: 'date-time' },
    local: { type: 'string', format: 'date-time', airbyte_type: 'timestamp_without_timezone' },
    day: { type: 'string', format: 'date' },
    hour: { type: 'string', format: 'time' },
    detail: { type: 'object' },
  },
};

const stream = (change: Partial<ConfiguredStream> = {}, name = 'orders'): ConfiguredStream => ({
  stream: { name, json_schema: jsonSchema, supported_sync_modes: [] },
  sync_mode: 'incremental',
  destination_sync_mode: 'append',
  ...change,
});
const dedup = stream({ destination_sync_mode: 'append_dedup', primary_key: [['id']], cursor_field: ['at'] });
const overwrite = stream({ destination_sync_mode: 'overwrite' });

const record = (data: Record<string, unknown>, name = 'orders', namespace?: string): AirbyteMessage => ({
  type: 'RECORD',
  record: { stream: name, data, emitted_at: 1_700_000_000_123, ...(namespace && { namespace }) },
});
const state = (cursor: number, name = 'orders'): StateMessage => ({
  type: 'STATE',
  state: { type: 'STREAM', stream: { stream_descriptor: { name }, stream_state: { cursor } } },
});

async function* messagesOf(...messages: (AirbyteMessage | Error)[]): AsyncGenerator<AirbyteMessage> {
  for (const message of messages) {
    if (message instanceof Error) throw message;
    yield message;
  }
}

describe('the Postgres destination', () => {
  let postgres: TestPostgres;
  let config: Record<string, unknown>;
  beforeAll(async () => {
    postgres = await startPostgres();
    const { host, port, database, username, password } = postgres;
    config = { host, port, database, username, password, schema: 'raw', ssl: false };
  });
  afterAll(() => postgres.stop());
  beforeEach(() => postgres.query('DROP SCHEMA IF EXISTS raw CASCADE; DROP SCHEMA IF EXISTS elsewhere CASCADE'));

  const write = async (
    streams: ConfiguredStream[],
    messages: AsyncIterable<AirbyteMessage>,
    abort: AbortSignal = signal,
  ): Promise<AirbyteMessage[]> => {
    const heard: AirbyteMessage[] = [];
    for await (const message of destination.write(config, { streams }, messages, abort)) heard.push(message);
    return heard;
  };
  const ids = async (): Promise<unknown[]> =>
    (await postgres.query('SELECT id::int FROM raw.orders ORDER BY id')).map((row) => row['id']);
  const tables = async (): Promise<unknown[]> =>
    (
      await postgres.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw' ORDER BY 1")
    ).map((row) => row['table_name']);

  it('checks by making a table, and leaves no trace of it', async () => {
    expect(await destination.check(config, signal)).toEqual({ status: 'SUCCEEDED' });
    expect(await postgres.query("SELECT 1 FROM pg_namespace WHERE nspname = 'raw'")).toEqual([]);
  });

  it('fails a check in the words of the driver', async () => {
    expect(await destination.check({ ...config, password: 'wrong' }, signal)).toEqual({
      status: 'FAILED',
      message: 'password authentication failed for user "airbyte"',
    });
  });

  it('writes every value as it came, in typed columns', async () => {
    await write(
      [stream()],
      messagesOf(
        record({
          id: 1,
          big: '9007199254740993',
          amount: '12345678901234567890.123456789',
          paid: false,
          name: 'Zoë 🛒 \0 "quoted" \\u0000 \ud800',
          at: '2024-02-29T23:59:59.123456+01:00',
          local: '1969-12-31T23:59:59.999999',
          day: '2024-02-29',
          hour: '01:02:03.000004',
          detail: { deep: [1, { text: 'a\0b' }] },
        }),
        record({ id: 2 }),
      ),
    );
    const columns = await postgres.query(
      "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'raw' ORDER BY ordinal_position",
    );
    expect(Object.fromEntries(columns.map((row) => [row['column_name'], row['data_type']]))).toEqual({
      _airbyte_raw_id: 'character varying',
      _airbyte_extracted_at: 'timestamp with time zone',
      _airbyte_meta: 'jsonb',
      id: 'bigint',
      big: 'bigint',
      amount: 'numeric',
      paid: 'boolean',
      name: 'character varying',
      at: 'timestamp with time zone',
      local: 'timestamp without time zone',
      day: 'date',
      hour: 'time without time zone',
      detail: 'jsonb',
    });
    const rows = await postgres.query(
      `SELECT id::text, big::text, amount::text, paid, name, (at AT TIME ZONE 'UTC')::text AS at, local::text, day::text, hour::text,
              detail, _airbyte_meta AS meta, extract(epoch FROM _airbyte_extracted_at)::text AS extracted, length(_airbyte_raw_id) AS raw
         FROM raw.orders ORDER BY id`,
    );
    const airbyte = { meta: { changes: [] }, extracted: '1700000000.123000', raw: 36 };
    expect(rows).toEqual([
      {
        ...airbyte,
        id: '1',
        big: '9007199254740993',
        amount: '12345678901234567890.123456789',
        paid: false,
        name: 'Zoë 🛒  "quoted" \\u0000 \ufffd',
        at: '2024-02-29 22:59:59.123456',
        local: '1969-12-31 23:59:59.999999',
        day: '2024-02-29',
        hour: '01:02:03.000004',
        detail: { deep: [1, { text: 'ab' }] },
      },
      {
        ...airbyte,
        ...Object.fromEntries(
          ['big', 'amount', 'paid', 'name', 'at', 'local', 'day', 'hour', 'detail'].map((name) => [name, null]),
        ),
        id: '2',
      },
    ]);
  });

  it('writes a value that does not fit its column as null, and says so next to it', async () => {
    await write([stream()], messagesOf(record({ id: 1, at: 'yesterday', big: 1.5 })));
    const [row] = await postgres.query('SELECT at, big, _airbyte_meta AS meta FROM raw.orders');
    expect(row).toEqual({
      at: null,
      big: null,
      meta: {
        changes: ['big', 'at'].map((field) => ({ field, change: 'NULLED', reason: 'DESTINATION_SERIALIZATION_ERROR' })),
      },
    });
  });

  it('writes a stream into the schema of its own namespace', async () => {
    const named = stream();
    named.stream.namespace = 'elsewhere';
    await write([named], messagesOf(record({ id: 1 }, 'orders', 'elsewhere')));
    expect(await postgres.query('SELECT id::int FROM elsewhere.orders')).toEqual([{ id: 1 }]);
  });

  it('appends, and adds the columns that the table does not have yet', async () => {
    const narrow = stream();
    narrow.stream.json_schema = { properties: { id: { type: 'integer' } } };
    await write([narrow], messagesOf(record({ id: 1 })));
    await write([stream()], messagesOf(record({ id: 2, name: 'new' })));
    expect(await postgres.query('SELECT id::int, name FROM raw.orders ORDER BY id')).toEqual([
      { id: 1, name: null },
      { id: 2, name: 'new' },
    ]);
  });

  it('writes thousands of rows', async () => {
    async function* many(): AsyncGenerator<AirbyteMessage> {
      for (let id = 0; id < 5_500; id += 1) yield record({ id, name: `order ${id}` });
    }
    await write([stream()], many());
    expect(await postgres.query('SELECT count(DISTINCT id)::int AS n FROM raw.orders')).toEqual([{ n: 5_500 }]);
  });

  it('confirms a state only when everybody can see the rows before it', async () => {
    const seen: unknown[] = [];
    const messages = messagesOf(record({ id: 1 }), state(1), record({ id: 2 }), state(2), record({ id: 3 }));
    for await (const message of destination.write(config, { streams: [stream()] }, messages, signal)) {
      if (message.type === 'STATE') seen.push(await ids());
    }
    expect(seen).toEqual([[1], [1, 2]]);
    expect(await ids()).toEqual([1, 2, 3]);
  });

  it('leaves just the confirmed rows behind when the sync breaks off', async () => {
    const broken = messagesOf(record({ id: 1 }), state(1), record({ id: 2 }), new Error('the source broke'));
    await expect(write([stream()], broken)).rejects.toThrow('the source broke');
    expect(await ids()).toEqual([1]);
  });

  it('leaves just the confirmed rows behind when it is aborted', async () => {
    const controller = new AbortController();
    async function* aborting(): AsyncGenerator<AirbyteMessage> {
      yield record({ id: 1 });
      yield state(1);
      yield record({ id: 2 });
      controller.abort(new Error('cancelled'));
      yield record({ id: 3 });
      yield state(3);
    }
    await expect(write([stream()], aborting(), controller.signal)).rejects.toThrow('cancelled');
    expect(await ids()).toEqual([1]);
  });

  it('says in the words of the database why it cannot write', async () => {
    await postgres.query('CREATE SCHEMA raw; CREATE TABLE raw.orders (id uuid)');
    await expect(write([stream()], messagesOf(record({ id: 1 })))).rejects.toMatchObject({
      message: expect.stringContaining('uuid'),
    });
  });

  describe('overwriting', () => {
    it('shows the old rows until all the new ones are there, and then only these', async () => {
      await write([stream()], messagesOf(record({ id: 1 })));
      const during: unknown[] = [];
      async function* looking(): AsyncGenerator<AirbyteMessage> {
        yield record({ id: 2 });
        yield state(2);
        during.push(await ids());
      }
      const heard = await write([overwrite], looking());
      expect(during).toEqual([[1]]);
      expect(heard).toEqual([state(2)]);
      expect(await ids()).toEqual([2]);
      expect(await tables()).toEqual(['orders']);
    });

    it('changes nothing and leaves nothing behind when the sync breaks off', async () => {
      await write([stream()], messagesOf(record({ id: 1 })));
      const broken = messagesOf(record({ id: 2 }), state(2), new Error('the source broke'));
      await expect(write([overwrite], broken)).rejects.toThrow('the source broke');
      expect(await ids()).toEqual([1]);
      expect(await tables()).toEqual(['orders']);
    });

    it('leaves nothing behind when it is aborted', async () => {
      const controller = new AbortController();
      async function* aborting(): AsyncGenerator<AirbyteMessage> {
        yield record({ id: 2 });
        controller.abort(new Error('cancelled'));
      }
      await expect(write([overwrite], aborting(), controller.signal)).rejects.toThrow('cancelled');
      expect(await tables()).toEqual([]);
    });

    it('does not hold up the states of a stream that appends', async () => {
      const other = stream({}, 'visits');
      const messages = messagesOf(record({ id: 1 }), state(1), record({ id: 1 }, 'visits'), state(1, 'visits'));
      expect(await write([overwrite, other], messages)).toEqual([state(1, 'visits'), state(1)]);
    });

    it('empties the table when the source is empty', async () => {
      await write([stream()], messagesOf(record({ id: 1 })));
      await write([overwrite], messagesOf());
      expect(await ids()).toEqual([]);
    });

    it('keeps one row of each key when it deduplicates too', async () => {
      const both = { ...dedup, destination_sync_mode: 'overwrite_dedup' };
      for (let time = 0; time < 2; time += 1) {
        await write([both], messagesOf(record({ id: 1, name: 'old' }), record({ id: 1, name: 'new' })));
        expect(await postgres.query('SELECT id::int, name FROM raw.orders')).toEqual([{ id: 1, name: 'new' }]);
      }
    });
  });

  describe('deduplicating', () => {
    const names = () => postgres.query('SELECT id::int, name FROM raw.orders ORDER BY id');

    it('keeps the last row of each primary key, within a sync and over several', async () => {
      const [early, late] = ['2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z'];
      await write(
        [dedup],
        messagesOf(
          record({ id: 1, at: early, name: 'a' }),
          record({ id: 2, at: early, name: 'b' }),
          record({ id: 1, at: late, name: 'c' }),
        ),
      );
      expect(await names()).toEqual([
        { id: 1, name: 'c' },
        { id: 2, name: 'b' },
      ]);
      await write([dedup], messagesOf(record({ id: 2, at: late, name: 'd' })));
      expect(await names()).toEqual([
        { id: 1, name: 'c' },
        { id: 2, name: 'd' },
      ]);
    });

    it('does not let an older row take the place of a newer one', async () => {
      await write([dedup], messagesOf(record({ id: 1, at: '2024-01-02T00:00:00Z', name: 'new' })));
      await write([dedup], messagesOf(record({ id: 1, at: '2024-01-01T00:00:00Z', name: 'old' })));
      expect(await names()).toEqual([{ id: 1, name: 'new' }]);
    });

    it('takes the key that the source defines', async () => {
      const { primary_key: _key, ...rest } = dedup;
      const defined = { ...rest, stream: { ...rest.stream, source_defined_primary_key: [['id']] } };
      await write([defined], messagesOf(record({ id: 1 }), record({ id: 1 })));
      expect(await ids()).toEqual([1]);
    });

    it.each([
      ['no primary key', [], /has no primary key/],
      ['a key that is no field', [['nope']], /"nope" is not a field/],
    ])('rejects %s', async (_title, primaryKey, message) => {
      await expect(write([{ ...dedup, primary_key: primaryKey }], messagesOf())).rejects.toMatchObject({
        failureType: 'config_error',
        message: expect.stringMatching(message),
      });
    });
  });

  it('rejects a mode it does not have', async () => {
    await expect(write([stream({ destination_sync_mode: 'update' })], messagesOf())).rejects.toMatchObject({
      failureType: 'config_error',
      message: expect.stringContaining('cannot write orders with "update"'),
    });
  });
});
