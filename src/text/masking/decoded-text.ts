/** A text with its escapes decoded, and the position of each of its characters in the source. */
export interface DecodedText {
  readonly text: string;
  /** The range of the source from which the characters from `start` to `end` (exclusive) were decoded. */
  sourceOf(start: number, end: number): [start: number, end: number];
}

const BACKSLASH_ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', '0': '\0' },
  // A backslash at the end of a line joins the line with the next one.
  ...{ '\n': '', '\r': '' },
};

/** The HTML names of ASCII characters. */
const ASCII_ENTITIES: Readonly<Record<string, string>> = {
  ...{ quot: '"', amp: '&', apos: "'", lt: '<', gt: '>', excl: '!', num: '#', dollar: '$', percnt: '%' },
  ...{ lpar: '(', rpar: ')', ast: '*', plus: '+', comma: ',', period: '.', sol: '/', colon: ':', semi: ';' },
  ...{ equals: '=', quest: '?', commat: '@', lsqb: '[', lbrack: '[', bsol: '\\', rsqb: ']', rbrack: ']' },
  ...{ hat: '^', lowbar: '_', grave: '`', lcub: '{', lbrace: '{', verbar: '|', vert: '|', rcub: '}', rbrace: '}' },
  ...{ tab: '\t', newline: '\n' },
};

/** The HTML names of the characters from U+00A0 to U+00FF, in their order. */
const LATIN_ENTITIES =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'.split(
    ' ',
  );

/**
 * Decodes the escapes of a text once: those of JSON, Java, Gson and Python (`\"`, `\/`, `\u003d`, `\x3d`, `\075`), of
 * URLs and forms (`%3D`), and of HTML and XML (`&quot;`, `&#61;`, `&#x3d;`). It also decodes escapes that were escaped
 * again in the same way, as in JSON within JSON: `\\\"`, `%253D`, `&amp;quot;`.
 *
 * @returns undefined if the text has no escapes
 */
export function decodeEscapes(source: string): DecodedText | undefined {
  const decoded = new DecodedTextBuilder(source);
  for (let at = 0; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if (code !== BACKSLASH && code !== PERCENT && code !== AMPERSAND) continue;
    const escaped = byteAt(source, at) ?? (code === PERCENT ? undefined : characterAt(source, at, code));
    if (escaped === undefined) continue;
    const { text, end } = 'byte' in escaped ? charactersAt(source, escaped) : escaped;
    decoded.add(text, at, end);
    at = end - 1;
  }
  return decoded.end();
}

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const AMPERSAND = 0x26;

interface EscapedByte {
  byte: number;
  end: number;
}

interface EscapedText {
  text: string;
  end: number;
}

/** A byte that is written as `%3D`, `\x3d` or `\075`. */
function byteAt(source: string, start: number): EscapedByte | undefined {
  let at = start + 1;
  if (source.charCodeAt(start) === PERCENT) {
    // `%253D` is `%3D` in a URL in a URL.
    while (source.charCodeAt(at) === 0x32 && source.charCodeAt(at + 1) === 0x35 && hexAt(source, at + 2, 2) >= 0)
      at += 2;
    const byte = hexAt(source, at, 2);
    return byte < 0 ? undefined : { byte, end: at + 2 };
  }
  if (source.charCodeAt(start) !== BACKSLASH) return undefined;
  at = afterBackslashes(source, at);
  if (source[at] === 'x' || source[at] === 'X') {
    const byte = hexAt(source, at + 1, 2);
    return byte < 0 ? undefined : { byte, end: at + 3 };
  }
  const octal = source.slice(at, at + 3);
  return /^[0-3][0-7]{2}$/.test(octal) ? { byte: Number.parseInt(octal, 8), end: at + 3 } : undefined;
}

/** The characters of a byte and the bytes behind it, in UTF-8 if they are valid UTF-8, else in Latin 1. */
function charactersAt(source: string, first: EscapedByte): EscapedText {
  const bytes = [first.byte];
  let { end } = first;
  for (let left = sequenceLength(first.byte) - 1; left > 0; left--) {
    const next = byteAt(source, end);
    if (next === undefined) break;
    bytes.push(next.byte);
    end = next.end;
  }
  if (bytes.length === 1) return { text: String.fromCharCode(first.byte), end };
  const text = Buffer.from(bytes).toString('utf8');
  return text.includes('\ufffd') ? { text: String.fromCharCode(first.byte), end: first.end } : { text, end };
}

function sequenceLength(byte: number): number {
  if (byte >= 0xf0) return 4;
  if (byte >= 0xe0) return 3;
  return byte >= 0xc0 ? 2 : 1;
}

/** A character that is escaped with a backslash, or written as an entity. */
function characterAt(source: string, start: number, code: number): EscapedText | undefined {
  if (code === AMPERSAND) return entityAt(source, start);
  const at = afterBackslashes(source, start + 1);
  const character = source[at] ?? '';
  if (character === 'u' || character === 'U') {
    const braces = source[at + 1] === '{' ? /^\{([0-9a-f]{1,6})\}/i.exec(source.slice(at + 1, at + 9)) : null;
    if (braces?.[1] !== undefined) return ofCodePoint(Number.parseInt(braces[1], 16), at + 1 + braces[0].length);
    const long = character === 'U' ? hexAt(source, at + 1, 8) : -1;
    if (long >= 0 && long <= LAST_CODE_POINT) return ofCodePoint(long, at + 9);
    const short = hexAt(source, at + 1, 4);
    if (short >= 0) return ofCodePoint(short, at + 5);
  }
  return { text: BACKSLASH_ESCAPES[character] ?? character, end: Math.min(at + 1, source.length) };
}

