import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startSandbox } from '../../../sandbox/server';
import { PublicCaller } from './public-caller';

let caller: PublicCaller;

beforeAll(async () => {
  caller = new PublicCaller(await startSandbox({ airbyteVersion: '2.0.0' }));
});
afterAll(() => caller.sandbox.stop());

const running = (jobId: number) => caller.sandbox.jobs.reached(jobId, ({ status }) => status === 'running');
const start = (connectionId: string, jobType = 'sync') => caller.ask('POST jobs', { connectionId, jobType });
const problem = (status: number, title: string, message: string) => ({
  status,
  body: { status, title, type: expect.stringContaining('https://reference.airbyte.com/'), data: { message } },
});

describe('a job of the public API', () => {
  test('starts pending, runs, and says in the end how long it took and what it moved', async () => {
    const connectionId = await caller.simulatedConnection({ records: 120, bytes: 4800 });
    const { status, body } = await start(connectionId);
    expect(status).toBe(200);
    expect(body).toEqual({
      jobId: expect.any(Number),
      status: 'pending',
      jobType: 'sync',
      startTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/),
      connectionId,
    });
    await caller.ended(body.jobId);
    expect(await caller.get(`GET jobs/${body.jobId}`)).toMatchObject({
      status: 'succeeded',
      duration: expect.stringMatching(/^PT\d+S$/),
      lastUpdatedAt: expect.any(String),
      rowsSynced: 120,
      bytesSynced: 4800,
    });
  });

  test('is rejected as try-again-later while another runs on the connection', async () => {
    const connectionId = await caller.simulatedConnection({ hold: true });
    const { body } = await start(connectionId);
    await running(body.jobId);
    expect(await start(connectionId)).toMatchObject(
      problem(409, 'try-again-later', `A sync is already running for: ${connectionId}`),
    );
    await caller.sandbox.jobs.finish(body.jobId);
    expect((await start(connectionId)).status).toBe(200);
  });

  test('is rejected as state-conflict, without the reason, on an inactive connection', async () => {
    const connectionId = await caller.simulatedConnection({}, { status: 'inactive' });
    expect(await start(connectionId)).toMatchObject(problem(409, 'state-conflict', 'Could not fulfill request'));
  });

  test('is rejected as resource-not-found on a connection that does not exist', async () => {
    const connectionId = randomUUID();
    const { status, body } = await start(connectionId);
    expect(status).toBe(404);
    expect(body).toMatchObject({
      title: 'resource-not-found',
      data: { resourceType: 'STANDARD_SYNC', resourceId: connectionId },
    });
  });

  test('cannot be a refresh', async () => {
    expect(await start(await caller.simulatedConnection(), 'refresh')).toMatchObject(
      problem(422, 'unprocessable-entity', 'Refreshes are not supported in the public API'),
    );
  });

  test.each(['reset', 'clear'])('may be a %s, which stops what runs and shows as a reset', async (jobType) => {
    const connectionId = await caller.simulatedConnection({ jobs: [{ hold: true }, {}] });
    const sync = (await start(connectionId)).body;
    await running(sync.jobId);
    expect((await start(connectionId, jobType)).body).toMatchObject({ jobType: 'reset' });
    expect(await caller.get(`GET jobs/${sync.jobId}`)).toMatchObject({ status: 'cancelled' });
  });

  test('is cancelled by DELETE, which responds when it has stopped', async () => {
    const { body } = await start(await caller.simulatedConnection({ hold: true, cancel_duration_ms: 50 }));
    await running(body.jobId);
    expect(await caller.get(`DELETE jobs/${body.jobId}`)).toMatchObject({ jobId: body.jobId, status: 'cancelled' });
  });

  test('that does not exist is a state-conflict', async () => {
    for (const method of ['GET', 'DELETE']) {
      expect(await caller.ask(`${method} jobs/1000000`)).toMatchObject(
        problem(409, 'state-conflict', 'Job is not currently running'),
      );
    }
  });

  test.each([
    ['no connection', { jobType: 'sync' }],
    ['an id that is none', { connectionId: 'default', jobType: 'sync' }],
    ['a type that is none', { connectionId: randomUUID(), jobType: 'dance' }],
  ])('is rejected with %s', async (_, body) => {
    expect(await caller.ask('POST jobs', body)).toMatchObject({ status: 400, body: { errorId: expect.any(String) } });
  });
});

