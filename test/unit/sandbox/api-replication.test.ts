import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiCaller, startCaller } from './api-caller';
import { parquetRows } from './parquet-rows';

interface Stream {
  stream: { name: string };
  config: Record<string, unknown>;
}

let caller: ApiCaller;

beforeAll(async () => {
  caller = await startCaller({ shop: true });
});
afterAll(() => caller.sandbox.stop());

const shopConfiguration = () => {
  const { shop } = caller.sandbox;
  if (shop === undefined) throw new Error('The sandbox has no shop.');
  const { host, port, database, username, password } = shop;
  return { host, port, database, username, password, replication_method: { method: 'Standard' } };
};

/** A connection from the shop to Parquet files in a bucket of its own. */
const shopToParquet = async (bucket: string, config: object, fields: object = {}) => {
  const sourceId = await caller.createActor('source', 'Postgres', shopConfiguration());
  const destinationId = await caller.createActor('destination', 'S3', {
    s3_bucket_name: bucket,
    format: { format_type: 'Parquet', compression_codec: 'SNAPPY' },
  });
  const { catalog } = await caller.call('sources/discover_schema', { sourceId });
  const streams = (catalog.streams as Stream[])
    .filter(({ stream }) => stream.name === 'customers')
    .map(({ stream, config: proposed }) => ({ stream, config: { ...proposed, ...config, selected: true } }));
  const connection = { sourceId, destinationId, status: 'active', syncCatalog: { streams }, ...fields };
  return (await caller.call('connections/create', connection)).connectionId as string;
};

const incremental = { syncMode: 'incremental', destinationSyncMode: 'append', cursorField: ['updated_at'] };

const recordsOf = async (connectionId: string) => {
  const { job, attempts } = await caller.runToEnd(connectionId);
  expect(job.status).toBe('succeeded');
  return attempts[0].attempt.recordsSynced as number;
};

/** The rows in every file of a bucket. */
const rowsIn = async (bucket: string) => {
  const folder = path.join(caller.sandbox.dataDir, bucket);
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const rows = await Promise.all(
    files.map(async (file) => parquetRows(await readFile(path.join(file.parentPath, file.name)))),
  );
  return rows.flat();
};

describe('a connection from the shop to Parquet', () => {
  test('moves every row first, then only what has changed since', async () => {
    const connectionId = await shopToParquet('incremental', incremental);
    const first = await recordsOf(connectionId);
    expect(first).toBeGreaterThan(100);
    expect(await rowsIn('incremental')).toHaveLength(first);
    expect((await caller.call('state/get', { connectionId })).stateType).toBe('stream');

    const changed = (await caller.control('POST', '/sandbox/shop/changes')).body;
    const second = await recordsOf(connectionId);
    expect(second).toBe(changed.customers);
    expect(await rowsIn('incremental')).toHaveLength(first + second);
  });

  test('shows its counts in the list of jobs, stream by stream', async () => {
    const connectionId = await shopToParquet('counted', incremental);
    const records = await recordsOf(connectionId);
    const { jobs } = await caller.call('jobs/list', { configTypes: ['sync'], configId: connectionId });
    expect(jobs[0].job.aggregatedStats).toMatchObject({ recordsEmitted: records, recordsCommitted: records });
    expect(jobs[0].job.streamAggregatedStats).toEqual([
      expect.objectContaining({ streamName: 'customers', recordsCommitted: records }),
    ]);
  });

  test('starts anew after a reset, which empties the stream', async () => {
    const connectionId = await shopToParquet('cleared', incremental);
    const first = await recordsOf(connectionId);
    const { job } = await caller.call('connections/clear', { connectionId });
    await caller.ended(job.id);
    expect((await caller.call('jobs/get', { id: job.id })).job.status).toBe('succeeded');
    expect((await caller.call('state/get', { connectionId })).stateType).toBe('not_set');
    expect(await rowsIn('cleared')).toHaveLength(0);
    expect(await recordsOf(connectionId)).toBe(first);
  });

  test('replaces its rows with a truncating refresh', async () => {
    const connectionId = await shopToParquet('refreshed', incremental);
    const first = await recordsOf(connectionId);
    const { job } = await caller.call('connections/refresh', { connectionId, refreshMode: 'Truncate' });
    await caller.ended(job.id);
    expect((await caller.call('jobs/get', { id: job.id })).job.status).toBe('succeeded');
    expect(await rowsIn('refreshed')).toHaveLength(first);
    expect(await recordsOf(connectionId)).toBe(0);
  });

  test('loses the state of a stream whose sync mode changes', async () => {
    const connectionId = await shopToParquet('changed', incremental);
    await recordsOf(connectionId);
    const { syncCatalog } = await caller.call('connections/get', { connectionId });
    for (const { config } of syncCatalog.streams) config.syncMode = 'full_refresh';
    await caller.call('connections/update', { connectionId, syncCatalog });
    expect((await caller.call('state/get', { connectionId })).stateType).toBe('not_set');
  });

  test('writes the stream under the name that the connection gives it', async () => {
    const connectionId = await shopToParquet('named', incremental, {
      prefix: 'raw_',
      namespaceDefinition: 'customformat',
      namespaceFormat: 'from_$' + '{SOURCE_NAMESPACE}',
    });
    await recordsOf(connectionId);
    const files = await readdir(path.join(caller.sandbox.dataDir, 'named'), { recursive: true });
    expect(
      files.filter((file) => file.endsWith('.parquet')).every((file) => /from_public.*raw_customers/.test(file)),
    ).toBe(true);
  });

  test('fails with the reason of the database when the password is wrong', async () => {
    const connectionId = await shopToParquet('refused', incremental);
    const { sourceId } = await caller.call('connections/get', { connectionId });
    const connectionConfiguration = { ...shopConfiguration(), password: 'wrong-password' };
    await caller.call('sources/update', { sourceId, name: 'shop', connectionConfiguration });

    const check = await caller.call('sources/check_connection', { sourceId });
    expect(check).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('password authentication failed'),
    });
    const { job, attempts } = await caller.runToEnd(connectionId);
    expect(job.status).toBe('failed');
    const [failure] = attempts[0].attempt.failureSummary.failures;
    expect(failure).toMatchObject({ failureOrigin: 'source', failureType: 'config_error' });
    expect(failure.externalMessage).toMatch(/^Checking source connection failed/);
    expect(failure.internalMessage).toContain('password authentication failed');
    expect(JSON.stringify({ check, attempts })).not.toContain('wrong-password');
  });
});

