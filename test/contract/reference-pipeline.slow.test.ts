import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import type { PipelineDocumentInput } from '../../src/contract/pipeline-document';
import { type ReferenceServer, type ReferenceServerOptions, startReferenceServer } from '../support/reference-server';
import { uniqueName } from '../support/temporal';
import { PipelineRunner } from './pipeline-runner';

const SECRETS = { SECRET_SHOP_PASSWORD: 'shop-password-9f2c', SECRET_LAKE_KEY: 'lake-key-71aa' };

/** What the reference's own example sets up, as a pipeline document. */
function documentOf(changes: Partial<PipelineDocumentInput['connection']> = {}): PipelineDocumentInput {
  const stream = { syncMode: 'incremental', destinationSyncMode: 'append', cursorField: 'updated_at' } as const;
  return {
    name: uniqueName('reference'),
    source: {
      name: 'PostgreSQL - Ecommerce',
      definition: 'postgres',
      configuration: {
        host: 'postgres',
        port: 5432,
        database: 'ecommerce',
        username: 'postgres',
        password: '$' + '{env:SECRET_SHOP_PASSWORD}',
        ssl: false,
        replication_method: { method: 'Standard' },
      },
    },
    destination: {
      name: 'MinIO - Bronze Layer',
      definition: 'S3',
      configuration: {
        s3_bucket_name: 'datalake',
        s3_bucket_path: 'bronze/',
        s3_bucket_region: 'us-east-1',
        access_key_id: '$' + '{env:SECRET_LAKE_KEY}',
        secret_access_key: '$' + '{env:SECRET_LAKE_KEY}',
        s3_endpoint: 'http://minio:9000',
        format: { format_type: 'Parquet', compression_codec: 'snappy' },
      },
    },
    connection: {
      name: 'PostgreSQL → MinIO',
      namespaceDefinition: 'source',
      schedule: { every: '24h' },
      streams: [
        { name: 'customers', namespace: 'public', ...stream },
        { name: 'orders', namespace: 'public', ...stream },
      ],
      ...changes,
    },
  };
}

