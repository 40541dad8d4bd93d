import { credentials, issueToken } from '../applications';
import { definePublicCall, type PublicCall } from './call';

/** A bearer token for client credentials, and for how many seconds it is good. */
export const createToken: PublicCall = definePublicCall({ body: credentials }, ({ body }, context) => {
  const { token, lifetimeMs } = issueToken(body, context);
  return { access_token: token, token_type: 'Bearer', expires_in: Math.floor(lifetimeMs / 1000) };
});
