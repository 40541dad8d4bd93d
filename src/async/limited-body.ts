import type { Readable } from 'node:stream';

/** Reads a body of a request; undefined if it has more bytes than the limit. Then the rest of it is not read. */
export async function readAtMost(body: Readable, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Otherwise, the early return would close the connection before the response is sent.
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
