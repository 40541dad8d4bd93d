import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiCaller, startCaller } from './api-caller';

let caller: ApiCaller;

beforeAll(async () => {
  caller = await startCaller();
});
afterAll(() => caller.sandbox.stop());

const sync = async (connectionId: string) => (await caller.call('connections/sync', { connectionId })).job;
const running = (jobId: number) => caller.sandbox.jobs.reached(jobId, ({ status }) => status === 'running');

describe('a sync', () => {
  test('returns the pending job, which then runs and succeeds', async () => {
    const connectionId = await caller.simulatedConnection({ records: 120, bytes: 4800 });
    const job = await sync(connectionId);
    expect(job).toMatchObject({ configType: 'sync', configId: connectionId, status: 'pending' });
    expect(job.enabledStreams).toEqual([{ name: 'events' }]);
    await caller.ended(job.id);
    const read = await caller.call('jobs/get', { id: job.id });
    expect(read.job).toMatchObject({ id: job.id, status: 'succeeded' });
    expect(read.attempts).toHaveLength(1);
    expect(read.attempts[0].attempt).toMatchObject({
      id: 0,
      status: 'succeeded',
      recordsSynced: 120,
      bytesSynced: 4800,
      endedAt: expect.any(Number),
    });
    expect(read.attempts[0].logs.events.length).toBeGreaterThan(0);
  });

  test('is rejected with 409 while a job runs on the connection, and possible again after it', async () => {
    const connectionId = await caller.simulatedConnection({ hold: true });
    const job = await sync(connectionId);
    const refused = await caller.request('connections/sync', { connectionId });
    expect(refused.status).toBe(409);
    expect(refused.body.message).toBe(`A sync is already running for: ${connectionId}`);
    await caller.sandbox.jobs.finish(job.id);
    expect((await sync(connectionId)).id).toBeGreaterThan(job.id);
  });

  test('is rejected with 500 for an inactive connection', async () => {
    const connectionId = await caller.simulatedConnection({}, { status: 'inactive' });
    const refused = await caller.request('connections/sync', { connectionId });
    expect(refused.status).toBe(500);
    expect(refused.body.message).toContain('Can only sync an active connection');
  });

  test('is rejected with 404 for a connection that does not exist', async () => {
    const connectionId = randomUUID();
    const refused = await caller.request('connections/sync', { connectionId });
    expect(refused.status).toBe(404);
    expect(refused.body).toMatchObject({ id: connectionId, exceptionClassName: expect.any(String) });
    expect(refused.body.message).toContain(connectionId);
  });
});