/** A source as a program: two rows and a state, and after `slow` a wait without an end. */
const SCRIPT = `
const [command, ...args] = process.argv.slice(2);
const file = (option) => JSON.parse(require('node:fs').readFileSync(args[args.indexOf(option) + 1], 'utf8'));
const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
const properties = { id: { type: 'integer' } };
if (command === 'spec') say({ type: 'SPEC', spec: { connectionSpecification: { type: 'object', required: [], properties: { mode: { type: 'string' } } } } });
if (command === 'check') say({ type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED' } });
if (command === 'discover') say({ type: 'CATALOG', catalog: { streams: [{ name: 'numbers', json_schema: { type: 'object', properties }, supported_sync_modes: ['full_refresh', 'incremental'], source_defined_cursor: true }] } });
if (command === 'read') {
  const { mode } = file('--config');
  const state = args.includes('--state') ? file('--state') : [];
  const from = state.length === 0 ? 0 : state[0].stream.stream_state.last;
  for (const id of [from + 1, from + 2]) say({ type: 'RECORD', record: { stream: 'numbers', data: { id }, emitted_at: 0 } });
  say({ type: 'STATE', state: { type: 'STREAM', stream: { stream_descriptor: { name: 'numbers' }, stream_state: { last: from + 2 } } } });
  if (mode === 'fail') {
    say({ type: 'TRACE', trace: { type: 'ERROR', emitted_at: 0, error: { message: 'The numbers ran out.', failure_type: 'config_error' } } });
    process.exitCode = 1;
  }
  if (mode === 'slow') setInterval(() => undefined, 1000);
}
`;

describe('a connector of a connectors file', () => {
  let numbers: ApiCaller;

  beforeAll(async () => {
    const folder = caller.sandbox.dataDir;
    await writeFile(path.join(folder, 'numbers.js'), SCRIPT);
    const connectors = { Numbers: { command: [process.execPath, 'numbers.js'], cwd: '.' } };
    await writeFile(path.join(folder, 'connectors.json'), JSON.stringify(connectors));
    numbers = await startCaller({ connectorsFile: path.join(folder, 'connectors.json'), dataDir: folder });
  });
  afterAll(() => numbers.sandbox.stop());

  const connectionOf = async (mode: string) => {
    const sourceId = await numbers.createActor('source', 'Numbers', { mode });
    const format = { format_type: 'Parquet' };
    const destinationId = await numbers.createActor('destination', 'S3', { s3_bucket_name: `numbers-${mode}`, format });
    const { catalog } = await numbers.call('sources/discover_schema', { sourceId });
    const streams = (catalog.streams as Stream[]).map(({ stream, config }) => ({
      stream,
      config: { ...config, syncMode: 'incremental' },
    }));
    const connection = { sourceId, destinationId, status: 'active', syncCatalog: { streams } };
    return (await numbers.call('connections/create', connection)).connectionId as string;
  };

  test('is read from where the last sync stopped', async () => {
    const connectionId = await connectionOf('well');
    await numbers.runToEnd(connectionId);
    expect((await numbers.runToEnd(connectionId)).job.status).toBe('succeeded');
    const ids = (await rowsIn('numbers-well')).map((row) => Number(row['id']));
    expect(ids.sort()).toEqual([1, 2, 3, 4]);
  });

  test('that reports an error fails the job in its own words', async () => {
    const { job, attempts } = await numbers.runToEnd(await connectionOf('fail'));
    expect(job.status).toBe('failed');
    expect(attempts[0].attempt.failureSummary.failures[0]).toMatchObject({
      failureOrigin: 'source',
      failureType: 'config_error',
      externalMessage: 'The numbers ran out.',
    });
  });

  test('is stopped when the job is cancelled', async () => {
    const connectionId = await connectionOf('slow');
    const { job } = await numbers.call('connections/sync', { connectionId });
    await numbers.sandbox.jobs.reached(job.id, ({ status }) => status === 'running');
    expect((await numbers.call('jobs/cancel', { id: job.id })).job.status).toBe('cancelled');
  });

  test('is named when the file is invalid', async () => {
    const file = path.join(caller.sandbox.dataDir, 'broken.yaml');
    await writeFile(file, 'Numbers: { comand: [node] }');
    await expect(startCaller({ connectorsFile: file })).rejects.toThrow(/broken\.yaml is not a valid connectors file/);
  });
});
