import type { ApiCalls } from './call';

/** `GET health` */
export const healthCalls: ApiCalls = { health: async () => ({ available: true }) };

/** The id of the objects that every Airbyte creates at its installation. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** `GET instance_configuration`: what the server says about itself without authentication. */
export const instanceConfigurationCalls: ApiCalls = {
  instance_configuration: async (_body, { store, behaviour, authentication }) =>
    behaviour.fieldsOf(
      {
        version: behaviour.version,
        edition: 'community',
        licenseStatus: 'pro',
        auth: { mode: authentication.kind === 'none' ? 'none' : 'simple' },
        airbyteUrl: 'http://localhost:8000',
        initialSetupComplete: true,
        defaultUserId: FIRST_ID,
        defaultOrganizationId: FIRST_ID,
        defaultOrganizationEmail: 'airbyte@example.com',
        defaultWorkspaceId: [...store.workspaces.keys()][0] ?? FIRST_ID,
        trackingStrategy: 'logging',
      },
      { licenseStatus: { since: '1.0.0' }, defaultOrganizationEmail: { since: '1.0.0' } },
    ),
};
