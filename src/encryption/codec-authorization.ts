import { createRemoteJWKSet, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { CodecServerAccess, IssuedTokens } from '../configuration/codec-server-settings';
import { messageOf } from '../text/error-message';
import { secretComparison } from '../text/secret-comparison';

/** Whether a caller may use the codec server: who it is for the log, or why it may not. */
export type Authorization = { caller: string } | { rejected: string };

/** Judges the token of a request. */
export type Authorizer = (token: string) => Promise<Authorization>;

/** How long the provider may take to say where its keys are. */
const DISCOVERY_TIMEOUT_MS = 5_000;

/** A JWT has three parts. A token of our own has no dot. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The claim in which Temporal Cloud has the user's email address. */
const TEMPORAL_CLOUD_EMAIL = 'https://saas-api.tmprl.cloud/user/email';

export function authorizerOf({ token, issued }: CodecServerAccess): Authorizer {
  const isToken = token === undefined ? () => false : secretComparison(token);
  const verifier = issued && new AccessTokenVerifier(issued);
  return async (given) => {
    if (isToken(given)) return { caller: 'the token' };
    if (verifier === undefined || !JWT.test(given)) return { rejected: 'the token is not the one that is expected' };
    return verifier.verify(given);
  };
}

/** Verifies access tokens with the keys that their issuer publishes. */
class AccessTokenVerifier {
  #keys: JWTVerifyGetKey | undefined;

  constructor(private readonly issued: IssuedTokens) {}

  async verify(token: string): Promise<Authorization> {
    const { issuer, audience, users } = this.issued;
    try {
      this.#keys ??= await publishedKeys(issuer);
      const { payload } = await jwtVerify(token, this.#keys, { issuer, audience, requiredClaims: ['exp'] });
      const names = namesIn(payload);
      const [caller] = names;
      if (caller === undefined) return { rejected: 'the access token names no user' };
      const isUser = (name: string) => users?.some((user) => user.toLowerCase() === name.toLowerCase()) ?? true;
      return names.some(isUser) ? { caller } : { rejected: `AIRBYTE_CODEC_USERS does not have the user ${caller}` };
    } catch (error) {
      return { rejected: `the access token is not accepted: ${messageOf(error)}` };
    }
  }
}

/** Finds the keys of an issuer: https://openid.net/specs/openid-connect-discovery-1_0.html. */
async function publishedKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} responds with the status ${response.status}`);
  const { jwks_uri: keysUrl } = (await response.json()) as { jwks_uri?: unknown };
  if (typeof keysUrl !== 'string' || !URL.canParse(keysUrl)) throw new Error(`${url} does not name the issuer's keys`);
  return createRemoteJWKSet(new URL(keysUrl));
}

/** The user of a token, the readable name first. An address that the provider has not verified could be another user's. */
function namesIn({ email, email_verified: isVerified, sub, ...claims }: JWTPayload): string[] {
  const names = [isVerified === false ? undefined : email, claims[TEMPORAL_CLOUD_EMAIL], sub];
  return names.filter((name): name is string => typeof name === 'string' && name !== '');
}
