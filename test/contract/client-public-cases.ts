import type { AirbyteClient } from '../../src/airbyte/client';
import { CONFIGURATION, CONNECTION, id } from './client-responses';

/** What the public API responses: as the documents have it, with every field that they require. */
const WORKSPACE = { workspaceId: id.workspace, name: 'Default Workspace', dataResidency: 'auto', notifications: {} };
const DEFINITION = {
  id: id.definition,
  name: 'Postgres',
  dockerRepository: 'airbyte/source-postgres',
  dockerImageTag: '3.6.1',
};
const ACTOR = {
  workspaceId: id.workspace,
  definitionId: id.definition,
  name: 'shop',
  configuration: {},
  createdAt: 1_785_000_000,
};
const SOURCE = { ...ACTOR, sourceId: id.actor, sourceType: 'postgres' };
const DESTINATION = { ...ACTOR, destinationId: id.actor, destinationType: 's3' };
const STREAM = {
  streamName: 'orders',
  streamnamespace: 'public',
  syncModes: ['full_refresh_append', 'incremental_deduped_history'],
  defaultCursorField: ['updated_at'],
  sourceDefinedCursorField: false,
  sourceDefinedPrimaryKey: [['id']],
  propertyFields: [['id'], ['updated_at']],
};
const CONNECTION_SHOWN = {
  connectionId: id.connection,
  name: CONNECTION.name,
  sourceId: id.actor,
  destinationId: id.otherActor,
  workspaceId: id.workspace,
  status: 'active',
  schedule: { scheduleType: 'basic', basicTiming: 'Every 6 HOURS' },
  nonBreakingSchemaUpdatesBehavior: 'disable_connection',
  namespaceDefinition: 'custom_format',
  namespaceFormat: CONNECTION.namespaceFormat,
  prefix: 'raw_',
  configurations: {
    streams: [
      {
        name: 'orders',
        namespace: 'public',
        syncMode: 'incremental_deduped_history',
        cursorField: ['updated_at'],
        primaryKey: [['id']],
        selectedFields: [{ fieldPath: ['id'] }, { fieldPath: ['updated_at'] }],
      },
    ],
  },
  createdAt: 1_785_000_000,
  dataResidency: 'auto',
  tags: [],
};
const JOB = {
  jobId: 7,
  status: 'running',
  jobType: 'sync',
  startTime: '2026-08-01T12:00Z',
  duration: 'PT30S',
  connectionId: id.connection,
  bytesSynced: 1_000,
  rowsSynced: 10,
};

const definitions = `/workspaces/${id.workspace}/definitions`;

/** By method and path below `/api/public/v1`; null is an empty 204. Any other call gets a 404. */
export const PUBLIC_RESPONSES: Record<string, unknown> = {
  'POST /applications/token': { access_token: 'a.b.c', token_type: 'Bearer', expires_in: 900 },
  'GET /workspaces': { data: [WORKSPACE] },
  [`GET /workspaces/${id.workspace}`]: WORKSPACE,
  [`PATCH /workspaces/${id.workspace}`]: WORKSPACE,
  [`GET ${definitions}/sources`]: { data: [DEFINITION] },
  [`GET ${definitions}/declarative_sources`]: {
    data: [{ id: id.definition, name: 'Our CRM', manifest: {}, version: 1 }],
  },
  [`GET ${definitions}/sources/${id.definition}`]: DEFINITION,
  [`GET ${definitions}/destinations`]: { data: [DEFINITION] },
  [`GET ${definitions}/destinations/${id.definition}`]: DEFINITION,
  'GET /sources': { data: [SOURCE], previous: '', next: '' },
  'POST /sources': SOURCE,
  [`GET /sources/${id.actor}`]: SOURCE,
  [`PATCH /sources/${id.actor}`]: SOURCE,
  'GET /destinations': { data: [DESTINATION] },
  'POST /destinations': DESTINATION,
  [`GET /destinations/${id.actor}`]: DESTINATION,
  [`PATCH /destinations/${id.actor}`]: DESTINATION,
  'GET /streams': [STREAM],
  'GET /connections': { data: [CONNECTION_SHOWN] },
  'POST /connections': CONNECTION_SHOWN,
  [`GET /connections/${id.connection}`]: CONNECTION_SHOWN,
  [`PATCH /connections/${id.connection}`]: CONNECTION_SHOWN,
  [`DELETE /connections/${id.connection}`]: null,
  'GET /tags': { data: [{ tagId: id.catalog, workspaceId: id.workspace, name: 'nightly', color: 'FF5733' }] },
  'GET /jobs': { data: [{ ...JOB, status: 'succeeded', lastUpdatedAt: '2026-08-01T12:00:30Z' }] },
  'POST /jobs': JOB,
  'GET /jobs/7': JOB,
  'DELETE /jobs/7': { ...JOB, status: 'cancelled' },
};

