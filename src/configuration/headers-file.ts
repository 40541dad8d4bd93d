import { readFileSync } from 'node:fs';
import type { AirbyteAuth } from '../airbyte/auth';
import type { ExtraHeaders } from '../airbyte/extra-headers';
import { messageOf } from '../text/error-message';
import type { KnownSecret } from '../text/masking/secret-mask';
import { hasControlCharacter } from '../text/secret-values';
import { type Environment, InvalidEnvironmentError, readVariable } from './read-variable';

const VARIABLE = 'AIRBYTE_HEADERS_FILE';

/** The headers that the client or the connection sets. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['accept', 'connection', 'content-encoding', 'content-length', 'content-type', 'expect', 'host', 'keep-alive'],
  ...['proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'user-agent'],
]);

/** A shorter value is no token: `true`, or the name of a tenant, which other texts contain too. */
const SHORTEST_SECRET = 12;

/** https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * Reads the file that `AIRBYTE_HEADERS_FILE` names: a line `Name: value` for each header. Empty lines and those that begin with `#` are
 * skipped.
 *
 * The file is read again for each request, because another program may renew the tokens in it. While it cannot be used, for instance because it
 * is being written, the last usable headers are sent.
 *
 * @returns undefined if the variable is not set
 * @throws InvalidEnvironmentError when the file cannot be used now
 */
export function extraHeaders(environment: Environment, auth: AirbyteAuth): ExtraHeaders | undefined {
  const file = readVariable(environment, VARIABLE);
  if (file === undefined) return undefined;
  const headers = new HeadersFile(file, auth);
  headers.read();
  return headers;
}

class HeadersFile implements ExtraHeaders {
  #text: string | undefined;
  #headers: Readonly<Record<string, string>> = {};

  constructor(
    private readonly file: string,
    private readonly auth: AirbyteAuth,
  ) {}

  /** @throws InvalidEnvironmentError */
  read(): void {
    const text = readText(this.file);
    if (text === this.#text) return;
    this.#headers = parseHeaders(text, this.auth);
    this.#text = text;
  }

  current(warn: (message: string) => void): Readonly<Record<string, string>> {
    try {
      this.read();
    } catch (error) {
      if (!(error instanceof InvalidEnvironmentError)) throw error;
      warn(`${error.message} Until it can be used, requests to Airbyte have the headers that it had before.`);
    }
    return this.#headers;
  }

  readonly secrets = (): KnownSecret[] =>
    Object.entries(this.#headers)
      .flatMap(([name, value]) =>
        [value, ...value.split(' ')].map((part) => ({ name: `the header ${name}`, value: part })),
      )
      .filter(({ value }) => value.length >= SHORTEST_SECRET);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidEnvironmentError(VARIABLE, `names a file that cannot be read: ${messageOf(error)}.`);
  }
}

/** Messages name the line and the header, and never a value. */
function parseHeaders(text: string, auth: AirbyteAuth): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const fail = (problem: string) =>
      new InvalidEnvironmentError(VARIABLE, `names a file that cannot be used: its line ${index + 1} ${problem}`);
    const [, name = '', value = ''] = /^([^:]*):(.*)$/.exec(line) ?? [];
    const key = name.toLowerCase();
    if (!HEADER_NAME.test(name)) throw fail("is not of the form 'Name: value'.");
    if (RESERVED.has(key)) throw fail(`sets ${name}, which temporal-airbyte sets itself. Remove the line.`);
    if (key === 'authorization' && auth.kind !== 'none') {
      throw fail(`sets ${name}, which the credentials for Airbyte already set. Keep one of them.`);
    }
    if (Object.hasOwn(headers, key)) throw fail(`sets ${name} a second time. Keep one of them.`);
    if (value.trim() === '' || hasControlCharacter(value.trim()) || /[^\x20-\xff]/.test(value)) {
      throw fail(
        `gives ${name} a value that no header may have: it is empty, or has a control character or one beyond Latin-1.`,
      );
    }
    headers[key] = value.trim();
  }
  return headers;
}