describe('the list of jobs', () => {
  let connectionId: string;
  let ids: number[];
  const listed = async (query: string): Promise<number[]> => {
    const { data } = await caller.get(`GET jobs?connectionId=${connectionId}${query}`);
    return data.map(({ jobId }: { jobId: number }) => jobId);
  };

  beforeAll(async () => {
    connectionId = await caller.simulatedConnection({ jobs: [{}, { outcome: 'failed' }, {}] });
    ids = [];
    for (let count = 0; count < 3; count += 1) ids.push((await caller.runToEnd(connectionId)).job.id);
  });

  test('has the oldest first, unless asked otherwise', async () => {
    expect(await listed('')).toEqual(ids);
    expect(await listed('&orderBy=updatedAt|DESC')).toEqual(ids.toReversed());
    expect(await caller.ask('GET jobs?orderBy=size|DESC')).toMatchObject(
      problem(400, 'bad-request', 'Invalid order by clause provided: size|DESC'),
    );
  });

  test('comes in pages that name their neighbours until one is empty', async () => {
    const first = await caller.get(`GET jobs?connectionId=${connectionId}&limit=2`);
    expect(first.data).toHaveLength(2);
    expect(first.previous).toBe('');
    const second = await caller.get(`GET ${first.next}`);
    expect(second.data.map(({ jobId }: { jobId: number }) => jobId)).toEqual([ids[2]]);
    expect(new URL(second.previous).searchParams.get('offset')).toBe('0');
    const third = await caller.get(`GET ${second.next}`);
    expect(third).toMatchObject({ data: [], next: '' });
  });

  test.each([
    'limit=0',
    'limit=101',
    'limit=many',
    'offset=-1',
    'jobType=dance',
    'workspaceIds=mine',
    'updatedAtStart=1',
  ])('is rejected with %s', async (query) => {
    expect((await caller.ask(`GET jobs?${query}`)).status).toBe(400);
  });

  test('can be filtered by status, type, workspace and time', async () => {
    expect(await listed('&status=failed')).toEqual([ids[1]]);
    expect(await listed('&jobType=reset')).toEqual([]);
    const changed = caller.sandbox.store.job(ids[2] ?? 0).updatedAtMs;
    expect(await listed(`&updatedAtStart=${new Date(changed).toISOString()}`)).toEqual([ids[2]]);
    expect(await listed(`&updatedAtStart=${new Date(changed + 1).toISOString()}`)).toEqual([]);

    const mine = await caller.get(`GET jobs?workspaceIds=${await caller.workspaceId()},${randomUUID()}`);
    expect(mine.data.length).toBeGreaterThan(ids.length);
    const others = await caller.get(`GET jobs?workspaceIds=${randomUUID()}&workspaceIds=${randomUUID()}`);
    expect(others.data).toEqual([]);
  });
});

describe('requests and faults of the public API', () => {
  test('are counted by route, not by id', async () => {
    caller.sandbox.requests.clear();
    await caller.ask('GET jobs/7');
    await caller.ask('DELETE jobs/8');
    await caller.ask('GET jobs?limit=1');
    await caller.ask('GET organizations/1');
    expect(caller.sandbox.requests.all()).toEqual({
      'public/jobs/{jobId}': 2,
      'public/jobs': 1,
      'public/organizations': 1,
    });
  });

  test('befall a route, or one method of it', async () => {
    await caller.control('POST', '/sandbox/faults', { call: 'POST public/jobs', times: null, status: 504 });
    await caller.control('POST', '/sandbox/faults', { call: 'public/jobs/{jobId}', status: 429 });
    const connectionId = await caller.simulatedConnection();
    expect((await caller.ask('GET jobs')).status).toBe(200);
    expect((await start(connectionId)).status).toBe(504);
    expect((await caller.ask('GET jobs/7')).status).toBe(429);
    caller.sandbox.faults.remove();
  });
});