/** A way to use a method of the client of a public API, and the calls that it makes. */
export interface PublicClientCase {
  when?: string;
  run(airbyte: AirbyteClient): Promise<unknown>;
  /** None for what this API does not have. */
  calls: string[];
  /** What is known without a call; left out: that this API does not have it. */
  knows?: unknown;
  /** The client makes the calls concurrently, so they arrive in any order. */
  inAnyOrder?: true;
}

const EVERY_TYPE = ['sync', 'reset_connection', 'refresh', 'clear'];
const unsupported = (run: PublicClientCase['run']): PublicClientCase[] => [{ run, calls: [] }];

/** One entry for each method of the client, by `resource.method`. */
export const PUBLIC_CLIENT_CASES: Record<string, PublicClientCase[]> = {
  health: [{ run: (airbyte) => airbyte.health(), calls: ['GET /workspaces'] }],
  capabilities: [
    {
      run: (airbyte) => airbyte.capabilities(),
      calls: ['GET /workspaces', `GET ${definitions}/sources`, 'GET /jobs', 'POST /applications/token'],
      inAnyOrder: true,
    },
  ],
  'workspaces.list': [{ run: (airbyte) => airbyte.workspaces.list(), calls: ['GET /workspaces'] }],
  'workspaces.get': [
    { run: (airbyte) => airbyte.workspaces.get(id.workspace), calls: [`GET /workspaces/${id.workspace}`] },
  ],
  'sourceDefinitions.list': [
    {
      run: (airbyte) => airbyte.sourceDefinitions.list(id.workspace),
      calls: [`GET ${definitions}/sources`, `GET ${definitions}/declarative_sources`],
      inAnyOrder: true,
    },
  ],
  'sourceDefinitions.get': [
    {
      run: (airbyte) => airbyte.sourceDefinitions.get({ sourceDefinitionId: id.definition, workspaceId: id.workspace }),
      calls: [`GET ${definitions}/sources/${id.definition}`],
    },
  ],
  'sourceDefinitions.specification': unsupported((airbyte) =>
    airbyte.sourceDefinitions.specification({ sourceDefinitionId: id.definition, workspaceId: id.workspace }),
  ),
  'destinationDefinitions.list': [
    {
      run: (airbyte) => airbyte.destinationDefinitions.list(id.workspace),
      calls: [`GET ${definitions}/destinations`],
    },
  ],
  'destinationDefinitions.get': [
    {
      run: (airbyte) =>
        airbyte.destinationDefinitions.get({ destinationDefinitionId: id.definition, workspaceId: id.workspace }),
      calls: [`GET ${definitions}/destinations/${id.definition}`],
    },
  ],
  'destinationDefinitions.specification': unsupported((airbyte) =>
    airbyte.destinationDefinitions.specification({ destinationDefinitionId: id.definition, workspaceId: id.workspace }),
  ),
  'sources.create': [
    {
      run: (airbyte) =>
        airbyte.sources.create({
          workspaceId: id.workspace,
          name: 'shop',
          sourceDefinitionId: id.definition,
          connectionConfiguration: CONFIGURATION,
        }),
      calls: ['POST /sources'],
    },
  ],
  'sources.list': [{ run: (airbyte) => airbyte.sources.list(id.workspace), calls: ['GET /sources'] }],
  'sources.get': [{ run: (airbyte) => airbyte.sources.get(id.actor), calls: [`GET /sources/${id.actor}`] }],
  'sources.update': [
    {
      run: (airbyte) =>
        airbyte.sources.update({ sourceId: id.actor, name: 'shop', connectionConfiguration: CONFIGURATION }),
      calls: [`PATCH /sources/${id.actor}`],
    },
  ],
  'sources.checkConnection': unsupported((airbyte) => airbyte.sources.checkConnection(id.actor)),
  'sources.checkConnectionForUpdate': unsupported((airbyte) =>
    airbyte.sources.checkConnectionForUpdate({ sourceId: id.actor, name: 'shop', connectionConfiguration: {} }),
  ),
  'sources.checkConnectionForCreate': unsupported((airbyte) =>
    airbyte.sources.checkConnectionForCreate({
      workspaceId: id.workspace,
      sourceDefinitionId: id.definition,
      connectionConfiguration: {},
    }),
  ),
  'sources.discoverSchemaOfConfiguration': unsupported((airbyte) =>
    airbyte.sources.discoverSchemaOfConfiguration({
      workspaceId: id.workspace,
      sourceDefinitionId: id.definition,
      connectionConfiguration: {},
    }),
  ),
  'sources.discoverSchema': [
    { run: (airbyte) => airbyte.sources.discoverSchema(id.actor), calls: ['GET /streams'] },
    {
      when: 'afresh',
      run: (airbyte) => airbyte.sources.discoverSchema(id.actor, { disableCache: true }),
      calls: ['GET /streams'],
    },
  ],
  'destinations.create': [
    {
      run: (airbyte) =>
        airbyte.destinations.create({
          workspaceId: id.workspace,
          name: 'lake',
          destinationDefinitionId: id.definition,
          connectionConfiguration: { s3_bucket_name: 'lake', format: { format_type: 'Parquet' } },
        }),
      calls: ['POST /destinations'],
    },
  ],
  'destinations.list': [{ run: (airbyte) => airbyte.destinations.list(id.workspace), calls: ['GET /destinations'] }],
  'destinations.get': [
    { run: (airbyte) => airbyte.destinations.get(id.actor), calls: [`GET /destinations/${id.actor}`] },
  ],
  'destinations.update': [
    {
      run: (airbyte) =>
        airbyte.destinations.update({ destinationId: id.actor, name: 'lake', connectionConfiguration: {} }),
      calls: [`PATCH /destinations/${id.actor}`],
    },
  ],
  'destinations.checkConnection': unsupported((airbyte) => airbyte.destinations.checkConnection(id.actor)),
  'destinations.checkConnectionForUpdate': unsupported((airbyte) =>
    airbyte.destinations.checkConnectionForUpdate({
      destinationId: id.actor,
      name: 'lake',
      connectionConfiguration: {},
    }),
  ),
  'destinations.checkConnectionForCreate': unsupported((airbyte) =>
    airbyte.destinations.checkConnectionForCreate({
      workspaceId: id.workspace,
      destinationDefinitionId: id.definition,
      connectionConfiguration: {},
    }),
  ),
  'connections.create': [
    ...[
      {},
      { schedule: { units: 6, timeUnit: 'hours' } },
      { scheduleType: 'cron', scheduleData: { cron: { cronExpression: '0 30 4 * * ?', cronTimeZone: 'UTC' } } },
    ].map((schedule) => ({
      when: `its schedule is ${JSON.stringify(schedule)}`,
      run: (airbyte: AirbyteClient) => airbyte.connections.create({ ...CONNECTION, ...schedule }),
      calls: ['POST /connections'],
    })),
  ],
  'connections.get': [
    { run: (airbyte) => airbyte.connections.get(id.connection), calls: [`GET /connections/${id.connection}`] },
  ],
  'connections.list': [{ run: (airbyte) => airbyte.connections.list(id.workspace), calls: ['GET /connections'] }],
  'connections.update': [
    {
      when: 'some fields change',
      run: (airbyte) =>
        airbyte.connections.update({ connectionId: id.connection, status: 'inactive', scheduleType: 'manual' }),
      calls: [`PATCH /connections/${id.connection}`],
    },
    {
      when: 'a connection that was read is sent back whole',
      run: async (airbyte) => airbyte.connections.update(await airbyte.connections.get(id.connection)),
      calls: [`GET /connections/${id.connection}`, `PATCH /connections/${id.connection}`],
    },
  ],
  'connections.delete': [
    {
      run: (airbyte) => airbyte.connections.delete(id.connection),
      calls: [`DELETE /connections/${id.connection}`],
    },
  ],
  'connections.sync': [{ run: (airbyte) => airbyte.connections.sync(id.connection), calls: ['POST /jobs'] }],
  'connections.reset': [{ run: (airbyte) => airbyte.connections.reset(id.connection), calls: ['POST /jobs'] }],
  'connections.clear': [{ run: (airbyte) => airbyte.connections.clear(id.connection), calls: ['POST /jobs'] }],
  'connections.refresh': unsupported((airbyte) => airbyte.connections.refresh(id.connection)),
  'connections.supportsRefreshes': [
    { run: (airbyte) => airbyte.connections.supportsRefreshes(id.connection), calls: [], knows: false },
  ],
  'tags.list': [{ run: (airbyte) => airbyte.tags.list(id.workspace), calls: ['GET /tags'] }],
  'webhooks.get': [
    { run: (airbyte) => airbyte.webhooks.get(id.workspace), calls: [`GET /workspaces/${id.workspace}`] },
  ],
  'webhooks.set': [
    {
      run: (airbyte) => airbyte.webhooks.set(id.workspace, { success: 'http://worker:8400/x', failure: null }),
      calls: [`PATCH /workspaces/${id.workspace}`],
    },
  ],
  'webhooks.try': [{ run: (airbyte) => airbyte.webhooks.try('http://worker:8400/x', 'success'), calls: [] }],
  'jobs.get': [{ run: (airbyte) => airbyte.jobs.get(7), calls: ['GET /jobs/7'] }],
  'jobs.getWithLogs': [{ run: (airbyte) => airbyte.jobs.getWithLogs(7), calls: [] }],
  'jobs.getWithoutLogs': [{ run: (airbyte) => airbyte.jobs.getWithoutLogs(7), calls: ['GET /jobs/7'] }],
  'jobs.list': [
    {
      when: 'of one connection',
      run: (airbyte) => airbyte.jobs.list({ connectionId: id.connection, jobTypes: EVERY_TYPE, pageSize: 10 }),
      calls: ['GET /jobs'],
    },
    {
      when: 'with every filter',
      run: (airbyte) =>
        airbyte.jobs.list({
          connectionId: id.connection,
          jobTypes: ['reset_connection'],
          statuses: ['running'],
          updatedAtStart: new Date(0),
          createdAtStart: new Date(0),
          createdAtEnd: '2026-08-01T00:00:00.000Z',
          orderBy: { field: 'updatedAt', direction: 'ASC' },
          pageSize: 200,
          rowOffset: 200,
        }),
      calls: ['GET /jobs'],
    },
  ],
  'jobs.listForWorkspaces': [
    {
      run: (airbyte) =>
        airbyte.jobs.listForWorkspaces({
          workspaceIds: [id.workspace, id.otherActor],
          jobTypes: EVERY_TYPE,
          updatedAtStart: '2026-08-01T00:00:00.000Z',
        }),
      calls: ['GET /jobs'],
    },
  ],
  'jobs.cancel': [{ run: (airbyte) => airbyte.jobs.cancel(7), calls: ['DELETE /jobs/7'] }],
  'jobs.getLastReplicationJob': [
    { run: (airbyte) => airbyte.jobs.getLastReplicationJob(id.connection), calls: ['GET /jobs'] },
  ],
};
