import { isObject } from '../json-object';

/** A line of a secret with several lines is a part of its own if it has at least this length. */
const SHORTEST_LINE = 8;

/** How deep parts are searched for further parts: a DSN within a service's JSON file within a list. */
const MAXIMUM_DEPTH = 4;

/** Longer secrets are split into pieces of this length, which are masked one by one. */
const LONGEST_PIECE = 16 * 1024;

/**
 * Names of fields and parameters whose values are secrets. The pattern is broad, because masking too much does no harm.
 */
const SECRET_NAME = /pass|pwd|secret|token|key|credential|auth|sig|sas|cookie|session|sid\b|bearer|dsn|conn|ur[il]$/i;

/** `scheme://user:password@host`, and Go's `user:password@tcp(host)`. */
const PASSWORD_BEFORE_HOST = /(?:\w:\/\/|^|[\s"'=])[^/?#\s:@"']*:(?!\/\/)([^\s"']+)@(?=[\w[(.-])/g;

/** `Password=…;`, `?sig=…&`, `password='…'`, `password: …`. */
const PARAMETER = /(?:^|[?&;,\s{])["']?([\w. -]{1,60}?)["']?\s*[=:]\s*(?:'([^']*)'|"([^"]*)"|([^&;,\s]+))/g;

const AUTHORIZATION = /\b(?:Bearer|Basic|Token|ApiKey|Digest)\s+([\w+/.=~-]{6,})/gi;

/** A JSON Web Token. Only its payload and signature are secret, because many tokens share the same header. */
const TOKEN = /\beyJ[\w-]+\.([\w-]+)\.([\w-]+)/g;

const PEM_BORDER = /-----(?:BEGIN|END) [A-Z0-9 ]+-----/;

/**
 * A secret and those of its parts that are secrets themselves: the password in a connection string, the private key in
 * a service account's JSON, each line of a key. Programs may show such a part without the rest.
 */
export function partsOfSecret(secret: string): string[] {
  const parts = new Set<string>();
  collect(secret, parts, MAXIMUM_DEPTH);
  return [...parts];
}

function collect(text: string, parts: Set<string>, depth: number): void {
  const trimmed = text.trim();
  if (trimmed === '' || parts.has(trimmed)) return;
  for (const whole of [text, trimmed]) {
    for (let at = 0; at < whole.length; at += LONGEST_PIECE) parts.add(whole.slice(at, at + LONGEST_PIECE));
  }
  if (depth === 0) return;
  for (const part of [...linesOf(text), ...passwordsIn(trimmed), ...leavesOfJson(trimmed)]) {
    collect(part, parts, depth - 1);
  }
}

/** The lines of a secret, since a log may show each line by itself. Line breaks may also be written as `\n`. */
function linesOf(text: string): string[] {
  const lines = text.split(/\s*(?:[\r\n]|\\n)\s*/);
  return lines.length < 2 ? [] : lines.filter((line) => line.length >= SHORTEST_LINE && !PEM_BORDER.test(line));
}

function passwordsIn(text: string): string[] {
  const passwords = [...text.matchAll(PASSWORD_BEFORE_HOST)].map(([, password = '']) => password);
  const parameters = [...text.matchAll(PARAMETER)].flatMap(([, name = '', single, double, plain]) =>
    SECRET_NAME.test(name) ? [single ?? double ?? plain ?? ''] : [],
  );
  const credentials = [...text.matchAll(AUTHORIZATION)].map(([, value = '']) => value);
  const tokens = [...text.matchAll(TOKEN)].flatMap(([, payload = '', signature = '']) => [payload, signature]);
  const written = [...passwords, ...parameters];
  return [
    ...written,
    ...written.flatMap(percentDecoded),
    ...credentials,
    ...credentials.flatMap(basicPassword),
    ...tokens,
  ];
}

function percentDecoded(text: string): string[] {
  if (!text.includes('%')) return [];
  try {
    return [decodeURIComponent(text)];
  } catch {
    return [];
  }
}

/** The password of `Basic` credentials. */
function basicPassword(credentials: string): string[] {
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 || pair.includes('\ufffd') ? [] : [pair.slice(colon + 1)];
}

function leavesOfJson(text: string): string[] {
  if (!/^[[{"]/.test(text)) return [];
  try {
    return [...secretLeaves(JSON.parse(text), '')];
  } catch {
    return [];
  }
}

function* secretLeaves(value: unknown, name: string): Generator<string> {
  if (Array.isArray(value)) for (const item of value) yield* secretLeaves(item, name);
  else if (isObject(value)) for (const [key, item] of Object.entries(value)) yield* secretLeaves(item, key);
  else if (typeof value === 'string' && SECRET_NAME.test(name) && !/^https?:\/\/[^@?]*$/.test(value)) yield value;
}
