import type { AirbyteClient } from '../../src/airbyte/client';
import { CONFIGURATION, CONNECTION, DESTINATION, id, type Responses, SOURCE } from './client-responses';

/** A way to use a method of the client, and the calls that it makes. */
export interface ClientCase {
  /** What is special about this use. */
  when?: string;
  run(airbyte: AirbyteClient): Promise<unknown>;
  calls: string[];
  /** The client makes the calls concurrently, so they arrive in any order. */
  inAnyOrder?: true;
  /** Responses that differ from `RESPONSES`; undefined is a call that the server does not have. */
  responses?: Responses;
  /** Calls and versions whose documents do not have what is sent here, or not so (`invalid`), and why we send it anyway. */
  beyond?: Record<string, { versions: 'all' | string[]; fields: string[]; invalid?: RegExp; because: string }>;
}

const BASIC_SCHEDULE = { units: 6, timeUnit: 'hours' };
const CRON = {
  scheduleType: 'cron',
  scheduleData: { cron: { cronExpression: '0 0 */6 * * ?', cronTimeZone: 'UTC' } },
};
const OLD = ['v0.50.0'];
const JOB_FILTERS = [
  '/statuses',
  '/updatedAtStart',
  '/createdAtStart',
  '/createdAtEnd',
  '/orderByField',
  '/orderByMethod',
];
const PAGES_BEFORE_1_8 = {
  versions: ['v0.50.0', 'v0.63.0', 'v1.0.0', 'v1.6.0'],
  fields: ['/cursor', '/pageSize'],
  because: 'the client requests a second page only if the response to the first one showed a page size',
};
const LIST_OF_DEFINITIONS = {
  versions: 'all' as const,
  fields: ['/workspaceId'],
  because: "the user's reference sends it; Airbyte declares no body for this call",
};

/** Asked after the first call that seems to be missing: whether it is Airbyte that says so, or a gateway. */
const SHOWS_AIRBYTE = 'GET /v1/health';
const SHOWS_AIRBYTE_WITHOUT_HEALTH = 'POST /v1/workspaces/list';

