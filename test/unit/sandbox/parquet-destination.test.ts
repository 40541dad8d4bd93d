import { randomBytes } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createFolderStorage } from '../../../sandbox/connectors/object-storage';
import { createParquetDestination } from '../../../sandbox/connectors/parquet-destination';
import { ParquetWriting } from '../../../sandbox/connectors/parquet-writing';
import type { AirbyteMessage, ConfiguredStream, StateMessage } from '../../../sandbox/connectors/protocol';
import { programOnPath } from '../../../tools/program-on-path';
import { Minio } from '../../support/minio';
import type { S3Access } from '../../support/s3-objects';
import { parquetFooter, parquetRows } from './parquet-rows';
import { startS3StandIn } from './s3-stand-in';

const { signal } = new AbortController();

const jsonSchema = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    big: { type: 'number', airbyte_type: 'integer' },
    amount: { type: ['null', 'number'] },
    paid: { type: 'boolean' },
    name: { type: ['null', 'string'] },
    at: { type: 'string', format: 'date-time', airbyte_type: 'timestamp_with_timezone' },
    local: { type: 'string', format: 'date-time', airbyte_type: 'timestamp_without_timezone' },
    day: { type: 'string', format: 'date' },
    tags: { type: 'array' },
    detail: { type: 'object' },
  },
};

const full = {
  id: 1,
  big: '9007199254740993',
  amount: 10.25,
  paid: true,
  name: 'Zoë 🛒',
  at: '2024-02-29T23:59:59.123456+01:00',
  local: '1969-12-31T23:59:59.999999',
  day: '2024-02-29',
  tags: ['a', { b: null }],
  detail: { deep: [1, 2] },
};

const stream = (name: string, mode = 'append', namespace?: string): ConfiguredStream => ({
  stream: { name, json_schema: jsonSchema, supported_sync_modes: [], ...(namespace && { namespace }) },
  sync_mode: 'incremental',
  destination_sync_mode: mode,
});

const record = (name: string, data: Record<string, unknown>, namespace?: string): AirbyteMessage => ({
  type: 'RECORD',
  record: { stream: name, data, emitted_at: 1_700_000_000_000, ...(namespace && { namespace }) },
});

const state = (name: string, cursor: number): StateMessage => ({
  type: 'STATE',
  state: { type: 'STREAM', stream: { stream_descriptor: { name }, stream_state: { cursor } } },
});

async function* messagesOf(...messages: (AirbyteMessage | Error)[]): AsyncGenerator<AirbyteMessage> {
  for (const message of messages) {
    if (message instanceof Error) throw message;
    yield message;
  }
}

/** Text that Snappy makes no smaller. */
const incompressible = (characters: number): string =>
  randomBytes(characters).toString('latin1').replaceAll('\0', ' ').slice(0, characters);

