import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';

/** Where an S3 is, and the key to it. */
export interface S3Access {
  url: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** The caller must destroy it. */
export function s3Client({ url, ...credentials }: S3Access): S3Client {
  return new S3Client({ region: 'us-east-1', endpoint: url, forcePathStyle: true, credentials });
}

/** Reads all objects of a bucket whose keys begin with a prefix, by their keys. */
export async function readObjects(client: S3Client, bucket: string, prefix = ''): Promise<Map<string, Uint8Array>> {
  const objects = new Map<string, Uint8Array>();
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key = '' } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      if (Body === undefined) throw new Error(`${Key} has no content`);
      objects.set(Key, await Body.transformToByteArray());
    }
  }
  return objects;
}
