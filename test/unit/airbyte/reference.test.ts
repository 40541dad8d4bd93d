import { describe, expect, it } from '@jest/globals';
import { airbyte, client } from './scripted-client';

/*
 * A server that has the calls of the user's API reference, with the responses it prints, and nothing else: ids that are
 * no UUIDs, jobs with a summary, checks without a job, catalogs with little in them.
 */

/** The call received last and its body. */
function lastRequest(): { call: string | undefined; body: unknown } {
  return { call: airbyte.calls.at(-1), body: airbyte.requests.at(-1)?.body };
}

describe('against a server that supports exactly the reference', () => {
  it('lists the workspaces', async () => {
    const workspaces = [{ workspaceId: 'default-workspace-id', name: 'default', slug: 'default' }];
    airbyte.respond({ 'workspaces/list': { workspaces } });
    expect(await client.workspaces.list()).toEqual(workspaces);
    expect(airbyte.requests).toMatchObject([{ method: 'POST', path: '/api/v1/workspaces/list', body: {} }]);
  });

  it('lists the definitions, and tries the list per workspace only once', async () => {
    airbyte.respond({
      'source_definitions/list': { sourceDefinitions: [{ sourceDefinitionId: 'postgres-id', name: 'Postgres' }] },
      'destination_definitions/list': {
        destinationDefinitions: [
          { destinationDefinitionId: 's3-id', name: 'S3' },
          { destinationDefinitionId: 's3-lake-id', name: 'S3 Data Lake' },
        ],
      },
    });
    expect(await client.sourceDefinitions.list('default-workspace-id')).toEqual([
      { definitionId: 'postgres-id', sourceDefinitionId: 'postgres-id', name: 'Postgres' },
    ]);
    expect(lastRequest()).toEqual({ call: 'source_definitions/list', body: { workspaceId: 'default-workspace-id' } });
    expect(await client.destinationDefinitions.list('default-workspace-id')).toMatchObject([
      { definitionId: 's3-id', name: 'S3' },
      { definitionId: 's3-lake-id', name: 'S3 Data Lake' },
    ]);
    await client.sourceDefinitions.list('default-workspace-id');
    expect(airbyte.calls.filter((call) => call === 'source_definitions/list_for_workspace')).toHaveLength(1);
  });

  it('creates, lists and checks sources', async () => {
    const input = {
      sourceDefinitionId: 'postgres-definition-id',
      connectionConfiguration: { host: 'postgres', port: 5432, ssl: false, replication_method: { method: 'Standard' } },
      workspaceId: 'default-workspace-id',
      name: 'PostgreSQL - Ecommerce',
    };
    const source = { sourceId: 'source-id-123', ...input };
    airbyte.respond({
      'sources/create': source,
      'sources/list': { sources: [source] },
      'sources/check_connection': { status: 'succeeded', message: 'Connection test succeeded' },
    });
    expect(await client.sources.create(input)).toEqual(source);
    expect(lastRequest()).toEqual({ call: 'sources/create', body: input });
    expect(await client.sources.list('default-workspace-id')).toEqual([source]);
    expect(lastRequest()).toEqual({ call: 'sources/list', body: { workspaceId: 'default-workspace-id' } });
    expect(await client.sources.checkConnection('source-id-123')).toEqual({
      status: 'succeeded',
      message: 'Connection test succeeded',
    });
    expect(lastRequest()).toEqual({ call: 'sources/check_connection', body: { sourceId: 'source-id-123' } });
  });

  it('creates and checks destinations', async () => {
    const input = {
      destinationDefinitionId: 's3-definition-id',
      connectionConfiguration: { s3_bucket_name: 'datalake', format: { format_type: 'Parquet' } },
      workspaceId: 'default-workspace-id',
      name: 'MinIO - Bronze Layer',
    };
    airbyte.respond({
      'destinations/create': { destinationId: 'dest-id-456', ...input },
      'destinations/check_connection': { status: 'failed', message: 'The bucket does not exist' },
    });
    expect((await client.destinations.create(input)).destinationId).toBe('dest-id-456');
    expect(await client.destinations.checkConnection('dest-id-456')).toEqual({
      status: 'failed',
      message: 'The bucket does not exist',
    });
    expect(lastRequest()).toEqual({ call: 'destinations/check_connection', body: { destinationId: 'dest-id-456' } });
  });

  it('discovers a catalog with little in it', async () => {
    const catalog = {
      streams: [
        {
          stream: { name: 'customers', jsonSchema: {}, supportedSyncModes: ['full_refresh', 'incremental'] },
          config: { syncMode: 'incremental', cursorField: ['updated_at'], destinationSyncMode: 'append' },
        },
      ],
    };
    airbyte.respond({ 'sources/discover_schema': { catalog } });
    expect(await client.sources.discoverSchema('source-id-123')).toEqual({ catalog });
    expect(lastRequest()).toEqual({ call: 'sources/discover_schema', body: { sourceId: 'source-id-123' } });
  });

  it('creates a connection, reads it, changes its schedule and sends it back', async () => {
    const input = {
      sourceId: 'source-id-123',
      destinationId: 'dest-id-456',
      syncCatalog: {
        streams: [
          {
            stream: { name: 'customers', namespace: 'public' },
            config: {
              syncMode: 'incremental',
              cursorField: ['updated_at'],
              destinationSyncMode: 'append',
              selected: true,
            },
          },
        ],
      },
      schedule: { units: 24, timeUnit: 'hours' },
      name: 'PostgreSQL → MinIO',
      namespaceDefinition: 'source',
      status: 'active',
    };
    const connection = { connectionId: 'connection-id-789', ...input, notInAnyDocument: { stored: true } };
    airbyte.respond({
      'connections/create': connection,
      'connections/get': connection,
      'connections/update': connection,
    });
    expect(await client.connections.create(input)).toEqual(connection);
    expect(lastRequest()).toEqual({ call: 'connections/create', body: input });
    const read = await client.connections.get('connection-id-789');
    expect(lastRequest()).toEqual({ call: 'connections/get', body: { connectionId: 'connection-id-789' } });
    const schedule = { ...read.schedule, units: 6 };
    await client.connections.update({ ...read, schedule });
    expect(lastRequest()).toEqual({
      call: 'connections/update',
      body: { ...connection, schedule: { units: 6, timeUnit: 'hours' } },
    });
  });

  it('triggers a sync', async () => {
    const job = { id: 12345, configType: 'sync', status: 'pending', createdAt: 1729108800 };
    airbyte.respond({ 'connections/sync': { job } });
    expect(await client.connections.sync('connection-id-789')).toMatchObject({ jobId: 12345, status: 'pending' });
    expect(lastRequest()).toEqual({ call: 'connections/sync', body: { connectionId: 'connection-id-789' } });
  });

  it('reads a job, also without logs, and tries the call without logs only once', async () => {
    const summary = { recordsSynced: 150000, bytesSynced: 52428800 };
    const job = { id: 12345, configType: 'sync', status: 'succeeded', createdAt: 1729108800, updatedAt: 1729108920 };
    airbyte.respond({ 'jobs/get': { job: { ...job, summary } } });
    const expected = { jobId: 12345, status: 'succeeded', updatedAt: 1729108920, ...summary };
    expect(await client.jobs.get(12345)).toMatchObject(expected);
    expect(await client.jobs.getWithoutLogs(12345)).toMatchObject(expected);
    expect(await client.jobs.getWithoutLogs(12345)).toMatchObject(expected);
    expect(airbyte.calls).toEqual(['jobs/get', 'jobs/get_without_logs', 'jobs/get', 'jobs/get']);
    expect(lastRequest()).toEqual({ call: 'jobs/get', body: { id: 12345 } });
  });

  it("lists a connection's jobs", async () => {
    airbyte.respond({
      'jobs/list': {
        jobs: [
          { id: 2, configType: 'sync', status: 'running' },
          { id: 1, configType: 'sync', status: 'succeeded', summary: { recordsSynced: 3, bytesSynced: 30 } },
        ],
      },
    });
    const jobs = await client.jobs.list({ jobTypes: ['sync'], connectionId: 'connection-id-789' });
    expect(jobs).toMatchObject([{ jobId: 2 }, { jobId: 1, recordsSynced: 3, bytesSynced: 30 }]);
    expect(lastRequest()).toEqual({
      call: 'jobs/list',
      body: { configTypes: ['sync'], configId: 'connection-id-789' },
    });
  });

  it.each([[{ job: { id: 12345, configType: 'sync', status: 'cancelled' } }], [{}], [{ job: null }]])(
    'cancels a job, whether the response is the job or %j',
    async (response) => {
      airbyte.respond({
        'jobs/cancel': response,
        'jobs/get': { job: { id: 12345, configType: 'sync', status: 'cancelled' } },
      });
      expect(await client.jobs.cancel(12345)).toMatchObject({ jobId: 12345, status: 'cancelled' });
      expect(airbyte.requests[0]).toMatchObject({ path: '/api/v1/jobs/cancel', body: { id: 12345 } });
    },
  );

  it('cancels a job also when the response is empty', async () => {
    airbyte.script = (request) =>
      request.path.endsWith('jobs/cancel')
        ? { status: 204 }
        : { body: { job: { id: 12345, configType: 'sync', status: 'cancelled' } } };
    expect(await client.jobs.cancel(12345)).toMatchObject({ jobId: 12345, status: 'cancelled' });
  });

  it('is healthy, though it has no health call', async () => {
    airbyte.respond({ 'workspaces/list': { workspaces: [] } });
    expect(await client.health()).toEqual({ available: true });
  });

  it('rejects what it does not name, and gets a second request without it', async () => {
    const named: Record<string, string[]> = {
      'sources/discover_schema': ['sourceId'],
      'jobs/list': ['configTypes', 'configId'],
    };
    airbyte.script = ({ path, body }) => {
      const call = path.replace('/api/v1/', '');
      const unknown = Object.keys(body as object).filter((field) => !named[call]?.includes(field));
      if (unknown.length > 0) return { status: 422, body: { message: `unknown fields: ${unknown}` } };
      return { body: call === 'jobs/list' ? { jobs: [] } : { catalog: { streams: [] } } };
    };
    await expect(client.sources.discoverSchema('s', { disableCache: true })).resolves.toMatchObject({ catalog: {} });
    await expect(client.jobs.list({ connectionId: 'c', jobTypes: ['sync'], pageSize: 1 })).resolves.toEqual([]);
  });
});
