import { getHeapStatistics } from 'node:v8';
import type { ResponseBody } from '../responses/http-response';
import { JsonTrimmer, type TrimRules } from './json-trimmer';

/** Reads the body of a response while it comes in. */
export type BodyReader = (body: AsyncIterable<Buffer>) => Promise<ResponseBody>;

const MB = 1024 * 1024;

/** How much of a job with its log the client reads. */
export const MAXIMUM_LOG_BYTES = 8 * MB;

export const LOG_TRUNCATED_NOTICE = `The log is longer than ${MAXIMUM_LOG_BYTES / MB} MB and was not read to its end: the lines above are from its first part, Airbyte has the rest.`;

/** The fields that hold a log's lines: as texts, or since 1.6 as events. */
const LOGS = ['logLines', 'events'];
/** The fields of an error response that hold a stack trace, one line in each element. */
const STACKS = ['exceptionStack', 'rootCauseExceptionStack'];
/** How much is kept of a message, a stack trace or a line of a log. */
const MAXIMUM_TEXT_BYTES = 16 * 1024;
const MAXIMUM_ERROR_BYTES = 1 * MB;
/** How much is kept of a page that is not JSON: enough for its title. */
const MAXIMUM_NON_JSON_BYTES = 64 * 1024;
/**
 * How many bytes of catalogs, configurations or icons are kept of a list. A caller that needs an omitted one reads its
 * object by itself.
 */
const MAXIMUM_LARGE_FIELD_BYTES = 8 * MB;
/**
 * A catalog of tens of thousands of streams has 50 MB. It costs about eight times as much memory, as text, as objects
 * and as the request that sends it back.
 */
const MAXIMUM_BODY_BYTES = Math.max(64 * MB, Math.min(256 * MB, getHeapStatistics().heap_size_limit / 8));

/** Reads all of a response, up to what the memory of this process allows. */
export const readFullBody: BodyReader = (body) => readTrimmed(body, {}, { maximumBytes: MAXIMUM_BODY_BYTES });

/**
 * Reads a response about a job or a check: the last lines of its logs (within their first 8 MB), the beginning of long
 * texts.
 */
export const readJob: BodyReader = (body) =>
  readTrimmed(body, JOB_TRIM_RULES, { maximumBytes: MAXIMUM_BODY_BYTES, maximumLogBytes: MAXIMUM_LOG_BYTES });

/** Reads the response to a discovery: the whole catalog, but only the last lines of the log. */
export const readCatalog: BodyReader = (body) =>
  readTrimmed(body, { lastElementsOf: LOGS }, { maximumBytes: MAXIMUM_BODY_BYTES });

/** Reads an error response. Long texts and lists in its JSON are cut, and it stays JSON. */
export const readError: BodyReader = (body) =>
  readTrimmed(
    body,
    { lastElementsOf: [...LOGS, ...STACKS], maximumTextBytes: MAXIMUM_TEXT_BYTES },
    { maximumBytes: MAXIMUM_ERROR_BYTES, truncateWhenFull: true },
  );

/**
 * Reads a list item by item, so that its text is never in memory as a whole. The large fields of an item (a catalog, a
 * configuration, an icon) are kept as long as they are small together; later ones are omitted, with null in their
 * place.
 *
 * @param field the field that holds the items; undefined where the response itself is the list
 */
export function listReader(field: string | undefined): BodyReader {
  return (body) => readItems(body, field, LARGE_FIELD_TRIM_RULES);
}

/** Like {@link listReader}, for a list of jobs. */
export function jobListReader(field: string): BodyReader {
  return (body) => readItems(body, field, JOB_TRIM_RULES);
}

async function readItems(
  body: AsyncIterable<Buffer>,
  field: string | undefined,
  trimming: TrimRules,
): Promise<ResponseBody> {
  const items: unknown[] = [];
  const take = (item: Buffer) => items.push(parseItem(item));
  const read = await readTrimmed(body, { ...trimming, items: { field, take } }, { maximumBytes: MAXIMUM_ERROR_BYTES });
  if (read.text !== undefined || items.length === 0) return read;
  return { json: field === undefined ? items : { ...(read.json as object), [field]: items } };
}

