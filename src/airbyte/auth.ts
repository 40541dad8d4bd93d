import { z } from 'zod';
import { unlessAborted } from '../async/unless-aborted';
import type { KnownSecret, SecretSource } from '../text/masking/secret-mask';
import type { AirbyteFlavour } from './airbyte-url';
import type { AirbyteClientObserver } from './client-observer';
import { AirbyteError, isUnsupportedEndpoint, withAdvice } from './errors';
import type { HttpTransport } from './http/http-transport';
import { looseRecord, numberSchema } from './schemas';

/** The credentials for Airbyte. */
export type AirbyteAuth =
  | { kind: 'none' }
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'bearer'; token: string }
  | {
      kind: 'clientCredentials';
      clientId: string;
      clientSecret: string;
      /**
       * Reads the current secret before each token, for instance from a file that may change. @default the secret above
       */
      readClientSecret?: () => string;
    };

export interface Authenticator {
  /** The headers to send. Renewed credentials have a new object. */
  headers(signal?: AbortSignal): Promise<Record<string, string>>;
  /**
   * Called after Airbyte rejected the headers with 401.
   *
   * @returns whether newer credentials are available, so that the request is worth repeating
   */
  renew(rejectedHeaders: Record<string, string>): boolean;
  /** All secrets of these credentials, with earlier tokens that are still valid. */
  readonly secrets: SecretSource;
}

export function createAuthenticator(
  auth: AirbyteAuth,
  flavour: AirbyteFlavour,
  transport: HttpTransport,
  observer?: AirbyteClientObserver,
): Authenticator {
  switch (auth.kind) {
    case 'none':
      return staticAuthenticator({}, []);
    case 'basic':
      return staticAuthenticator({ authorization: `Basic ${basicCredentials(auth)}` }, secretsOf(auth));
    case 'bearer':
      return staticAuthenticator({ authorization: `Bearer ${auth.token}` }, secretsOf(auth));
    case 'clientCredentials':
      return new ClientCredentials(auth, flavour, transport, observer);
  }
}

function basicCredentials({ username, password }: Extract<AirbyteAuth, { kind: 'basic' }>): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

/** The secrets in credentials. User names and client ids are not secret. */
export function secretsOf(auth: AirbyteAuth): KnownSecret[] {
  switch (auth.kind) {
    case 'none':
      return [];
    case 'basic':
      return [
        { name: 'AIRBYTE_PASSWORD', value: auth.password },
        { name: 'AIRBYTE_USERNAME:AIRBYTE_PASSWORD', value: basicCredentials(auth) },
      ];
    case 'bearer':
      return [{ name: 'AIRBYTE_TOKEN', value: auth.token }];
    case 'clientCredentials':
      return [{ name: 'AIRBYTE_CLIENT_SECRET', value: auth.clientSecret }];
  }
}

function staticAuthenticator(headers: Record<string, string>, secrets: readonly KnownSecret[]): Authenticator {
  return { headers: async () => headers, renew: () => false, secrets: () => secrets };
}

const tokenSchema = looseRecord({
  access_token: z.string().min(1),
  expires_in: numberSchema.pipe(z.number().positive()).optional(),
});

export const TOKEN_CALL = 'applications/token';

/** The public API's document requires one of the spellings and declares the other. */
const PUBLIC_GRANT = { grant_type: 'client_credentials', 'grant-type': 'client_credentials' };

/** The body of the call that issues a token. */
export function tokenRequest(flavour: AirbyteFlavour, clientId: string, clientSecret: string): Record<string, string> {
  return { client_id: clientId, client_secret: clientSecret, ...(flavour === 'public' && PUBLIC_GRANT) };
}

/** Airbyte's tokens live 3 to 15 minutes; a token that does not show its lifetime is taken for the shortest. */
const SHORTEST_LIFETIME_MS = 180_000;
/** How long rejected credentials are not tried again: until then, all calls fail without a request. */
const REJECTED_FOR_MS = 10_000;
/** The part of a token's lifetime after which the next one is fetched, so that no token expires during a request. */
const RENEW_AT_LIFETIME_FRACTION = 0.8;

/** How many secrets are masked. Tokens live for minutes, so older ones are no longer valid. */
const MAXIMUM_REMEMBERED_SECRETS = 8;

interface Token {
  headers: Record<string, string>;
  renewAt: number;
}

/** OAuth client credentials for `applications/token`. All waiting calls share one request for a token. */
class ClientCredentials implements Authenticator {
  readonly #readSecret: () => string;
  readonly #clientId: string;
  readonly #flavour: AirbyteFlavour;
  readonly #transport: HttpTransport;
  #token: Token | undefined;
  /** The last tokens, the newest first, and the client secret that they were issued for. */
  #knownSecrets: readonly KnownSecret[] = [];
  #fetching: Promise<Token> | undefined;
  /** Why Airbyte issued no token, and until when the client does not ask again (milliseconds of our own clock). */
  #tokenError: { error: AirbyteError; until: number } | undefined;

