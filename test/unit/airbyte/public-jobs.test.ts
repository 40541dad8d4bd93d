import { describe, expect, it } from '@jest/globals';
import { airbyte, client, problem, respond, sent } from './scripted-public-client';

const ALL = ['sync', 'reset_connection', 'refresh', 'clear'];

const SHOWN = {
  jobId: 7,
  status: 'succeeded',
  jobType: 'sync',
  startTime: '2026-08-01T12:00Z',
  lastUpdatedAt: '2026-08-01T12:02:05Z',
  duration: 'PT2M5S',
  connectionId: 'c',
  bytesSynced: 1_000,
  rowsSynced: 10,
};
const NOON = Date.parse('2026-08-01T12:00:00Z') / 1_000;

interface Shown {
  jobId: number;
  jobType: string;
  status: string;
}

/** Gives jobs by the page, filtered as the public API does: by one type, by one status. */
function respondWithJobs(jobs: readonly Shown[]): void {
  airbyte.script = ({ path }) => {
    const query = new URL(path, airbyte.origin).searchParams;
    const matches = jobs.filter(
      ({ jobType, status }) =>
        jobType === (query.get('jobType') ?? jobType) && status === (query.get('status') ?? status),
    );
    const offset = Number(query.get('offset'));
    return { body: { data: matches.slice(offset, offset + Number(query.get('limit'))) } };
  };
}

/** Of every ten, seven syncs, a reset, a refresh and a clear; each third one failed. */
function jobs(count: number): Shown[] {
  const types = ['sync', 'sync', 'reset', 'sync', 'sync', 'refresh', 'sync', 'sync', 'clear', 'sync'];
  return Array.from({ length: count }, (_, index) => ({
    jobId: count - index,
    jobType: types[index % 10] ?? 'sync',
    status: index % 3 === 0 ? 'failed' : 'succeeded',
  }));
}

describe('a job', () => {
  it("is read in the Config API's form, with times in seconds", async () => {
    respond({ 'GET jobs/7': SHOWN });
    expect(await client.jobs.get(7)).toEqual({
      jobId: 7,
      connectionId: 'c',
      jobType: 'sync',
      status: 'succeeded',
      createdAt: NOON,
      updatedAt: NOON + 125,
      recordsSynced: 10,
      bytesSynced: 1_000,
      attempts: [],
    });
    expect(await client.jobs.getWithoutLogs(7)).toMatchObject({ jobId: 7 });
  });

  it.each([
    [{ duration: 'PT1H2M3S', lastUpdatedAt: null }, NOON + 3_723],
    [{ duration: 'PT0S', lastUpdatedAt: null }, NOON],
    [{ status: 'pending', duration: null, lastUpdatedAt: null }, NOON],
    [{ duration: null, lastUpdatedAt: null }, undefined],
    [{ duration: 'long', lastUpdatedAt: 'lately' }, undefined],
    [{ startTime: null, duration: null, lastUpdatedAt: null }, undefined],
    [{ startTime: NOON, duration: 'PT1.5S', lastUpdatedAt: null }, NOON + 1.5],
  ])('that shows %j changed last at %p', async (shown, updatedAt) => {
    respond({ 'GET jobs/7': { ...SHOWN, status: 'running', ...shown } });
    expect((await client.jobs.get(7)).updatedAt).toBe(updatedAt);
  });

  it.each([
    ['sync', 'sync'],
    ['reset', 'reset_connection'],
    ['refresh', 'refresh'],
    ['clear', 'clear'],
    ['of_2027', 'of_2027'],
  ])('of type %s is a %s', async (jobType, expected) => {
    respond({ 'GET jobs/7': { ...SHOWN, jobType } });
    expect((await client.jobs.get(7)).jobType).toBe(expected);
  });

  it.each(['sync', 'reset', 'clear'] as const)('is started: a %s', async (jobType) => {
    respond({ 'POST jobs': { ...SHOWN, jobType, status: 'pending' } });
    expect(await client.connections[jobType]('c')).toMatchObject({ jobId: 7, status: 'pending' });
    expect(sent()).toEqual([{ call: 'POST jobs', body: { connectionId: 'c', jobType } }]);
  });

  it('is never a refresh, which is an error without a request', async () => {
    await expect(client.connections.refresh('c')).rejects.toMatchObject({
      type: 'AirbyteUnsupported',
      effect: 'none',
      message: expect.stringContaining('Use clear, then sync.'),
    });
    expect(airbyte.requests).toHaveLength(0);
  });

  it('that does not exist is not found, whichever way Airbyte says it', async () => {
    airbyte.script = () =>
      problem(409, 'state-conflict', 'State conflict', { message: 'Job is not currently running' });
    await expect(client.jobs.get(7)).rejects.toMatchObject({
      type: 'AirbyteNotFound',
      retryable: false,
      message: `GET jobs/7 at ${client.url} found no such job: state-conflict: Job is not currently running. Check the id.`,
    });
    airbyte.script = () => problem(404, 'resource-not-found', 'Could not find a resource for: 7');
    await expect(client.jobs.get(7)).rejects.toMatchObject({ type: 'AirbyteNotFound' });
  });

  it('is cancelled', async () => {
    respond({ 'DELETE jobs/7': { ...SHOWN, status: 'cancelled' } });
    expect(await client.jobs.cancel(7)).toMatchObject({ jobId: 7, status: 'cancelled' });
  });

  it('that ended before it could be cancelled is given as it ended', async () => {
    airbyte.script = ({ method }) =>
      method === 'DELETE'
        ? problem(409, 'state-conflict', 'State conflict', { message: 'Job is not currently running' })
        : { body: SHOWN };
    expect(await client.jobs.cancel(7)).toMatchObject({ jobId: 7, status: 'succeeded' });
  });

  it('that runs and is not cancelled says why', async () => {
    airbyte.script = ({ method }) =>
      method === 'DELETE'
        ? problem(409, 'try-again-later', 'Please try again later.', { message: 'Being started.' })
        : { body: { ...SHOWN, status: 'running' } };
    await expect(client.jobs.cancel(7)).rejects.toMatchObject({
      type: 'AirbyteConflict',
      message: expect.stringContaining('Being started.'),
    });
  });
});

