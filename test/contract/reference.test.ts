import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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

  testReferenceExamples(() => ({
    url: server.url,
    postgresConfiguration: POSTGRES,
    s3Configuration: S3,
    streams: [
      { name: 'customers', namespace: 'public' },
      { name: 'orders', namespace: 'public' },
    ],
    jobMoved: () => Promise.resolve(),
  }));

  test('give the ids that the reference shows', () => {
    expect(server.bodies('connections/create')).toMatchObject([
      { sourceId: 'source-id-123', destinationId: 'dest-id-456' },
    ]);
    expect(server.bodies('connections/sync')).toContainEqual({ connectionId: 'connection-id-789' });
    expect(server.bodies('jobs/get')).toContainEqual({ id: 12_345 });
  });
});
