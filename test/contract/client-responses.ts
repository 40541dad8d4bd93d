/** Airbyte's responses to the client's calls, and the parts of them that the calls send back. */

export const id = {
  workspace: '5ae6b09b-fdec-41af-aaf7-7d94cfc33ef6',
  definition: 'decd338e-5647-4c0b-adf4-da0e75f5a750',
  actor: '0f3b1b7e-4a5f-4d11-9f3e-5a8c7b1c2d01',
  otherActor: '0f3b1b7e-4a5f-4d11-9f3e-5a8c7b1c2d02',
  connection: '7a0e9d4c-2f6b-4f8e-8b1d-3c5e6f708192',
  catalog: '1c9d7e5f-8a3b-4c2d-9e1f-a0b1c2d3e4f5',
};

export const CONFIGURATION = {
  host: 'db',
  port: 5432,
  database: 'shop',
  username: 'airbyte',
  password: 'secret',
  replication_method: { method: 'Standard' },
};

/** A stream as a discovery gives it, and as activities send it back. */
const STREAM = {
  stream: {
    name: 'orders',
    namespace: 'public',
    jsonSchema: { type: 'object', properties: { id: { type: 'integer' }, updated_at: { type: 'string' } } },
    supportedSyncModes: ['full_refresh', 'incremental'],
    sourceDefinedCursor: false,
    defaultCursorField: ['updated_at'],
    sourceDefinedPrimaryKey: [['id']],
  },
  config: {
    syncMode: 'incremental',
    cursorField: ['updated_at'],
    destinationSyncMode: 'append_dedup',
    primaryKey: [['id']],
    aliasName: 'orders',
    selected: true,
  },
};

export const CONNECTION = {
  name: 'PostgreSQL → MinIO',
  namespaceDefinition: 'customformat',
  namespaceFormat: 'shop_$' + '{SOURCE_NAMESPACE}',
  prefix: 'raw_',
  sourceId: id.actor,
  destinationId: id.otherActor,
  syncCatalog: { streams: [STREAM] },
  sourceCatalogId: id.catalog,
  status: 'active',
};

const JOB = { id: 7, configType: 'sync', configId: id.connection, status: 'running', createdAt: 1, updatedAt: 1 };
const JOB_INFO = { job: JOB, attempts: [] };
export const SOURCE = {
  sourceId: id.actor,
  sourceDefinitionId: id.definition,
  workspaceId: id.workspace,
  name: 'shop',
  sourceName: 'Postgres',
  connectionConfiguration: {},
};
export const DESTINATION = {
  destinationId: id.actor,
  destinationDefinitionId: id.definition,
  workspaceId: id.workspace,
  name: 'lake',
  destinationName: 'S3',
  connectionConfiguration: {},
};
const CONNECTION_READ = { ...CONNECTION, connectionId: id.connection, breakingChange: false };
const WORKSPACE = { workspaceId: id.workspace, name: 'Default Workspace', slug: 'default' };

const TAG = { tagId: id.catalog, workspaceId: id.workspace, name: 'nightly', color: 'FF5733' };

export type Responses = Record<string, unknown>;

/** The smallest responses that the client accepts; null is an empty 204. Any other call gets a 404. */
export const RESPONSES: Responses = {
  '/api/v1/health': { available: true },
  '/api/v1/workspaces/list': { workspaces: [WORKSPACE] },
  '/api/v1/workspaces/get': WORKSPACE,
  '/api/v1/workspaces/update': WORKSPACE,
  '/api/public/v1/workspaces': { data: [WORKSPACE] },
  '/api/v1/source_definitions/list_for_workspace': { sourceDefinitions: [] },
  '/api/v1/source_definitions/list': { sourceDefinitions: [] },
  '/api/v1/source_definitions/get': { sourceDefinitionId: id.definition, name: 'Postgres' },
  '/api/v1/source_definitions/get_for_workspace': { sourceDefinitionId: id.definition, name: 'Postgres' },
  '/api/v1/source_definition_specifications/get': { sourceDefinitionId: id.definition },
  '/api/v1/destination_definitions/list_for_workspace': { destinationDefinitions: [] },
  '/api/v1/destination_definitions/list': { destinationDefinitions: [] },
  '/api/v1/destination_definitions/get': { destinationDefinitionId: id.definition, name: 'S3' },
  '/api/v1/destination_definitions/get_for_workspace': { destinationDefinitionId: id.definition, name: 'S3' },
  '/api/v1/destination_definition_specifications/get': { destinationDefinitionId: id.definition },
  '/api/v1/sources/create': SOURCE,
  '/api/v1/sources/list': { sources: [SOURCE] },
  '/api/v1/sources/get': SOURCE,
  '/api/v1/sources/update': SOURCE,
  '/api/v1/sources/check_connection': { status: 'succeeded' },
  '/api/v1/sources/check_connection_for_update': { status: 'succeeded' },
  '/api/v1/scheduler/sources/check_connection': { status: 'succeeded' },
  '/api/v1/scheduler/sources/discover_schema': { catalogId: id.catalog, catalog: { streams: [STREAM] } },
  '/api/v1/sources/discover_schema': { catalogId: id.catalog, catalog: { streams: [STREAM] } },
  '/api/v1/destinations/create': DESTINATION,
  '/api/v1/destinations/list': { destinations: [DESTINATION] },
  '/api/v1/destinations/get': DESTINATION,
  '/api/v1/destinations/update': DESTINATION,
  '/api/v1/destinations/check_connection': { status: 'succeeded' },
  '/api/v1/destinations/check_connection_for_update': { status: 'succeeded' },
  '/api/v1/scheduler/destinations/check_connection': { status: 'succeeded' },
  '/api/v1/connections/create': CONNECTION_READ,
  '/api/v1/connections/get': CONNECTION_READ,
  '/api/v1/connections/list': { connections: [CONNECTION_READ] },
  '/api/v1/connections/update': CONNECTION_READ,
  '/api/v1/connections/delete': null,
  '/api/v1/connections/sync': JOB_INFO,
  '/api/v1/connections/reset': JOB_INFO,
  '/api/v1/connections/clear': JOB_INFO,
  '/api/v1/connections/refresh': JOB_INFO,
  '/api/v1/actor_definition_versions/get_for_destination': { supportsRefreshes: true },
  '/api/v1/tags/list': [TAG],
  '/api/v1/jobs/get': JOB_INFO,
  '/api/v1/jobs/get_without_logs': JOB_INFO,
  '/api/v1/jobs/list': { jobs: [JOB_INFO] },
  '/api/v1/jobs/list_for_workspaces': { jobs: [JOB_INFO] },
  '/api/v1/jobs/cancel': JOB_INFO,
  '/api/v1/jobs/get_last_replication_job': { job: JOB },
};
