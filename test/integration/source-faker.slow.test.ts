/**
 * A real Airbyte connector from PyPI through the child-process source. It is installed once, into a virtual environment in
 * the user's cache folder; that needs python3 and, the first time, a way to PyPI. Each of its processes takes some three
 * seconds of processor time to start, so the test starts few.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FakeConnections } from '../support/fake-connections';
import { describeWithPackages } from '../support/python';

const PACKAGES = { environment: 'source-faker-7.2.1', requirements: ['airbyte-source-faker==7.2.1'] };

describeWithPackages('airbyte-source-faker', PACKAGES, (programs) => {
  const config = { count: 20, seed: 7, records_per_slice: 50, always_updated: false, parallelism: 1 };
  let dataDir: string;
  let connections: FakeConnections;

  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'source-faker-test-'));
    connections = await FakeConnections.start(dataDir, {}, { Faker: [path.join(programs, 'source-faker')] });
  });
  afterAll(async () => {
    await connections?.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('gives its specification', async () => {
    const { caller } = connections;
    const sourceDefinitionId = await caller.definitionId('source', 'Faker');
    expect(await caller.call('source_definition_specifications/get', { sourceDefinitionId })).toMatchObject({
      connectionSpecification: { type: 'object', properties: { count: { type: 'integer' } } },
    });
  });

  it('fails its check on a configuration that does not fit', async () => {
    const { caller } = connections;
    const sourceId = await caller.createActor('source', 'Faker', config);
    // Airbyte itself refuses to save what does not fit the specification that it knows.
    caller.sandbox.store.actor('source', sourceId).configuration = { ...config, count: 'many' };
    expect(await caller.call('sources/check_connection', { sourceId })).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('many'),
    });
  });

  const rowsOf = async (stream: string): Promise<number> => {
    const rows = await connections.rows(`lake/${stream}`);
    expect(new Set(rows.map((row) => row['id'])).size).toBe(rows.length);
    return rows.length;
  };

  it('fills the destination, passing its check before, and the next time continues each incremental stream from its state', async () => {
    const { caller } = connections;
    const connectionId = await connections.connect(config, 'lake', {}, {}, 'Faker');
    const { syncCatalog } = await caller.call('connections/get', { connectionId });
    const modes: Record<string, object> = {
      products: { syncMode: 'full_refresh', destinationSyncMode: 'overwrite' },
      purchases: { syncMode: 'incremental', destinationSyncMode: 'append', cursorField: ['updated_at'] },
      users: { syncMode: 'incremental', destinationSyncMode: 'append', cursorField: ['updated_at'] },
    };
    for (const { stream, config: configured } of syncCatalog.streams) Object.assign(configured, modes[stream.name]);
    expect(syncCatalog.streams.map(({ stream }: { stream: { name: string } }) => stream.name).sort()).toEqual(
      Object.keys(modes),
    );
    await caller.call('connections/update', { connectionId, syncCatalog });

    const first = await connections.sync(connectionId);
    const purchases = await rowsOf('purchases');
    expect(purchases).toBeGreaterThan(0);
    expect([await rowsOf('products'), await rowsOf('users')]).toEqual([20, 20]);
    expect(first).toMatchObject({ status: 'succeeded', records: 40 + purchases });
    expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded', records: 20 });
    expect([await rowsOf('products'), await rowsOf('users'), await rowsOf('purchases')]).toEqual([20, 20, purchases]);
  });
});
