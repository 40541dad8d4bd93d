import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AirbyteClient } from '../../src/airbyte/client';
import { toAirbyteSchedule, toLegacySchedule } from '../../src/documents/connection-schedule';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { type ReferenceServer, startReferenceServer } from '../support/reference-server';

const WORKSPACE = 'default-workspace-id';
const SOURCE = 'source-id-123';
const DESTINATION = 'dest-id-456';
const CONNECTION = 'connection-id-789';
const JOB = 12_345;
const QUIET = { info: () => undefined, warn: () => undefined };

describe('the client, against a server that is the reference', () => {
  let server: ReferenceServer;
  let airbyte: AirbyteClient;
  beforeEach(async () => {
    server = await startReferenceServer();
    airbyte = new AirbyteClient({ url: server.url });
  });
  afterEach(async () => {
    await airbyte.close();
    await server.stop();
  });

  const createSource = (client = airbyte, name = 'PostgreSQL - Ecommerce') =>
    client.sources.create({
      workspaceId: WORKSPACE,
      name,
      sourceDefinitionId: 'postgres-definition-id',
      connectionConfiguration: { host: 'postgres', port: 5432 },
    });
  const createDestination = (client = airbyte) =>
    client.destinations.create({
      workspaceId: WORKSPACE,
      name: 'MinIO - Bronze Layer',
      destinationDefinitionId: 's3-definition-id',
      connectionConfiguration: { s3_bucket_name: 'datalake' },
    });

  async function createConnection(client = airbyte, name = 'PostgreSQL → MinIO') {
    const { sourceId } = await createSource(client, `source of ${name}`);
    const { destinationId } = await createDestination(client);
    const { catalog } = await client.sources.discoverSchema(sourceId);
    const streams = catalog.streams.map(({ stream, config }) => ({ stream, config: { ...config, selected: true } }));
    return client.connections.create({
      sourceId,
      destinationId,
      syncCatalog: { streams },
      ...toLegacySchedule(toAirbyteSchedule({ every: '24h' })),
      name,
      namespaceDefinition: 'source',
      status: 'active',
    });
  }

  test('is available, although the reference has no health call', async () => {
    expect(await airbyte.health()).toEqual({ available: true });
  });

  test('lists the workspaces', async () => {
    expect(await airbyte.workspaces.list()).toEqual([{ workspaceId: WORKSPACE, name: 'default', slug: 'default' }]);
  });

  test('lists the definitions, which the reference does not list by workspace', async () => {
    expect(await airbyte.sourceDefinitions.list(WORKSPACE)).toContainEqual(
      expect.objectContaining({ definitionId: 'postgres-definition-id', name: 'Postgres' }),
    );
    expect(await airbyte.destinationDefinitions.list(WORKSPACE)).toContainEqual(
      expect.objectContaining({ definitionId: 's3-definition-id', name: 'S3' }),
    );
    expect(server.bodies('source_definitions/list')).toEqual([{ workspaceId: WORKSPACE }]);
  });

  test.each([
    { message: 'Not Found' },
    { error: 'not found' },
    { detail: 'Not Found' },
    { message: 'No route for POST /api/v1/whatever' },
    { status: 404, error: 'unknown endpoint' },
  ])('takes %j for the response of a server that does not support the call', async (unknownCallResponse) => {
    await server.stop();
    server = await startReferenceServer({ unknownCallResponse });
    const other = new AirbyteClient({ url: server.url });
    try {
      expect(await other.health()).toEqual({ available: true });
      expect(await other.sourceDefinitions.list(WORKSPACE)).toHaveLength(4);
      expect(await other.destinationDefinitions.list(WORKSPACE)).toHaveLength(4);
      await createConnection(other);
      await other.connections.sync(CONNECTION);
      expect(await other.jobs.getWithoutLogs(JOB)).toMatchObject({ jobId: JOB, status: 'pending' });
    } finally {
      await other.close();
    }
  });

  test('gets a source definition', async () => {
    expect(await airbyte.sourceDefinitions.get({ sourceDefinitionId: 'postgres-definition-id' })).toMatchObject({
      definitionId: 'postgres-definition-id',
      name: 'Postgres',
    });
  });

  test('creates, lists and checks sources', async () => {
    expect(await createSource()).toMatchObject({ sourceId: SOURCE, name: 'PostgreSQL - Ecommerce' });
    expect(await airbyte.sources.list(WORKSPACE)).toMatchObject([{ sourceId: SOURCE, name: 'PostgreSQL - Ecommerce' }]);
    expect(await airbyte.sources.checkConnection(SOURCE)).toMatchObject({
      status: 'succeeded',
      message: 'Connection test succeeded',
    });
    server.failCheck(SOURCE, 'password authentication failed');
    expect(await airbyte.sources.checkConnection(SOURCE)).toMatchObject({
      status: 'failed',
      message: 'password authentication failed',
    });
  });

  test('creates and checks destinations', async () => {
    expect(await createDestination()).toMatchObject({ destinationId: DESTINATION });
    expect(await airbyte.destinations.checkConnection(DESTINATION)).toMatchObject({ status: 'succeeded' });
  });

  test('discovers a schema of which little is said', async () => {
    await createSource();
    const { catalog, catalogId } = await airbyte.sources.discoverSchema(SOURCE);
    expect(catalogId).toBeUndefined();
    expect(catalog.streams[0]).toMatchObject({
      stream: { name: 'customers', supportedSyncModes: ['full_refresh', 'incremental'] },
      config: { syncMode: 'incremental', cursorField: ['updated_at'] },
    });
  });

  test('creates and gets a connection, and changes its schedule without a loss', async () => {
    expect(await createConnection()).toMatchObject({ connectionId: CONNECTION });
    const connection = await airbyte.connections.get(CONNECTION);
    expect(connection).toMatchObject({ schedule: { units: 24, timeUnit: 'hours' } });

    await airbyte.connections.update({ ...connection, schedule: { units: 6, timeUnit: 'hours' } });
    expect(await airbyte.connections.get(CONNECTION)).toEqual({
      ...connection,
      schedule: { units: 6, timeUnit: 'hours' },
    });
  });

  test('starts a sync, reads its job to the end, lists and cancels', async () => {
    await createConnection();
    expect(await airbyte.connections.sync(CONNECTION)).toMatchObject({
      jobId: JOB,
      jobType: 'sync',
      status: 'pending',
    });
    await expect(airbyte.connections.sync(CONNECTION)).rejects.toMatchObject({ type: 'AirbyteConflict' });
    await airbyte.jobs.get(JOB);
    expect(await airbyte.jobs.getWithoutLogs(JOB)).toMatchObject({ status: 'running' });
    expect(await airbyte.jobs.get(JOB)).toMatchObject({
      status: 'succeeded',
      recordsSynced: 150_000,
      bytesSynced: 52_428_800,
      createdAt: 1_729_108_800,
    });
    expect(await airbyte.jobs.list({ connectionId: CONNECTION, jobTypes: ['sync'] })).toMatchObject([
      { jobId: JOB, status: 'succeeded', recordsSynced: 150_000, bytesSynced: 52_428_800, attempts: [] },
    ]);
    const { jobId } = await airbyte.connections.sync(CONNECTION);
    expect(await airbyte.jobs.cancel(jobId)).toMatchObject({ jobId, status: 'cancelled' });
  });

  test.each([
    ['workspaces.get', () => airbyte.workspaces.get(WORKSPACE)],
    ['destinationDefinitions.get', () => airbyte.destinationDefinitions.get({ destinationDefinitionId: 'x' })],
    [
      'sourceDefinitions.specification',
      () => airbyte.sourceDefinitions.specification({ sourceDefinitionId: 'x', workspaceId: WORKSPACE }),
    ],
    ['sources.get', () => airbyte.sources.get(SOURCE)],
    ['destinations.list', () => airbyte.destinations.list(WORKSPACE)],
    ['connections.list', () => airbyte.connections.list(WORKSPACE)],
    ['tags.list', () => airbyte.tags.list(WORKSPACE)],
    ['jobs.getLastReplicationJob', () => airbyte.jobs.getLastReplicationJob(CONNECTION)],
    ['jobs.listForWorkspaces', () => airbyte.jobs.listForWorkspaces({ workspaceIds: [WORKSPACE], jobTypes: ['sync'] })],
  ])('says of %s that this server does not have it', async (_, call) => {
    let passed = 0;
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + passed);
    // The first time, the response may be a gateway's. A call that succeeds in between shows that it is Airbyte's.
    for (let times = 0; times < 2; times++) {
      await expect(call()).rejects.toMatchObject({ type: 'AirbyteUnavailable', retryable: true });
    }
    passed += 3_000;
    await expect(call()).rejects.toMatchObject({ type: 'AirbyteUnsupported', retryable: false, effect: 'none' });
    clock.mockRestore();
  });

  test('takes the first rejection of a trigger for that of a gateway, which it may be', async () => {
    const error = { type: 'AirbyteUnavailable', retryable: true, effect: 'unknown', status: 404 };
    await expect(airbyte.connections.refresh(CONNECTION)).rejects.toMatchObject(error);
  });

  test('distinguishes a missing object from an unsupported call', async () => {
    await expect(airbyte.connections.get('connection-id-000')).rejects.toMatchObject({
      type: 'AirbyteNotFound',
      message: expect.stringContaining('Could not find connection: connection-id-000'),
    });
  });

  test('waits for the jobs of two connections, which the reference lists only one by one', async () => {
    const connections = [await createConnection(airbyte, 'first'), await createConnection(airbyte, 'second')];
    const jobs = new JobWatcher({ airbyte, pollIntervalMs: 5, logger: QUIET });
    const started = await Promise.all(connections.map(({ connectionId }) => airbyte.connections.sync(connectionId)));
    const ended = await Promise.all(started.map(({ jobId, updatedAt }) => jobs.wait({ jobId, since: updatedAt })));
    expect(ended).toMatchObject(
      started.map(({ jobId }) => ({ jobId, status: 'succeeded', recordsSynced: 150_000, bytesSynced: 52_428_800 })),
    );
  });

  test('waits on where it had seen the jobs of two connections before', async () => {
    const connections = [await createConnection(airbyte, 'first'), await createConnection(airbyte, 'second')];
    const jobs = new JobWatcher({ airbyte, pollIntervalMs: 5, logger: QUIET });
    const started = await Promise.all(connections.map(({ connectionId }) => airbyte.connections.sync(connectionId)));
    const since = 1_729_108_800;
    const ended = await Promise.all(started.map(({ jobId }) => jobs.wait({ jobId, since })));
    expect(ended.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
  });
});