/** One entry for each method of the client, by `resource.method`. */
export const CLIENT_CASES: Record<string, ClientCase[]> = {
  health: [
    { run: (airbyte) => airbyte.health(), calls: ['GET /v1/health'] },
    {
      when: 'the server has no health call',
      responses: { '/api/v1/health': undefined },
      run: (airbyte) => airbyte.health(),
      calls: ['GET /v1/health', SHOWS_AIRBYTE_WITHOUT_HEALTH, 'POST /v1/workspaces/list'],
    },
  ],
  capabilities: [
    {
      responses: {
        '/api/v1/instance_configuration': { version: '2.0.0' },
        '/api/v1/applications/token': { access_token: 'a.b.c' },
        '/api/v1/jobs/list': { jobs: [] },
      },
      run: (airbyte) => airbyte.capabilities(),
      calls: [
        'POST /v1/workspaces/list',
        'GET /v1/instance_configuration',
        'POST /v1/source_definitions/list_for_workspace',
        'POST /v1/source_definition_specifications/get',
        'POST /v1/sources/check_connection',
        'POST /v1/jobs/get',
        'POST /v1/jobs/list',
        'POST /v1/connections/reset',
        'POST /v1/connections/refresh',
        'POST /v1/connections/clear',
        'POST /v1/applications/token',
      ],
      inAnyOrder: true,
      beyond: {
        'POST /v1/jobs/list': {
          versions: OLD,
          fields: JOB_FILTERS,
          invalid: /configId|configTypes/,
          because: 'it is how 0.50 shows that it does not list the jobs of all connections',
        },
      },
    },
  ],
  'workspaces.list': [
    { run: (airbyte) => airbyte.workspaces.list(), calls: ['POST /v1/workspaces/list'] },
    {
      when: 'the Config API has none, as since 1.8',
      responses: { '/api/v1/workspaces/list': undefined },
      run: (airbyte) => airbyte.workspaces.list(),
      calls: ['POST /v1/workspaces/list', SHOWS_AIRBYTE, 'GET /public/v1/workspaces'],
    },
  ],
  'workspaces.get': [{ run: (airbyte) => airbyte.workspaces.get(id.workspace), calls: ['POST /v1/workspaces/get'] }],

  'sourceDefinitions.list': [
    {
      run: (airbyte) => airbyte.sourceDefinitions.list(id.workspace),
      calls: ['POST /v1/source_definitions/list_for_workspace'],
    },
    {
      when: 'the server has no list per workspace',
      responses: { '/api/v1/source_definitions/list_for_workspace': undefined },
      run: (airbyte) => airbyte.sourceDefinitions.list(id.workspace),
      calls: ['POST /v1/source_definitions/list_for_workspace', SHOWS_AIRBYTE, 'POST /v1/source_definitions/list'],
      beyond: { 'POST /v1/source_definitions/list': LIST_OF_DEFINITIONS },
    },
  ],
  'sourceDefinitions.get': [
    {
      run: (airbyte) => airbyte.sourceDefinitions.get({ sourceDefinitionId: id.definition }),
      calls: ['POST /v1/source_definitions/get'],
    },
    {
      when: 'for a workspace',
      run: (airbyte) => airbyte.sourceDefinitions.get({ sourceDefinitionId: id.definition, workspaceId: id.workspace }),
      calls: ['POST /v1/source_definitions/get_for_workspace'],
    },
  ],
  'sourceDefinitions.specification': [
    {
      run: (airbyte) =>
        airbyte.sourceDefinitions.specification({ sourceDefinitionId: id.definition, workspaceId: id.workspace }),
      calls: ['POST /v1/source_definition_specifications/get'],
    },
  ],
  'destinationDefinitions.list': [
    {
      run: (airbyte) => airbyte.destinationDefinitions.list(id.workspace),
      calls: ['POST /v1/destination_definitions/list_for_workspace'],
    },
    {
      when: 'the server has no list per workspace',
      responses: { '/api/v1/destination_definitions/list_for_workspace': undefined },
      run: (airbyte) => airbyte.destinationDefinitions.list(id.workspace),
      calls: [
        'POST /v1/destination_definitions/list_for_workspace',
        SHOWS_AIRBYTE,
        'POST /v1/destination_definitions/list',
      ],
      beyond: { 'POST /v1/destination_definitions/list': LIST_OF_DEFINITIONS },
    },
  ],
  'destinationDefinitions.get': [
    {
      run: (airbyte) => airbyte.destinationDefinitions.get({ destinationDefinitionId: id.definition }),
      calls: ['POST /v1/destination_definitions/get'],
    },
    {
      when: 'for a workspace',
      run: (airbyte) =>
        airbyte.destinationDefinitions.get({ destinationDefinitionId: id.definition, workspaceId: id.workspace }),
      calls: ['POST /v1/destination_definitions/get_for_workspace'],
    },
  ],
  'destinationDefinitions.specification': [
    {
      run: (airbyte) =>
        airbyte.destinationDefinitions.specification({
          destinationDefinitionId: id.definition,
          workspaceId: id.workspace,
        }),
      calls: ['POST /v1/destination_definition_specifications/get'],
    },
  ],

  'sources.create': [
    {
      run: (airbyte) =>
        airbyte.sources.create({
          workspaceId: id.workspace,
          name: 'shop',
          sourceDefinitionId: id.definition,
          connectionConfiguration: CONFIGURATION,
        }),
      calls: ['POST /v1/sources/create'],
    },
  ],
  'sources.list': [
    { run: (airbyte) => airbyte.sources.list(id.workspace), calls: ['POST /v1/sources/list'] },
    {
      when: 'in pages, as since 1.8',
      responses: { '/api/v1/sources/list': { sources: [SOURCE], page_size: 1 } },
      run: (airbyte) => airbyte.sources.list(id.workspace),
      calls: ['POST /v1/sources/list', 'POST /v1/sources/list'],
      beyond: { 'POST /v1/sources/list': PAGES_BEFORE_1_8 },
    },
  ],
  'sources.get': [{ run: (airbyte) => airbyte.sources.get(id.actor), calls: ['POST /v1/sources/get'] }],
  'sources.update': [
    {
      run: (airbyte) =>
        airbyte.sources.update({ sourceId: id.actor, name: 'shop', connectionConfiguration: CONFIGURATION }),
      calls: ['POST /v1/sources/update'],
    },
  ],
  'sources.checkConnection': [
    { run: (airbyte) => airbyte.sources.checkConnection(id.actor), calls: ['POST /v1/sources/check_connection'] },
  ],
  'sources.checkConnectionForUpdate': [
    {
      run: (airbyte) =>
        airbyte.sources.checkConnectionForUpdate({
          sourceId: id.actor,
          name: 'shop',
          connectionConfiguration: CONFIGURATION,
        }),
      calls: ['POST /v1/sources/check_connection_for_update'],
    },
  ],
  'sources.checkConnectionForCreate': [
    {
      run: (airbyte) =>
        airbyte.sources.checkConnectionForCreate({
          workspaceId: id.workspace,
          sourceDefinitionId: id.definition,
          connectionConfiguration: CONFIGURATION,
        }),
      calls: ['POST /v1/scheduler/sources/check_connection'],
    },
  ],
  'sources.discoverSchemaOfConfiguration': [
    {
      run: (airbyte) =>
        airbyte.sources.discoverSchemaOfConfiguration({
          workspaceId: id.workspace,
          sourceDefinitionId: id.definition,
          sourceId: id.actor,
          connectionConfiguration: CONFIGURATION,
        }),
      calls: ['POST /v1/scheduler/sources/discover_schema'],
    },
  ],
  'sources.discoverSchema': [
    { run: (airbyte) => airbyte.sources.discoverSchema(id.actor), calls: ['POST /v1/sources/discover_schema'] },
    {
      when: 'afresh, for a connection',
      run: (airbyte) => airbyte.sources.discoverSchema(id.actor, { disableCache: true, connectionId: id.connection }),
      calls: ['POST /v1/sources/discover_schema'],
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
      calls: ['POST /v1/destinations/create'],
    },
  ],
  'destinations.list': [
    { run: (airbyte) => airbyte.destinations.list(id.workspace), calls: ['POST /v1/destinations/list'] },
    {
      when: 'in pages, as since 1.8',
      responses: { '/api/v1/destinations/list': { destinations: [DESTINATION], page_size: 1 } },
      run: (airbyte) => airbyte.destinations.list(id.workspace),
      calls: ['POST /v1/destinations/list', 'POST /v1/destinations/list'],
      beyond: { 'POST /v1/destinations/list': PAGES_BEFORE_1_8 },
    },
  ],
  'destinations.get': [{ run: (airbyte) => airbyte.destinations.get(id.actor), calls: ['POST /v1/destinations/get'] }],
  'destinations.update': [
    {
      run: (airbyte) =>
        airbyte.destinations.update({ destinationId: id.actor, name: 'lake', connectionConfiguration: {} }),
      calls: ['POST /v1/destinations/update'],
    },
  ],
  'destinations.checkConnection': [
    {
      run: (airbyte) => airbyte.destinations.checkConnection(id.actor),
      calls: ['POST /v1/destinations/check_connection'],
    },
  ],
  'destinations.checkConnectionForUpdate': [
    {
      run: (airbyte) =>
        airbyte.destinations.checkConnectionForUpdate({
          destinationId: id.actor,
          name: 'lake',
          connectionConfiguration: {},
        }),
      calls: ['POST /v1/destinations/check_connection_for_update'],
    },
  ],
  'destinations.checkConnectionForCreate': [
    {
      run: (airbyte) =>
        airbyte.destinations.checkConnectionForCreate({
          workspaceId: id.workspace,
          destinationDefinitionId: id.definition,
          connectionConfiguration: {},
        }),
      calls: ['POST /v1/scheduler/destinations/check_connection'],
    },
  ],

  'connections.create': [
    ...[{}, { schedule: BASIC_SCHEDULE }, CRON].map((schedule) => ({
      when: `its schedule is ${JSON.stringify(schedule)}`,
      run: (airbyte: AirbyteClient) => airbyte.connections.create({ ...CONNECTION, ...schedule }),
      calls: ['POST /v1/connections/create'],
    })),
  ],
  'connections.get': [
    { run: (airbyte) => airbyte.connections.get(id.connection), calls: ['POST /v1/connections/get'] },
  ],
  'connections.list': [
    { run: (airbyte) => airbyte.connections.list(id.workspace), calls: ['POST /v1/connections/list'] },
  ],
  'connections.update': [
    {
      when: 'some fields change',
      run: (airbyte) =>
        airbyte.connections.update({
          connectionId: id.connection,
          status: 'inactive',
          scheduleType: 'basic',
          scheduleData: { basicSchedule: BASIC_SCHEDULE },
        }),
      calls: ['POST /v1/connections/update'],
    },
    {
      when: 'a connection that was read is sent back whole',
      run: async (airbyte) => airbyte.connections.update(await airbyte.connections.get(id.connection)),
      calls: ['POST /v1/connections/get', 'POST /v1/connections/update'],
      beyond: {
        'POST /v1/connections/update': {
          versions: 'all',
          fields: ['/sourceId', '/destinationId'],
          because: "the user's reference sends back all that it read; Airbyte does not move a connection",
        },
      },
    },
  ],
  'connections.delete': [
    { run: (airbyte) => airbyte.connections.delete(id.connection), calls: ['POST /v1/connections/delete'] },
  ],
  'connections.sync': [
    { run: (airbyte) => airbyte.connections.sync(id.connection), calls: ['POST /v1/connections/sync'] },
  ],
  'connections.reset': [
    { run: (airbyte) => airbyte.connections.reset(id.connection), calls: ['POST /v1/connections/reset'] },
  ],
  'connections.clear': [
    { run: (airbyte) => airbyte.connections.clear(id.connection), calls: ['POST /v1/connections/clear'] },
  ],
  'connections.refresh': [
    { run: (airbyte) => airbyte.connections.refresh(id.connection), calls: ['POST /v1/connections/refresh'] },
    {
      when: 'the old records go',
      run: (airbyte) => airbyte.connections.refresh(id.connection, { refreshMode: 'Truncate' }),
      calls: ['POST /v1/connections/refresh'],
    },
  ],

  'connections.supportsRefreshes': [
    {
      run: (airbyte) => airbyte.connections.supportsRefreshes(id.connection),
      calls: ['POST /v1/connections/get', 'POST /v1/actor_definition_versions/get_for_destination'],
    },
  ],

  'tags.list': [{ run: (airbyte) => airbyte.tags.list(id.workspace), calls: ['POST /v1/tags/list'] }],
  'webhooks.get': [{ run: (airbyte) => airbyte.webhooks.get(id.workspace), calls: ['POST /v1/workspaces/get'] }],
  'webhooks.set': [
    {
      run: (airbyte) => airbyte.webhooks.set(id.workspace, { success: 'http://worker:8400/x', failure: null }),
      calls: ['POST /v1/workspaces/get', 'POST /v1/workspaces/update'],
    },
  ],
  'webhooks.try': [
    {
      responses: { '/api/v1/notifications/try_webhook': { status: 'succeeded' } },
      run: (airbyte) => airbyte.webhooks.try('http://worker:8400/x', 'success'),
      calls: ['POST /v1/notifications/try_webhook'],
    },
  ],
  'jobs.get': [{ run: (airbyte) => airbyte.jobs.get(7), calls: ['POST /v1/jobs/get'] }],
  'jobs.getWithLogs': [{ run: (airbyte) => airbyte.jobs.getWithLogs(7), calls: ['POST /v1/jobs/get'] }],
  'jobs.getWithoutLogs': [
    { run: (airbyte) => airbyte.jobs.getWithoutLogs(7), calls: ['POST /v1/jobs/get_without_logs'] },
    {
      when: 'the server has no such call',
      responses: { '/api/v1/jobs/get_without_logs': undefined },
      run: (airbyte) => airbyte.jobs.getWithoutLogs(7),
      calls: ['POST /v1/jobs/get_without_logs', SHOWS_AIRBYTE, 'POST /v1/jobs/get'],
    },
  ],
  'jobs.list': [
    {
      when: 'of one connection',
      run: (airbyte) =>
        airbyte.jobs.list({
          connectionId: id.connection,
          jobTypes: ['sync', 'reset_connection'],
          pageSize: 10,
          rowOffset: 20,
        }),
      calls: ['POST /v1/jobs/list'],
    },
    {
      when: 'with every filter',
      run: (airbyte) =>
        airbyte.jobs.list({
          connectionId: id.connection,
          jobTypes: ['sync'],
          statuses: ['pending', 'running', 'incomplete'],
          updatedAtStart: new Date(0),
          createdAtStart: new Date(0),
          createdAtEnd: '2026-08-01T00:00:00.000Z',
          orderBy: { field: 'updatedAt', direction: 'ASC' },
        }),
      calls: ['POST /v1/jobs/list'],
      beyond: {
        'POST /v1/jobs/list': {
          versions: OLD,
          fields: JOB_FILTERS,
          because: '0.50 ignores filters, and takes no harm',
        },
      },
    },
  ],
  'jobs.listForWorkspaces': [
    {
      run: (airbyte) =>
        airbyte.jobs.listForWorkspaces({
          workspaceIds: [id.workspace],
          jobTypes: ['sync', 'refresh', 'clear', 'reset_connection'],
          updatedAtStart: '2026-08-01T00:00:00.000Z',
          pageSize: 200,
          orderBy: { field: 'updatedAt', direction: 'DESC' },
        }),
      calls: ['POST /v1/jobs/list_for_workspaces'],
    },
  ],
  'jobs.cancel': [{ run: (airbyte) => airbyte.jobs.cancel(7), calls: ['POST /v1/jobs/cancel'] }],
  'jobs.getLastReplicationJob': [
    {
      run: (airbyte) => airbyte.jobs.getLastReplicationJob(id.connection),
      calls: ['POST /v1/jobs/get_last_replication_job'],
    },
  ],
};
