import { z } from 'zod';
import type { Authentication } from '../authentication';
import { type Answer, InvalidInputError } from './errors';

// Airbyte's own documents call the grant `grant-type`; clients of OAuth say `grant_type`. Neither is needed.
const credentials = z.looseObject({ client_id: z.string(), client_secret: z.string() });

/**
 * `applications/token`: a bearer token for client credentials. The Config API's answer has the token alone, the public
 * API's says how long it lasts, too.
 *
 * @throws InvalidInputError
 */
export function answerTokenRequest(authentication: Authentication, body: unknown, isPublicApi: boolean): Answer {
  const parsed = credentials.safeParse(body);
  if (!parsed.success) {
    throw new InvalidInputError([{ propertyPath: 'client_id', message: 'client_id and client_secret are required' }]);
  }
  const issued = authentication.issueToken(parsed.data.client_id, parsed.data.client_secret);
  if (issued === undefined) {
    return { status: 401, body: { message: 'Unauthorized', detail: 'Invalid client credentials' } };
  }
  if (!isPublicApi) return { status: 200, body: { access_token: issued.token } };
  const expires_in = Math.floor(issued.lifetimeMs / 1000);
  return { status: 200, body: { access_token: issued.token, token_type: 'Bearer', expires_in } };
}
