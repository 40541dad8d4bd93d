import { decodeEscapes } from './decoded-text';

/** A text that stands for a secret, in lower case. */
export interface SecretForm {
  text: string;
  /** Whether the character of base64 before or behind it holds some bits of the secret too. */
  sharesBefore: boolean;
  sharesBehind: boolean;
  /** Whether it counts only where no letter or digit is next to it. */
  isWord: boolean;
}

/** From this length on a secret is masked in every form. */
export const SHORTEST_MASKED = 6;

/** From this length on a secret is masked where it stands alone, as it is. */
export const SHORTEST_MASKED_WORD = 4;

/** How often an escape may have been written again, each time in another way. */
export const MAXIMUM_ESCAPE_DEPTH = 4;

/**
 * The forms of a secret that are looked for, both in a text as it is and in a text whose escapes are decoded: what the
 * decoding finds need not be among them. Of escapes there are only those that a decoding could mix up with what follows.
 */
export function formsOfSecret(secret: string): SecretForm[] {
  if (secret.length < SHORTEST_MASKED) return [form(secret, { isWord: true })];
  const written = new Set([
    secret,
    ...escapesOf(secret),
    ...escapesOf(secret).flatMap(escapesOf),
    // SQL and CSV double their quotes.
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

/** In lower case, of the same length as before: only one character becomes two. */
export function inLowerCase(text: string): string {
  return text.replaceAll('\u0130', 'I').toLowerCase();
}

/** The text with every escape decoded, also those that come out of others. */
function fullyDecoded(text: string): string {
  let decoded = text;
  for (let pass = 0; pass < MAXIMUM_ESCAPE_DEPTH; pass++) decoded = decodeEscapes(decoded)?.text ?? decoded;
  return decoded;
}

/** The text in JSON, in a URL and in a form, as far as that differs from the text. */
function escapesOf(text: string): string[] {
  const escapes = [
    JSON.stringify(text).slice(1, -1),
    // A lone half of a surrogate pair cannot be encoded in a URL.
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
 * What base64 makes of these bytes when so many others (of three) come before them, without the characters that hold bits of
 * the bytes around too.
 */
function base64At(bytes: Buffer, offset: number): SecretForm {
  const characters = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const shared = (offset + bytes.length) % 3 === 0 ? 0 : 1;
  const text = characters.slice(Math.ceil((offset * 8) / 6), characters.length - shared);
  return form(text, { sharesBefore: offset > 0, sharesBehind: shared > 0 });
}
