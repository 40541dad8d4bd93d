import { describe, expect, it } from '@jest/globals';
import { airbyte, client, problem, respond, sent, warnings } from './scripted-public-client';

const WORKSPACE = 'b5a5a0a6-8f6e-4c61-9a3c-0f5c1d2e3f4a';

/** Gives a list by the page, as the public API does. */
function respondByPage(items: unknown[]): void {
  airbyte.script = ({ path }) => {
    const { searchParams } = new URL(path, airbyte.origin);
    const offset = Number(searchParams.get('offset') ?? 0);
    return { body: { data: items.slice(offset, offset + Number(searchParams.get('limit') ?? 20)) } };
  };
}

describe('workspaces', () => {
  it('are listed page by page', async () => {
    const workspaces = Array.from({ length: 230 }, (_, index) => ({ workspaceId: `w${index}`, name: `W${index}` }));
    respondByPage(workspaces);
    expect(await client.workspaces.list()).toEqual(workspaces);
    expect(sent()).toEqual(
      ['0', '95', '190', '230'].map((offset) => ({
        call: 'GET workspaces',
        query: { limit: ['100'], offset: [offset] },
      })),
    );
  });

  it('end on a server that always gives the same page', async () => {
    const page = Array.from({ length: 100 }, (_, index) => ({ workspaceId: `w${index}`, name: `W${index}` }));
    respond({ 'GET workspaces': { data: page } });
    expect(await client.workspaces.list()).toHaveLength(100);
    expect(airbyte.requests).toHaveLength(3);
    expect(warnings).toEqual([expect.stringContaining('GET workspaces')]);
  });

  it('are read one by one', async () => {
    respond({ [`GET workspaces/${WORKSPACE}`]: { workspaceId: WORKSPACE, name: 'Default', dataResidency: 'auto' } });
    expect(await client.workspaces.get(WORKSPACE)).toMatchObject({ workspaceId: WORKSPACE, name: 'Default' });
  });

  it('show that the server is available', async () => {
    respond({ 'GET workspaces': { data: [] } });
    expect(await client.health()).toEqual({ available: true });
  });
});

describe('definitions', () => {
  const postgres = { id: 'd1', name: 'Postgres', dockerRepository: 'airbyte/source-postgres', dockerImageTag: '3.6.1' };
  const within = `workspaces/${WORKSPACE}/definitions`;

  it('of sources are those of the workspace, with those from the Connector Builder', async () => {
    respond({
      [`GET ${within}/sources`]: { data: [postgres] },
      [`GET ${within}/declarative_sources`]: { data: [{ id: 'd2', name: 'Our CRM', manifest: {}, version: 1 }] },
    });
    expect(await client.sourceDefinitions.list(WORKSPACE)).toMatchObject([
      { definitionId: 'd1', sourceDefinitionId: 'd1', name: 'Postgres', dockerRepository: 'airbyte/source-postgres' },
      { definitionId: 'd2', sourceDefinitionId: 'd2', name: 'Our CRM' },
    ]);
  });

  it('of sources are listed on a server without the Connector Builder, too', async () => {
    respond({ [`GET ${within}/sources`]: { data: [postgres] } });
    expect(await client.sourceDefinitions.list(WORKSPACE)).toHaveLength(1);
  });

  it('of destinations are one list', async () => {
    respond({ [`GET ${within}/destinations`]: { data: [{ id: 'd3', name: 'S3' }] } });
    expect(await client.destinationDefinitions.list(WORKSPACE)).toEqual([
      { definitionId: 'd3', destinationDefinitionId: 'd3', name: 'S3' },
    ]);
    expect(airbyte.requests).toHaveLength(1);
  });

  it('are read one by one, within a workspace', async () => {
    respond({ [`GET ${within}/sources/d1`]: postgres });
    const id = { sourceDefinitionId: 'd1', workspaceId: WORKSPACE };
    expect(await client.sourceDefinitions.get(id)).toMatchObject({ definitionId: 'd1', name: 'Postgres' });
    await expect(client.sourceDefinitions.get({ sourceDefinitionId: 'd1' })).rejects.toMatchObject({
      type: 'AirbyteInvalidRequest',
      message: expect.stringContaining('Give the workspaceId too.'),
    });
    expect(airbyte.requests).toHaveLength(1);
  });

  it('are an error with advice on a server that has none', async () => {
    await expect(client.destinationDefinitions.list(WORKSPACE)).rejects.toMatchObject({
      type: 'AirbyteUnsupported',
      message: expect.stringContaining('since Airbyte 1.6. A self-managed Airbyte has it in its Config API'),
    });
  });

  it('of an unknown workspace are not found', async () => {
    airbyte.script = () =>
      problem(404, 'resource-not-found', 'Could not find a resource for: ', {
        resourceType: 'workspace',
        resourceId: WORKSPACE,
      });
    await expect(client.sourceDefinitions.list(WORKSPACE)).rejects.toMatchObject({
      type: 'AirbyteNotFound',
      callMayBeMissing: false,
      message: expect.stringContaining(`resource-not-found: workspace ${WORKSPACE}.`),
    });
  });

  it('have no specifications here', async () => {
    const id = { sourceDefinitionId: 'd1', workspaceId: WORKSPACE };
    await expect(client.sourceDefinitions.specification(id)).rejects.toMatchObject({ type: 'AirbyteUnsupported' });
    expect(airbyte.requests).toHaveLength(0);
  });
});

