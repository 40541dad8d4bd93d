import type { PipelineDocumentInput } from '../../../src/contract/pipeline-document';

/** A complete, correct document to change one thing of. A new one each time, so that tests may change it in place. */
export function typicalDocument() {
  return {
    name: 'postgres-to-minio',
    workspace: 'Default Workspace',
    source: {
      name: 'shop',
      definition: 'Postgres',
      configuration: {
        host: 'db',
        port: 5432,
        database: 'shop',
        username: 'airbyte',
        password: '${env:SECRET_SHOP_PASSWORD}',
        replication_method: { method: 'Standard' },
      },
    },
    destination: {
      name: 'lake',
      definition: 'S3',
      configuration: {
        s3_endpoint: 'http://minio:9000',
        s3_bucket_name: 'lake',
        format: { format_type: 'Parquet', compression_codec: 'SNAPPY' },
      },
    },
    connection: {
      name: 'PostgreSQL → MinIO',
      namespaceDefinition: 'destination',
      status: 'active',
      schedule: { every: '6h' },
      streams: [
        {
          name: 'customers',
          syncMode: 'incremental',
          destinationSyncMode: 'append',
          cursorField: 'updated_at',
          primaryKey: ['id'],
        },
        {
          name: 'orders',
          syncMode: 'incremental',
          destinationSyncMode: 'append',
          cursorField: 'updated_at',
          primaryKey: ['id'],
        },
      ],
    },
    sync: { timeout: '1h', onRunning: 'attach' },
  } satisfies PipelineDocumentInput;
}

/** The same with some parts replaced. */
export function documentWith(changes: Record<string, unknown>): Record<string, unknown> {
  return { ...typicalDocument(), ...changes };
}
