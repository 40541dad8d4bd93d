import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { describeCapabilities } from '../../cli/lookup/doctor-checks';
import { AirbyteClient } from '../../src/airbyte';
import { failureOf, useBench } from '../unit/activities/activity-bench';
import { Reply } from '../unit/activities/scripted-airbyte';
import { MISSING_ENDPOINT, type ScriptedResponse } from '../unit/airbyte/scripted-airbyte';
import { airbyte, client } from '../unit/airbyte/scripted-client';

/** What an ingress responds with while no Airbyte is behind it. */
const INGRESS = { headers: { 'content-type': 'text/html' }, body: '<html><title>404 Not Found</title></html>' };
const INGRESS_404 = { status: 404, ...INGRESS };
const JOB = { job: { id: 7, configType: 'sync', configId: 'c', status: 'running' }, attempts: [] };

/** Moves our own clock forward by so much in one step. */
let pass = (_ms: number): void => undefined;
beforeEach(() => {
  const now = performance.now.bind(performance);
  let passed = 0;
  pass = (ms) => {
    passed += ms;
  };
  jest.spyOn(performance, 'now').mockImplementation(() => now() + passed);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Responds to the calls by their names with each response in turn, and then always with the last one. */
function script(responses: Record<string, ScriptedResponse[]>): void {
  airbyte.script = ({ path }) => {
    const turns = responses[path.replace('/api/v1/', '')] ?? [];
    return (turns.length > 1 ? turns.shift() : turns[0]) ?? { status: 404, body: MISSING_ENDPOINT };
  };
}

const callsOf = (name: string) => airbyte.calls.filter((call) => call === name).length;

describe('a call that only some servers have', () => {
  const read = { body: JOB };

  it('is made again after a single 404 page of an ingress', async () => {
    script({ 'jobs/get': [read], 'jobs/get_without_logs': [INGRESS_404, read] });
    await client.jobs.getWithoutLogs(7);
    pass(60_000);
    await client.jobs.getWithoutLogs(7);
    await client.jobs.getWithoutLogs(7);
    expect(callsOf('jobs/get')).toBe(1);
  });

  it('has no fallback for a single page once it has worked: that is a retryable error', async () => {
    script({ 'jobs/get_without_logs': [read, INGRESS_404, INGRESS, read] });
    await client.jobs.getWithoutLogs(7);
    for (const status of [404, 200]) {
      await expect(client.jobs.getWithoutLogs(7)).rejects.toMatchObject({
        ...{ type: 'AirbyteUnavailable', retryable: true, status },
      });
    }
    expect(await client.jobs.getWithoutLogs(7)).toMatchObject({ jobId: 7 });
    expect(callsOf('jobs/get')).toBe(0);
  });

  it('counts as missing after two rejections some seconds apart, and is tried again ten minutes later', async () => {
    script({ 'jobs/get': [read], 'jobs/get_without_logs': [INGRESS_404] });
    await client.jobs.getWithoutLogs(7);
    await client.jobs.getWithoutLogs(7);
    pass(6_000);
    await client.jobs.getWithoutLogs(7);
    expect(callsOf('jobs/get_without_logs')).toBe(3);
    pass(9 * 60_000);
    await client.jobs.getWithoutLogs(7);
    expect(callsOf('jobs/get_without_logs')).toBe(3);
    script({ 'jobs/get': [read], 'jobs/get_without_logs': [read] });
    pass(61_000);
    await client.jobs.getWithoutLogs(7);
    await client.jobs.getWithoutLogs(7);
    expect(callsOf('jobs/get_without_logs')).toBe(5);
  });

  it('is replaced by the public API where authentication hides it behind a 401', async () => {
    airbyte.script = ({ path }) =>
      path.includes('/public/') ? { body: { data: [{ workspaceId: 'w', name: 'W' }] } } : { status: 401, body: {} };
    expect(await client.workspaces.list()).toMatchObject([{ workspaceId: 'w' }]);
  });
});

describe.each([
  ['config', 'a trigger', 'connections/sync', (airbyte: AirbyteClient) => airbyte.connections.sync('c')],
  ['config', 'a cancel', 'jobs/cancel', (airbyte: AirbyteClient) => airbyte.jobs.cancel(7)],
  ['public', 'a trigger', 'jobs', (airbyte: AirbyteClient) => airbyte.connections.sync('c')],
  ['public', 'a cancel', 'jobs/7', (airbyte: AirbyteClient) => airbyte.jobs.cancel(7)],
] as const)('in the %s API, %s', (flavour, _, call, make) => {
  let own: AirbyteClient;
  beforeEach(() => {
    own = new AirbyteClient({ url: `${airbyte.origin}/api/${flavour === 'public' ? 'public/v1' : 'v1'}` });
  });

  it.each([
    ['a 404 page', INGRESS_404],
    ['a bare 404', { status: 404, body: 'not found' }],
    ['a 200 page', INGRESS],
    ['nothing in a 405', { status: 405, body: '' }],
  ])('that gets %s is an error whose effect is unknown', async (_what, response) => {
    airbyte.script = () => response;
    const error = { type: 'AirbyteUnavailable', retryable: true, effect: 'unknown' };
    await expect(make(own)).rejects.toMatchObject(error);
    // Nothing else works either, however long it lasts: the gateway is still what responds.
    pass(30_000);
    await expect(make(own)).rejects.toMatchObject(error);
    await own.close();
  });

  it('stays a retryable error however often it is rejected while another call works: every Airbyte has it', async () => {
    airbyte.script = ({ path }) =>
      path.endsWith(`v1/${call}`) ? INGRESS_404 : { body: { workspaceId: 'w', workspaces: [], data: [] } };
    for (let times = 0; times < 4; times++) {
      await own.workspaces.list();
      await expect(make(own)).rejects.toMatchObject({ type: 'AirbyteUnavailable', retryable: true });
      pass(60_000);
    }
    await own.close();
  });
});

/** A response that no Airbyte gives, whatever was asked. */
const NOT_AIRBYTES = [
  ['a page of an ingress', INGRESS_404],
  ['nothing', { status: 404, body: '' }],
  ["a gateway's own words", { status: 404, body: { message: 'no Route matched with those values' } }],
  ['a path that is not routed', { status: 404, body: { error: 'Cannot POST /api/v1/connections/sync' } }],
] as const;

describe.each(NOT_AIRBYTES)('%s in place of the first response that a worker gets', (_, response) => {
  const CALLS: [string, (airbyte: AirbyteClient) => Promise<unknown>][] = [
    ['the list of sources', ({ sources }) => sources.list('w', { requireComplete: true })],
    ['the list of connections', ({ connections }) => connections.list('w', { requireComplete: true })],
    ['the list of destinations', ({ destinations }) => destinations.list('w', { requireComplete: true })],
    ['the list of jobs', ({ jobs }) => jobs.list({ connectionId: 'c', jobTypes: ['sync'] })],
    ['a connection', ({ connections }) => connections.get('c')],
    ['a job', ({ jobs }) => jobs.getWithoutLogs(7)],
    [
      'the creation of a source',
      ({ sources }) =>
        sources.create({ workspaceId: 'w', name: 's', sourceDefinitionId: 'd', connectionConfiguration: {} }),
    ],
    ['the start of a sync', ({ connections }) => connections.sync('c')],
    ['a cancel', ({ jobs }) => jobs.cancel(7)],
  ];
  it.each(CALLS)('is a retryable error for %s, in both APIs', async (_call, make) => {
    airbyte.script = () => response;
    for (const path of ['/api/v1', '/api/public/v1']) {
      const own = new AirbyteClient({ url: `${airbyte.origin}${path}` });
      await expect(make(own)).rejects.toMatchObject({ type: 'AirbyteUnavailable', retryable: true });
      await own.close();
    }
  });

  it('is a retryable error for a check of a source', async () => {
    airbyte.script = () => response;
    await expect(client.sources.checkConnection('s')).rejects.toMatchObject({ retryable: true });
  });
});

describe('an address at which nothing has ever worked', () => {
  it('is reported as a wrong path immediately, and as non-retryable after two minutes', async () => {
    airbyte.script = () => INGRESS_404;
    const list = () => client.jobs.list({ connectionId: 'c', jobTypes: ['sync'] });
    const said = expect.stringContaining('AIRBYTE_URL may have the wrong path');
    for (let times = 0; times < 4; times++) {
      await expect(list()).rejects.toMatchObject({ retryable: true, message: said });
      pass(30_000);
    }
    await expect(list()).rejects.toMatchObject({ type: 'AirbyteUnavailable', retryable: false, message: said });
  });

  it('is not said to be wrong for two pages with an hour between them', async () => {
    airbyte.script = () => INGRESS_404;
    const list = () => client.jobs.list({ connectionId: 'c', jobTypes: ['sync'] });
    await expect(list()).rejects.toMatchObject({ retryable: true });
    pass(60 * 60_000);
    await expect(list()).rejects.toMatchObject({ retryable: true });
  });

  it('is right once Airbyte has responded, be it with an error', async () => {
    script({ 'jobs/list': [{ status: 500, body: { errorId: 'e' } }, INGRESS_404] });
    const list = () => client.jobs.list({ connectionId: 'c', jobTypes: ['sync'] });
    await expect(list()).rejects.toMatchObject({ status: 500 });
    const error: unknown = await list().catch((reason: unknown) => reason);
    expect(String(error)).not.toContain('wrong path');
  });
});

describe('a pipeline on a worker that has just started', () => {
  const bench = useBench();
  const page = () => new Reply(404, { message: 'no Route matched with those values' });
  const desired = { workspaceId: 'w', name: 'shop', definitionId: 'd', configuration: {} };
  const shop = { sourceId: 's-1', name: 'shop', sourceDefinitionId: 'd', connectionConfiguration: {} };

  it('creates no second source for pages in place of the list of them', async () => {
    const responses = [page(), page()];
    const created = jest.fn(() => shop);
    bench().airbyte.on({
      'sources/list': () => responses.shift() ?? { sources: [shop] },
      'sources/create': created,
      health: () => ({ available: true }),
    });
    expect(await bench().untilDone('applySource', desired)).toMatchObject({ actorId: 's-1', created: false });
    expect(created).not.toHaveBeenCalled();
  });

  it('takes a missing list for an unsupported endpoint only while Airbyte responds otherwise', async () => {
    let isUp = false;
    bench().airbyte.on({
      'destinations/list': page,
      'destinations/create': () => ({ destinationId: 'd-1', name: 'shop' }),
      health: () => (isUp ? { available: true } : page()),
      'workspaces/list': page,
    });
    for (let times = 0; times < 4; times++) {
      expect(await failureOf(bench().run('applyDestination', desired))).toMatchObject({ nonRetryable: false });
      pass(10_000);
    }
    isUp = true;
    expect(await failureOf(bench().run('applyDestination', desired))).toMatchObject({ nonRetryable: false });
    expect(await bench().run('applyDestination', desired)).toMatchObject({ created: true });
  });

  it('checks a source although the first check gets a page', async () => {
    const responses = [page()];
    bench().airbyte.on({ 'sources/check_connection': () => responses.shift() ?? { status: 'succeeded' } });
    await bench().untilDone('checkSource', { sourceId: 's-1' });
    expect(bench().airbyte.bodies('sources/check_connection')).toHaveLength(2);
  });
});

describe('a sync', () => {
  const bench = useBench();
  const input = { connectionId: 'c', jobType: 'refresh', lastJobId: null } as const;
  const page = () => new Reply(404, { message: 'Page Not Found' });

  it('whose trigger gets a page of an ingress starts one job all the same', async () => {
    const responses = [page(), JOB];
    bench().airbyte.on({
      'connections/refresh': () => responses.shift(),
      'jobs/list': () => ({ jobs: [] }),
      'connections/get': () => ({ connectionId: 'c', status: 'active' }),
    });
    expect(await bench().untilDone('triggerSync', input)).toMatchObject({ started: true, job: { jobId: 7 } });
    expect(bench().airbyte.bodies('connections/refresh')).toHaveLength(2);
  });

  it('of a kind that the server does not support fails some seconds later with a non-retryable error that says what to do instead', async () => {
    bench().airbyte.on({
      'connections/refresh': page,
      'jobs/list': () => ({ jobs: [] }),
      'connections/get': () => ({ connectionId: 'c', status: 'active' }),
    });
    expect(await failureOf(bench().run('triggerSync', input))).toMatchObject({ nonRetryable: false });
    pass(3_000);
    const failure = await failureOf(bench().retry('triggerSync', input));
    expect(failure).toMatchObject({ type: 'AirbyteUnsupported', nonRetryable: true });
    expect(failure.message).toContain('Use reset, then sync.');
  });
});

describe('a call that is forbidden', () => {
  it.each([
    [401, /AIRBYTE_TOKEN.*does not support the call/s],
    [403, /not permitted.*no such id.*does not support the call/s],
  ])('with %d may lack the right as well as be missing, and says both', async (status, both) => {
    airbyte.script = () => ({ status, body: {} });
    await expect(client.connections.get('c')).rejects.toThrow(both);
  });

  const capabilities = async (responses: Record<string, number>) => {
    airbyte.script = ({ path }) => {
      const call = path.replace('/api/v1/', '');
      if (call === 'workspaces/list') return { body: { workspaces: [] } };
      if (call === 'jobs/list') return { body: { jobs: [] } };
      return { status: responses[call] ?? responses['*'] ?? 403, body: {} };
    };
    return client.capabilities();
  };

  it('is an unknown capability where all unknown calls get the same response', async () => {
    const found = await capabilities({ '*': 403, 'connections/reset': 400 });
    expect(found.jobTypes).toEqual(['sync', 'reset', 'refresh', 'clear']);
    expect(found.uncertain).toEqual(expect.arrayContaining(['refresh', 'clear', 'jobLogs']));
    expect(found.uncertain).not.toContain('reset');
    expect(describeCapabilities(found).at(-1)).toMatch(
      /^unknown: refresh, clear.*lack the permission, or .*lacks the endpoint/,
    );
  });

  it('is no capability where an object that does not exist gets another response', async () => {
    const found = await capabilities({ '*': 401, 'connections/get': 403, 'connections/clear': 403 });
    expect(found).toMatchObject({ jobTypes: ['sync', 'clear'], jobLogs: false });
    expect(found.uncertain).toBeUndefined();
  });
});