describe.each(['kept', 'dropped'] as const)(
  'a pipeline, where fields unknown to the reference are %s',
  (unknownFields) => {
    let server: ReferenceServer;
    let runner: PipelineRunner;

    /** Replaces the server by one that has seen nothing yet, at the address that the worker calls. */
    async function start(options: ReferenceServerOptions = {}) {
      const { port } = new URL(server.url);
      await server.stop();
      server = await startReferenceServer({ unknownFields, port: Number(port), ...options });
    }
    beforeAll(async () => {
      server = await startReferenceServer({ unknownFields });
      runner = await PipelineRunner.start(server.url, SECRETS);
    });
    afterAll(async () => {
      await runner?.stop();
      await server?.stop();
    });

    test('is created and synced with the calls of the reference', async () => {
      await start();
      expect(await runner.run(documentOf())).toMatchObject({
        workspaceId: 'default-workspace-id',
        sourceId: 'source-id-123',
        destinationId: 'dest-id-456',
        connectionId: 'connection-id-789',
        created: { source: true, destination: true, connection: true },
        streams: [
          { name: 'customers', syncMode: 'incremental', cursorField: ['updated_at'] },
          { name: 'orders', syncMode: 'incremental', cursorField: ['updated_at'] },
        ],
        sync: {
          connectionId: 'connection-id-789',
          jobId: 12_345,
          status: 'succeeded',
          recordsSynced: 150_000,
          bytesSynced: 52_428_800,
          attempts: 1,
          attached: false,
        },
      });

      expect(server.bodies('sources/create')).toEqual([
        {
          sourceDefinitionId: 'postgres-definition-id',
          workspaceId: 'default-workspace-id',
          name: 'PostgreSQL - Ecommerce',
          connectionConfiguration: { ...documentOf().source.configuration, password: SECRETS.SECRET_SHOP_PASSWORD },
        },
      ]);
      expect(server.bodies('destinations/create')).toMatchObject([
        { destinationDefinitionId: 's3-definition-id', workspaceId: 'default-workspace-id' },
      ]);
      expect(server.bodies('connections/create')).toMatchObject([
        {
          sourceId: 'source-id-123',
          destinationId: 'dest-id-456',
          name: 'PostgreSQL → MinIO',
          namespaceDefinition: 'source',
          status: 'active',
          schedule: { units: 24, timeUnit: 'hours' },
          syncCatalog: {
            streams: ['customers', 'orders'].map((name) => ({
              stream: { name, namespace: 'public' },
              config: {
                syncMode: 'incremental',
                cursorField: ['updated_at'],
                destinationSyncMode: 'append',
                selected: true,
              },
            })),
          },
        },
      ]);
      expect(server.bodies('connections/sync')).toEqual([{ connectionId: 'connection-id-789' }]);
    });

    test('checks both sides before it discovers, and creates the connection before it syncs', async () => {
      await start();
      await runner.run(documentOf());
      const order = server.requests.filter(({ status }) => status === 200).map(({ call }) => call);
      const first = (call: string) => order.indexOf(call);
      const last = (call: string) => order.lastIndexOf(call);
      expect(first('sources/check_connection')).toBeGreaterThan(first('sources/create'));
      expect(first('destinations/check_connection')).toBeGreaterThan(first('destinations/create'));
      expect(first('sources/discover_schema')).toBeGreaterThan(
        Math.max(last('sources/check_connection'), last('destinations/check_connection')),
      );
      expect(first('connections/create')).toBeGreaterThan(first('sources/discover_schema'));
      expect(first('connections/sync')).toBeGreaterThan(first('connections/create'));
    });

    test('asks nothing that the reference rejects, apart from calls it does not have', async () => {
      await start();
      await runner.run(documentOf());
      expect(server.requests.filter(({ status }) => status !== 200 && status !== 404)).toEqual([]);
    });

    test('creates nothing when it runs again, also what the server cannot list, and syncs again', async () => {
      await start();
      const document = documentOf();
      const first = await runner.run(document);
      const second = await runner.run(document);
      expect(second).toMatchObject({
        created: { source: false, destination: false, connection: false },
        sourceId: 'source-id-123',
        destinationId: first.destinationId,
        connectionId: first.connectionId,
        sync: { status: 'succeeded', recordsSynced: 150_000 },
      });
      expect(server.bodies('sources/create')).toHaveLength(1);
      expect(server.bodies('destinations/create')).toHaveLength(1);
      expect(server.bodies('connections/create')).toHaveLength(1);
      expect(server.bodies('connections/sync')).toHaveLength(2);
    });

    test('creates nothing twice either when the first run failed halfway', async () => {
      await start();
      const document = documentOf();
      server.failCheck('source-id-123', 'no route to host');
      await failureOf(runner.run(document));
      await runner.noted(document.name, 'destination');
      server.passCheck('source-id-123');
      const second = await runner.run(document);
      expect(second.created).toEqual({ source: false, destination: false, connection: true });
      expect(server.bodies('destinations/create')).toHaveLength(1);
    });

    test('has a source found by its exact name and a destination Postgres with a schema', async () => {
      await start();
      const document = documentOf();
      const restApi = {
        url: 'https://api.example.com/customers',
        api_key: '$' + '{env:SECRET_LAKE_KEY}',
        method: 'GET',
      };
      await runner.run({
        ...document,
        source: { name: 'CRM API', definition: 'REST API', configuration: restApi },
        destination: {
          name: 'PostgreSQL - Staging',
          definition: 'Postgres',
          configuration: { host: 'postgres', port: 5432, database: 'datawarehouse', schema: 'raw', ssl: false },
        },
      });
      expect(server.bodies('sources/create')).toMatchObject([
        {
          sourceDefinitionId: 'rest-api-definition-id',
          connectionConfiguration: { ...restApi, api_key: SECRETS.SECRET_LAKE_KEY },
        },
      ]);
      expect(server.bodies('destinations/create')).toMatchObject([
        {
          destinationDefinitionId: 'postgres-destination-definition-id',
          connectionConfiguration: { schema: 'raw' },
        },
      ]);
    });

    test('fails with the reason of a check that failed, and starts nothing', async () => {
      await start();
      server.failCheck('source-id-123', 'FATAL: password authentication failed for user "postgres"');
      const cause = await failureOf(runner.run(documentOf()));
      expect(cause).toMatchObject({
        type: 'AirbyteCheckFailed',
        message: expect.stringContaining('password authentication failed for user "postgres"'),
      });
      expect(server.bodies('connections/create')).toEqual([]);
    });

    test('fails when the job does', async () => {
      await start({ outcomes: ['failed'] });
      const cause = await failureOf(runner.run(documentOf()));
      expect(cause).toMatchObject({ type: 'AirbyteSyncFailed' });
    });

    test('cancels its job when it is cancelled', async () => {
      await start({ jobsMoveBy: 'the test' });
      const handle = await runner.begin(documentOf());
      await server.responded('jobs/get');
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
      expect(server.bodies('jobs/cancel')).toEqual([{ id: 12_345 }]);
      expect(server.jobs.read(12_345)).toMatchObject({ status: 'cancelled' });
    });

    test('keeps secrets out of its history', async () => {
      await start();
      const handle = await runner.begin(documentOf());
      await handle.result();
      const history = payloadsOf(JSON.stringify(await handle.fetchHistory()));
      const mentions = (text: string) => history.some((payload) => payload.includes(text));
      expect(mentions('SECRET_SHOP_PASSWORD')).toBe(true);
      expect(Object.values(SECRETS).filter(mentions)).toEqual([]);
    });
  },
);

/** Why a workflow failed. */
async function failureOf(result: Promise<unknown>): Promise<unknown> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof WorkflowFailedError) return error.cause;
    throw error;
  }
}

/** What the payloads of a history hold, which its JSON has in base64. */
function payloadsOf(history: string): string[] {
  return [...history.matchAll(/"data":"([^"]+)"/g)].map(([, data = '']) =>
    Buffer.from(data, 'base64').toString('utf8'),
  );
}
