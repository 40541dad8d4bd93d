import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AirbyteAuth, AirbyteClient } from '../../../src/airbyte';
import { MISSING_ENDPOINT, type ReceivedRequest, ScriptedAirbyte, type ScriptedResponse } from './scripted-airbyte';

let airbyte: ScriptedAirbyte;
let client: AirbyteClient;

beforeEach(async () => {
  airbyte = await ScriptedAirbyte.start();
  connect();
});

afterEach(async () => {
  await client.close();
  await airbyte.stop();
});

function connect(path = '/api/v1', auth: AirbyteAuth = { kind: 'none' }): void {
  client = new AirbyteClient({ url: `${airbyte.origin}${path}`, auth });
}

const WORKSPACES = [{ workspaceId: 'w', name: 'Default' }];

/** The calls of a current server, and its responses to them. */
const CALLS: Record<string, ScriptedResponse> = {
  'POST /api/v1/workspaces/list': { body: { workspaces: WORKSPACES } },
  'GET /api/v1/instance_configuration': { body: { version: '1.6.0', edition: 'community' } },
  'POST /api/v1/source_definitions/list_for_workspace': { status: 404, body: { errorId: 'e' } },
  'POST /api/v1/source_definition_specifications/get': { status: 403, body: { message: 'Forbidden' } },
  'POST /api/v1/sources/check_connection': { status: 404, body: { errorId: 'e' } },
  'POST /api/v1/jobs/get': { status: 500, body: { message: 'Could not find job with id: 0' } },
  'POST /api/v1/jobs/list': { body: { jobs: [] } },
  'POST /api/v1/connections/reset': { status: 422, body: { message: 'no' } },
  'POST /api/v1/connections/refresh': { status: 400, body: { errorId: 'e' } },
  'POST /api/v1/connections/clear': { status: 404, body: { exceptionClassName: 'IdNotFoundKnownException' } },
  'POST /api/v1/applications/token': { status: 401, body: { errorId: 'e' } },
};

const ALL = {
  flavour: 'config',
  version: '1.6.0',
  workspaceList: 'config',
  definitionsPerWorkspace: true,
  specifications: true,
  connectionChecks: true,
  jobLogs: true,
  changeFeed: 'instance',
  jobTypes: ['sync', 'reset', 'refresh', 'clear'],
  tokens: true,
};

/** Responds as a server that has all calls, except those that are changed; undefined is an unsupported call. */
function respond(
  changes: Record<string, ScriptedResponse | undefined> = {},
  missing: unknown = MISSING_ENDPOINT,
): void {
  const calls = { ...CALLS, ...changes };
  airbyte.script = ({ method, path }) => {
    const { pathname } = new URL(path, airbyte.origin);
    return calls[`${method} ${pathname}`] ?? { status: 404, body: missing };
  };
}

const callsOf = (requests: readonly ReceivedRequest[]) => requests.map(({ path }) => path.replace('/api/v1/', ''));