describe('sources and destinations', () => {
  const shown = {
    sourceId: 's',
    name: 'shop',
    sourceType: 'postgres',
    definitionId: 'd',
    workspaceId: WORKSPACE,
    configuration: { host: 'db', password: '**********' },
    createdAt: 1,
  };
  const read = {
    sourceId: 's',
    name: 'shop',
    sourceType: 'postgres',
    sourceDefinitionId: 'd',
    workspaceId: WORKSPACE,
    connectionConfiguration: { host: 'db', password: '**********' },
    createdAt: 1,
  };

  it('are listed page by page', async () => {
    respondByPage(Array.from({ length: 101 }, (_, index) => ({ ...shown, sourceId: `s${index}` })));
    const sources = await client.sources.list(WORKSPACE);
    expect(sources).toHaveLength(101);
    expect(sources[0]).toEqual({ ...read, sourceId: 's0' });
    expect(sent()[0]).toEqual({
      call: 'GET sources',
      query: { workspaceIds: [WORKSPACE], limit: ['100'], offset: ['0'] },
    });
  });

  it('are read by id, whatever is in it', async () => {
    respond({ 'GET sources/a%2Fb%20c': shown });
    expect(await client.sources.get('a/b c')).toEqual(read);
  });

  it('are created with a definition', async () => {
    respond({ 'POST destinations': { destinationId: 'x', name: 'lake', definitionId: 'd', configuration: {} } });
    const destination = await client.destinations.create({
      workspaceId: WORKSPACE,
      name: 'lake',
      destinationDefinitionId: 'd',
      connectionConfiguration: { bucket: 'lake' },
    });
    expect(destination).toEqual({
      destinationId: 'x',
      name: 'lake',
      destinationDefinitionId: 'd',
      connectionConfiguration: {},
    });
    expect(sent()).toEqual([
      {
        call: 'POST destinations',
        body: { workspaceId: WORKSPACE, name: 'lake', definitionId: 'd', configuration: { bucket: 'lake' } },
      },
    ]);
  });

  it('are updated with a patch', async () => {
    respond({ 'PATCH sources/s': shown });
    await client.sources.update({ sourceId: 's', name: 'shop', connectionConfiguration: { host: 'db' } });
    expect(sent()).toEqual([{ call: 'PATCH sources/s', body: { name: 'shop', configuration: { host: 'db' } } }]);
  });

  it.each([
    ['sources', 'source'],
    ['destinations', 'destination'],
  ] as const)('have no check: %s', async (kind, noun) => {
    await expect(client[kind].checkConnection('x')).rejects.toMatchObject({
      type: 'AirbyteUnsupported',
      retryable: false,
      effect: 'none',
      message: expect.stringMatching(new RegExp(`^A connection check of the ${noun} x is not available from http`)),
    });
    expect(airbyte.requests).toHaveLength(0);
  });
});