describe('a job', () => {
  test('that fails says why in the failure summary of its attempt', async () => {
    const connectionId = await caller.simulatedConnection({
      outcome: 'failed',
      failure_type: 'config_error',
      failure_message: 'password authentication failed for user "airbyte"',
    });
    const { job, attempts } = await caller.runToEnd(connectionId);
    expect(job.status).toBe('failed');
    expect(attempts[0].attempt.failureSummary.failures[0]).toMatchObject({
      failureOrigin: 'source',
      failureType: 'config_error',
      externalMessage: 'password authentication failed for user "airbyte"',
    });
  });

  test('is incomplete between two attempts, when Airbyte drops a cancel', async () => {
    const connectionId = await caller.simulatedConnection({ failed_attempts: 1, retry_delay_ms: 60_000, records: 3 });
    const job = await sync(connectionId);
    await caller.sandbox.jobs.reached(job.id, ({ status }) => status === 'incomplete');
    const { attempts } = await caller.call('jobs/get', { id: job.id });
    expect(attempts.map(({ attempt }: { attempt: { status: string } }) => attempt.status)).toEqual(['failed']);
    expect((await caller.call('jobs/cancel', { id: job.id })).job.status).toBe('incomplete');
    await caller.sandbox.jobs.cancel(connectionId);
  });

  test('succeeds in its second attempt', async () => {
    const connectionId = await caller.simulatedConnection({ failed_attempts: 1 });
    const { job, attempts } = await caller.runToEnd(connectionId);
    expect(job.status).toBe('succeeded');
    expect(attempts.map(({ attempt }: { attempt: { status: string } }) => attempt.status).sort()).toEqual([
      'failed',
      'succeeded',
    ]);
  });

  test('runs for some time within the range that the simulation gives', async () => {
    const connectionId = await caller.simulatedConnection({ duration_ms: 20, maximum_duration_ms: 60 });
    const jobs = [];
    for (let count = 0; count < 5; count += 1) {
      const { job } = await caller.runToEnd(connectionId);
      jobs.push(caller.sandbox.store.job(job.id));
    }
    const durations = jobs.map(({ startedAtMs = 0, endedAtMs = 0 }) => endedAtMs - startedAtMs);
    // A timer may fire a moment early.
    expect(Math.min(...durations)).toBeGreaterThanOrEqual(19);
    expect(new Set(durations).size).toBeGreaterThan(1);
  });

  test('reports through the control calls, in milliseconds, when it was created, started and ended', async () => {
    const connectionId = await caller.simulatedConnection({ jobs: [{}, { hold: true }] });
    const ended = (await caller.runToEnd(connectionId)).job.id;
    const held = (await sync(connectionId)).id;
    await running(held);
    const { jobs } = (await caller.control('GET', '/sandbox/jobs')).body;
    const mine = jobs.filter((job: { connectionId: string }) => job.connectionId === connectionId);
    const { createdAtMs, startedAtMs, endedAtMs } = caller.sandbox.store.job(ended);
    expect(mine).toEqual([
      { jobId: ended, connectionId, status: 'succeeded', createdAtMs, startedAtMs, endedAtMs },
      {
        jobId: held,
        connectionId,
        status: 'running',
        createdAtMs: expect.any(Number),
        startedAtMs: expect.any(Number),
      },
    ]);
    expect(endedAtMs).toBeGreaterThanOrEqual(startedAtMs ?? Number.POSITIVE_INFINITY);
  });

  test('takes the simulation with its index in the list', async () => {
    const connectionId = await caller.simulatedConnection({ jobs: [{ outcome: 'failed' }, { records: 7 }] });
    expect((await caller.runToEnd(connectionId)).job.status).toBe('failed');
    expect((await caller.runToEnd(connectionId)).attempts[0].attempt.recordsSynced).toBe(7);
    expect((await caller.runToEnd(connectionId)).attempts[0].attempt.recordsSynced).toBe(7);
  });

  test('can show a status that no client knows, and its updatedAt says when', async () => {
    const job = await sync(await caller.simulatedConnection({ hold: true }));
    await running(job.id);
    const before = Math.floor(Date.now() / 1000);
    await caller.control('POST', `/sandbox/jobs/${job.id}/status`, { status: 'meditating' });
    const read = (await caller.call('jobs/get', { id: job.id })).job;
    expect(read.status).toBe('meditating');
    expect(Number.isInteger(read.updatedAt)).toBe(true);
    expect(read.updatedAt).toBeGreaterThanOrEqual(before);
    await caller.control('POST', `/sandbox/jobs/${job.id}/finish`, { outcome: 'failed', message: 'Enough.' });
    const ended = await caller.call('jobs/get', { id: job.id });
    expect(ended.attempts[0].attempt.failureSummary.failures[0].externalMessage).toBe('Enough.');
  });

  test('has no counts in jobs/get while it runs, and has them in jobs/list', async () => {
    const connectionId = await caller.simulatedConnection({ hold: true, records: 10, bytes: 100 });
    const job = await sync(connectionId);
    await running(job.id);
    const [attempt] = (await caller.call('jobs/get', { id: job.id })).attempts;
    expect(attempt.attempt).not.toHaveProperty('recordsSynced');
    const { jobs } = await caller.call('jobs/list', { configTypes: ['sync'], configId: connectionId });
    expect(jobs[0].job.aggregatedStats).toMatchObject({ recordsEmitted: 5, recordsCommitted: 5, bytesCommitted: 50 });
    expect(jobs[0].attempts[0].totalStats.recordsEmitted).toBe(5);
  });
});

describe('cancelling', () => {
  test('responds only once the job has stopped', async () => {
    const job = await sync(await caller.simulatedConnection({ hold: true, cancel_duration_ms: 50 }));
    await running(job.id);
    const cancelled = await caller.call('jobs/cancel', { id: job.id });
    expect(cancelled.job).toMatchObject({ id: job.id, status: 'cancelled' });
    expect(cancelled.attempts[0].attempt.failureSummary.failures[0].failureType).toBe('manual_cancellation');
  });

  test('an old job stops the one that runs on its connection now', async () => {
    const connectionId = await caller.simulatedConnection({ jobs: [{}, { hold: true }] });
    const old = await caller.runToEnd(connectionId);
    const now = await sync(connectionId);
    await running(now.id);
    const response = await caller.call('jobs/cancel', { id: old.job.id });
    expect(response.job).toMatchObject({ id: old.job.id, status: 'succeeded' });
    expect((await caller.call('jobs/get', { id: now.id })).job.status).toBe('cancelled');
  });

  test('a job that has ended changes nothing', async () => {
    const { job } = await caller.runToEnd(await caller.simulatedConnection());
    expect((await caller.call('jobs/cancel', { id: job.id })).job.status).toBe('succeeded');
  });
});

describe('a reset', () => {
  test('stops the sync that runs, and a clear is the same type of job', async () => {
    const connectionId = await caller.simulatedConnection({ jobs: [{ hold: true }, {}] });
    const job = await sync(connectionId);
    await running(job.id);
    const reset = (await caller.call('connections/reset', { connectionId })).job;
    expect(reset).toMatchObject({
      configType: 'reset_connection',
      resetConfig: { streamsToReset: [{ name: 'events' }] },
    });
    expect((await caller.call('jobs/get', { id: job.id })).job.status).toBe('cancelled');
    await caller.ended(reset.id);
    expect((await caller.call('connections/clear', { connectionId })).job.configType).toBe('reset_connection');
  });
});

