import { z } from 'zod';
import type { IssuedToken } from '../state/authentication';
import { type Application, newApplication } from '../state/authentication';
import { InvalidCredentialsError, NotFoundError } from '../state/errors';
import { type ApiCalls, type ApiContext, defineCall } from './call';

// Airbyte's documents name the grant `grant-type`, while OAuth clients send `grant_type`. The server requires neither.
export const credentials = z.looseObject({ client_id: z.string(), client_secret: z.string() });

export const newApplicationBody = z.looseObject({ name: z.string() });

/** `applications/…`. Unlike the public API, this one returns a token without its lifetime. */
export const applicationCalls: ApiCalls = {
  'applications/create': defineCall(newApplicationBody, ({ name }, context) => createApplication(name, context)),
  'applications/list': defineCall(z.looseObject({}), (_, { authentication }) => ({
    applications: [...authentication.applications.values()],
  })),
  'applications/delete': defineCall(z.looseObject({ applicationId: z.string() }), ({ applicationId }, context) =>
    deleteApplication(applicationId, context),
  ),
  'applications/token': defineCall(credentials, (request, context) => ({
    access_token: issueToken(request, context).token,
  })),
};

export function createApplication(name: string, { authentication }: ApiContext): Application {
  const application = newApplication(name);
  authentication.applications.set(application.id, application);
  return application;
}

/** @throws NotFoundError */
export function applicationOf(applicationId: string, { authentication }: ApiContext): Application {
  const application = authentication.applications.get(applicationId);
  if (application === undefined) throw new NotFoundError('APPLICATION', applicationId);
  return application;
}

/** Deletes an application. Its tokens stay valid until they expire. @throws NotFoundError */
export function deleteApplication(applicationId: string, context: ApiContext): Application {
  const application = applicationOf(applicationId, context);
  context.authentication.applications.delete(applicationId);
  return application;
}

/** @throws InvalidCredentialsError */
export function issueToken(
  { client_id, client_secret }: z.output<typeof credentials>,
  { authentication }: ApiContext,
): IssuedToken {
  const issued = authentication.issueToken(client_id, client_secret);
  if (issued === undefined) throw new InvalidCredentialsError();
  return issued;
}
