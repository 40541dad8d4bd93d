import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ExactNumber } from '../../../sandbox/connectors/exact-json';
import { createPostgresSource } from '../../../sandbox/connectors/postgres-source';
import type { AirbyteMessage, ConfiguredStream, StatePayload } from '../../../sandbox/connectors/protocol';
import { SHOP_CUSTOMERS, SHOP_ORDERS } from '../../../sandbox/shop/shop-seed';
import { startPostgres, type TestPostgres } from '../../support/postgres';

const source = createPostgresSource();
const { signal } = new AbortController();

interface Read {
  rows: Record<string, unknown>[];
  states: StatePayload[];
  messages: AirbyteMessage[];
}

describe('the Postgres source', () => {
  let postgres: TestPostgres;
  let config: Record<string, unknown>;

  beforeAll(async () => {
    postgres = await startPostgres();
    const { host, port, database, username, password } = postgres;
    config = { host, port, database, username, password, ssl: false, replication_method: { method: 'Standard' } };
  });
  afterAll(() => postgres.stop());
  afterEach(() => postgres.query('DROP TABLE IF EXISTS events CASCADE'));

  const stream = (name: string, change: Partial<ConfiguredStream> = {}): ConfiguredStream => ({
    stream: { name, namespace: 'public', json_schema: {}, supported_sync_modes: ['full_refresh', 'incremental'] },
    sync_mode: 'full_refresh',
    destination_sync_mode: 'append',
    ...change,
  });
  const incremental = (name: string, cursor: string): ConfiguredStream =>
    stream(name, { sync_mode: 'incremental', cursor_field: [cursor] });

  const read = async (streams: ConfiguredStream[], state: unknown[] = []): Promise<Read> => {
    const result: Read = { rows: [], states: [], messages: [] };
    // What is remembered goes through JSON, as it does in a real store.
    const remembered = JSON.parse(JSON.stringify(state)) as unknown[];
    for await (const message of source.read(config, { streams }, remembered, signal)) {
      result.messages.push(message);
      if (message.type === 'RECORD') result.rows.push(message.record.data);
      if (message.type === 'STATE') result.states.push(message.state);
    }
    return result;
  };
  const ids = ({ rows }: Read): unknown[] => rows.map((row) => row['id']);

  describe('check', () => {
    it('succeeds with the right password', async () => {
      expect(await source.check(config, signal)).toEqual({ status: 'SUCCEEDED' });
    });

    it.each([
      ['a wrong password', { password: 'wrong' }, 'password authentication failed for user "airbyte"'],
      ['an unknown database', { database: 'lake' }, 'database "lake" does not exist'],
      ['nobody listening', { port: 1 }, 'connect ECONNREFUSED 127.0.0.1:1'],
      ['no host', { host: undefined }, /host: /],
      ['change data capture', { replication_method: { method: 'CDC' } }, /"CDC" is not supported/],
    ])('fails on %s in the words of the driver', async (_title, change, message) => {
      expect(await source.check({ ...config, ...change }, signal)).toEqual({
        status: 'FAILED',
        message: typeof message === 'string' ? message : expect.stringMatching(message),
      });
    });

    it('names the addresses of a host that responds on none', async () => {
      const response = await source.check({ ...config, host: 'localhost', port: 1 }, signal);
      expect(response).toMatchObject({ status: 'FAILED', message: expect.stringContaining('ECONNREFUSED') });
    });
  });

  it('marks the password as a secret in its specification', async () => {
    expect(await source.spec()).toMatchObject({ properties: { password: { airbyte_secret: true } } });
  });

  it('discovers tables with their types, keys and modes', async () => {
    const streams = await source.discover(config, signal);
    expect(streams.map(({ name }) => name)).toEqual(['customers', 'orders']);
    expect(streams[0]).toEqual({
      name: 'customers',
      namespace: 'public',
      json_schema: {
        type: 'object',
        properties: {
          id: { type: 'number', airbyte_type: 'integer' },
          name: { type: 'string' },
          email: { type: 'string' },
          country: { type: 'string' },
          credit: { type: 'number' },
          newsletter: { type: 'boolean' },
          preferences: { type: ['object', 'array', 'string', 'number', 'boolean', 'null'] },
          created_at: { type: 'string', format: 'date-time', airbyte_type: 'timestamp_with_timezone' },
          updated_at: { type: 'string', format: 'date-time', airbyte_type: 'timestamp_with_timezone' },
        },
      },
      supported_sync_modes: ['full_refresh', 'incremental'],
      source_defined_cursor: false,
      source_defined_primary_key: [['id']],
    });
  });

  it('reads a table whole', async () => {
    const result = await read([stream('customers')]);
    expect(result.rows).toHaveLength(SHOP_CUSTOMERS);
    expect(result.states).toEqual([]);
    expect(result.rows.find((row) => row['id'] === 3)).toEqual({
      id: 3,
      name: 'Dmitri Okafor',
      email: 'customer3@shop.example',
      country: 'JP',
      credit: 4.11,
      newsletter: true,
      preferences: { tags: ['t3'], language: 'it' },
      created_at: '2025-01-01T17:00:00Z',
      updated_at: '2025-06-01T08:03:03.703702Z',
    });
  });

  it('reads only the columns that are selected, and the cursor', async () => {
    const selected = incremental('customers', 'updated_at');
    selected.stream.json_schema = { properties: { id: {} } };
    const { rows } = await read([selected]);
    expect(Object.keys(rows[0] ?? {}).sort()).toEqual(['id', 'updated_at']);
  });

  it('finds a stream without a namespace', async () => {
    const { namespace: _namespace, ...bare } = stream('orders').stream;
    expect((await read([{ ...stream('orders'), stream: bare }])).rows).toHaveLength(SHOP_ORDERS);
  });

  it('keeps every digit, and leaves no type out', async () => {
    await postgres.query(`
      CREATE TYPE mood AS ENUM ('glad');
      CREATE DOMAIN positive AS integer CHECK (value > 0);
      CREATE TABLE events (
        big bigint, exact numeric, short numeric(10, 4), single real, nan double precision, at timestamp, at_zone timestamptz,
        day date, hour time, bytes bytea, list text[], numbers int[], document json, mood mood, key uuid, positive positive,
        empty text, far timestamptz
      );
      INSERT INTO events VALUES (
        9007199254740993, 12345678901234567890.123456789, 1.5, 0.1, 'NaN', '2024-02-29 23:59:59.999999', '2024-02-29 23:59:59.000001+05:30',
        '2024-02-29', '01:02:03.000004', '\\x00ff', ARRAY['a', NULL, 'c"d'], ARRAY[1, 2], '[1, {"a": null}]', 'glad',
        '00000000-0000-4000-8000-000000000001', 7, NULL, 'infinity'
      )`);
    try {
      expect((await read([stream('events')])).rows).toEqual([
        {
          big: new ExactNumber('9007199254740993'),
          exact: new ExactNumber('12345678901234567890.123456789'),
          short: 1.5,
          single: 0.1,
          nan: 'NaN',
          at: '2024-02-29T23:59:59.999999',
          at_zone: '2024-02-29T18:29:59.000001Z',
          day: '2024-02-29',
          hour: '01:02:03.000004',
          bytes: 'AP8=',
          list: ['a', null, 'c"d'],
          numbers: [1, 2],
          document: [1, { a: null }],
          mood: 'glad',
          key: '00000000-0000-4000-8000-000000000001',
          positive: 7,
          empty: null,
          far: 'infinity',
        },
      ]);
    } finally {
      await postgres.query('DROP TABLE events; DROP TYPE mood; DROP DOMAIN positive');
    }
  });

  describe('an incremental read', () => {
    const createEvents = async (rows: string): Promise<void> => {
      await postgres.query('CREATE TABLE events (id int, at timestamp, name text)');
      if (rows) await postgres.query(`INSERT INTO events VALUES ${rows}`);
    };
    const events = [incremental('events', 'at')];

    it('goes in the order of the cursor and remembers the last value', async () => {
      const result = await read([incremental('orders', 'updated_at')]);
      const cursors = result.rows.map((row) => String(row['updated_at']));
      expect(cursors).toEqual([...cursors].sort());
      expect(result.states.at(-1)).toMatchObject({
        type: 'STREAM',
        stream: {
          stream_descriptor: { name: 'orders', namespace: 'public' },
          stream_state: { cursor_field: ['updated_at'], cursor: cursors.at(-1) },
        },
      });
    });

    it('reads nothing again when nothing has changed', async () => {
      const first = await read([incremental('orders', 'updated_at')]);
      const second = await read([incremental('orders', 'updated_at')], first.states);
      expect(second.rows).toEqual([]);
      expect(second.states).toEqual(first.states);
    });

    it('distinguishes values that differ by a microsecond', async () => {
      await createEvents("(1, '2024-01-01 00:00:00.000001', 'a')");
      const first = await read(events);
      await postgres.query("INSERT INTO events VALUES (2, '2024-01-01 00:00:00.000002', 'b')");
      expect(ids(await read(events, first.states))).toEqual([2]);
    });

    it('does not lose a row that comes late with the last value, and repeats no other', async () => {
      await createEvents("(1, '2024-01-01', 'a'), (2, '2024-01-02', 'b'), (3, '2024-01-02', 'c')");
      const first = await read(events);
      await postgres.query("INSERT INTO events VALUES (4, '2024-01-02', 'd')");
      const second = await read(events, first.states);
      expect(ids(second)).toEqual([4]);
      expect(ids(await read(events, second.states))).toEqual([]);
    });

    it('does not lose one even when another has left the boundary meanwhile', async () => {
      await createEvents("(1, '2024-01-02', 'a'), (2, '2024-01-02', 'b')");
      const first = await read(events);
      await postgres.query("UPDATE events SET at = '2024-01-03' WHERE id = 1");
      await postgres.query("INSERT INTO events VALUES (3, '2024-01-02', 'c')");
      expect(ids(await read(events, first.states))).toEqual([3, 1]);
    });

    it('counts rows that are alike to the last value', async () => {
      await createEvents("(1, '2024-01-02', 'same'), (1, '2024-01-02', 'same')");
      const first = await read(events);
      await postgres.query("INSERT INTO events VALUES (1, '2024-01-02', 'same')");
      expect(ids(await read(events, first.states))).toEqual([1]);
    });

    it('reads a row again that has changed without its cursor, when it is at the boundary', async () => {
      await createEvents("(1, '2024-01-02', 'before')");
      const first = await read(events);
      await postgres.query("UPDATE events SET name = 'after'");
      expect((await read(events, first.states)).rows).toMatchObject([{ name: 'after' }]);
    });

    it('would rather repeat than lose when too many rows share the last value', async () => {
      await createEvents('');
      await postgres.query("INSERT INTO events SELECT n, '2024-01-02', '' FROM generate_series(1, 1500) AS n");
      const first = await read(events);
      expect(JSON.stringify(first.states).length).toBeLessThan(1_000);
      await postgres.query("INSERT INTO events VALUES (1501, '2024-01-02', '')");
      expect((await read(events, first.states)).rows).toHaveLength(1_501);
    });

    it('continues in the middle of a large table from any state it gave', async () => {
      await createEvents('');
      await postgres.query(
        "INSERT INTO events SELECT n, timestamp '2024-01-01' + (n / 7) * interval '1 second', '' FROM generate_series(1, 25000) AS n",
      );
      const whole = await read(events);
      expect(whole.rows).toHaveLength(25_000);
      expect(whole.states).toHaveLength(3);
      const firstStateAt = whole.messages.findIndex(({ type }) => type === 'STATE');
      const sent = whole.messages.slice(0, firstStateAt).filter(({ type }) => type === 'RECORD').length;
      const rest = await read(events, whole.states.slice(0, 1));
      expect(sent + rest.rows.length).toBe(25_000);
      expect(new Set([...whole.rows.slice(0, sent), ...rest.rows].map((row) => row['id'])).size).toBe(25_000);
    });

    it('reads rows without a cursor value in the first sync, and warns of them later', async () => {
      await createEvents("(1, NULL, 'a'), (2, '2024-01-02', 'b')");
      const first = await read(events);
      expect(ids(first)).toEqual([1, 2]);
      const second = await read(events, first.states);
      expect(ids(second)).toEqual([]);
      expect(second.messages).toContainEqual({
        type: 'LOG',
        log: { level: 'WARN', message: expect.stringContaining('public.events has rows whose at is null') },
      });
    });

    it('remembers of an empty table that it was empty', async () => {
      await createEvents('');
      const first = await read(events);
      await postgres.query("INSERT INTO events VALUES (1, '2024-01-01', 'a')");
      expect(ids(await read(events, first.states))).toEqual([1]);
    });

    it('starts over when the cursor is another column', async () => {
      await createEvents("(1, '2024-01-01', 'a'), (2, '2024-01-02', 'b')");
      const first = await read(events);
      expect(ids(await read([incremental('events', 'id')], first.states))).toEqual([1, 2]);
    });

    it.each(['text', 'int', 'bigint', 'numeric', 'double precision', 'uuid', 'date'])(
      'follows a cursor of type %s in its own order',
      async (type) => {
        const values =
          type === 'uuid'
            ? ['0a000000-0000-4000-8000-000000000000', '0b000000-0000-4000-8000-000000000000']
            : type === 'date'
              ? ['0999-01-01', '2024-01-01']
              : ['10', '9'].sort(type === 'text' ? undefined : (a, b) => Number(a) - Number(b));
        await postgres.query(`CREATE TABLE events (id int, at ${type})`);
        await postgres.query(`INSERT INTO events VALUES (2, '${values[1]}'), (1, '${values[0]}')`);
        const first = await read(events);
        expect(ids(first)).toEqual([1, 2]);
        expect(ids(await read(events, first.states))).toEqual([]);
      },
    );

    it.each([
      ['no cursor', stream('customers', { sync_mode: 'incremental' }), /has no cursor field/],
      ['a cursor that is no column', incremental('customers', 'nope'), /"nope" is not a column/],
      ['a cursor without an order', incremental('customers', 'preferences'), /is of type jsonb/],
      ['a table that is not there', incremental('nothing', 'id'), /public\.nothing does not exist/],
    ])('rejects %s', async (_title, configured, message) => {
      await expect(read([configured])).rejects.toMatchObject({
        failureType: 'config_error',
        message: expect.stringMatching(message),
      });
    });
  });

  it('ends its connection when it is aborted', async () => {
    const controller = new AbortController();
    const reading = (async () => {
      for await (const message of source.read(config, { streams: [stream('orders')] }, [], controller.signal)) {
        if (message.type === 'RECORD') controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
  });
});
