import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiCaller, startCaller } from './api-caller';
import { PublicCaller } from './public-caller';

describe('what a start can lead to', () => {
  let caller: ApiCaller;

  beforeAll(async () => {
    caller = await startCaller({ airbyteVersion: '2026-08' });
  });
  afterAll(() => caller.sandbox.stop());

  const sync = (connectionId: string) => caller.call('connections/sync', { connectionId });
  const job = async (id: number) => (await caller.call('jobs/get_without_logs', { id })).job;
  const queued = (id: number) => caller.sandbox.jobs.reached(id, ({ status }) => status === 'queued');

  test('a sync becomes the reset that is pending on the connection, and the next one is a sync again', async () => {
    const connectionId = await caller.simulatedConnection({});
    expect((await caller.control('POST', '/sandbox/resets', { connectionId })).status).toBe(204);
    const reset = (await sync(connectionId)).job;
    expect(reset.configType).toBe('reset_connection');
    await caller.ended(reset.id);
    expect((await sync(connectionId)).job.configType).toBe('sync');
  });

  test('a pending reset goes before a pending refresh, which the sync after it becomes', async () => {
    const connectionId = await caller.simulatedConnection({ jobs: [{ hold: true }, {}] });
    const first = (await sync(connectionId)).job;
    expect(await caller.call('connections/refresh', { connectionId, refreshMode: 'Merge' })).toEqual({});
    await caller.control('POST', '/sandbox/resets', { connectionId });
    await caller.sandbox.jobs.finish(first.id);
    const reset = (await sync(connectionId)).job;
    expect(reset.configType).toBe('reset_connection');
    await caller.ended(reset.id);
    expect((await sync(connectionId)).job.configType).toBe('refresh');
  });

  test('a job that has been queued for too long is cancelled without an attempt', async () => {
    const connectionId = await caller.simulatedConnection({ queued_ms: 60_000, queue_limit_ms: 20 });
    const { id } = (await sync(connectionId)).job;
    await caller.ended(id);
    const { job: ended, attempts } = await caller.call('jobs/get', { id });
    expect([ended.status, attempts]).toEqual(['cancelled', []]);
  });

  test('so is one whose connection is changed, but not one that runs', async () => {
    const connectionId = await caller.simulatedConnection({ jobs: [{ queued_ms: 60_000 }, { hold: true }] });
    const waits = (await sync(connectionId)).job;
    await queued(waits.id);
    await caller.call('connections/update', { connectionId, name: 'renamed' });
    await caller.ended(waits.id);
    const runs = (await sync(connectionId)).job;
    await caller.sandbox.jobs.reached(runs.id, ({ status }) => status === 'running');
    await caller.call('connections/update', { connectionId, name: 'renamed again' });
    expect([(await job(waits.id)).status, (await job(runs.id)).status]).toEqual(['cancelled', 'running']);
  });

  test('a start returns the queued sync: immediately by the public API, once it runs by the Config API', async () => {
    const connectionId = await caller.simulatedConnection({ queued_ms: 200, hold: true });
    const { id } = (await sync(connectionId)).job;
    await queued(id);
    const start = { connectionId, jobType: 'sync' };
    const { status, body } = await new PublicCaller(caller.sandbox).ask('POST jobs', start);
    expect([status, body.jobId, body.status]).toEqual([200, id, 'queued']);
    expect((await sync(connectionId)).job).toMatchObject({ id, status: 'running' });
  });
});

describe.each([
  ['1.0.0', { value: false }],
  ['1.6.0', {}],
] as const)('a destination without refreshes in %s', (airbyteVersion, response) => {
  let caller: ApiCaller;

  beforeAll(async () => {
    caller = await startCaller({ airbyteVersion });
  });
  afterAll(() => caller.sandbox.stop());

  test('shows in the version of its definition, and nothing starts or is pending after a refresh', async () => {
    const sourceId = await caller.createActor('source', 'Simulated', {});
    const destinationId = await caller.createActor('destination', 'Simulated', { supports_refreshes: false });
    const call = 'actor_definition_versions/get_for_destination';
    expect(await caller.call(call, { destinationId })).toMatchObject({ supportsRefreshes: false });
    const { connectionId } = await caller.call('connections/create', { sourceId, destinationId, status: 'active' });
    expect(await caller.call('connections/refresh', { connectionId, refreshMode: 'Merge' })).toEqual(response);
    expect((await caller.call('connections/sync', { connectionId })).job.configType).toBe('sync');
  });
});
