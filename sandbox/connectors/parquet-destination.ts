/** Writes streams as Parquet files to S3, MinIO or a folder. This is the sandbox's `S3` destination. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { checkWith, parseConfiguration } from './configuration';
import { reasonOf } from './error-reason';
import { createBucketStorage, createFolderStorage, type ObjectStorage } from './object-storage';
import type { ParquetCodec } from './parquet-file';
import { ParquetWriting } from './parquet-writing';
import { ConnectorError, type DestinationConnector } from './protocol';

export const parquetSyncModes = ['append', 'overwrite'];

const configurationSchema = z
  .looseObject({
    s3_bucket_name: z.string().min(1),
    s3_bucket_path: z.string().default(''),
    s3_bucket_region: z.string().default(''),
    access_key_id: z.string().optional(),
    secret_access_key: z.string().optional(),
    s3_endpoint: z
      .string()
      .refine((endpoint) => endpoint === '' || /^(https?|file):\/\//.test(endpoint), {
        error: 'must begin with http://, https:// or file://',
      })
      .default(''),
    format: z
      .looseObject({
        format_type: z.string().refine((type) => type.toLowerCase() === 'parquet', {
          error: 'the sandbox supports only Parquet',
        }),
        compression_codec: z
          .string()
          .transform((codec) => codec.toUpperCase())
          .pipe(z.enum(['SNAPPY', 'UNCOMPRESSED'], { error: 'the sandbox supports SNAPPY and UNCOMPRESSED' }))
          .default('SNAPPY'),
      })
      .default({ format_type: 'Parquet', compression_codec: 'SNAPPY' }),
  })
  .refine((config) => !config.access_key_id === !config.secret_access_key, {
    path: ['secret_access_key'],
    error: 'set both access_key_id and secret_access_key, or neither',
  });

const specification = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'S3 destination',
  type: 'object',
  required: ['s3_bucket_name', 'format'],
  properties: {
    access_key_id: { type: 'string', title: 'Access key id', airbyte_secret: true, order: 0 },
    secret_access_key: { type: 'string', title: 'Secret access key', airbyte_secret: true, order: 1 },
    s3_bucket_name: { type: 'string', title: 'Bucket name', order: 2 },
    s3_bucket_path: { type: 'string', title: 'Bucket path', description: 'The folder in the bucket.', order: 3 },
    s3_bucket_region: { type: 'string', title: 'Bucket region', default: '', order: 4 },
    s3_endpoint: {
      type: 'string',
      title: 'Endpoint',
      description:
        'The http(s):// URL of MinIO or another service, or the file:// URL of a folder. Default: the sandbox’s own folder if it has one, otherwise AWS.',
      default: '',
      order: 5,
    },
    format: {
      type: 'object',
      title: 'Output format',
      required: ['format_type'],
      properties: {
        format_type: { type: 'string', enum: ['Parquet'] },
        compression_codec: { type: 'string', enum: ['SNAPPY', 'UNCOMPRESSED', 'snappy', 'uncompressed'] },
      },
      order: 6,
    },
  },
  additionalProperties: true,
};

type Configuration = z.output<typeof configurationSchema>;

/** @param options.dataDir - the folder for configurations without an endpoint; it contains a folder per bucket */
export function createParquetDestination(options: { dataDir?: string } = {}): DestinationConnector {
  return {
    spec: async () => specification,

    check: (config, signal) =>
      checkWith(async () => {
        const configuration = parseConfiguration(configurationSchema, config);
        const storage = openStorage(configuration, options.dataDir);
        const key = [...prefixOf(configuration), `_airbyte_connection_test_${randomUUID()}`].join('/');
        try {
          await storage.put(key, new TextEncoder().encode('connection test'), signal);
          await storage.remove([key]);
        } finally {
          storage.close();
        }
      }, signal),

    async *write(config, catalog, messages, signal) {
      const configuration = parseConfiguration(configurationSchema, config);
      for (const { stream, destination_sync_mode: mode } of catalog.streams) {
        if (parquetSyncModes.includes(mode)) continue;
        throw new ConnectorError(
          `the S3 destination cannot write ${stream.name} with "${mode}"; it supports ${parquetSyncModes.join(' and ')}`,
          'config_error',
        );
      }
      const storage = openStorage(configuration, options.dataDir);
      try {
        const codec: ParquetCodec = configuration.format.compression_codec;
        yield* new ParquetWriting(storage, prefixOf(configuration), codec, catalog).run(messages, signal);
      } finally {
        storage.close();
      }
    },
  };
}

function prefixOf({ s3_bucket_path: bucketPath }: Configuration): string[] {
  return bucketPath.split('/').filter(Boolean);
}

function openStorage(configuration: Configuration, dataDir: string | undefined): ObjectStorage {
  const { s3_bucket_name: bucket, s3_endpoint: endpoint, s3_bucket_region: region } = configuration;
  if (endpoint.startsWith('file://')) return createFolderStorage(bucketFolder(folderOf(endpoint), bucket));
  if (endpoint === '' && dataDir !== undefined) return createFolderStorage(bucketFolder(dataDir, bucket));
  const { access_key_id: accessKeyId, secret_access_key: secretAccessKey } = configuration;
  return createBucketStorage({
    bucket,
    region: region || 'us-east-1',
    ...(endpoint !== '' && { endpoint }),
    ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey } }),
  });
}

function folderOf(endpoint: string): string {
  try {
    return fileURLToPath(endpoint);
  } catch (error) {
    throw new ConnectorError(`s3_endpoint: "${endpoint}" is not a folder: ${reasonOf(error)}`, 'config_error');
  }
}

function bucketFolder(folder: string, bucket: string): string {
  if (bucket !== path.basename(bucket) || bucket === '..' || bucket === '.') {
    throw new ConnectorError(`s3_bucket_name: "${bucket}" is not a valid bucket name`, 'config_error');
  }
  return path.join(folder, bucket);
}