/** An item that is not JSON is given as text, which no schema accepts, so that it counts as unreadable. */
function parseItem(item: Buffer): unknown {
  try {
    return JSON.parse(item.toString());
  } catch {
    return item.toString('utf8', 0, MAXIMUM_NON_JSON_BYTES);
  }
}

const JOB_TRIM_RULES = { lastElementsOf: LOGS, maximumTextBytes: MAXIMUM_TEXT_BYTES } satisfies TrimRules;

/** The fields that make an item of a list large. */
const LARGE_FIELD_TRIM_RULES = {
  omittedFields: ['syncCatalog', 'configurations', 'connectionConfiguration', 'configuration', 'icon', 'iconUrl'],
  budget: MAXIMUM_LARGE_FIELD_BYTES,
} satisfies TrimRules;

/** The response is too large for the memory of this process. */
export class ResponseTooLargeError extends Error {
  constructor() {
    const limit = `${Math.round(MAXIMUM_BODY_BYTES / MB)} MB`;
    super(
      `the response is larger than the ${limit} that this process has memory for. ` +
        'Give it more memory: NODE_OPTIONS=--max-old-space-size=4096 (in MB; one response may have an eighth of it).',
    );
  }
}

interface Limits {
  /** How many bytes are kept at most, not counting items. */
  maximumBytes: number;
  /** After how many bytes the reading stops, if that is within a log. */
  maximumLogBytes?: number;
  /** Whether a response with more bytes is cut, instead of being an error. */
  truncateWhenFull?: boolean;
}

/** @throws ResponseTooLargeError */
async function readTrimmed(body: AsyncIterable<Buffer>, trimming: TrimRules, limits: Limits): Promise<ResponseBody> {
  const trimmer = new JsonTrimmer(trimming, limits.maximumBytes);
  const beginning = new BodyPrefix();
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    beginning.add(chunk);
    if (beginning.isJson === false && beginning.isFull) return beginning.read();
    if (beginning.isJson === false) continue;
    trimmer.push(bytes === chunk.length ? withoutByteOrderMark(chunk) : chunk);
    if (trimmer.isFull) {
      if (limits.truncateWhenFull) return { text: beginning.text };
      throw new ResponseTooLargeError();
    }
    const cut =
      limits.maximumLogBytes !== undefined && bytes > limits.maximumLogBytes
        ? trimmer.closeInsideList(logTruncatedElement)
        : undefined;
    if (cut !== undefined) return { json: JSON.parse(cut.toString()) };
  }
  if (!beginning.isJson) return beginning.read();
  try {
    return { json: JSON.parse(trimmer.takeText().toString()) };
  } catch {
    return { text: beginning.text };
  }
}

/** The last element of a log that was not read to its end. */
function logTruncatedElement(field: string): string {
  return JSON.stringify(field === 'events' ? { level: 'WARN', message: LOG_TRUNCATED_NOTICE } : LOG_TRUNCATED_NOTICE);
}

/** The first bytes of a response. They show whether it is JSON, and are kept if it is not. */
class BodyPrefix {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  /** Undefined until a character that is not a blank has come. */
  isJson: boolean | undefined;

  add(chunk: Buffer): void {
    if (!this.isFull) this.#chunks.push(Buffer.from(chunk.subarray(0, MAXIMUM_NON_JSON_BYTES - this.#bytes)));
    this.#bytes += chunk.length;
    const first = this.isJson === undefined ? /\S/.exec(this.text)?.[0] : undefined;
    if (first !== undefined) this.isJson = first === '{' || first === '[';
  }

  get isFull(): boolean {
    return this.#bytes >= MAXIMUM_NON_JSON_BYTES;
  }

  get text(): string {
    return new TextDecoder().decode(Buffer.concat(this.#chunks));
  }

  /** Reads a body that is neither an object nor a list: an empty one, a bare value, or a page. */
  read(): ResponseBody {
    const text = this.text;
    if (text.trim() === '') return { json: undefined };
    try {
      return { json: JSON.parse(text) };
    } catch {
      return { text };
    }
  }
}

/** Removes the mark that some servers put before a text in UTF-8. */
function withoutByteOrderMark(chunk: Buffer): Buffer {
  return chunk.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? chunk.subarray(3) : chunk;
}
