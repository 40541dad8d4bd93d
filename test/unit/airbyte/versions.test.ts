import { describe, expect, it } from '@jest/globals';
import { MISSING_ENDPOINT } from './scripted-airbyte';
import { airbyte, client, warnings } from './scripted-client';

const WORKSPACE = 'b5a5a0a6-8f6e-4c61-9a3c-0f5c1d2e3f4a';

describe('the list of workspaces', () => {
  const page = (from: number, length: number) =>
    Array.from({ length }, (_, index) => ({ workspaceId: `w${from + index}`, name: `Workspace ${from + index}` }));

  it.each([
    [404, MISSING_ENDPOINT],
    [404, { errorId: 'e' }],
    [405, MISSING_ENDPOINT],
    [403, { message: 'Forbidden' }],
  ])("comes from the public API, page by page, when the Config API's returns %d %j", async (status, body) => {
    airbyte.script = (request) => {
      const url = new URL(request.path, airbyte.origin);
      if (url.pathname !== '/api/public/v1/workspaces') {
        return { status, body };
      }
      const offset = Number(url.searchParams.get('offset'));
      return { body: { data: page(0, 107).slice(offset, offset + 100) } };
    };
    const workspaces = await client.workspaces.list();
    expect(workspaces).toHaveLength(107);
    expect(workspaces[106]).toEqual({ workspaceId: 'w106', name: 'Workspace 106' });
    expect(airbyte.requests.map((request) => `${request.method} ${request.path}`)).toEqual([
      'POST /api/v1/workspaces/list',
      'GET /api/public/v1/workspaces?limit=100&offset=0',
      'GET /api/public/v1/workspaces?limit=100&offset=95',
      'GET /api/public/v1/workspaces?limit=100&offset=107',
    ]);
  });

  it('is read from the public API from then on', async () => {
    airbyte.script = (request) =>
      request.path.includes('/public/') ? { body: { data: page(0, 1) } } : { status: 404, body: MISSING_ENDPOINT };
    await client.workspaces.list();
    await client.workspaces.list();
    expect(airbyte.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
  });

  it('is read from the Config API again when it was only forbidden', async () => {
    airbyte.script = (request) =>
      request.path.includes('/public/') ? { body: { data: page(0, 1) } } : { status: 403, body: {} };
    await client.workspaces.list();
    await client.workspaces.list();
    expect(airbyte.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'POST', 'GET']);
  });

  it('ends on a server that always gives the same page', async () => {
    airbyte.script = (request) =>
      request.path.includes('/public/') ? { body: { data: page(0, 100) } } : { status: 404, body: MISSING_ENDPOINT };
    expect(await client.workspaces.list()).toHaveLength(100);
    expect(warnings).toEqual([expect.stringContaining('GET workspaces')]);
  });

  it('fails with the first error response where there is no public API either', async () => {
    await expect(client.workspaces.list()).rejects.toMatchObject({
      type: 'AirbyteUnsupported',
      call: 'workspaces/list',
    });
  });

  it('is not read from the public API when the server is only unavailable', async () => {
    airbyte.script = () => ({ status: 503 });
    await expect(client.workspaces.list()).rejects.toMatchObject({ type: 'AirbyteUnavailable' });
    expect(airbyte.requests).toHaveLength(1);
  });
});

