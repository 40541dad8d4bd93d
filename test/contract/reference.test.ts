import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { isTerminal } from '../../src/airbyte/jobs';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { type ReferenceServer, startReferenceServer } from '../support/reference-server';
import { testReferenceExamples } from './reference-examples';

/** As the reference writes them. */
const POSTGRES = {
  host: 'postgres',
  port: 5432,
  database: 'ecommerce',
  username: 'postgres',
  password: 'postgres',
  ssl: false,
  replication_method: { method: 'Standard' },
};
const S3 = {
  s3_bucket_name: 'datalake',
  s3_bucket_path: 'bronze/',
  s3_bucket_region: 'us-east-1',
  access_key_id: 'minioadmin',
  secret_access_key: 'minioadmin',
  s3_endpoint: 'http://minio:9000',
  format: { format_type: 'Parquet', compression_codec: 'snappy' },
};

describe('the examples of the reference, against a server that is the reference', () => {
  let server: ReferenceServer;
  beforeAll(async () => {
    server = await startReferenceServer();
  });
  afterAll(() => server.stop());

  testReferenceExamples('of the reference', () => ({
    url: server.url,
    postgresConfiguration: POSTGRES,
    s3Configuration: S3,
    streams: [
      { name: 'customers', namespace: 'public' },
      { name: 'orders', namespace: 'public' },
    ],
    // A read moves the job by itself, and no job moves without one.
    jobMoved: () => Promise.resolve(),
    holdJobs: async () => () => Promise.resolve(),
  }));

  test('give the ids that the reference shows', () => {
    expect(server.bodies('connections/create')).toMatchObject([
      { sourceId: 'source-id-123', destinationId: 'dest-id-456' },
    ]);
    expect(server.bodies('connections/sync')).toContainEqual({ connectionId: 'connection-id-789' });
    expect(server.bodies('jobs/get')).toContainEqual({ id: 12_345 });
  });
});

describe('the examples of the reference, against the sandbox', () => {
  let sandbox: Sandbox;
  let shop: TestPostgres;
  beforeAll(async () => {
    [sandbox, shop] = await Promise.all([startSandbox(), startPostgres()]);
  });
  afterAll(async () => {
    await sandbox?.stop();
    await shop?.stop();
  });

  testReferenceExamples("of today's Airbyte", () => {
    const { host, port, database, username, password } = shop;
    const { s3_endpoint: _, ...localFolder } = S3;
    return {
      url: sandbox.url,
      postgresConfiguration: { ...POSTGRES, host, port, database, username, password },
      s3Configuration: localFolder,
      streams: [
        { name: 'customers', namespace: 'public' },
        { name: 'orders', namespace: 'public' },
      ],
      jobMoved: async (jobId) => {
        await sandbox.jobs.reached(jobId, ({ status }) => isTerminal(status));
      },
      holdJobs: async () => {
        const client = new Client({ host, port, database, user: username, password });
        await client.connect();
        await client.query('BEGIN; LOCK TABLE customers, orders IN ACCESS EXCLUSIVE MODE');
        return () => client.end();
      },
    };
  });
});