describe('the list of jobs', () => {
  it('of every type is not filtered, and newest first', async () => {
    respondWithJobs(jobs(30));
    const list = await client.jobs.list({ connectionId: 'c', jobTypes: ALL, pageSize: 20 });
    expect(list.map(({ jobId }) => jobId)).toEqual(Array.from({ length: 20 }, (_, index) => 30 - index));
    expect(sent()).toEqual([
      {
        call: 'GET jobs',
        query: { connectionId: ['c'], orderBy: ['createdAt|DESC'], limit: ['20'], offset: ['0'] },
      },
    ]);
  });

  it('of one type and one status is filtered there', async () => {
    respondWithJobs(jobs(400));
    const updatedAtStart = new Date('2026-08-01T12:00:00Z');
    const list = await client.jobs.list({
      jobTypes: ['reset_connection'],
      statuses: ['failed'],
      updatedAtStart,
      orderBy: { field: 'updatedAt', direction: 'ASC' },
      pageSize: 5,
      rowOffset: 3,
    });
    expect(list).toHaveLength(5);
    expect(sent()).toEqual([
      {
        call: 'GET jobs',
        query: {
          jobType: ['reset'],
          status: ['failed'],
          updatedAtStart: ['2026-08-01T12:00:00.000Z'],
          orderBy: ['updatedAt|ASC'],
          limit: ['5'],
          offset: ['3'],
        },
      },
    ]);
  });

  it('has the pages of 200 that the change feed requests, though this API has pages of 100', async () => {
    respondWithJobs(jobs(450));
    const first = await client.jobs.list({ jobTypes: ALL, pageSize: 200, rowOffset: 0 });
    const third = await client.jobs.list({ jobTypes: ALL, pageSize: 200, rowOffset: 400 });
    expect([first.length, third.length]).toEqual([200, 50]);
    expect(sent().map(({ query }) => [query?.['limit']?.[0], query?.['offset']?.[0]])).toEqual([
      ['100', '0'],
      ['100', '100'],
      ['100', '400'],
    ]);
  });

  it.each([
    [['sync', 'clear'], undefined],
    [ALL, ['succeeded', 'running']],
    [['sync'], ['succeeded', 'running']],
  ])('of types %j and statuses %j is what the Config API would give', async (jobTypes, statuses) => {
    const all = jobs(500);
    respondWithJobs(all);
    const matches = all
      .filter(({ jobType }) => jobTypes.includes(jobType === 'reset' ? 'reset_connection' : jobType))
      .filter(({ status }) => statuses === undefined || statuses.includes(status))
      .map(({ jobId }) => jobId);
    const page = await client.jobs.list({ jobTypes, statuses, pageSize: 50, rowOffset: 100 });
    expect(page.map(({ jobId }) => jobId)).toEqual(matches.slice(100, 150));
    const rest = await client.jobs.list({ jobTypes, statuses, pageSize: 500, rowOffset: 100 });
    expect(rest.map(({ jobId }) => jobId)).toEqual(matches.slice(100));
  });

  it('of types that this API does not know is empty', async () => {
    expect(await client.jobs.list({ jobTypes: ['check_connection_source'] })).toEqual([]);
    expect(airbyte.requests).toHaveLength(0);
  });

  it('of workspaces names each of them', async () => {
    respondWithJobs(jobs(1));
    await client.jobs.listForWorkspaces({ workspaceIds: ['w1', 'w2'], jobTypes: ALL });
    expect(sent()[0]?.query).toMatchObject({ workspaceIds: ['w1', 'w2'] });
  });

  it('of no workspace is empty, though this API would give all', async () => {
    expect(await client.jobs.listForWorkspaces({ workspaceIds: [], jobTypes: ALL })).toEqual([]);
    expect(airbyte.requests).toHaveLength(0);
  });

  it('ends on a server that always gives the same page', async () => {
    const page = jobs(100);
    airbyte.script = () => ({ body: { data: page } });
    expect(await client.jobs.list({ jobTypes: ['sync', 'clear'], pageSize: 200 })).toHaveLength(80);
    expect(airbyte.requests).toHaveLength(2);
  });

  it('has the last job of a connection, or none', async () => {
    respondWithJobs(jobs(3));
    expect(await client.jobs.getLastReplicationJob('c')).toMatchObject({ jobId: 3 });
    respondWithJobs([]);
    expect(await client.jobs.getLastReplicationJob('c')).toBeUndefined();
    expect(sent()[0]?.query).toEqual({
      connectionId: ['c'],
      orderBy: ['createdAt|DESC'],
      limit: ['1'],
      offset: ['0'],
    });
  });
});
