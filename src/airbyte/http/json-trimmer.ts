/** Which parts of a JSON text are omitted while it comes in. */
export interface TrimRules {
  /**
   * Fields whose values count against {@link TrimRules.budget}: a value beyond it is omitted, with null in its place.
   */
  omittedFields?: readonly string[];
  /** How many bytes of the values of {@link TrimRules.omittedFields} are kept together. */
  budget?: number;
  /** Fields that hold lists of which only the last elements are kept. */
  lastElementsOf?: readonly string[];
  /** The length in bytes that longer texts are cut to. Default: no text is cut. */
  maximumTextBytes?: number;
  /** Takes each item of one list of the response, so that the list is never held as text. */
  items?: { field: string | undefined; take: (item: Buffer) => void };
}

/** How many of a list's last elements are kept: as many lines of a log as show why a job failed. */
const KEPT_ELEMENTS = 20;
/** A longer element is dropped: an operator could not read it. */
const LONGEST_ELEMENT = 64 * 1024;
/** A longer item of a list is replaced by null: no caller needs that much of one. */
const LONGEST_ITEM = 32 * 1024 * 1024;
/** Airbyte's JSON is never nested this deep, and functions that recurse through it would overflow the stack. */
const MAXIMUM_DEPTH = 1_000;

/** The response has more levels than any response of Airbyte, so a retry would not help. */
export class ResponseTooDeepError extends Error {
  constructor() {
    super(`the response is nested deeper than ${MAXIMUM_DEPTH} levels`);
  }
}

/** Only this many characters of a field's name are compared. */
const LONGEST_KEY = 64;
/** A smaller part of a chunk is copied, because a slice would keep the whole chunk in memory. */
const COPIED_BELOW_BYTES = 16 * 1024;

const [QUOTE, BACKSLASH, COLON, COMMA, U] = [0x22, 0x5c, 0x3a, 0x2c, 0x75];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
/** Outside of texts, all other bytes belong to numbers, blanks and the words `true`, `false` and `null`. */
const IS_STRUCTURAL = new Uint8Array(256);
for (const byte of [QUOTE, COLON, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT]) IS_STRUCTURAL[byte] = 1;
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * A part of the text that is kept or dropped once it has ended: a value, an element or an item. The whole text is one,
 * too.
 */
class Part {
  bytes = 0;
  isTooLong = false;
  #chunks: Buffer[] = [];

  /**
   * @param depth how many brackets are open around it
   * @param last the last elements so far of the list that it is an element of
   */
  constructor(
    readonly kind: 'text' | 'value' | 'element' | 'item',
    readonly depth: number,
    readonly limit: number,
    readonly last: Buffer[] = [],
  ) {}

  add(bytes: Buffer): void {
    if (bytes.length === 0 || this.isTooLong) return;
    this.bytes += bytes.length;
    if (this.bytes > this.limit) {
      this.isTooLong = true;
      this.#chunks = [];
    } else this.#chunks.push(bytes.length < COPIED_BELOW_BYTES ? Buffer.from(bytes) : bytes);
  }

  take(): Buffer {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.bytes = 0;
    this.isTooLong = false;
    return bytes;
  }
}

/**
 * Reads a JSON text byte by byte and keeps only the parts that its rules ask for, so that a response of any size costs
 * only the memory of these parts. It does not validate the text: the caller gives what was kept to `JSON.parse`.
 */
export class JsonTrimmer {
  readonly #rules: TrimRules;
  readonly #omittedFields: ReadonlySet<string>;
  readonly #lastElementsOf: ReadonlySet<string>;
  readonly #parts: Part[];
  #budget: number;
  /** The brackets that are open, the innermost last. */
  readonly #open: number[] = [];
  #inText = false;
  #isKey = false;
  #expectsKey = false;
  #key = '';
  /** The field whose value comes next; undefined once it has begun. */
  #field: string | undefined;
  /** The field of the list that the current elements are in. */
  #listField = '';
  /** How many bytes of the current text have come. */
  #textBytes = 0;
  #isCutting = false;
  /** How many characters of an escape within a text are still to come, at most; 5 right after its backslash. */
  #escape = 0;

  /** @param limit how many bytes are kept at most, not counting items */
  constructor(rules: TrimRules, limit: number) {
    this.#rules = rules;
    this.#omittedFields = new Set(rules.omittedFields);
    this.#lastElementsOf = new Set(rules.lastElementsOf);
    this.#budget = rules.budget ?? 0;
    this.#parts = [new Part('text', 0, limit)];
  }