describe('the Parquet destination', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'parquet-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const format = { format_type: 'Parquet', compression_codec: 'SNAPPY' };
  const configuration = (): Record<string, unknown> => ({
    s3_bucket_name: 'lake',
    s3_bucket_path: 'bronze/',
    s3_endpoint: pathToFileURL(folder).href,
    format,
  });
  const write = async (
    streams: ConfiguredStream[],
    messages: AsyncIterable<AirbyteMessage>,
    change: object = {},
    abort: AbortSignal = signal,
  ): Promise<AirbyteMessage[]> => {
    const heard: AirbyteMessage[] = [];
    const destination = createParquetDestination();
    for await (const message of destination.write({ ...configuration(), ...change }, { streams }, messages, abort)) {
      heard.push(message);
    }
    return heard;
  };
  const files = async (): Promise<string[]> => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(path.relative(folder, entry.parentPath), entry.name))
      .sort();
  };
  const onlyFile = async (): Promise<Buffer> => {
    const [file, ...others] = await files();
    expect(others).toEqual([]);
    return readFile(path.join(folder, file ?? ''));
  };
  const allRows = async (): Promise<Record<string, unknown>[]> => {
    const rows = [];
    for (const file of await files()) rows.push(...(await parquetRows(await readFile(path.join(folder, file)))));
    return rows;
  };

  it('writes every value as it came, in typed and Snappy-compressed columns', async () => {
    const empty = { id: 2 };
    await write([stream('orders')], messagesOf(record('orders', full), record('orders', empty)));
    const bytes = await onlyFile();
    const nulls = Object.fromEntries(Object.keys(full).map((name) => [name, null]));
    const airbyte = {
      _airbyte_raw_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      _airbyte_extracted_at: 1_700_000_000_000_000n,
      _airbyte_meta: { changes: [] },
    };
    const rows = await parquetRows(bytes);
    expect(rows.map(withoutUndefined)).toEqual([
      {
        ...airbyte,
        ...full,
        id: 1n,
        big: 9_007_199_254_740_993n,
        at: BigInt(Date.parse('2024-02-29T22:59:59Z')) * 1_000n + 123_456n,
        local: -1n,
        day: new Date('2024-02-29'),
      },
      { ...airbyte, ...nulls, id: 2n },
    ]);
    expect(columnTypes(bytes)).toEqual({
      _airbyte_raw_id: 'BYTE_ARRAY/UTF8',
      _airbyte_extracted_at: 'INT64/TIMESTAMP_MICROS',
      _airbyte_meta: 'BYTE_ARRAY/JSON',
      id: 'INT64/-',
      big: 'INT64/-',
      amount: 'DOUBLE/-',
      paid: 'BOOLEAN/-',
      name: 'BYTE_ARRAY/UTF8',
      at: 'INT64/TIMESTAMP_MICROS',
      local: 'INT64/-',
      day: 'INT32/DATE',
      tags: 'BYTE_ARRAY/JSON',
      detail: 'BYTE_ARRAY/JSON',
    });
    const codecs = parquetFooter(bytes).row_groups.flatMap(({ columns }) =>
      columns.map((each) => each.meta_data?.codec),
    );
    expect(new Set(codecs)).toEqual(new Set(['SNAPPY']));
  });

  it('writes a value that does not fit its column as null, and says so next to it', async () => {
    await write(
      [stream('orders')],
      messagesOf(record('orders', { id: 'x', at: 'yesterday', amount: 'NaN', day: '2024-02-30' })),
    );
    const [row] = await parquetRows(await onlyFile());
    expect(row).toMatchObject({ id: null, at: null, day: null, amount: Number.NaN });
    expect(row?.['_airbyte_meta']).toEqual({
      changes: ['id', 'at', 'day'].map((field) => ({
        field,
        change: 'NULLED',
        reason: 'DESTINATION_SERIALIZATION_ERROR',
      })),
    });
  });

  it('lays files out by bucket, path, namespace and stream', async () => {
    await write(
      [stream('orders', 'append', 'public'), stream('visits/web')],
      messagesOf(record('orders', full, 'public'), record('visits/web', full)),
    );
    expect(await files()).toEqual([
      expect.stringMatching(/^lake\/bronze\/public\/orders\/\d{4}_\d\d_\d\d_\d{13}_\d+\.parquet$/),
      expect.stringMatching(/^lake\/bronze\/visits_web\/\d{4}_\d\d_\d\d_\d{13}_\d+\.parquet$/),
    ]);
  });

  it('writes no file for a stream without records', async () => {
    expect(await write([stream('orders')], messagesOf(state('orders', 1)))).toEqual([state('orders', 1)]);
    expect(await files()).toEqual([]);
  });

  it('writes below the sandbox’s own folder when no endpoint is given', async () => {
    const destination = createParquetDestination({ dataDir: folder });
    const config = { s3_bucket_name: 'lake', format };
    for await (const _ of destination.write(
      config,
      { streams: [stream('orders')] },
      messagesOf(record('orders', full)),
      signal,
    ));
    expect(await files()).toEqual([expect.stringMatching(/^lake\/orders\/.*\.parquet$/)]);
  });

  it('takes the codec in small letters, and uncompressed files', async () => {
    const messages = () => messagesOf(record('orders', full));
    await write([stream('orders')], messages(), { format: { format_type: 'parquet', compression_codec: 'snappy' } });
    await write([stream('orders')], messages(), {
      format: { format_type: 'Parquet', compression_codec: 'UNCOMPRESSED' },
    });
    expect(await allRows()).toHaveLength(2);
  });

  it('confirms a state only when the rows before it are in a finished file', async () => {
    const confirmedAt: number[] = [];
    const destination = createParquetDestination();
    const messages = messagesOf(record('orders', full), state('orders', 1), record('orders', full), state('orders', 2));
    for await (const message of destination.write(configuration(), { streams: [stream('orders')] }, messages, signal)) {
      expect(message.type).toBe('STATE');
      confirmedAt.push((await allRows()).length);
    }
    expect(confirmedAt).toEqual([2, 2]);
  });

  describe('a sync larger than its memory', () => {
    const limits = { openBytes: 40_000, checkpointBytes: 15_000, rowGroupBytes: 4_000 };
    const writeWithin = async (messages: AsyncIterable<AirbyteMessage>, heard: AirbyteMessage[]): Promise<void> => {
      const writing = new ParquetWriting(
        createFolderStorage(folder),
        [],
        'SNAPPY',
        { streams: [stream('orders')] },
        limits,
      );
      for await (const message of writing.run(messages, signal)) heard.push(message);
    };

    it('is written as several files and row groups, and has its states confirmed on the way', async () => {
      async function* many(): AsyncGenerator<AirbyteMessage> {
        for (let id = 0; id < 60; id += 1) {
          yield record('orders', { id, name: incompressible(1_000) });
          if (id % 20 === 19) yield state('orders', id);
        }
        yield record('orders', { id: 60 });
      }
      const heard: AirbyteMessage[] = [];
      await writeWithin(many(), heard);
      expect(heard).toEqual([state('orders', 19), state('orders', 39), state('orders', 59)]);
      expect((await allRows()).map((row) => Number(row['id']))).toEqual(Array.from({ length: 61 }, (_, id) => id));
      const footers = [];
      for (const file of await files()) footers.push(parquetFooter(await readFile(path.join(folder, file))));
      expect(footers).toHaveLength(4);
      expect(footers[0]?.row_groups.length).toBeGreaterThan(3);
    });

    it('leaves just the confirmed rows behind when it breaks off, though more was written', async () => {
      const writtenThen: number[] = [];
      async function* broken(): AsyncGenerator<AirbyteMessage> {
        yield record('orders', { id: 1, name: incompressible(20_000) });
        yield state('orders', 1);
        yield record('orders', { id: 2, name: incompressible(20_000) });
        yield record('orders', { id: 3, name: incompressible(40_000) });
        yield record('orders', { id: 4 });
        writtenThen.push((await allRows()).length);
        throw new Error('the source broke');
      }
      const heard: AirbyteMessage[] = [];
      await expect(writeWithin(broken(), heard)).rejects.toThrow('the source broke');
      expect(writtenThen).toEqual([3]);
      expect(heard).toEqual([state('orders', 1)]);
      expect((await allRows()).map((row) => row['id'])).toEqual([1n]);
    });
  });

  describe('a sync that breaks off', () => {
    it('leaves nothing behind when nothing was confirmed', async () => {
      const broken = messagesOf(record('orders', full), new Error('the source broke'));
      await expect(write([stream('orders')], broken)).rejects.toThrow('the source broke');
      expect(await files()).toEqual([]);
    });

    it('leaves nothing behind when it is aborted', async () => {
      const controller = new AbortController();
      async function* aborting(): AsyncGenerator<AirbyteMessage> {
        yield record('orders', full);
        controller.abort(new Error('cancelled'));
        controller.signal.throwIfAborted();
      }
      await expect(write([stream('orders')], aborting(), {}, controller.signal)).rejects.toThrow('cancelled');
      expect(await files()).toEqual([]);
    });
  });

  describe('a stream that overwrites', () => {
    it('has only the new rows at the end, and does not touch files of others', async () => {
      await write([stream('orders')], messagesOf(record('orders', { id: 1 })));
      await write([stream('orders')], messagesOf(record('orders', { id: 2 })));
      const others = [
        'lake/bronze/orders/notes.txt',
        'lake/bronze/orders/deeper/2024_01_01_1_0.parquet',
        'lake/bronze/orders_old/2024_01_01_1_0.parquet',
      ];
      for (const other of others) {
        await mkdir(path.dirname(path.join(folder, other)), { recursive: true });
        await writeFile(path.join(folder, other), '');
      }
      await write([stream('orders', 'overwrite')], messagesOf(record('orders', { id: 3 })));
      for (const other of others) await access(path.join(folder, other));
      for (const other of others) await rm(path.join(folder, other));
      expect((await allRows()).map((row) => row['id'])).toEqual([3n]);
    });

    it('keeps the old rows when the sync breaks off', async () => {
      await write([stream('orders')], messagesOf(record('orders', { id: 1 })));
      const broken = messagesOf(record('orders', { id: 2 }), state('orders', 1), new Error('the source broke'));
      await expect(write([stream('orders', 'overwrite')], broken)).rejects.toThrow('the source broke');
      expect((await allRows()).map((row) => row['id'])).toEqual([1n]);
    });

    it('is empty when the source is', async () => {
      await write([stream('orders')], messagesOf(record('orders', { id: 1 })));
      await write([stream('orders', 'overwrite')], messagesOf());
      expect(await files()).toEqual([]);
    });
  });

  it.each([
    ['deduplication', stream('orders', 'append_dedup'), {}, /cannot write orders with "append_dedup"/],
    ['another format', stream('orders'), { format: { format_type: 'CSV' } }, /only Parquet/],
    ['a bucket outside of the folder', stream('orders'), { s3_bucket_name: '..' }, /not a valid bucket name/],
    ['a path outside of the folder', stream('orders'), { s3_bucket_path: '../../x' }, /outside of the destination/],
    ['an endpoint of another kind', stream('orders'), { s3_endpoint: 'ftp://x' }, /must begin with/],
  ])('rejects %s', async (_title, configured, change, message) => {
    await expect(write([configured], messagesOf(record('orders', full)), change)).rejects.toMatchObject({
      failureType: 'config_error',
      message: expect.stringMatching(message),
    });
  });

  it('succeeds with a check, and leaves no trace of it', async () => {
    expect(await createParquetDestination().check(configuration(), signal)).toEqual({ status: 'SUCCEEDED' });
    expect(await files()).toEqual([]);
  });

  const onS3 = ({ name, access }: Pick<Bucket, 'name' | 'access'>): Record<string, unknown> => ({
    s3_bucket_name: name,
    s3_bucket_path: 'bronze/',
    s3_bucket_region: 'us-east-1',
    access_key_id: access.accessKeyId,
    secret_access_key: access.secretAccessKey,
    s3_endpoint: access.url,
    format: { format_type: 'Parquet', compression_codec: 'snappy' },
  });

  /** What holds on each S3. */
  function storyOf(s3: string, open: () => Promise<Bucket>): void {
    describe(s3, () => {
      let bucket: Bucket;
      beforeEach(async () => {
        bucket = await open();
      });
      afterEach(() => bucket.close());

      it('checks by writing, and leaves no trace of it', async () => {
        expect(await createParquetDestination().check(onS3(bucket), signal)).toEqual({ status: 'SUCCEEDED' });
        expect((await bucket.objects()).size).toBe(0);
      });

      it.each([
        ['an unknown key', { access_key_id: 'unknown' }, /InvalidAccessKeyId: The .*Access Key Id you provided/],
        ['an unknown bucket', { s3_bucket_name: 'unknown' }, /NoSuchBucket: The specified bucket does not exist/],
        ['nobody listening', { s3_endpoint: 'http://127.0.0.1:1' }, /ECONNREFUSED 127\.0\.0\.1:1/],
        ['half a pair of keys', { secret_access_key: undefined }, /set both/],
      ])('says in the words of S3 why a check fails on %s', async (_title, change, message) => {
        expect(await createParquetDestination().check({ ...onS3(bucket), ...change }, signal)).toEqual({
          status: 'FAILED',
          message: expect.stringMatching(message),
        });
      });

      it('writes what a reader finds again', async () => {
        const messages = messagesOf(record('customers', full, 'public'));
        await write([stream('customers', 'append', 'public')], messages, onS3(bucket));
        const [[key, bytes] = ['', new Uint8Array()]] = [...(await bucket.objects())];
        expect(key).toMatch(/^bronze\/public\/customers\/\d{4}_\d\d_\d\d_\d+_0\.parquet$/);
        expect(await parquetRows(bytes)).toMatchObject([{ id: 1n, name: 'Zoë 🛒' }]);
      });

      it('replaces any number of old files', async () => {
        for (let id = 0; id < 5; id += 1) {
          await write([stream('orders')], messagesOf(record('orders', { id })), onS3(bucket));
        }
        expect((await bucket.objects()).size).toBe(5);
        await write([stream('orders', 'overwrite')], messagesOf(record('orders', { id: 9 })), onS3(bucket));
        expect((await bucket.objects()).size).toBe(1);
      });
    });
  }

  describe('on S3', () => {
    const name = 'datalake';
    const keys = { accessKeyId: 'minioadmin', secretAccessKey: 'minioadmin' };

    storyOf('as its stand-in has it', async () => {
      const s3 = await startS3StandIn(keys.accessKeyId, [name]);
      const objects = async () => new Map([...s3.objects].map(([key, bytes]) => [key.replace(`${name}/`, ''), bytes]));
      return { name, access: { url: s3.url, ...keys }, objects, close: () => s3.stop() };
    });

    it('removes what it has written of a sync that then cannot continue', async () => {
      const s3 = await startS3StandIn(keys.accessKeyId, [name]);
      s3.beforePut = (key) => {
        if (key.includes('/orders/')) throw new Error('disk full');
      };
      const streams = [stream('customers'), stream('orders')];
      const messages = messagesOf(record('customers', full), record('orders', full));
      try {
        const lake = onS3({ name, access: { url: s3.url, ...keys } });
        await expect(write(streams, messages, lake)).rejects.toThrow('disk full');
        expect(s3.objects.size).toBe(0);
      } finally {
        await s3.stop();
      }
    });

    const program = programOnPath('minio');
    if (program === undefined) {
      it.skip('NOT TESTED: there is no minio on PATH', () => undefined);
      return;
    }
    let minio: Minio;
    let buckets = 0;
    beforeAll(async () => {
      minio = await Minio.start(program);
    });
    afterAll(() => minio?.stop());

    storyOf('as MinIO has it', async () => {
      const bucket = `${name}-${++buckets}`;
      await minio.createBucket(bucket);
      return {
        name: bucket,
        access: minio.access,
        objects: () => minio.objects(bucket),
        close: async () => undefined,
      };
    });
  });
});

/** An empty bucket for one test. */
interface Bucket {
  name: string;
  access: S3Access;
  /** By their keys. */
  objects(): Promise<Map<string, Uint8Array>>;
  close(): Promise<void>;
}

function withoutUndefined(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? null]));
}

function columnTypes(bytes: Uint8Array): Record<string, string> {
  const [, ...columns] = parquetFooter(bytes).schema;
  return Object.fromEntries(
    columns.map(({ name, type, converted_type }) => [name, `${type}/${converted_type ?? '-'}`]),
  );
}
