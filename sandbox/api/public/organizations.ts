import { z } from 'zod';
import { uuid } from '../call';
import { definePublicCall, type PublicCall } from './call';

/** The only user, and the organization that every Airbyte creates at its installation. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const EMAIL = 'airbyte@example.com';

export const listOrganizations: PublicCall = definePublicCall({}, (_, { store }) => ({
  data: [{ organizationId: store.organizationId, organizationName: 'Default Organization', email: EMAIL }],
}));

export const listUsers: PublicCall = definePublicCall(
  { query: z.looseObject({ organizationId: uuid }) },
  (_, { behaviour }) => {
    const id = behaviour.has('userIds') ? { id: FIRST_ID } : { userId: FIRST_ID };
    return { data: [{ ...id, name: 'Default User', email: EMAIL }] };
  },
);
