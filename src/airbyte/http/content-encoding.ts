import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** The response has an encoding that the client did not ask for and cannot read. */
export class UnknownEncodingError extends Error {
  override readonly name = 'UnknownEncodingError';

  constructor(encoding: string) {
    super(
      `the response has the encoding '${encoding}', which the client did not ask for and cannot read. Configure the server, or the gateway in front of it, to send responses without an encoding.`,
    );
  }
}

/** The body of a response is too large once it is decompressed. */
export class DecompressedTooLargeError extends Error {
  override readonly name = 'DecompressedTooLargeError';

  constructor() {
    super(`the response is larger than ${MAXIMUM_DECOMPRESSED_BYTES / 2 ** 30} GiB once it is decompressed.`);
  }
}

/** More than any list of Airbyte has: a larger compressed response was made to fill the memory. */
const MAXIMUM_DECOMPRESSED_BYTES = 2 ** 30;

/** A gateway may compress a response a second time; a response with more encodings was made to cost time. */
const MAXIMUM_ENCODINGS = 2;

/**
 * The body of a response without its content encodings. The client asks for none, but some gateways compress anyway.
 *
 * @throws UnknownEncodingError
 */
export async function* decodeBody(
  body: Readable,
  contentEncoding: string | string[] | undefined,
): AsyncGenerator<Buffer> {
  const encodings = String(contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'identity');
  if (encodings.length === 0) {
    yield* body as AsyncIterable<Buffer>;
    return;
  }
  try {
    if (encodings.length > MAXIMUM_ENCODINGS) throw new UnknownEncodingError(encodings.join(', '));
    let decompressed: AsyncIterable<Buffer> = body;
    for (const encoding of encodings.reverse()) decompressed = decompress(decompressed, encoding);
    let bytes = 0;
    for await (const chunk of decompressed) {
      bytes += chunk.length;
      if (bytes > MAXIMUM_DECOMPRESSED_BYTES) throw new DecompressedTooLargeError();
      yield chunk;
    }
  } finally {
    // A reader that stops in the middle causes this error itself, so it is ignored.
    body.on('error', () => {}).destroy();
  }
}

async function* decompress(body: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  // A response without a body, such as 204, may still name an encoding.
  if (first.done) return;
  const whole = async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  yield* pipeline(whole, decompressorOf(encoding, first.value), () => {}) as AsyncIterable<Buffer>;
}

function decompressorOf(encoding: string, first: Buffer) {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    case 'deflate':
      // Some servers leave out the zlib header that the standard requires. Its first byte names the method, 8.
      return ((first[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
    default:
      throw new UnknownEncodingError(encoding);
  }
}