describe('the list of sources', () => {
  const sources = Array.from({ length: 250 }, (_, index) => ({ sourceId: `s${index}`, name: `Source ${index}` }));

  /** Gives sources by the page, as Airbyte does since 1.8: after the one that `cursor` names. */
  function respondByPage(): void {
    airbyte.script = (request) => {
      const { cursor, pageSize = 20 } = request.body as { cursor?: string; pageSize?: number };
      const start = sources.findIndex((source) => source.sourceId === cursor) + 1;
      return {
        body: {
          sources: sources.slice(start, start + pageSize),
          page_size: pageSize,
          num_connections: sources.length,
        },
      };
    };
  }

  it('has all of them from a server that gives pages', async () => {
    respondByPage();
    expect(await client.sources.list(WORKSPACE)).toEqual(sources);
    expect(airbyte.requests.map((request) => request.body)).toEqual([
      { workspaceId: WORKSPACE },
      { workspaceId: WORKSPACE, cursor: 's19', pageSize: 100 },
      { workspaceId: WORKSPACE, cursor: 's119', pageSize: 100 },
      { workspaceId: WORKSPACE, cursor: 's219', pageSize: 100 },
    ]);
  });

  it('costs one request to a server that does not page', async () => {
    airbyte.script = () => ({ body: { sources } });
    expect(await client.sources.list(WORKSPACE)).toEqual(sources);
    expect(airbyte.requests).toHaveLength(1);
  });

  it('ends on a server that names a page size but ignores the cursor', async () => {
    airbyte.script = () => ({ body: { sources: sources.slice(0, 20), page_size: 20, num_connections: 250 } });
    expect(await client.sources.list(WORKSPACE)).toHaveLength(20);
    expect(airbyte.requests).toHaveLength(2);
    expect(warnings).toEqual([expect.stringContaining('sources/list')]);
  });

  it('is read again when one that is renamed has moved to a page that was read before', async () => {
    const shown = [...sources];
    airbyte.script = (request) => {
      const { cursor, pageSize = 20 } = request.body as { cursor?: string; pageSize?: number };
      const start = shown.findIndex((source) => source.sourceId === cursor) + 1;
      const body = {
        sources: shown.slice(start, start + pageSize),
        page_size: pageSize,
        num_connections: shown.length,
      };
      if (cursor === 's19') shown.unshift(...shown.splice(200, 1));
      return { body };
    };
    expect((await client.sources.list(WORKSPACE)).map(({ sourceId }) => sourceId).sort()).toEqual(
      sources.map(({ sourceId }) => sourceId).sort(),
    );
    expect(warnings).toEqual([]);
  });

  it('may be empty', async () => {
    airbyte.script = () => ({ body: { sources: [], page_size: 20, num_connections: 0 } });
    expect(await client.sources.list(WORKSPACE)).toEqual([]);
  });
});

describe('definitions', () => {
  it('are those of the workspace, where the server has such a list', async () => {
    airbyte.respond({
      'source_definitions/list_for_workspace': {
        sourceDefinitions: [
          {
            sourceDefinitionId: 'd',
            name: 'Postgres',
            dockerRepository: 'airbyte/source-postgres',
            dockerImageTag: '3.6.1',
            documentationUrl: null,
            icon: null,
            supportLevel: 'certified',
          },
        ],
      },
    });
    expect(await client.sourceDefinitions.list(WORKSPACE)).toEqual([
      {
        definitionId: 'd',
        sourceDefinitionId: 'd',
        name: 'Postgres',
        dockerRepository: 'airbyte/source-postgres',
        dockerImageTag: '3.6.1',
        documentationUrl: null,
        icon: null,
        supportLevel: 'certified',
      },
    ]);
  });

  it.each([
    [404, { errorId: 'e' }],
    [404, { message: 'Could not find STANDARD_WORKSPACE', exceptionClassName: 'IdNotFoundKnownException' }],
    [403, {}],
    [500, {}],
  ])('are not searched elsewhere when Airbyte itself rejects the call with %d %j', async (status, body) => {
    airbyte.script = () => ({ status, body });
    await expect(client.sourceDefinitions.list(WORKSPACE)).rejects.toMatchObject({ status });
    expect(airbyte.requests).toHaveLength(1);
  });

  it('are read one by one, in the version of a workspace when it is given', async () => {
    airbyte.script = () => ({ body: { destinationDefinitionId: 'd', name: 'S3' } });
    await client.destinationDefinitions.get({ destinationDefinitionId: 'd' });
    await client.destinationDefinitions.get({ destinationDefinitionId: 'd', workspaceId: WORKSPACE });
    expect(airbyte.requests).toMatchObject([
      { path: '/api/v1/destination_definitions/get', body: { destinationDefinitionId: 'd' } },
      {
        path: '/api/v1/destination_definitions/get_for_workspace',
        body: { destinationDefinitionId: 'd', workspaceId: WORKSPACE },
      },
    ]);
  });

  it('have the specification of a configuration', async () => {
    const connectionSpecification = { properties: { password: { type: 'string', airbyte_secret: true } } };
    airbyte.respond({
      'source_definition_specifications/get': { sourceDefinitionId: 'd', connectionSpecification, jobInfo: {} },
    });
    const id = { sourceDefinitionId: 'd', workspaceId: WORKSPACE };
    expect(await client.sourceDefinitions.specification(id)).toMatchObject({ connectionSpecification });
    expect(airbyte.requests[0]?.body).toEqual(id);
  });

  it('say so when the server has no specifications', async () => {
    const id = { destinationDefinitionId: 'd', workspaceId: WORKSPACE };
    await expect(client.destinationDefinitions.specification(id)).rejects.toMatchObject({ type: 'AirbyteUnsupported' });
  });
});