describe('a discovery', () => {
  const streams = [
    {
      streamName: 'orders',
      streamnamespace: 'public',
      syncModes: ['full_refresh_append', 'full_refresh_overwrite', 'incremental_append'],
      defaultCursorField: ['updated_at'],
      sourceDefinedCursorField: false,
      sourceDefinedPrimaryKey: [['id']],
      propertyFields: [
        ['id'],
        ['updated_at'],
        ['address'],
        ['address', 'city'],
        ['constructor'],
        ['constructor', 'of'],
      ],
    },
    { streamName: 'events', syncModes: null, propertyFields: [] },
  ];

  it('gives the catalog with namespaces, modes, keys and columns', async () => {
    respond({ 'GET streams': streams });
    const { catalog, catalogId } = await client.sources.discoverSchema('s', { disableCache: true });
    expect(catalogId).toBeUndefined();
    expect(JSON.parse(JSON.stringify(catalog))).toEqual({
      streams: [
        {
          stream: {
            name: 'orders',
            namespace: 'public',
            jsonSchema: {
              type: 'object',
              properties: {
                id: {},
                updated_at: {},
                address: { properties: { city: {} } },
                constructor: { properties: { of: {} } },
              },
            },
            supportedSyncModes: ['full_refresh', 'incremental'],
            sourceDefinedCursor: false,
            defaultCursorField: ['updated_at'],
            sourceDefinedPrimaryKey: [['id']],
          },
        },
        { stream: { name: 'events', jsonSchema: { type: 'object', properties: {} } } },
      ],
    });
    expect(sent()).toEqual([{ call: 'GET streams', query: { sourceId: ['s'], ignoreCache: ['true'] } }]);
  });

  it("that the connector fails has the connector's own reason, and is non-retryable", async () => {
    airbyte.script = () =>
      problem(500, 'unexpected-problem', 'An unexpected problem has occurred.', {
        message: 'Something went wrong in the connector. logs:password authentication failed for user "shop"',
      });
    await expect(client.sources.discoverSchema('s')).rejects.toMatchObject({
      type: 'AirbyteInvalidRequest',
      retryable: false,
      effect: 'none',
      message: expect.stringContaining('found no schema: password authentication failed for user "shop". Correct'),
    });
  });

  it('that Airbyte fails is retryable', async () => {
    airbyte.script = () => problem(500, 'unexpected-problem', 'An unexpected problem has occurred.');
    await expect(client.sources.discoverSchema('s')).rejects.toMatchObject({
      type: 'AirbyteUnavailable',
      retryable: true,
    });
  });

  it('compares with no connection', async () => {
    await expect(client.sources.discoverSchema('s', { connectionId: 'c' })).rejects.toMatchObject({
      type: 'AirbyteUnsupported',
    });
  });
});

describe('a problem', () => {
  it.each([
    [409, 'try-again-later', 'Please try again later.', 'A sync is already running for: c', 'AirbyteConflict'],
    [409, 'state-conflict', 'State conflict', 'Connection c is not active.', 'AirbyteConflict'],
    [400, 'bad-request', 'The request body or params are invalid.', 'Duplicate fields.', 'AirbyteInvalidRequest'],
    [422, 'unprocessable-entity', 'The body of the request was not understood', 'No.', 'AirbyteInvalidRequest'],
    [403, 'forbidden', 'The request is forbidden.', 'Not in this workspace.', 'AirbyteUnauthorized'],
    [401, 'invalid-api-key', 'The API key in the Authorization header is invalid.', 'No.', 'AirbyteUnauthorized'],
    [500, 'unexpected-problem', 'An unexpected problem has occurred.', 'Boom.', 'AirbyteUnavailable'],
  ])('of %d %s is named with its own message', async (status, name, detail, message, type) => {
    airbyte.script = () => problem(status, name, detail, { message });
    await expect(client.connections.sync('c')).rejects.toMatchObject({
      type,
      call: 'POST jobs',
      status,
      message: expect.stringMatching(
        `^POST jobs at ${client.url} returned ${status}: ${name}: ${message.replace(/\.?$/, '.')} `,
      ),
    });
  });

  it('without a message of its own is named with the text of its type', async () => {
    airbyte.script = () => problem(409, 'try-again-later', 'Please try again later.');
    await expect(client.connections.sync('c')).rejects.toThrow('try-again-later: Please try again later.');
  });
});
