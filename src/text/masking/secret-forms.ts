import { decodeEscapes } from './decoded-text';

/** One of the texts in which a secret may appear, in lower case. */
export interface SecretForm {
  text: string;
  /** Whether the base64 character before or behind it also holds some bits of the secret. */
  sharesBefore: boolean;
  sharesBehind: boolean;
  /** Whether it counts only if no letter or digit is next to it. */
  isWord: boolean;
}

/** Secrets of at least this length are masked in every form. */
export const SHORTEST_MASKED = 6;

/** Secrets of at least this length are masked where they are a word of their own, without any encoding. */
export const SHORTEST_MASKED_WORD = 4;

/** How many times an escape may have been escaped again in another way. */
export const MAXIMUM_ESCAPE_DEPTH = 4;

/**
 * The forms of a secret to search for, both in the original text and in the text with its escapes decoded. The escaped
 * forms here are those that the decoding could misread together with the text that follows them.
 */
export function formsOfSecret(secret: string): SecretForm[] {
  if (secret.length < SHORTEST_MASKED) return [form(secret, { isWord: true })];
  const written = new Set([
    secret,
    ...escapesOf(secret),
    ...escapesOf(secret).flatMap(escapesOf),
    // SQL and CSV double the quotes.
    secret.replaceAll("'", "''"),
    secret.replaceAll('"', '""'),
    // UTF-8 that was read as Latin 1.
    Buffer.from(secret, 'utf8').toString('latin1'),
    fullyDecoded(secret),
  ]);
  const encoded = [secret, ...escapesOf(secret)].flatMap((text) => encodingsOf(Buffer.from(text, 'utf8')));
  return [...[...written].filter((text) => text.length >= SHORTEST_MASKED).map((text) => form(text)), ...encoded];
}

function form(text: string, options: Partial<SecretForm> = {}): SecretForm {
  return { text: inLowerCase(text), sharesBefore: false, sharesBehind: false, isWord: false, ...options };
}

/** The text in lower case, with the same length. Only U+0130 would become two characters, so it is replaced first. */
export function inLowerCase(text: string): string {
  return text.replaceAll('\u0130', 'I').toLowerCase();
}

/** The text with every escape decoded, even those that result from decoding others. */
function fullyDecoded(text: string): string {
  let decoded = text;
  for (let pass = 0; pass < MAXIMUM_ESCAPE_DEPTH; pass++) decoded = decodeEscapes(decoded)?.text ?? decoded;
  return decoded;
}

/** The text as in JSON, in a URL and in a form, if that differs from the text. */
function escapesOf(text: string): string[] {
  const escapes = [
    JSON.stringify(text).slice(1, -1),
    // encodeURIComponent throws on one half of a surrogate pair.
    encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')),
    new URLSearchParams([['', text]]).toString().slice(1),
    text.replaceAll(' ', '+'),
  ];
  return [...new Set(escapes)].filter((escaped) => escaped !== text);
}

function encodingsOf(bytes: Buffer): SecretForm[] {
  const base64 = [0, 1, 2].map((offset) => base64At(bytes, offset));
  const base64url = base64.map(({ text, ...rest }) => ({
    ...rest,
    text: text.replaceAll('+', '-').replaceAll('/', '_'),
  }));
  const isEnough = ({ text }: SecretForm) => text.length >= SHORTEST_MASKED;
  return [form(bytes.toString('hex')), ...base64.filter(isEnough), ...base64url.filter(isEnough)];
}

/**
 * The base64 of these bytes if `offset` other bytes (0 to 2) precede them, without the characters that also hold bits
 * of the neighbouring bytes.
 */
function base64At(bytes: Buffer, offset: number): SecretForm {
  const characters = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const shared = (offset + bytes.length) % 3 === 0 ? 0 : 1;
  const text = characters.slice(Math.ceil((offset * 8) / 6), characters.length - shared);
  return form(text, { sharesBefore: offset > 0, sharesBehind: shared > 0 });
}
