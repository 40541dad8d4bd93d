import { z } from 'zod';
import type { IssuedToken } from '../authentication';
import { type ApiCalls, type ApiContext, defineCall } from './call';
import { InvalidCredentialsError } from './errors';

// Airbyte's own documents call the grant `grant-type`; clients of OAuth say `grant_type`. Neither is needed.
export const credentials = z.looseObject({ client_id: z.string(), client_secret: z.string() });

/** `applications/token`: a bearer token for client credentials, and nothing about how long it lasts. */
export const applicationCalls: ApiCalls = {
  'applications/token': defineCall(credentials, (request, context) => ({
    access_token: issueToken(request, context).token,
  })),
};

/** @throws InvalidCredentialsError */
export function issueToken(
  { client_id, client_secret }: z.output<typeof credentials>,
  { authentication }: ApiContext,
): IssuedToken {
  const issued = authentication.issueToken(client_id, client_secret);
  if (issued === undefined) throw new InvalidCredentialsError();
  return issued;
}
