import type { Activities } from '../../activities';

const left = { action: 'leave' as const, changes: [] };
const created = { action: 'create' as const, id: null, changes: [] };
const found = {
  findWorkspace: async () => ({ workspaceId: 'w', name: 'Default Workspace' }),
  findSourceDefinition: async () => ({ definitionId: 'postgres', name: 'Postgres' }),
  findDestinationDefinition: async () => ({ definitionId: 's3', name: 'S3' }),
  checkSource: async () => undefined,
  checkDestination: async () => undefined,
  checkSourceConfiguration: async () => true,
  checkDestinationConfiguration: async () => true,
} satisfies Partial<Activities>;

/** The activities of a pipeline of which everything is there already, as it is desired. */
export const UNCHANGED_PIPELINE = {
  ...found,
  planSource: async () => ({ ...left, name: 'shop', id: 'source' }),
  planDestination: async () => ({ ...left, name: 'lake', id: 'destination' }),
  prepareConnection: async () => ({
    planned: { ...left, name: 'orders', id: 'orders', streams: [] },
    selected: { streams: [] },
  }),
  applySource: async () => ({ actorId: 'source', created: false, updated: true }),
  applyDestination: async () => ({ actorId: 'destination', created: false, updated: true }),
  applyConnection: async () => ({ connectionId: 'orders', created: false, updated: [] }),
} satisfies Partial<Activities>;

/** The activities of a pipeline of which nothing is there. */
export const NEW_PIPELINE = {
  ...found,
  planSource: async () => ({ ...created, name: 'shop' }),
  planDestination: async () => ({ ...created, name: 'lake' }),
  prepareConnection: async () => ({
    planned: { ...created, name: 'orders', streams: [] },
    selected: { streams: [] },
  }),
  applySource: async () => ({ actorId: 'source', created: true, updated: false }),
  applyDestination: async () => ({ actorId: 'destination', created: true, updated: false }),
  applyConnection: async () => ({ connectionId: 'orders', created: true, updated: [] }),
} satisfies Partial<Activities>;