  /** @throws ResponseTooDeepError */
  push(chunk: Buffer): void {
    let from = 0;
    const keep = (to: number, next = to) => {
      if (!this.#isCutting) this.#top.add(chunk.subarray(from, to));
      from = next;
    };
    const drop = (to: number) => {
      from = to;
    };
    const start = this.#inText ? this.#readText(chunk, 0, keep, drop) + 1 : 0;
    for (let at = start; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (IS_STRUCTURAL[byte] === 0) continue;
      switch (byte) {
        case QUOTE:
          this.#inText = true;
          this.#isKey = this.#expectsKey && !this.#top.isTooLong;
          this.#textBytes = 0;
          this.#key = '';
          this.#field = undefined;
          at = this.#readText(chunk, at + 1, keep, drop);
          break;
        case COLON:
          this.#expectsKey = false;
          this.#field = this.#key;
          if (this.#omittedFields.has(this.#key) && this.#parts.every(({ kind }) => kind !== 'value')) {
            keep(at + 1);
            this.#parts.push(new Part('value', this.#open.length, this.#budget));
          }
          break;
        case COMMA:
          this.#field = undefined;
          this.#endPart(byte, at, keep);
          this.#expectsKey = this.#open.at(-1) === OPEN_OBJECT;
          break;
        case OPEN_OBJECT:
        case OPEN_LIST:
          this.#openBracket(byte, at, keep);
          break;
        case CLOSE_OBJECT:
        case CLOSE_LIST:
          this.#endPart(byte, at, keep);
          this.#open.pop();
          this.#expectsKey = false;
      }
    }
    keep(chunk.length);
  }

  /** Whether the kept parts are larger than the limit. */
  get isFull(): boolean {
    return this.#parts[0]?.isTooLong === true;
  }

  /** The kept parts of the text. */
  takeText(): Buffer {
    return Buffer.concat(this.#parts.map((part) => part.take()));
  }

  /**
   * The kept parts so far as complete JSON, if the text is inside a list of which only the last elements are kept.
   *
   * @param element gives one more element for the end of that list
   */
  closeInsideList(element: (field: string) => string): Buffer | undefined {
    const list = this.#parts.findIndex(({ kind }) => kind === 'element');
    const part = this.#parts[list];
    if (part === undefined || this.#parts.some(({ kind }) => kind === 'value')) return undefined;
    const closing = this.#open.slice(0, part.depth).reverse();
    const elements = [...part.last.map(String), element(this.#listField)].join(',');
    const brackets = closing.map((bracket) => (bracket === OPEN_LIST ? ']' : '}')).join('');
    return Buffer.concat([...this.#parts.slice(0, list).map((each) => each.take()), Buffer.from(elements + brackets)]);
  }

  get #top(): Part {
    return this.#parts.at(-1) as Part;
  }

  #openBracket(byte: number, at: number, keep: (to: number) => void): void {
    if (this.#open.length >= MAXIMUM_DEPTH) throw new ResponseTooDeepError();
    const field = this.#field;
    const { items } = this.#rules;
    const isItems =
      byte === OPEN_LIST &&
      items !== undefined &&
      (items.field === undefined ? this.#open.length === 0 : this.#open.length === 1 && field === items.field);
    this.#field = undefined;
    this.#open.push(byte);
    this.#expectsKey = byte === OPEN_OBJECT;
    if (isItems) {
      keep(at + 1);
      this.#parts.push(new Part('item', this.#open.length, LONGEST_ITEM));
    } else if (byte === OPEN_LIST && field !== undefined && this.#lastElementsOf.has(field)) {
      keep(at + 1);
      this.#listField = field;
      this.#parts.push(new Part('element', this.#open.length, LONGEST_ELEMENT));
    }
  }

  /** Ends the current part at a comma or a closing bracket. */
  #endPart(byte: number, at: number, keep: (to: number, next?: number) => void): void {
    const part = this.#top;
    if (part.kind === 'text' || part.depth !== this.#open.length) return;
    keep(at, part.kind === 'value' || byte !== COMMA ? at : at + 1);
    if (part.kind === 'value') {
      this.#parts.pop();
      if (!part.isTooLong) this.#budget -= part.bytes;
      this.#top.add(part.isTooLong ? NULL : part.take());
      return;
    }
    const { isTooLong } = part;
    const element = part.take();
    if (part.kind === 'item') {
      if (isTooLong || !isBlank(element)) this.#rules.items?.take(isTooLong ? NULL : element);
    } else if (!isTooLong && !isBlank(element)) {
      part.last.push(element);
      if (part.last.length > KEPT_ELEMENTS) part.last.shift();
    }
    if (byte === COMMA) return;
    this.#parts.pop();
    this.#top.add(Buffer.from(part.last.join(',')));
  }

  /** @returns the position in the chunk at which the text ends, or the chunk's length */
  #readText(chunk: Buffer, start: number, keep: (to: number) => void, drop: (to: number) => void): number {
    const { maximumTextBytes = Number.POSITIVE_INFINITY } = this.#rules;
    const cutAt =
      this.#isCutting || this.#isKey ? Number.POSITIVE_INFINITY : start + maximumTextBytes - this.#textBytes;
    let left = this.#escape;
    let isCut = false;
    let at = start;
    for (; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (at >= cutAt && !isCut && left === 0 && (byte & 0xc0) !== 0x80 && byte !== QUOTE) {
        keep(at);
        this.#isCutting = true;
        isCut = true;
      }
      if (left !== 0) left = left === 5 ? (byte === U ? 4 : 0) : left - 1;
      else if (byte === BACKSLASH) left = 5;
      else if (byte === QUOTE) break;
    }
    this.#escape = left;
    if (this.#isKey && this.#key.length < LONGEST_KEY) this.#key += chunk.toString('latin1', start, at);
    this.#textBytes += at - start;
    if (at < chunk.length) {
      if (this.#isCutting) drop(at);
      this.#isCutting = false;
      this.#inText = false;
    }
    return at;
  }
}

const NULL = Buffer.from('null');

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => SPACES.has(byte));
}
