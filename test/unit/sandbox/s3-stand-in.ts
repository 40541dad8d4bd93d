/** As much of S3 as the Parquet destination uses, with path-style buckets, in memory. It checks the access key, not the signature. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface S3StandIn {
  url: string;
  /** The objects of all buckets by `bucket/key`. */
  objects: Map<string, Buffer>;
  /** Called before an object is stored; what it throws becomes the response, an InternalError. */
  beforePut?: ((key: string) => Promise<void> | void) | undefined;
  stop(): Promise<void>;
}

export async function startS3StandIn(accessKeyId: string, buckets: string[]): Promise<S3StandIn> {
  const objects = new Map<string, Buffer>();
  const standIn: Pick<S3StandIn, 'beforePut'> = {};

  const respond = async (request: IncomingMessage): Promise<[status: number, body: string]> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, bucket = '', ...rest] = decodeURIComponent(url.pathname).split('/');
    const body = await readBody(request);
    if (!request.headers.authorization?.includes(`Credential=${accessKeyId}/`)) {
      return [403, error('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.')];
    }
    if (!buckets.includes(bucket)) return [404, error('NoSuchBucket', 'The specified bucket does not exist')];
    const key = `${bucket}/${rest.join('/')}`;
    if (request.method === 'PUT') {
      try {
        await standIn.beforePut?.(key);
      } catch (cause) {
        return [400, error('InvalidRequest', (cause as Error).message)];
      }
      objects.set(key, body);
      return [200, ''];
    }
    if (request.method === 'POST' && url.searchParams.has('delete')) {
      for (const [, name] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)) objects.delete(`${bucket}/${name}`);
      return [200, '<DeleteResult/>'];
    }
    if (request.method === 'GET') return [200, listing(objects, bucket, url.searchParams)];
    return [405, error('MethodNotAllowed', 'The specified method is not allowed')];
  };

  const server = createServer((request, response) => {
    respond(request).then(
      ([status, body]) => response.writeHead(status, { 'content-type': 'application/xml' }).end(body),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** Two keys a page, so that paging is tried. */
function listing(objects: Map<string, Buffer>, bucket: string, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const keys = [...objects.keys()]
    .filter((key) => key.startsWith(`${bucket}/${prefix}`))
    .map((key) => key.slice(bucket.length + 1))
    .filter((key) => query.get('delimiter') !== '/' || !key.slice(prefix.length).includes('/'))
    .sort();
  const start = Number(query.get('continuation-token') ?? 0);
  const page = keys.slice(start, start + 2);
  const next = start + 2 < keys.length ? `<NextContinuationToken>${start + 2}</NextContinuationToken>` : '';
  const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
  return `<ListBucketResult><IsTruncated>${next !== ''}</IsTruncated>${next}${contents}</ListBucketResult>`;
}

const error = (code: string, message: string): string =>
  `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