describe('a check', () => {
  it('that broke has no status, but the reason of its job', async () => {
    airbyte.respond({
      'sources/check_connection': {
        jobInfo: {
          id: 'j',
          configType: 'check_connection_source',
          createdAt: 1,
          endedAt: 2,
          succeeded: false,
          logs: { logLines: [] },
          failureReason: { failureOrigin: 'source', externalMessage: 'The image cannot be pulled', timestamp: 1 },
        },
      },
    });
    expect(await client.sources.checkConnection('s')).toEqual({
      failure: { origin: 'source', message: 'The image cannot be pulled' },
    });
  });
});

describe('a discovery', () => {
  const jobInfo = { id: 'j', configType: 'discover_schema', createdAt: 1, endedAt: 2, succeeded: true };

  it('spells the fields as Airbyte does', async () => {
    airbyte.respond({ 'sources/discover_schema': { catalog: { streams: [] }, catalogId: 'k', jobInfo } });
    const discovered = await client.sources.discoverSchema('s', { disableCache: true, connectionId: 'c' });
    expect(discovered).toEqual({ catalogId: 'k', catalog: { streams: [] } });
    expect(airbyte.requests[0]?.body).toEqual({ sourceId: 's', disable_cache: true, connectionId: 'c' });
  });

  it.each([
    ['config_error', 'AirbyteInvalidRequest', false],
    ['system_error', 'AirbyteUnavailable', true],
    [undefined, 'AirbyteUnavailable', true],
  ])("that failed with a %s throws the connector's reason as %s", async (failureType, type, retryable) => {
    const failureReason = { failureType, externalMessage: 'relation "orders" does not exist', timestamp: 1 };
    airbyte.respond({ 'sources/discover_schema': { jobInfo: { ...jobInfo, succeeded: false, failureReason } } });
    await expect(client.sources.discoverSchema('s')).rejects.toMatchObject({
      type,
      retryable,
      effect: 'none',
      call: 'sources/discover_schema',
      message: expect.stringContaining('found no schema: relation "orders" does not exist. '),
    });
  });

  it('that failed without a reason says so', async () => {
    airbyte.respond({ 'sources/discover_schema': { jobInfo: { ...jobInfo, succeeded: false, failureReason: null } } });
    await expect(client.sources.discoverSchema('s')).rejects.toThrow('Airbyte gave no reason.');
  });
});

describe('a connection', () => {
  it('keeps unknown fields', async () => {
    const connection = {
      connectionId: 'c',
      name: 'shop → lake',
      namespaceFormat: '${SOURCE_NAMESPACE}',
      sourceId: 's',
      destinationId: 'd',
      status: 'a_status_of_2027',
      scheduleType: 'cron',
      scheduleData: { cron: { cronExpression: '0 0 */6 * * ?', cronTimeZone: 'UTC' } },
      syncCatalog: {
        streams: [
          {
            stream: { name: 'orders', isResumable: true },
            config: { syncMode: 'incremental', hashedFields: [], generationId: 3 },
          },
        ],
      },
      tags: [{ tagId: 't' }],
    };
    airbyte.respond({ 'connections/list': { connections: [connection] } });
    expect(await client.connections.list(WORKSPACE)).toEqual([{ ...connection, workspaceId: WORKSPACE }]);
  });

  it.each(['sync', 'reset', 'clear'] as const)('starts a %s', async (kind) => {
    airbyte.respond({ [`connections/${kind}`]: { job: { id: 5, configType: kind, status: 'running' }, attempts: [] } });
    expect(await client.connections[kind]('c')).toMatchObject({ jobId: 5, jobType: kind });
    expect(airbyte.requests[0]?.body).toEqual({ connectionId: 'c' });
  });

  it.each([
    ['clear', 'Airbyte has clear since 0.63. Use reset, which does the same.'],
    ['refresh', 'Airbyte has refresh since 0.63. Use reset, then sync.'],
  ] as const)('says that the server has no %s, and what to do', async (kind, advice) => {
    airbyte.respond({});
    await expect(client.connections[kind]('c')).rejects.toMatchObject({
      type: 'AirbyteUnsupported',
      status: 404,
      call: `connections/${kind}`,
      effect: 'none',
      message: expect.stringContaining(advice),
    });
  });

  it('starts a refresh and knows its job', async () => {
    airbyte.respond({ 'connections/refresh': { job: { id: 6, configType: 'refresh', status: 'running' } } });
    expect(await client.connections.refresh('c', { refreshMode: 'Truncate' })).toMatchObject({ jobId: 6 });
    expect(airbyte.requests[0]?.body).toEqual({ connectionId: 'c', refreshMode: 'Truncate' });
  });

  it('starts a refresh and does not know its job from a server before 1.6', async () => {
    airbyte.respond({ 'connections/refresh': { value: true } });
    expect(await client.connections.refresh('c')).toBeUndefined();
    expect(airbyte.requests[0]?.body).toEqual({ connectionId: 'c', refreshMode: 'Merge' });
  });

  it('says that the destination has no refreshes', async () => {
    airbyte.respond({ 'connections/refresh': { value: false } });
    await expect(client.connections.refresh('c')).rejects.toMatchObject({ type: 'AirbyteUnsupported' });
  });
});