/** `&quot;`, `&#34;` or `&#x22;`, also in HTML within HTML: `&amp;quot;`. */
function entityAt(source: string, start: number): EscapedText | undefined {
  let at = start + 1;
  while (source.startsWith('amp;', at)) at += 4;
  const isAmpersand = at > start + 1;
  const [entity, decimal, hex, name] =
    /^(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+\d*));/i.exec(source.slice(at, at + LONGEST_ENTITY)) ?? [];
  const named = name === undefined ? undefined : entityOf(name);
  if (entity !== undefined && named !== undefined) return { text: named, end: at + entity.length };
  if (entity !== undefined && name === undefined) {
    return ofCodePoint(decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal), at + entity.length);
  }
  return isAmpersand ? { text: '&', end: at } : undefined;
}

const LONGEST_ENTITY = 12;
const LAST_CODE_POINT = 0x10ffff;

function ofCodePoint(codePoint: number, end: number): EscapedText | undefined {
  return codePoint <= LAST_CODE_POINT ? { text: String.fromCodePoint(codePoint), end } : undefined;
}

function afterBackslashes(source: string, from: number): number {
  let at = from;
  while (source.charCodeAt(at) === BACKSLASH) at++;
  return at;
}

/** The number that these hexadecimal digits form; negative if one of them is not hexadecimal. */
function hexAt(source: string, start: number, digits: number): number {
  let number = 0;
  for (let at = start; at < start + digits; at++) {
    const code = source.charCodeAt(at);
    const lower = code | 0x20;
    if (code >= 0x30 && code <= 0x39) number = number * 16 + code - 0x30;
    else if (lower >= 0x61 && lower <= 0x66) number = number * 16 + lower - 0x57;
    else return -1;
  }
  return number;
}

/** Programs wrap encoded text at 60 characters or more, and words of normal text are shorter than this. */
const SHORTEST_WRAPPED = 40;

/**
 * A text without the line breaks in encoded parts that were wrapped, as many programs wrap base64.
 *
 * @returns undefined if the text has no such line breaks
 */
export function joinWrappedLines(source: string): DecodedText | undefined {
  const joined = new DecodedTextBuilder(source);
  let length = 0;
  for (let at = 0; at < source.length; at++) {
    if (isBase64Character(source.charCodeAt(at))) {
      length += 1;
      continue;
    }
    const start = at;
    if (length >= SHORTEST_WRAPPED) {
      while (isBlank(source.charCodeAt(at))) at++;
      if (at > start && isBase64Character(source.charCodeAt(at))) joined.add('', start, at);
      at = Math.max(start, at - 1);
    }
    length = 0;
  }
  return joined.end();
}

function isBase64Character(code: number): boolean {
  return IS_BASE64[code] === 1;
}

const IS_BASE64 = new Uint8Array(0x80);
for (let code = 0; code < 0x80; code++) IS_BASE64[code] = /[\w+/=-]/.test(String.fromCharCode(code)) ? 1 : 0;

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** Replaces parts of a source, and remembers where they were. */
class DecodedTextBuilder {
  #sourceEnd = 0;
  #text = '';
  #length = 0;
  /** For each replaced part: how many decoded characters precede it, and where it begins and ends in the source. */
  readonly #at: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  constructor(private readonly source: string) {}

  add(text: string, start: number, end: number): void {
    this.#text += this.source.slice(this.#sourceEnd, start);
    this.#at.push(this.#text.length);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#text += text;
    this.#sourceEnd = end;
  }

  end(): DecodedText | undefined {
    if (this.#at.length === 0) return undefined;
    const text = this.#text + this.source.slice(this.#sourceEnd);
    this.#length = text.length;
    this.#text = '';
    return { text, sourceOf: (start, end) => [this.#partOf(start)[0], this.#partOf(Math.max(start, end - 1))[1]] };
  }

  /** The part of the source from which one decoded character comes. */
  #partOf(position: number): [start: number, end: number] {
    let low = 0;
    let high = this.#at.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#at[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    const index = low - 1;
    if (index < 0) return [position, position + 1];
    const [start = 0, end = 0, at = 0] = [this.#starts[index], this.#ends[index], this.#at[index]];
    // The text between two parts was copied, so the beginning of the next part gives the decoded length of this one.
    const behind = position - at;
    const length = this.#lengthOf(index);
    return behind < length ? [start, end] : [end + behind - length, end + behind - length + 1];
  }

  #lengthOf(index: number): number {
    const [at = 0, end = 0] = [this.#at[index], this.#ends[index]];
    const nextAt = this.#at[index + 1] ?? this.#length;
    const nextStart = this.#starts[index + 1] ?? this.source.length;
    return nextAt - at - (nextStart - end);
  }
}

function entityOf(name: string): string | undefined {
  const latin = LATIN_ENTITIES.indexOf(name);
  if (latin >= 0) return String.fromCharCode(0xa0 + latin);
  const lower = name.toLowerCase();
  return Object.hasOwn(ASCII_ENTITIES, lower) ? ASCII_ENTITIES[lower] : undefined;
}
