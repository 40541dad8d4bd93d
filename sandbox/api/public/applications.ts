import {
  applicationOf,
  createApplication as create,
  credentials,
  deleteApplication,
  issueToken,
  newApplicationBody,
} from '../applications';
import { definePublicCall, type PublicCall } from './call';

/** A bearer token for client credentials, with its lifetime in seconds. */
export const createToken: PublicCall = definePublicCall({ body: credentials }, ({ body }, context) => {
  const { token, lifetimeMs } = issueToken(body, context);
  return { access_token: token, token_type: 'Bearer', expires_in: Math.floor(lifetimeMs / 1000) };
});

export const createApplication: PublicCall = definePublicCall({ body: newApplicationBody }, ({ body }, context) =>
  create(body.name, context),
);

export const listApplications: PublicCall = definePublicCall({}, (_, { authentication }) => ({
  applications: [...authentication.applications.values()],
}));

export const getApplication: PublicCall = definePublicCall({}, ({ text }, context) =>
  applicationOf(text('applicationId'), context),
);

/** Returns the deleted application. */
export const removeApplication: PublicCall = definePublicCall({}, ({ text }, context) =>
  deleteApplication(text('applicationId'), context),
);