describe('jobs', () => {
  const jobs = [{ job: { id: 1, configType: 'sync', configId: 'c', status: 'running' }, attempts: [] }];

  it('are listed as filtered', async () => {
    airbyte.respond({ 'jobs/list': { jobs, totalJobCount: 1 } });
    await client.jobs.list({
      jobTypes: ['sync', 'refresh'],
      statuses: ['running'],
      updatedAtStart: new Date('2026-08-01T12:00:00Z'),
      orderBy: { field: 'updatedAt', direction: 'ASC' },
      pageSize: 50,
      rowOffset: 100,
    });
    expect(airbyte.requests[0]?.body).toEqual({
      configTypes: ['sync', 'refresh'],
      statuses: ['running'],
      updatedAtStart: '2026-08-01T12:00:00.000Z',
      orderByField: 'updatedAt',
      orderByMethod: 'ASC',
      pagination: { pageSize: 50, rowOffset: 100 },
    });
  });

  it('are listed for workspaces', async () => {
    airbyte.respond({ 'jobs/list_for_workspaces': { jobs, totalJobCount: 1 } });
    expect(await client.jobs.listForWorkspaces({ jobTypes: ['sync'], workspaceIds: [WORKSPACE] })).toMatchObject([
      { jobId: 1, connectionId: 'c' },
    ]);
    expect(airbyte.requests[0]?.body).toEqual({ configTypes: ['sync'], workspaceIds: [WORKSPACE] });
  });

  it('are read without logs where the server can', async () => {
    airbyte.respond({ 'jobs/get_without_logs': jobs[0] });
    expect(await client.jobs.getWithoutLogs(1)).toMatchObject({ jobId: 1 });
    expect(airbyte.calls).toEqual(['jobs/get_without_logs']);
  });

  it('that do not exist are not found, without a second request', async () => {
    airbyte.script = () => ({ status: 404, body: { errorId: 'e' } });
    await expect(client.jobs.getWithoutLogs(1)).rejects.toMatchObject({ type: 'AirbyteNotFound' });
    expect(airbyte.requests).toHaveLength(1);
  });

  it("that do not exist are not found by the call with logs, when the first 404 was not in Airbyte's words", async () => {
    airbyte.script = () => ({ status: 404, body: { message: 'There is no job 1' } });
    await expect(client.jobs.getWithoutLogs(1)).rejects.toMatchObject({ type: 'AirbyteNotFound', call: 'jobs/get' });
    airbyte.respond({ 'jobs/get_without_logs': jobs[0] });
    expect(await client.jobs.getWithoutLogs(1)).toMatchObject({ jobId: 1 });
  });

  it.each([
    [{ job: { id: 9, configType: 'sync', status: 'succeeded' } }, 9],
    [{}, undefined],
  ])('have a last one of the connection, or none: %j', async (response, jobId) => {
    airbyte.respond({ 'jobs/get_last_replication_job': response });
    expect((await client.jobs.getLastReplicationJob('c'))?.jobId).toBe(jobId);
    expect(airbyte.requests[0]?.body).toEqual({ connectionId: 'c' });
  });
});

describe('the health of a server', () => {
  it.each([true, false])('is what it says: available %p', async (available) => {
    airbyte.respond({ health: { available } });
    expect(await client.health()).toEqual({ available });
    expect(airbyte.requests).toMatchObject([{ method: 'GET', path: '/api/v1/health' }]);
  });

  it('is an error when the response is a web page', async () => {
    airbyte.script = () => ({ headers: { 'content-type': 'text/html' }, body: '<!doctype html>' });
    await expect(client.health()).rejects.toMatchObject({ type: 'AirbyteUnavailable', retryable: false });
  });

  it('is an error when the credentials are missing', async () => {
    airbyte.script = (request) => ({ status: request.path.endsWith('health') ? 404 : 401, body: '' });
    await expect(client.health()).rejects.toMatchObject({ type: 'AirbyteUnauthorized' });
  });
});