describe('a refresh', () => {
  test('is a job of its own type', async () => {
    const connectionId = await caller.simulatedConnection();
    const { job } = await caller.call('connections/refresh', { connectionId, refreshMode: 'Truncate' });
    expect(job).toMatchObject({ configType: 'refresh', refreshConfig: { streamsToRefresh: [{ name: 'events' }] } });
  });

  test('requested while a job runs yields no job, and becomes the next sync', async () => {
    const connectionId = await caller.simulatedConnection({ jobs: [{ hold: true }, {}] });
    const job = await sync(connectionId);
    expect(await caller.call('connections/refresh', { connectionId, refreshMode: 'Merge' })).toEqual({});
    await caller.sandbox.jobs.finish(job.id);
    expect((await sync(connectionId)).configType).toBe('refresh');
  });
});

describe('the list of jobs', () => {
  const ids = (response: { jobs: { job: { id: number } }[] }) => response.jobs.map(({ job }) => job.id);
  let connectionId: string;
  let jobIds: number[];

  beforeAll(async () => {
    connectionId = await caller.simulatedConnection({ jobs: [{}, { outcome: 'failed' }, {}, { hold: true }] });
    jobIds = [];
    for (let count = 0; count < 3; count += 1) jobIds.push((await caller.runToEnd(connectionId)).job.id);
    const held = await sync(connectionId);
    await running(held.id);
    jobIds.push(held.id);
  });

  test('comes newest first, in pages, with the number of all', async () => {
    const request = { configTypes: ['sync'], configId: connectionId };
    expect(ids(await caller.call('jobs/list', request))).toEqual([...jobIds].reverse());
    const page = await caller.call('jobs/list', { ...request, pagination: { pageSize: 2, rowOffset: 2 } });
    expect(ids(page)).toEqual([jobIds[1], jobIds[0]]);
    expect(page.totalJobCount).toBe(4);
  });

  test('can be filtered by status and sorted by the last change', async () => {
    const request = { configTypes: ['sync'], configId: connectionId };
    expect(ids(await caller.call('jobs/list', { ...request, statuses: ['failed'] }))).toEqual([jobIds[1]]);
    const sorted = await caller.call('jobs/list', { ...request, orderByField: 'updatedAt', orderByMethod: 'ASC' });
    expect(ids(sorted)).toEqual(jobIds);
    expect((await caller.call('jobs/list', { ...request, configTypes: ['refresh'] })).jobs).toEqual([]);
  });

  test('from a moment on has the jobs that changed at that moment or later', async () => {
    const changed = caller.sandbox.store.job(jobIds[3] ?? 0).updatedAtMs;
    const since = (time: number) =>
      caller.call('jobs/list', {
        configTypes: ['sync'],
        configId: connectionId,
        updatedAtStart: new Date(time).toISOString(),
      });
    expect(ids(await since(changed))).toContain(jobIds[3]);
    expect(ids(await since(changed + 1))).toEqual([]);
  });

  test('of all connections needs no configId, and can be limited to some workspaces', async () => {
    const all = await caller.call('jobs/list', { configTypes: ['sync'], pagination: { pageSize: 1000 } });
    expect(new Set(ids(all)).size).toBeGreaterThan(jobIds.length);
    const workspaceIds = [await caller.workspaceId()];
    const mine = await caller.call('jobs/list_for_workspaces', { configTypes: ['sync'], workspaceIds });
    expect(ids(mine)).toEqual(expect.arrayContaining(jobIds));
    const none = await caller.call('jobs/list_for_workspaces', { configTypes: ['sync'], workspaceIds: [randomUUID()] });
    expect(none.jobs).toEqual([]);
  });

  test('leaves out cancelled jobs when the last one is requested', async () => {
    await caller.call('jobs/cancel', { id: jobIds[3] });
    const { job } = await caller.call('jobs/get_last_replication_job', { connectionId });
    expect(job.id).toBe(jobIds[2]);
  });
});

test('three thousand jobs run in parallel and end together', async () => {
  const connectionIds: string[] = [];
  const first = await caller.simulatedConnection({ hold: true });
  const { sourceId, destinationId, catalog } = caller.sandbox.store.connection(first);
  for (let count = 0; count < 3_000; count += 1) {
    const connectionId = randomUUID();
    connectionIds.push(connectionId);
    const { workspaceId, settings, createdAt } = caller.sandbox.store.connection(first);
    const connection = { connectionId, workspaceId, sourceId, destinationId, catalog, settings, createdAt, tagIds: [] };
    caller.sandbox.store.addConnection({ ...connection, status: 'active', state: [], jobs: [] });
  }
  const jobs = connectionIds.map((id) => caller.sandbox.jobs.start(caller.sandbox.store.connection(id), 'sync'));
  await Promise.all(jobs.map(({ id }) => running(id)));
  await Promise.all(jobs.map(({ id }) => caller.sandbox.jobs.finish(id)));
  expect(jobs.every(({ status }) => status === 'succeeded')).toBe(true);
});
