import { readFileSync } from 'node:fs';
import { normalizeAirbyteUrl } from '../airbyte/airbyte-url';
import type { AirbyteAuth } from '../airbyte/auth';
import type { AirbyteClientOptions } from '../airbyte/client';
import { messageOf } from '../text/error-message';
import { hasControlCharacter, withoutLineEnd } from '../text/secret-values';
import { type ProxyChoice, proxyFor, UnusableProxyError } from './proxy';

/** A setting that cannot be used. The message names the variable and what to do, and never a secret. */
export class InvalidEnvironmentError extends Error {
  override readonly name = 'InvalidEnvironmentError';
  readonly variable: string;

  constructor(variable: string, problem: string) {
    super(`${variable} ${problem}`);
    this.variable = variable;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `AIRBYTE_URL`, `AIRBYTE_WEBAPP_URL` and the credentials: `AIRBYTE_USERNAME` with `AIRBYTE_PASSWORD`, or `AIRBYTE_TOKEN`, or
 * `AIRBYTE_CLIENT_ID` with `AIRBYTE_CLIENT_SECRET`, or none; and the variables that name proxies. Each secret may be in a file, named by `…_FILE`.
 * A variable that is empty counts as not set.
 *
 * @throws InvalidEnvironmentError
 */
export function airbyteOptionsFromEnvironment(environment: Environment = process.env): AirbyteClientOptions {
  const webappUrl = readWebappUrl(environment);
  const url = readUrl(environment);
  const { proxy } = readProxyChoice(environment, url);
  return {
    url,
    auth: readAuth(environment),
    ...(webappUrl !== undefined && { webappUrl }),
    ...(proxy !== undefined && { proxyUrl: proxy.url }),
  };
}

/** Says which proxy the requests to Airbyte go through, or that one is set and not used; undefined where none is set. */
export function proxyNote(environment: Environment = process.env): string | undefined {
  return readProxyChoice(environment, readUrl(environment)).note;
}

function readProxyChoice(environment: Environment, url: string): ProxyChoice {
  try {
    return proxyFor(url, environment);
  } catch (error) {
    if (!(error instanceof UnusableProxyError)) throw error;
    throw new InvalidEnvironmentError(error.variable, error.message);
  }
}

/** A worker reaches Airbyte by an address of the cluster, people by another one. */
function readWebappUrl(environment: Environment): string | undefined {
  const text = read(environment, 'AIRBYTE_WEBAPP_URL')?.trim();
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
    throw new InvalidEnvironmentError(
      'AIRBYTE_WEBAPP_URL',
      "is not the address of a web app. Set it to where people open Airbyte, like https://airbyte.example.com, without credentials, '?' or '#'.",
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function readUrl(environment: Environment): string {
  const url = read(environment, 'AIRBYTE_URL')?.trim();
  if (url === undefined) {
    throw new InvalidEnvironmentError(
      'AIRBYTE_URL',
      'is not set. Set it to the Config API of your Airbyte server, like http://localhost:8001/api/v1, or to its public API, like https://api.airbyte.com/v1.',
    );
  }
  try {
    return normalizeAirbyteUrl(url).url;
  } catch (error) {
    throw new InvalidEnvironmentError('AIRBYTE_URL', `cannot be used. ${messageOf(error)}`);
  }
}

function readAuth(environment: Environment): AirbyteAuth {
  const basic = readCredentialPair(environment, 'AIRBYTE_USERNAME', 'AIRBYTE_PASSWORD');
  const token = readSecret(environment, 'AIRBYTE_TOKEN');
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new InvalidEnvironmentError(
      'AIRBYTE_TOKEN',
      'has characters that no token has, such as blanks or line ends.',
    );
  }
  const client = readCredentialPair(environment, 'AIRBYTE_CLIENT_ID', 'AIRBYTE_CLIENT_SECRET');
  const kinds = [
    ...(basic === undefined
      ? []
      : [{ variable: 'AIRBYTE_USERNAME', auth: { kind: 'basic', username: basic[0], password: basic[1] } as const }]),
    ...(token === undefined ? [] : [{ variable: 'AIRBYTE_TOKEN', auth: { kind: 'bearer', token } as const }]),
    ...(client === undefined
      ? []
      : [
          {
            variable: 'AIRBYTE_CLIENT_ID',
            auth: {
              kind: 'clientCredentials',
              clientId: client[0],
              clientSecret: client[1],
              ...(read(environment, 'AIRBYTE_CLIENT_SECRET_FILE') !== undefined && {
                readClientSecret: () => readSecret(environment, 'AIRBYTE_CLIENT_SECRET') ?? client[1],
              }),
            } as const,
          },
        ]),
  ];
  const [first, second] = kinds;
  if (first !== undefined && second !== undefined) {
    throw new InvalidEnvironmentError(
      second.variable,
      `and ${first.variable} are both set, which are two kinds of credentials. Keep the one that your Airbyte server takes.`,
    );
  }
  return first?.auth ?? { kind: 'none' };
}

/** A name and its secret, which make sense only together. */
function readCredentialPair(
  environment: Environment,
  nameVariable: string,
  secretVariable: string,
): [string, string] | undefined {
  const name = readSecret(environment, nameVariable);
  const secret = readSecret(environment, secretVariable);
  if (name === undefined && secret === undefined) {
    return undefined;
  }
  if (name === undefined) {
    throw new InvalidEnvironmentError(nameVariable, `is not set, but ${secretVariable} is. Set both or neither.`);
  }
  if (secret === undefined) {
    throw new InvalidEnvironmentError(
      secretVariable,
      `is not set, but ${nameVariable} is. Set both or neither (or ${secretVariable}_FILE).`,
    );
  }
  return [name, secret];
}

/** Without the line end that files and secret stores leave behind it; with any other control character it is refused. */
function readSecret(environment: Environment, variable: string): string | undefined {
  const fileVariable = `${variable}_FILE`;
  const file = read(environment, fileVariable);
  const value = read(environment, variable);
  if (file !== undefined && value !== undefined) {
    throw new InvalidEnvironmentError(fileVariable, `and ${variable} are both set. Keep one of them.`);
  }
  const secret = withoutLineEnd(file === undefined ? (value ?? '') : readFile(fileVariable, file));
  if (secret === '' && file !== undefined) {
    throw new InvalidEnvironmentError(fileVariable, `names an empty file: ${file}.`);
  }
  return secret === '' ? undefined : rejectControlCharacters(file === undefined ? variable : fileVariable, secret);
}

function rejectControlCharacters(variable: string, value: string): string {
  if (!hasControlCharacter(value)) return value;
  throw new InvalidEnvironmentError(
    variable,
    'has a line break or another control character in the middle, which no header may have. Set it to the credential and nothing else.',
  );
}

function readFile(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidEnvironmentError(
      variable,
      `names a file that cannot be read: ${error instanceof Error ? error.message : file}.`,
    );
  }
}

function read(environment: Environment, variable: string): string | undefined {
  return environment[variable] || undefined;
}
