import { type Environment, InvalidEnvironmentError, readCredential, readVariable } from './read-variable';

/** Whom the codec server serves. At least one of the two is set. */
export interface CodecServerAccess {
  /** A secret that callers share with the server. */
  token?: string;
  /** The access tokens that an OpenID provider issues to the users of Temporal's UI. */
  issued?: IssuedTokens;
}

export interface IssuedTokens {
  issuer: string;
  audience: string;
  /** The email addresses or subjects that are accepted; left out: all. */
  users?: readonly string[];
}

/**
 * Reads whom the codec server serves.
 *
 * @throws InvalidEnvironmentError when no caller could use it, or any caller could
 */
export function codecServerAccess(env: Environment): CodecServerAccess {
  const token = readCredential(env, 'AIRBYTE_CODEC_TOKEN');
  const issued = readIssuedTokens(env);
  if (token === undefined && issued === undefined) {
    throw new InvalidEnvironmentError(
      'AIRBYTE_CODEC_TOKEN',
      'is not set, and neither is AIRBYTE_CODEC_ISSUER. The codec server shows what is encrypted, so it needs one of them. Set AIRBYTE_CODEC_TOKEN (or AIRBYTE_CODEC_TOKEN_FILE) to a secret of your own: openssl rand -hex 24',
    );
  }
  return { ...(token !== undefined && { token }), ...(issued !== undefined && { issued }) };
}

function readIssuedTokens(env: Environment): IssuedTokens | undefined {
  const issuer = readVariable(env, 'AIRBYTE_CODEC_ISSUER');
  const audience = readVariable(env, 'AIRBYTE_CODEC_AUDIENCE');
  const users = readVariable(env, 'AIRBYTE_CODEC_USERS');
  if (issuer === undefined) {
    const without = audience === undefined ? users && 'AIRBYTE_CODEC_USERS' : 'AIRBYTE_CODEC_AUDIENCE';
    if (without === undefined) return undefined;
    throw new InvalidEnvironmentError(without, 'has no effect without AIRBYTE_CODEC_ISSUER. Set that too.');
  }
  if (audience === undefined) {
    throw new InvalidEnvironmentError(
      'AIRBYTE_CODEC_AUDIENCE',
      "is not set, and AIRBYTE_CODEC_ISSUER is. Set it to the audience of the UI's access tokens: otherwise a token for any other application would be accepted.",
    );
  }
  return { issuer, audience, ...(users !== undefined && users.length > 0 && { users }) };
}
