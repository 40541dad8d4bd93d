import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** A response in an encoding that we did not ask for and cannot read. */
export class UnknownEncodingError extends Error {
  override readonly name = 'UnknownEncodingError';

  constructor(encoding: string) {
    super(
      `the response came in the encoding '${encoding}', which was not asked for and cannot be read. Have the server, or the gateway before it, send it as it is.`,
    );
  }
}

/** A body that grew out of all proportion while it was decompressed. */
export class DecompressedTooLargeError extends Error {
  override readonly name = 'DecompressedTooLargeError';

  constructor() {
    super(`the response is larger than ${MAXIMUM_DECOMPRESSED_BYTES / 2 ** 30} GiB once it is decompressed.`);
  }
}

/** More than any list of Airbyte's; a compressed response that is larger was made to fill us. */
const MAXIMUM_DECOMPRESSED_BYTES = 2 ** 30;

/** A gateway that compresses twice is conceivable; one that does it more often was made to cost us time. */
const MAXIMUM_ENCODINGS = 2;

/**
 * The body of a response without its content encodings. We ask for none, and some gateways compress all the same.
 *
 * @throws UnknownEncodingError
 */
export async function* decoded(body: Readable, contentEncoding: string | string[] | undefined): AsyncGenerator<Buffer> {
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
    // Whoever stops in the middle knows why; that the body then ends early is no news.
    body.on('error', () => {}).destroy();
  }
}

async function* decompress(body: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  // A response without a body, such as 204, may name its encoding all the same.
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
      // Some servers leave out the header of zlib that the standard wants; its first byte names the method, 8.
      return ((first[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
    default:
      throw new UnknownEncodingError(encoding);
  }
}
