/**
 * A real Airbyte connector from PyPI through the child-process source. It is installed once, into a virtual environment in
 * the user's cache folder; that needs python3 and, the first time, a way to PyPI.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createChildProcessSource } from '../../sandbox/connectors/child-process-source';
import { createParquetDestination } from '../../sandbox/connectors/parquet-destination';
import type { ConfiguredCatalog, SourceConnector } from '../../sandbox/connectors/protocol';
import { type ReplicationResult, replicate } from '../../sandbox/replication';
import { describeWithPython, INSTALL_TIMEOUT_MS, pypiPrograms } from '../support/python';
import { parquetRows } from '../unit/sandbox/parquet-rows';

const VERSION = '7.2.1';

describeWithPython('airbyte-source-faker', () => {
  const config = { count: 120, seed: 7, records_per_slice: 50, always_updated: false, parallelism: 1 };
  const { signal } = new AbortController();
  let source: SourceConnector;
  let catalog: ConfiguredCatalog;
  let dataDir: string;
  let first: ReplicationResult;

  const sync = (state: unknown[]): Promise<ReplicationResult> =>
    replicate({
      source,
      sourceConfig: config,
      destination: createParquetDestination({ dataDir }),
      destinationConfig: { s3_bucket_name: 'lake', format: { format_type: 'Parquet', compression_codec: 'SNAPPY' } },
      catalog,
      state: JSON.parse(JSON.stringify(state)) as unknown[],
      signal,
    });

  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'source-faker-test-'));
    const programs = await pypiPrograms('source-faker', 'airbyte-source-faker', VERSION);
    source = createChildProcessSource({ command: [path.join(programs, 'source-faker')] });
  }, INSTALL_TIMEOUT_MS);
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  it('gives its specification', async () => {
    expect(await source.spec()).toMatchObject({ type: 'object', properties: { count: { type: 'integer' } } });
  });

  it('passes its check, and fails it on a configuration that does not fit', async () => {
    expect(await source.check(config, signal)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await source.check({ count: 'many' }, signal)).toMatchObject({
      status: 'FAILED',
      message: expect.stringContaining('many'),
    });
  });

  it('has three streams', async () => {
    const streams = await source.discover(config, signal);
    expect(streams.map(({ name }) => name).sort()).toEqual(['products', 'purchases', 'users']);
    catalog = {
      streams: streams.map((stream) => ({
        stream,
        sync_mode: 'incremental',
        destination_sync_mode: 'append',
        cursor_field: ['updated_at'],
        primary_key: [['id']],
      })),
    };
  });

  it('fills Parquet files with the rows it has sent', async () => {
    first = await sync([]);
    expect(first.failure).toBeUndefined();
    expect(first.perStream.map(({ name }) => name).sort()).toEqual(['products', 'purchases', 'users']);
    for (const { name, recordsCommitted } of first.perStream) {
      const folder = path.join(dataDir, 'lake', name);
      const rows = [];
      for (const file of await readdir(folder))
        rows.push(...(await parquetRows(await readFile(path.join(folder, file)))));
      expect(rows).toHaveLength(recordsCommitted);
      expect(new Set(rows.map((row) => row['id'])).size).toBe(recordsCommitted);
    }
    expect(first.perStream.find(({ name }) => name === 'users')?.recordsCommitted).toBe(120);
  });

  it('goes on from its state, and has nothing more to send', async () => {
    expect(first.state).toHaveLength(3);
    const second = await sync(first.state);
    expect(second).toMatchObject({ status: 'succeeded', recordsCommitted: 0 });
  });

  it('is ended in the middle when the sync is cancelled', async () => {
    const controller = new AbortController();
    const result = await replicate({
      source,
      sourceConfig: { ...config, count: 100_000, always_updated: true },
      destination: createParquetDestination({ dataDir }),
      destinationConfig: { s3_bucket_name: 'cancelled', format: { format_type: 'Parquet' } },
      catalog,
      state: [],
      signal: controller.signal,
      onProgress: ({ recordsEmitted }) => {
        if (recordsEmitted > 0) controller.abort();
      },
    });
    expect(result).toMatchObject({ status: 'cancelled', recordsCommitted: 0 });
  });
});