describe('the capabilities of a Config API', () => {
  it('are all there, whatever the responses to the calls', async () => {
    respond();
    expect(await client.capabilities()).toEqual(ALL);
  });

  it.each([
    ['a missing page', MISSING_ENDPOINT],
    ['nothing', ''],
    ['words of its own', { message: 'There is no such call here' }],
  ])('do not include what the server rejects with %s', async (_, missing) => {
    respond(
      {
        'GET /api/v1/instance_configuration': undefined,
        'POST /api/v1/source_definitions/list_for_workspace': undefined,
        'POST /api/v1/source_definition_specifications/get': undefined,
        'POST /api/v1/sources/check_connection': undefined,
        'POST /api/v1/jobs/get': undefined,
        'POST /api/v1/jobs/list': { status: 400, body: { message: 'configId is required' } },
        'POST /api/v1/connections/reset': undefined,
        'POST /api/v1/connections/refresh': undefined,
        'POST /api/v1/connections/clear': undefined,
        'POST /api/v1/applications/token': undefined,
      },
      missing,
    );
    expect(await client.capabilities()).toEqual({
      ...ALL,
      version: undefined,
      definitionsPerWorkspace: false,
      specifications: false,
      connectionChecks: false,
      jobLogs: false,
      changeFeed: 'none',
      jobTypes: ['sync'],
      tokens: false,
    });
  });

  it('include a call that says in its own words that it does not find the object', async () => {
    airbyte.script = ({ path, body }) => {
      if (path.endsWith('workspaces/list')) return { body: { workspaces: WORKSPACES } };
      if (!path.endsWith('connections/reset')) return { status: 404, body: '' };
      return 'connectionId' in (body as object)
        ? { status: 404, body: { message: 'Could not find connection: 0' } }
        : { status: 400, body: { message: 'connectionId is required' } };
    };
    expect((await client.capabilities()).jobTypes).toEqual(['sync', 'reset']);
  });

  it('do not include what the server returns a web page for, as some servers do for every path', async () => {
    const page = { headers: { 'content-type': 'text/html' }, body: '<!doctype html>' };
    respond({ 'GET /api/v1/instance_configuration': page, 'POST /api/v1/connections/clear': page });
    expect(await client.capabilities()).toEqual({
      ...ALL,
      version: undefined,
      jobTypes: ['sync', 'reset', 'refresh'],
    });
  });

  it('name the public API for the list of workspaces where only that has it', async () => {
    respond({
      'POST /api/v1/workspaces/list': undefined,
      'GET /api/public/v1/workspaces': { body: { data: WORKSPACES } },
    });
    expect(await client.capabilities()).toEqual({ ...ALL, workspaceList: 'public' });
  });

  it('have a change feed of single workspaces where the credentials may not read all', async () => {
    respond({
      'POST /api/v1/jobs/list': { status: 403, body: {} },
      'POST /api/v1/jobs/list_for_workspaces': { body: { jobs: [] } },
    });
    expect(await client.capabilities()).toEqual({ ...ALL, changeFeed: 'workspaces' });
    const asked = airbyte.requests.find(({ path }) => path.endsWith('list_for_workspaces'));
    expect(asked?.body).toMatchObject({ workspaceIds: ['w'] });
  });

  it('have no change feed where the server lists jobs that ended long ago', async () => {
    const old = { id: 1, configType: 'sync', status: 'succeeded', updatedAt: 1_700_000_000 };
    respond({ 'POST /api/v1/jobs/list': { body: { jobs: [{ job: old }] } } });
    expect(await client.capabilities()).toEqual({ ...ALL, changeFeed: 'none' });
  });

  it('have no list of workspaces where both APIs forbid it', async () => {
    const forbidden = { status: 403, body: {} };
    respond({
      'POST /api/v1/workspaces/list': forbidden,
      'GET /api/public/v1/workspaces': forbidden,
      'POST /api/v1/jobs/list': forbidden,
    });
    expect(await client.capabilities()).toEqual({ ...ALL, workspaceList: 'none', changeFeed: 'none' });
  });

  it('are probed with objects that no server has, so that nothing is started or changed', async () => {
    respond();
    await client.capabilities();
    const NONEXISTENT_ID = '00000000-0000-0000-0000-000000000000';
    const starting = airbyte.requests.filter(({ path }) => /connections|sources/.test(path));
    expect(starting).toHaveLength(6);
    for (const { body } of starting) expect(Object.values(body as object)).toContain(NONEXISTENT_ID);
  });

  it('are probed once for all callers', async () => {
    respond();
    await Promise.all([client.capabilities(), client.capabilities()]);
    await client.capabilities();
    expect(new Set(callsOf(airbyte.requests)).size).toBe(airbyte.requests.length);
  });

  it.each([
    [401, 'AirbyteUnauthorized', 'workspaces/list'],
    [503, 'AirbyteUnavailable', 'connections/clear'],
    [429, 'AirbyteUnavailable', 'jobs/list'],
    [504, 'AirbyteUnavailable', 'sources/check_connection'],
  ])('are unknown after %d, and probed again', async (status, type, call) => {
    respond({ [`POST /api/v1/${call}`]: { status, body: '' } });
    await expect(client.capabilities()).rejects.toMatchObject({ type, call });
    respond();
    expect(await client.capabilities()).toEqual(ALL);
  });

  it('include tokens without a call if the client already has one', async () => {
    await client.close();
    connect('/api/v1', { kind: 'clientCredentials', clientId: 'id', clientSecret: 'secret' });
    respond({ 'POST /api/v1/applications/token': { body: { access_token: 'opaque', expires_in: 900 } } });
    expect(await client.capabilities()).toEqual(ALL);
    expect(callsOf(airbyte.requests).filter((call) => call === 'applications/token')).toHaveLength(1);
  });

  it('do not keep a caller who aborts, and are still probed for the others', async () => {
    respond();
    const giveUp = new AbortController();
    const first = client.capabilities({ signal: giveUp.signal });
    const second = client.capabilities();
    giveUp.abort(new Error('given up'));
    await expect(first).rejects.toThrow('given up');
    expect(await second).toEqual(ALL);
  });
});

describe('the capabilities of a public API', () => {
  const PUBLIC = {
    flavour: 'public',
    workspaceList: 'public',
    definitionsPerWorkspace: true,
    specifications: false,
    connectionChecks: false,
    jobLogs: false,
    changeFeed: 'instance',
    jobTypes: ['sync', 'reset', 'clear'],
    tokens: true,
  };
  const PUBLIC_CALLS: Record<string, ScriptedResponse> = {
    'GET /api/public/v1/workspaces': { body: { data: WORKSPACES } },
    'GET /api/public/v1/workspaces/w/definitions/sources': { body: { data: [] } },
    'GET /api/public/v1/jobs': { body: { data: [] } },
    'POST /api/public/v1/applications/token': { status: 400, body: {} },
  };

  beforeEach(async () => {
    await client.close();
    connect('/api/public/v1');
  });

  it('are those that it has, without checks, logs and refreshes', async () => {
    respond(PUBLIC_CALLS);
    expect(await client.capabilities()).toEqual(PUBLIC);
  });

  it('do not include what this server does not have', async () => {
    respond({
      ...PUBLIC_CALLS,
      'GET /api/public/v1/workspaces/w/definitions/sources': undefined,
      'GET /api/public/v1/jobs': { status: 403, body: {} },
      'POST /api/public/v1/applications/token': undefined,
    });
    const lacking = { definitionsPerWorkspace: false, changeFeed: 'none', tokens: false };
    expect(await client.capabilities()).toEqual({ ...PUBLIC, ...lacking });
  });

  it('are not known when the credentials are rejected', async () => {
    respond({ 'GET /api/public/v1/workspaces': { status: 401, body: {} } });
    await expect(client.capabilities()).rejects.toMatchObject({ type: 'AirbyteUnauthorized' });
  });
});
