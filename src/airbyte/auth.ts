import { z } from 'zod';
import type { KnownSecret, SecretSource } from '../text/masking/secret-mask';
import type { AirbyteFlavour } from './airbyte-url';
import { AirbyteError, isUnsupportedEndpoint, withAdvice } from './errors';
import type { HttpTransport } from './http/http-transport';
import { looseRecord, numberSchema } from './schemas';
import { unlessAborted } from './unless-aborted';

/** How we prove to Airbyte who we are. */
export type AirbyteAuth =
  | { kind: 'none' }
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'bearer'; token: string }
  | {
      kind: 'clientCredentials';
      clientId: string;
      clientSecret: string;
      /** Gives the secret as it is now, before each token: of a file, which may be corrected. @default the one above */
      readClientSecret?: () => string;
    };

export interface Authenticator {
  /** The headers to send, and what tells these credentials from the ones after a renewal. */
  headers(signal?: AbortSignal): Promise<Record<string, string>>;
  /**
   * Called when Airbyte refused the headers with 401.
   *
   * @returns whether newer credentials can be had, so that the request is worth repeating.
   */
  renew(refused: Record<string, string>): boolean;
  /** All that must not be said of these credentials: also tokens of a while ago, which still work. */
  readonly secrets: SecretSource;
}

export function createAuthenticator(
  auth: AirbyteAuth,
  flavour: AirbyteFlavour,
  transport: HttpTransport,
): Authenticator {
  switch (auth.kind) {
    case 'none':
      return fixed({}, []);
    case 'basic':
      return fixed({ authorization: `Basic ${basicCredentials(auth)}` }, secretsOf(auth));
    case 'bearer':
      return fixed({ authorization: `Bearer ${auth.token}` }, secretsOf(auth));
    case 'clientCredentials':
      return new ClientCredentials(auth, flavour, transport);
  }
}

function basicCredentials({ username, password }: Extract<AirbyteAuth, { kind: 'basic' }>): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

/** What must not be said of credentials; a user's name and a client's id may be. */
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

function fixed(headers: Record<string, string>, secrets: readonly KnownSecret[]): Authenticator {
  return { headers: async () => headers, renew: () => false, secrets: () => secrets };
}

const tokenSchema = looseRecord({
  access_token: z.string().min(1),
  expires_in: numberSchema.pipe(z.number().positive()).optional(),
});

export const TOKEN_CALL = 'applications/token';

/** The public API's document requires the one spelling and declares the other. */
const PUBLIC_GRANT = { grant_type: 'client_credentials', 'grant-type': 'client_credentials' };

/** The body of the call that gives a token. */
export function tokenRequest(flavour: AirbyteFlavour, clientId: string, clientSecret: string): Record<string, string> {
  return { client_id: clientId, client_secret: clientSecret, ...(flavour === 'public' && PUBLIC_GRANT) };
}

/** Airbyte's tokens live 3 to 15 minutes; one that does not say is taken for the shortest. */
const SHORTEST_LIFETIME_MS = 180_000;
/** How long credentials that were refused are not tried again: all calls fail by them meanwhile, without a request. */
const REJECTED_FOR_MS = 10_000;
/** The part of a token's life after which the next one is fetched, so that none expires under way. */
const RENEW_AT_LIFETIME_FRACTION = 0.8;

/** Tokens live for minutes; who has logged one of an hour ago is not answered any more. */
const MAXIMUM_REMEMBERED_SECRETS = 8;

interface Token {
  headers: Record<string, string>;
  renewAt: number;
}

/** OAuth client credentials against `applications/token`. However many calls wait, one of them fetches the token. */
class ClientCredentials implements Authenticator {
  readonly #readSecret: () => string;
  readonly #clientId: string;
  readonly #flavour: AirbyteFlavour;
  readonly #transport: HttpTransport;
  #token: Token | undefined;
  /** The last tokens, the newest first, and the client secret that they came for. */
  #known: readonly KnownSecret[] = [];
  #fetching: Promise<Token> | undefined;
  /** Why Airbyte gave no token, until when that is not asked again (milliseconds of our own clock). */
  #refusal: { error: AirbyteError; until: number } | undefined;

  constructor(
    auth: Extract<AirbyteAuth, { kind: 'clientCredentials' }>,
    flavour: AirbyteFlavour,
    transport: HttpTransport,
  ) {
    const { clientId, clientSecret, readClientSecret } = auth;
    this.#readSecret = readClientSecret ?? (() => clientSecret);
    this.#known = secretsOf(auth);
    this.#clientId = clientId;
    this.#flavour = flavour;
    this.#transport = transport;
  }

  readonly secrets: SecretSource = () => this.#known;

  async headers(signal?: AbortSignal): Promise<Record<string, string>> {
    signal?.throwIfAborted();
    if (this.#token !== undefined && Date.now() < this.#token.renewAt) {
      return this.#token.headers;
    }
    if (this.#refusal !== undefined && performance.now() < this.#refusal.until) throw this.#refusal.error;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return (await unlessAborted(this.#fetching, signal)).headers;
  }

  renew(refused: Record<string, string>): boolean {
    if (this.#token?.headers === refused) {
      this.#token = undefined;
    }
    // Without a token it was the credentials themselves that were refused.
    return refused['authorization'] !== undefined;
  }

  #know(secret: KnownSecret): void {
    const others = this.#known.filter(({ value }) => value !== secret.value);
    this.#known = [secret, ...others].slice(0, MAXIMUM_REMEMBERED_SECRETS);
  }

  /** Belongs to all who wait for it, so no single caller's signal ends it. */
  async #fetch(): Promise<Token> {
    this.#refusal = undefined;
    try {
      const secret = this.#readSecret();
      this.#know({ name: 'AIRBYTE_CLIENT_SECRET', value: secret });
      const body = tokenRequest(this.#flavour, this.#clientId, secret);
      const request = { call: TOKEN_CALL, kind: 'read', body, schema: tokenSchema } as const;
      const answer = await this.#transport.send(request, { first: true });
      this.#know({ name: 'the access token', value: answer.access_token });
      const lifetimeMs = lifetimeOf(answer.access_token, answer.expires_in) ?? SHORTEST_LIFETIME_MS;
      this.#token = {
        headers: { authorization: `Bearer ${answer.access_token}` },
        renewAt: Date.now() + lifetimeMs * RENEW_AT_LIFETIME_FRACTION,
      };
      return this.#token;
    } catch (error) {
      if (!(error instanceof AirbyteError)) throw error;
      const refusal = withExplanation(error);
      if (!refusal.retryable) this.#refusal = { error: refusal, until: performance.now() + REJECTED_FOR_MS };
      throw refusal;
    }
  }
}

const NEEDS_TOKENS_ADVICE =
  'Client credentials need a server that issues tokens; use AIRBYTE_TOKEN or AIRBYTE_USERNAME and AIRBYTE_PASSWORD with this one.';

/** A refused client id is a matter of credentials whatever the status: Airbyte answers 400, 401 or 404 to it. */
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
      : `${error.message} No token could be had: check AIRBYTE_CLIENT_ID and AIRBYTE_CLIENT_SECRET.`,
  });
}

/**
 * A token's lifetime by our own clock: its `exp` less its `iat`, since the server's clock may differ from ours.
 */
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
