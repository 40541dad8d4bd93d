import type { AirbyteAuth } from '../airbyte/auth';
import type { AirbyteClientOptions } from '../airbyte/client';
import { extraHeaders } from './headers-file';
import { type ProxyChoice, proxyFor, UnusableProxyError } from './proxy';
import { type Environment, InvalidEnvironmentError, readCredential, readVariable } from './read-variable';

/**
 * Reads the options of the Airbyte client: `AIRBYTE_URL`, `AIRBYTE_WEBAPP_URL`, `AIRBYTE_HEADERS_FILE`, the credentials, and the
 * variables that name proxies. The credentials are `AIRBYTE_USERNAME` with `AIRBYTE_PASSWORD`, or `AIRBYTE_TOKEN`, or `AIRBYTE_CLIENT_ID` with
 * `AIRBYTE_CLIENT_SECRET`, or none.
 *
 * @throws InvalidEnvironmentError
 */
export function airbyteOptionsFromEnvironment(environment: Environment = process.env): AirbyteClientOptions {
  const webappUrl = readVariable(environment, 'AIRBYTE_WEBAPP_URL');
  const url = readVariable(environment, 'AIRBYTE_URL');
  const { proxy } = readProxyChoice(environment, url);
  const auth = readAuth(environment);
  const headers = extraHeaders(environment, auth);
  return {
    url,
    auth,
    ...(webappUrl !== undefined && { webappUrl }),
    ...(proxy !== undefined && { proxyUrl: proxy.url }),
    ...(headers !== undefined && { extraHeaders: headers }),
  };
}

/**
 * Says which proxy the requests to Airbyte go through, or that one is set and not used; undefined where none is set.
 *
 * @throws InvalidEnvironmentError
 */
export function proxyNote(environment: Environment = process.env): string | undefined {
  return readProxyChoice(environment, readVariable(environment, 'AIRBYTE_URL')).note;
}

function readProxyChoice(environment: Environment, url: string): ProxyChoice {
  try {
    return proxyFor(url, environment);
  } catch (error) {
    if (!(error instanceof UnusableProxyError)) throw error;
    throw new InvalidEnvironmentError(error.variable, error.message);
  }
}

function readAuth(environment: Environment): AirbyteAuth {
  const kinds = [readBasic(environment), readBearer(environment), readClientCredentials(environment)];
  const [first, second] = kinds.filter((kind) => kind !== undefined);
  if (first !== undefined && second !== undefined) {
    throw new InvalidEnvironmentError(
      second.variable,
      `and ${first.variable} are both set, which are two kinds of credentials. Keep the one that your Airbyte server takes.`,
    );
  }
  return first?.auth ?? { kind: 'none' };
}

/** A kind of credentials that is set, and the variable that an error names it by. */
interface SetCredentials {
  variable: string;
  auth: AirbyteAuth;
}

function readBasic(environment: Environment): SetCredentials | undefined {
  const pair = readPair(environment, 'AIRBYTE_USERNAME', 'AIRBYTE_PASSWORD');
  return pair && { variable: 'AIRBYTE_USERNAME', auth: { kind: 'basic', username: pair.id, password: pair.secret } };
}

function readBearer(environment: Environment): SetCredentials | undefined {
  const token = readCredential(environment, 'AIRBYTE_TOKEN');
  return token === undefined ? undefined : { variable: 'AIRBYTE_TOKEN', auth: { kind: 'bearer', token } };
}

function readClientCredentials(environment: Environment): SetCredentials | undefined {
  const pair = readPair(environment, 'AIRBYTE_CLIENT_ID', 'AIRBYTE_CLIENT_SECRET');
  if (pair === undefined) return undefined;
  const { id: clientId, secret: clientSecret } = pair;
  const isInFile = Boolean(environment['AIRBYTE_CLIENT_SECRET_FILE']);
  // A file may get a new secret while the worker runs.
  const readClientSecret = () => readCredential(environment, 'AIRBYTE_CLIENT_SECRET') ?? clientSecret;
  return {
    variable: 'AIRBYTE_CLIENT_ID',
    auth: { kind: 'clientCredentials', clientId, clientSecret, ...(isInFile && { readClientSecret }) },
  };
}

/** Two credentials that are of use only together. */
function readPair(
  environment: Environment,
  idVariable: 'AIRBYTE_USERNAME' | 'AIRBYTE_CLIENT_ID',
  secretVariable: 'AIRBYTE_PASSWORD' | 'AIRBYTE_CLIENT_SECRET',
): { id: string; secret: string } | undefined {
  const id = readCredential(environment, idVariable);
  const secret = readCredential(environment, secretVariable);
  if (id === undefined && secret === undefined) return undefined;
  if (id === undefined) {
    throw new InvalidEnvironmentError(idVariable, `is not set, but ${secretVariable} is. Set both or neither.`);
  }
  if (secret === undefined) {
    throw new InvalidEnvironmentError(
      secretVariable,
      `is not set, but ${idVariable} is. Set both or neither (or ${secretVariable}_FILE).`,
    );
  }
  return { id, secret };
}
