import { getHeapStatistics } from 'node:v8';
import { JsonTrimmer, type Trimming } from './json-trimmer';

/** What a response holds: JSON as far as it is kept, or the beginning of what is no JSON. */
export type ReadBody = { json: unknown; text?: undefined } | { json?: undefined; text: string };

/** Reads the body of a 2xx response while it comes in. */
export type BodyReader = (body: AsyncIterable<Buffer>) => Promise<ReadBody>;

const MB = 1024 * 1024;

/** How much of a job with its log is read. */
export const MAXIMUM_LOG_BYTES = 8 * MB;

export const LOG_TOO_LONG = `The log is longer than ${MAXIMUM_LOG_BYTES / MB} MB and was not read to its end: lines above this one are of its first part, Airbyte has the rest.`;

/** The fields that hold a log's lines: of text, or since 1.6 as events. */
const LOGS = ['logLines', 'events'];
/** The fields of an error response that hold a stack trace, a line an element. */
const STACKS = ['exceptionStack', 'rootCauseExceptionStack'];
/** More of a message, a stack trace or a line of a log nobody reads. */
const LONGEST_TEXT = 16 * 1024;
const KEPT_OF_AN_ERROR = 1 * MB;
/** Of a page that is no JSON: enough for its title. */
const KEPT_OF_A_PAGE = 64 * 1024;
/** The catalogs or configurations in a list that may be kept, in bytes: who needs one that is left out asks for it itself. */
const KEPT_OF_CATALOGS = 8 * MB;
/** A catalog of tens of thousands of streams has 50 MB. As text, as objects and as what is sent back it costs about eight times as much. */
const LARGEST_WHOLE = Math.max(64 * MB, Math.min(256 * MB, getHeapStatistics().heap_size_limit / 8));

/** Reads all of a response, as far as the memory of this process allows. */
export const readWhole: BodyReader = (body) => readTrimmed(body, {}, { kept: LARGEST_WHOLE });

/** Reads a response about a job or a check: of logs the last lines, of long texts the beginning. A log is read as far as 8 MB. */
export const readJob: BodyReader = (body) =>
  readTrimmed(body, OF_A_JOB, { kept: LARGEST_WHOLE, log: MAXIMUM_LOG_BYTES });

/** Reads what a discovery has found, without the log of it. */
export const readCatalog: BodyReader = (body) => readTrimmed(body, { lastOf: LOGS }, { kept: LARGEST_WHOLE });

/** Reads an error response. What of it is JSON stays JSON. */
export const readError: BodyReader = (body) =>
  readTrimmed(
    body,
    { lastOf: [...LOGS, ...STACKS], longestText: LONGEST_TEXT },
    { kept: KEPT_OF_AN_ERROR, beginningWillDo: true },
  );

/**
 * Reads a list item by item: its text is never held as a whole. What makes an item large beside its names and ids (a
 * catalog, a configuration, an icon) is kept while all of that together is small; null stands for what is left out.
 *
 * @param field where the items are; undefined where the response is the list
 */
export function listReader(field: string | undefined): BodyReader {
  return (body) => readItems(body, field, LARGE_FIELDS);
}

/** The same for a list of jobs. */
export function jobListReader(field: string): BodyReader {
  return (body) => readItems(body, field, OF_A_JOB);
}

async function readItems(
  body: AsyncIterable<Buffer>,
  field: string | undefined,
  trimming: Trimming,
): Promise<ReadBody> {
  const items: unknown[] = [];
  const take = (item: Buffer) => items.push(parsed(item));
  const read = await readTrimmed(body, { ...trimming, items: { field, take } }, { kept: KEPT_OF_AN_ERROR });
  if (read.text !== undefined || items.length === 0) return read;
  return { json: field === undefined ? items : { ...(read.json as object), [field]: items } };
}

/** An item that is no JSON is one that cannot be read. */
function parsed(item: Buffer): unknown {
  try {
    return JSON.parse(item.toString());
  } catch {
    return item.toString('utf8', 0, KEPT_OF_A_PAGE);
  }
}

const OF_A_JOB = { lastOf: LOGS, longestText: LONGEST_TEXT } satisfies Trimming;

/** What makes an item of a list large beside its names and ids. */
const LARGE_FIELDS = {
  leftOut: ['syncCatalog', 'configurations', 'connectionConfiguration', 'configuration', 'icon', 'iconUrl'],
  budget: KEPT_OF_CATALOGS,
} satisfies Trimming;

/** Why a response is not read. */
export class ResponseTooLarge extends Error {
  constructor() {
    const limit = `${Math.round(LARGEST_WHOLE / MB)} MB`;
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
  beginningWillDo?: boolean;
}

/** @throws ResponseTooLarge */
async function readTrimmed(body: AsyncIterable<Buffer>, trimming: Trimming, limits: Limits): Promise<ReadBody> {
  const trimmer = new JsonTrimmer(trimming, limits.kept);
  const beginning = new Beginning();
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    beginning.add(chunk);
    if (beginning.isJson === false && beginning.isFull) return beginning.read();
    if (beginning.isJson === false) continue;
    trimmer.push(bytes === chunk.length ? withoutMark(chunk) : chunk);
    if (trimmer.isFull) {
      if (limits.beginningWillDo) return { text: beginning.text };
      throw new ResponseTooLarge();
    }
    const ended = limits.log !== undefined && bytes > limits.log ? trimmer.endInLast(noticeOf) : undefined;
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
function noticeOf(field: string): string {
  return JSON.stringify(field === 'events' ? { level: 'WARN', message: LOG_TOO_LONG } : LOG_TOO_LONG);
}

/** The first bytes of a response, which tell whether it is JSON, and what it is if not. */
class Beginning {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  /** Undefined while nothing but blanks has come. */
  isJson: boolean | undefined;

  add(chunk: Buffer): void {
    if (!this.isFull) this.#chunks.push(Buffer.from(chunk.subarray(0, KEPT_OF_A_PAGE - this.#bytes)));
    this.#bytes += chunk.length;
    const first = this.isJson === undefined ? /\S/.exec(this.text)?.[0] : undefined;
    if (first !== undefined) this.isJson = first === '{' || first === '[';
  }

  get isFull(): boolean {
    return this.#bytes >= KEPT_OF_A_PAGE;
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
function withoutMark(chunk: Buffer): Buffer {
  return chunk.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? chunk.subarray(3) : chunk;
}
