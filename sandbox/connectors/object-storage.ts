/** Where the Parquet destination stores its files: in a bucket, or in a folder with the same layout. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { DeleteObjectsCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { codeOf, reasonOf } from './error-reason';
import { ConnectorError, type ConnectorFailureType } from './protocol';

/** Objects by key (`folder/file.parquet`). A reader sees an object either whole or not at all. */
export interface ObjectStorage {
  put(key: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** The keys directly in a folder, without those of its subfolders. */
  list(folder: string): Promise<string[]>;
  /** Removes objects. Keys that do not exist are ignored. */
  remove(keys: string[]): Promise<void>;
  close(): void;
}

/** Stores objects as files below a folder. */
export function createFolderStorage(root: string): ObjectStorage {
  const fileOf = (key: string): string => {
    const file = path.resolve(root, key);
    if (!file.startsWith(path.resolve(root) + path.sep)) {
      throw new ConnectorError(`"${key}" is outside of the destination's folder`, 'config_error');
    }
    return file;
  };
  return {
    async put(key, bytes, signal) {
      const file = fileOf(key);
      await mkdir(path.dirname(file), { recursive: true });
      // The file is written under another name first, so that no one reads half of it.
      const unfinished = path.join(path.dirname(file), `.${randomUUID()}.tmp`);
      try {
        const handle = await open(unfinished, 'wx');
        try {
          await handle.writeFile(bytes, { signal });
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(unfinished, file);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
    },
    async list(folder) {
      try {
        const entries = await readdir(fileOf(folder), { withFileTypes: true });
        return entries.filter((entry) => entry.isFile()).map((entry) => `${folder}/${entry.name}`);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      }
    },
    async remove(keys) {
      for (const key of keys) await rm(fileOf(key), { force: true });
    },
    close: () => undefined,
  };
}

export interface BucketOptions {
  bucket: string;
  region: string;
  /** Absent: AWS. */
  endpoint?: string;
  /** Absent: the credentials that the AWS SDK finds (environment, profile, role). */
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** The largest number of keys that S3 accepts in one deletion. */
const DELETE_AT_ONCE = 1_000;

/** Stores objects in a bucket of S3, MinIO or another S3-compatible service. */
export function createBucketStorage({ bucket, region, endpoint, credentials }: BucketOptions): ObjectStorage {
  const client = new S3Client({
    region,
    ...(credentials && { credentials }),
    // Services other than AWS have no host name per bucket, and older ones do not support the newer checksums.
    ...(endpoint !== undefined && {
      endpoint,
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED' as const,
      responseChecksumValidation: 'WHEN_REQUIRED' as const,
    }),
  });
  const where = `s3://${bucket}${endpoint === undefined ? '' : ` at ${endpoint}`}`;
  const run = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw storageError(error, where);
    }
  };
  return {
    put: (key, bytes, signal) =>
      run(async () => {
        const put = new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentLength: bytes.byteLength });
        await client.send(put, { abortSignal: signal });
      }),
    list: (folder) =>
      run(async () => {
        const keys: string[] = [];
        let token: string | undefined;
        do {
          const page = await client.send(
            new ListObjectsV2Command({
              Bucket: bucket,
              Prefix: `${folder}/`,
              Delimiter: '/',
              ContinuationToken: token,
            }),
          );
          for (const { Key: key } of page.Contents ?? []) if (key !== undefined) keys.push(key);
          token = page.NextContinuationToken;
        } while (token !== undefined);
        return keys;
      }),
    remove: (keys) =>
      run(async () => {
        for (let start = 0; start < keys.length; start += DELETE_AT_ONCE) {
          const objects = keys.slice(start, start + DELETE_AT_ONCE).map((Key) => ({ Key }));
          const response = await client.send(
            new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects } }),
          );
          const [rejected] = response.Errors ?? [];
          if (rejected) throw new Error(`${rejected.Key} could not be deleted: ${rejected.Message ?? rejected.Code}`);
        }
      }),
    close: () => client.destroy(),
  };
}

/** S3's own message with its code and the bucket; for a network error, Node's message. */
function storageError(error: unknown, where: string): unknown {
  const { name, $metadata: metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  if (name === 'AbortError') return error;
  const status = metadata?.httpStatusCode;
  const kind: ConnectorFailureType =
    status !== undefined && status >= 400 && status < 500 ? 'config_error' : 'transient_error';
  const code = status === undefined || name === undefined ? '' : `${name}: `;
  return new ConnectorError(`${where}: ${code}${reasonOf(error)}`, kind, { cause: error });
}