  constructor(
    auth: Extract<AirbyteAuth, { kind: 'clientCredentials' }>,
    flavour: AirbyteFlavour,
    transport: HttpTransport,
    private readonly observer: AirbyteClientObserver | undefined,
  ) {
    const { clientId, clientSecret, readClientSecret } = auth;
    this.#readSecret = readClientSecret ?? (() => clientSecret);
    this.#knownSecrets = secretsOf(auth);
    this.#clientId = clientId;
    this.#flavour = flavour;
    this.#transport = transport;
  }

  readonly secrets: SecretSource = () => this.#knownSecrets;

  async headers(signal?: AbortSignal): Promise<Record<string, string>> {
    signal?.throwIfAborted();
    if (this.#token !== undefined && Date.now() < this.#token.renewAt) {
      return this.#token.headers;
    }
    if (this.#tokenError !== undefined && performance.now() < this.#tokenError.until) throw this.#tokenError.error;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return (await unlessAborted(this.#fetching, signal)).headers;
  }

  renew(rejectedHeaders: Record<string, string>): boolean {
    if (this.#token?.headers === rejectedHeaders) {
      this.#token = undefined;
    }
    // Without a token in the headers, Airbyte rejected the credentials themselves.
    return rejectedHeaders['authorization'] !== undefined;
  }

  #remember(secret: KnownSecret): void {
    const others = this.#knownSecrets.filter(({ value }) => value !== secret.value);
    this.#knownSecrets = [secret, ...others].slice(0, MAXIMUM_REMEMBERED_SECRETS);
  }

  /** All callers wait for the same token, so the signal of one of them does not abort the request. */
  async #fetch(): Promise<Token> {
    this.#tokenError = undefined;
    try {
      const secret = this.#readSecret();
      this.#remember({ name: 'AIRBYTE_CLIENT_SECRET', value: secret });
      const body = tokenRequest(this.#flavour, this.#clientId, secret);
      const request = { call: TOKEN_CALL, kind: 'read', body, schema: tokenSchema } as const;
      const { access_token: token, expires_in: expiresIn } = await this.#transport.send(request, { first: true });
      this.#remember({ name: 'the access token', value: token });
      const lifetimeMs = lifetimeOf(token, expiresIn) ?? SHORTEST_LIFETIME_MS;
      this.#token = {
        headers: { authorization: `Bearer ${token}` },
        renewAt: Date.now() + lifetimeMs * RENEW_AT_LIFETIME_FRACTION,
      };
      this.observer?.onTokenRefresh(true);
      return this.#token;
    } catch (error) {
      this.observer?.onTokenRefresh(false);
      if (!(error instanceof AirbyteError)) throw error;
      const explained = withExplanation(error);
      if (!explained.retryable) this.#tokenError = { error: explained, until: performance.now() + REJECTED_FOR_MS };
      throw explained;
    }
  }
}

const NEEDS_TOKENS_ADVICE =
  'Client credentials require a server that issues tokens; for this one, use AIRBYTE_TOKEN, or AIRBYTE_USERNAME and AIRBYTE_PASSWORD.';

/** A rejected client id is an error of the credentials whatever the status: Airbyte returns 400, 401 or 404 for it. */
function withExplanation(error: AirbyteError): AirbyteError {
  const unsupported: boolean = isUnsupportedEndpoint(error);
  if (error.retryable && unsupported) return withAdvice(error, NEEDS_TOKENS_ADVICE);
  if (error.retryable || error.status === undefined || error.status < 400) return error;
  return new AirbyteError({
    type: unsupported ? 'AirbyteUnsupported' : 'AirbyteUnauthorized',
    call: error.call,
    status: error.status,
    retryable: false,
    effect: 'none',
    message: unsupported
      ? `${error.message} ${NEEDS_TOKENS_ADVICE}`
      : `${error.message} Airbyte issued no token: check AIRBYTE_CLIENT_ID and AIRBYTE_CLIENT_SECRET.`,
  });
}

/** A token's lifetime: its `exp` minus its `iat`, because the server's clock may differ from our own. */
function lifetimeOf(token: string, expiresInSeconds: number | undefined): number | undefined {
  if (expiresInSeconds !== undefined) {
    return expiresInSeconds * 1_000;
  }
  const claims = z
    .object({ exp: z.number(), iat: z.number().optional() })
    .safeParse(parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')));
  if (!claims.success) {
    return undefined;
  }
  const { exp, iat = Date.now() / 1_000 } = claims.data;
  return Math.max(0, exp - iat) * 1_000;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
