/** Where the sandbox behaved otherwise than an Airbyte of its version: one test a sentence of what is right. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SandboxOptions } from '../../sandbox/server';
import { AirbyteClient } from '../../src/airbyte/client';
import { withWorkspace } from '../../src/airbyte/lookup/connection-workspace';
import { ApiCaller, startCaller } from '../unit/sandbox/api-caller';

const HOUR = 3_600_000;

let api: ApiCaller;
afterEach(() => api?.sandbox.stop());

async function start(options: SandboxOptions = {}): Promise<ApiCaller> {
  api = await startCaller(options);
  return api;
}

describe('Airbyte’s own schedules', () => {
  const everySixHours = { scheduleType: 'basic', scheduleData: { basicSchedule: { units: 6, timeUnit: 'hours' } } };
  const cron = (cronExpression: string, cronTimeZone: string) => ({
    scheduleType: 'cron',
    scheduleData: { cron: { cronExpression, cronTimeZone } },
  });

  it('start a job when the interval has passed since the last one', async () => {
    await start();
    const connectionId = await api.simulatedConnection();
    const { job } = await api.call('connections/sync', { connectionId });
    const last = await api.sandbox.jobs.reached(job.id, ({ status }) => status === 'succeeded');
    last.createdAtMs -= 6 * HOUR;
    await api.call('connections/update', { connectionId, ...everySixHours });
    expect(await api.sandbox.jobs.created(connectionId, job.id)).toMatchObject({ configType: 'sync' });
  });

  it('reject time zones whose name begins with Etc', async () => {
    await start();
    const connectionId = await api.simulatedConnection();
    const refused = await api.request('connections/update', { connectionId, ...cron('0 0 6 * * ?', 'Etc/UTC') });
    expect(refused).toMatchObject({ status: 400, body: { type: 'error:cron-validation/invalid-timezone' } });
    const taken = await api.request('connections/update', { connectionId, ...cron('0 0 6 * * ?', 'UTC') });
    expect(taken.status).toBe(200);
  });
});

describe('a job', () => {
  const attemptIds = (attempts: { attempt?: { id: number }; id?: number }[]) =>
    attempts.map(({ attempt, id }) => attempt?.id ?? id);

  it('has its attempts in no order where it is asked for alone, and in theirs in a list', async () => {
    await start();
    const connectionId = await api.simulatedConnection({ failed_attempts: 2 });
    const { job, attempts } = await api.runToEnd(connectionId);
    expect(attemptIds(attempts)).toEqual([2, 1, 0]);
    expect(attemptIds((await api.call('jobs/get_without_logs', { id: job.id })).attempts)).toEqual([2, 1, 0]);
    const list = await api.call('jobs/list', { configTypes: ['sync'], configId: connectionId });
    expect(attemptIds(list.jobs[0].attempts)).toEqual([0, 1, 2]);
  });

  it('never says when it has started', async () => {
    await start();
    const connectionId = await api.simulatedConnection();
    const { job } = await api.runToEnd(connectionId);
    const [listed] = (await api.call('jobs/list', { configTypes: ['sync'], configId: connectionId })).jobs;
    for (const read of [job, listed.job]) expect(read).not.toHaveProperty('startedAt');
  });

  it('has counts where it is asked for without logs or listed, and none but those of its attempts elsewhere', async () => {
    await start();
    const connectionId = await api.simulatedConnection({ records: 7, bytes: 70 });
    const { job, attempts } = await api.runToEnd(connectionId);
    expect(job).toMatchObject({ streamAggregatedStats: [] });
    expect(job).not.toHaveProperty('aggregatedStats');
    expect(attempts[0].attempt).toMatchObject({ bytesSynced: 70, totalStats: { recordsCommitted: 7 } });
    expect(attempts[0].attempt.totalStats).not.toHaveProperty('bytesCommitted');
    const counted = await api.call('jobs/get_without_logs', { id: job.id });
    expect(counted.job).toMatchObject({
      aggregatedStats: { recordsCommitted: 7, bytesCommitted: 70 },
      streamAggregatedStats: [{ streamName: 'events', recordsCommitted: 7 }],
    });
  });

  it('counts all its attempts of an incremental stream, and the last one of a stream that is refreshed in full', async () => {
    await start();
    const counted = async (syncMode: string) => {
      const sourceId = await api.createActor('source', 'Simulated', { failed_attempts: 1, records: 7 });
      const destinationId = await api.createActor('destination', 'Simulated', {});
      const { catalog } = await api.call('sources/discover_schema', { sourceId });
      const [{ stream, config }] = catalog.streams;
      const syncCatalog = { streams: [{ stream, config: { ...config, syncMode } }] };
      const created = { sourceId, destinationId, status: 'active', syncCatalog };
      const { connectionId } = await api.call('connections/create', created);
      const { job } = await api.runToEnd(connectionId);
      return (await api.call('jobs/get_without_logs', { id: job.id })).job.aggregatedStats.recordsCommitted;
    };
    expect(await counted('incremental')).toBe(14);
    expect(await counted('full_refresh')).toBe(7);
  });

  it('shows the counts that its attempt has saved last, and after a failure those of the end only later', async () => {
    await start({ countsIntervalMs: 400 });
    const connectionId = await api.simulatedConnection({ hold: true, records: 8 });
    const { job } = await api.call('connections/sync', { connectionId });
    await api.sandbox.jobs.reached(job.id, ({ status }) => status === 'running');
    const records = async () => {
      const read = await api.call('jobs/get_without_logs', { id: job.id });
      return read.job.aggregatedStats.recordsCommitted;
    };
    const becomes = async (desired: number) => {
      let count = await records();
      while (count !== desired) count = await records();
      return count;
    };
    expect(await records()).toBe(0);
    expect(await becomes(4)).toBe(4);
    await api.sandbox.jobs.finish(job.id, 'failed');
    expect(await records()).toBe(4);
    expect(await becomes(8)).toBe(8);
  });
});

describe('a page of jobs', () => {
  const pageAt = async (rowOffset: number, call = 'jobs/list') => {
    const pagination = { pageSize: 2, rowOffset };
    const { jobs } = await api.call(call, { configTypes: ['sync'], pagination });
    return jobs.map(({ job }: { job: { id: number } }) => job.id);
  };

  async function threeJobs(options: SandboxOptions): Promise<void> {
    await start(options);
    for (let count = 0; count < 3; count += 1) await api.runToEnd(await api.simulatedConnection());
  }

  it('begins at a multiple of its size since 1.0, however exact the offset, save in the list of workspaces', async () => {
    await threeJobs({ airbyteVersion: '1.0.0' });
    expect(await pageAt(1)).toEqual([3, 2]);
    expect(await pageAt(3)).toEqual([1]);
    expect(await pageAt(1, 'jobs/list_for_workspaces')).toEqual([2, 1]);
  });

  it('is in the order of a field only where the direction is given as well, since 1.0', async () => {
    const byChange = { configTypes: ['sync'], orderByField: 'updatedAt' };
    const first = async (options: SandboxOptions, more: object) => {
      await threeJobs(options);
      const job = api.sandbox.store.job(1);
      job.updatedAtMs += HOUR;
      const { jobs } = await api.call('jobs/list', { ...byChange, ...more });
      await api.sandbox.stop();
      return jobs[0].job.id;
    };
    expect(await first({ airbyteVersion: '1.0.0' }, {})).toBe(3);
    expect(await first({ airbyteVersion: '1.0.0' }, { orderByMethod: 'DESC' })).toBe(1);
    expect(await first({ airbyteVersion: '0.63.0' }, {})).toBe(1);
  });

  it('begins exactly at its offset before', async () => {
    await threeJobs({ airbyteVersion: '0.63.0' });
    expect(await pageAt(1)).toEqual([2, 1]);
  });
});

describe('a connection of the Config API', () => {
  it('does not name its workspace; the client takes it from the list that it asked for, or from the source', async () => {
    await start();
    const workspaceId = await api.workspaceId();
    const connectionId = await api.simulatedConnection();
    const created = await api.call('connections/get', { connectionId });
    const { connections } = await api.call('connections/list', { workspaceId });
    for (const read of [created, ...connections]) expect(read).not.toHaveProperty('workspaceId');

    const client = new AirbyteClient({ url: api.sandbox.url });
    try {
      expect(await client.connections.list(workspaceId)).toMatchObject([{ connectionId, workspaceId }]);
      const read = await client.connections.get(connectionId);
      expect(read.workspaceId).toBeUndefined();
      expect(await withWorkspace(client, read)).toEqual({ ...read, workspaceId });
      const orphan = { ...read, sourceId: randomUUID() };
      expect(await withWorkspace(client, orphan)).toEqual(orphan);
    } finally {
      await client.close();
    }
  });
});

describe('with Airbyte’s own authentication on', () => {
  const auth = { kind: 'bearer', token: 'the-token' } as const;
  const authorization = { authorization: `Bearer ${auth.token}` };
  const unknown = randomUUID();

  const statuses = async (headers: Record<string, string>) => {
    const config = async (call: string, body: object) => (await api.request(call, body, headers)).status;
    const open = async (path: string) =>
      (await fetch(new URL(`/api/public/v1/${path}`, api.sandbox.url), { headers })).status;
    return {
      call: [await config('no/such/call', {}), await open('no_such_call')],
      connection: [await config('connections/get', { connectionId: unknown }), await open(`connections/${unknown}`)],
      job: [await config('jobs/get', { id: 1_000 }), await open('jobs/1000')],
      definition: [await config('source_definitions/get', { sourceDefinitionId: unknown })],
    };
  };

  it('a call that is missing, and an id that is unknown, are denied; without it they are not found', async () => {
    await start({ auth });
    expect(await statuses(authorization)).toEqual({
      ...{ call: [403, 403], connection: [403, 403], job: [403, 403], definition: [404] },
    });
    expect(await statuses({})).toMatchObject({ call: [401, 401], connection: [401, 401] });
    await api.sandbox.stop();
    await start();
    expect(await statuses({})).toEqual({
      ...{ call: [404, 404], connection: [404, 404], job: [500, 409], definition: [404] },
    });
  });

  it('a source that was deleted is denied as well', async () => {
    await start({ auth });
    const caller = new ApiCaller(api.sandbox, authorization);
    const sourceId = await caller.createActor('source', 'Simulated', {});
    await caller.call('sources/delete', { sourceId });
    const denied = await caller.request('sources/get', { sourceId });
    expect(denied).toMatchObject({ status: 403, body: { message: 'Forbidden' } });
  });
});
