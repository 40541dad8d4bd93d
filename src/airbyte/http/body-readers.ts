import { getHeapStatistics } from 'node:v8';
import { JsonTrimmer, type TrimRules } from './json-trimmer';

/** What a response holds: JSON as far as it is kept, or the beginning of what is no JSON. */
export type ReadBody = { json: unknown; text?: undefined } | { json?: undefined; text: string };

/** Reads the body of a 2xx response while it comes in. */
export type BodyReader = (body: AsyncIterable<Buffer>) => Promise<ReadBody>;

const MB = 1024 * 1024;

/** How much of a job with its log is read. */
export const MAXIMUM_LOG_BYTES = 8 * MB;

export const LOG_TRUNCATED_NOTICE = `The log is longer than ${MAXIMUM_LOG_BYTES / MB} MB and was not read to its end: lines above this one are of its first part, Airbyte has the rest.`;

/** The fields that hold a log's lines: of text, or since 1.6 as events. */
const LOGS = ['logLines', 'events'];
/** The fields of an error response that hold a stack trace, a line an element. */
const STACKS = ['exceptionStack', 'rootCauseExceptionStack'];
/** More of a message, a stack trace or a line of a log nobody reads. */
const MAXIMUM_TEXT_BYTES = 16 * 1024;
const MAXIMUM_ERROR_BYTES = 1 * MB;
/** Of a page that is no JSON: enough for its title. */
const MAXIMUM_NON_JSON_BYTES = 64 * 1024;
/** The catalogs or configurations in a list that may be kept, in bytes: who needs one that is left out asks for it itself. */
const MAXIMUM_LARGE_FIELD_BYTES = 8 * MB;
/** A catalog of tens of thousands of streams has 50 MB. As text, as objects and as what is sent back it costs about eight times as much. */
const MAXIMUM_BODY_BYTES = Math.max(64 * MB, Math.min(256 * MB, getHeapStatistics().heap_size_limit / 8));

/** Reads all of a response, as far as the memory of this process allows. */
export const readFullBody: BodyReader = (body) => readTrimmed(body, {}, { kept: MAXIMUM_BODY_BYTES });

/** Reads a response about a job or a check: of logs the last lines, of long texts the beginning. A log is read as far as 8 MB. */
export const readJob: BodyReader = (body) =>
  readTrimmed(body, JOB_TRIM_RULES, { kept: MAXIMUM_BODY_BYTES, log: MAXIMUM_LOG_BYTES });

/** Reads what a discovery has found, without the log of it. */
export const readCatalog: BodyReader = (body) =>
  readTrimmed(body, { lastElementsOf: LOGS }, { kept: MAXIMUM_BODY_BYTES });

/** Reads an error response. What of it is JSON stays JSON. */
export const readError: BodyReader = (body) =>
  readTrimmed(
    body,
    { lastElementsOf: [...LOGS, ...STACKS], maximumTextBytes: MAXIMUM_TEXT_BYTES },
    { kept: MAXIMUM_ERROR_BYTES, truncateWhenFull: true },
  );

/**
 * Reads a list item by item: its text is never held as a whole. What makes an item large beside its names and ids (a
 * catalog, a configuration, an icon) is kept while all of that together is small; null stands for what is left out.
 *
 * @param field where the items are; undefined where the response is the list
 */
export function listReader(field: string | undefined): BodyReader {
  return (body) => readItems(body, field, LARGE_FIELD_TRIM_RULES);
}

/** The same for a list of jobs. */
export function jobListReader(field: string): BodyReader {
  return (body) => readItems(body, field, JOB_TRIM_RULES);
}

async function readItems(
  body: AsyncIterable<Buffer>,
  field: string | undefined,
  trimming: TrimRules,
): Promise<ReadBody> {
  const items: unknown[] = [];
  const take = (item: Buffer) => items.push(parsed(item));
  const read = await readTrimmed(body, { ...trimming, items: { field, take } }, { kept: MAXIMUM_ERROR_BYTES });
  if (read.text !== undefined || items.length === 0) return read;
  return { json: field === undefined ? items : { ...(read.json as object), [field]: items } };
}

/** An item that is no JSON is one that cannot be read. */
function parsed(item: Buffer): unknown {
  try {
    return JSON.parse(item.toString());
  } catch {
    return item.toString('utf8', 0, MAXIMUM_NON_JSON_BYTES);
  }
}

const JOB_TRIM_RULES = { lastElementsOf: LOGS, maximumTextBytes: MAXIMUM_TEXT_BYTES } satisfies TrimRules;

/** What makes an item of a list large beside its names and ids. */
const LARGE_FIELD_TRIM_RULES = {
  leftOut: ['syncCatalog', 'configurations', 'connectionConfiguration', 'configuration', 'icon', 'iconUrl'],
  budget: MAXIMUM_LARGE_FIELD_BYTES,
} satisfies TrimRules;

/** Why a response is not read. */
export class ResponseTooLargeError extends Error {
  constructor() {
    const limit = `${Math.round(MAXIMUM_BODY_BYTES / MB)} MB`;
    super(
      `the response is larger than the ${limit} that this process has the memory for. ` +
        'Give it more: NODE_OPTIONS=--max-old-space-size=4096 (in MB; an eighth of it may be one response).',
    );
  }
}

interface Limits {
  /** How many bytes may be kept, apart from items. */
  kept: number;
  /** How many bytes are read of a response that then is within a log. */
  log?: number;
  /** Whether the beginning will do where more would have to be kept. */
  truncateWhenFull?: boolean;
}

/** @throws ResponseTooLargeError */
async function readTrimmed(body: AsyncIterable<Buffer>, trimming: TrimRules, limits: Limits): Promise<ReadBody> {
  const trimmer = new JsonTrimmer(trimming, limits.kept);
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
    const ended =
      limits.log !== undefined && bytes > limits.log ? trimmer.closeInsideList(logTruncatedElement) : undefined;
    if (ended !== undefined) return { json: JSON.parse(ended.toString()) };
  }
  if (!beginning.isJson) return beginning.read();
  try {
    return { json: JSON.parse(trimmer.takeText().toString()) };
  } catch {
    return { text: beginning.text };
  }
}

/** The element of a log that says that it was not read to its end. */
function logTruncatedElement(field: string): string {
  return JSON.stringify(field === 'events' ? { level: 'WARN', message: LOG_TRUNCATED_NOTICE } : LOG_TRUNCATED_NOTICE);
}

/** The first bytes of a response, which tell whether it is JSON, and what it is if not. */
class BodyPrefix {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  /** Undefined while nothing but blanks has come. */
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

  /** What is no object and no list: nothing at all, a bare value, or a page. */
  read(): ReadBody {
    const text = this.text;
    if (text.trim() === '') return { json: undefined };
    try {
      return { json: JSON.parse(text) };
    } catch {
      return { text };
    }
  }
}

/** The mark that some servers put before a text in UTF-8. */
function withoutByteOrderMark(chunk: Buffer): Buffer {
  return chunk.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? chunk.subarray(3) : chunk;
}
