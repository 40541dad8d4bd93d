/**
 * A real Airbyte connector from PyPI through the child-process source. It is installed once, into a virtual environment in
 * the user's cache folder; that needs python3 and, the first time, a way to PyPI.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createChildProcessSource } from '../../sandbox/connectors/child-process-source';
import { createParquetDestination } from '../../sandbox/connectors/parquet-destination';
import type { ConfiguredCatalog, SourceConnector } from '../../sandbox/connectors/protocol';
import { replicate } from '../../sandbox/jobs/replication/replication';
import { FakeConnections } from '../support/fake-connections';
import { describeWithPython, INSTALL_TIMEOUT_MS, pypiPrograms } from '../support/python';

const VERSION = '7.2.1';

describeWithPython('airbyte-source-faker', () => {
  const config = { count: 120, seed: 7, records_per_slice: 50, always_updated: false, parallelism: 1 };
  const { signal } = new AbortController();
  let source: SourceConnector;
  let catalog: ConfiguredCatalog;
  let dataDir: string;
  let program: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'source-faker-test-'));
    const programs = await pypiPrograms('source-faker', 'airbyte-source-faker', VERSION);
    program = path.join(programs, 'source-faker');
    source = createChildProcessSource({ command: [program] });
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

  describe('in a connection of the sandbox', () => {
    let connections: FakeConnections;
    beforeAll(async () => {
      connections = await FakeConnections.start(dataDir, {}, { Faker: [program] });
    });
    afterAll(() => connections.stop());

    const connect = (bucket: string, syncMode: string, destinationSyncMode: string): Promise<string> =>
      connections.connect(config, bucket, { syncMode, destinationSyncMode }, {}, 'Faker');
    const rowsOf = async (bucket: string): Promise<Record<string, number>> => {
      const counts: Record<string, number> = {};
      for (const stream of ['products', 'purchases', 'users']) {
        const rows = await connections.rows(`${bucket}/${stream}`);
        expect(new Set(rows.map((row) => row['id'])).size).toBe(rows.length);
        counts[stream] = rows.length;
      }
      return counts;
    };
    const total = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0);

    it('fills the destination in a full refresh, and again in a second one, though it has a state by then', async () => {
      const connectionId = await connect('whole', 'full_refresh', 'overwrite');
      const first = await connections.sync(connectionId);
      const counts = await rowsOf('whole');
      expect(counts).toEqual({ products: 100, purchases: expect.any(Number), users: 120 });
      expect(first).toMatchObject({ status: 'succeeded', records: total(counts) });
      expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded', records: total(counts) });
      expect(await rowsOf('whole')).toEqual(counts);
    });

    it('continues from its state in an incremental sync, and has nothing more to send', async () => {
      const connectionId = await connect('changes', 'incremental', 'append');
      const first = await connections.sync(connectionId);
      const counts = await rowsOf('changes');
      expect(counts).toMatchObject({ products: 100, users: 120 });
      expect(first).toMatchObject({ status: 'succeeded', records: total(counts) });
      expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded', records: 0 });
      expect(await rowsOf('changes')).toEqual(counts);
    });
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
