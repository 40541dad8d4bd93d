import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { askCancelOrLeave } from '../../cli/follow/interruption';
import { describePruned } from '../../cli/follow/prune-connections';
import { unlessAborted } from '../../src/async/unless-aborted';
import type { AppliedConnection } from '../../src/contract/connection';
import { syncOptionsSchema } from '../../src/contract/sync-options';
import { temporalScheduleSchema } from '../../src/contract/temporal-schedule';
import { applySchedule } from '../../src/schedules/apply-schedule';
import { useBench } from '../unit/activities/activity-bench';
import { DROPPED, Reply, type Responder } from '../unit/activities/scripted-airbyte';
import { table, useScriptedConnections } from '../unit/activities/scripted-connections';

const bench = useBench();

/** A schedule in Temporal that the pipeline `shop` keeps for a connection. */
function scheduled(connectionId: string, every = '6h') {
  const { sync = syncOptionsSchema().parse({}), ...times } = temporalScheduleSchema().parse({ by: 'temporal', every });
  const desired = {
    connection: { connectionId },
    schedule: { ...times, sync },
    taskQueue: 'airbyte',
    pipeline: 'shop',
  };
  return applySchedule(bench().schedules.client, desired);
}

/** Runs something so many seconds later, by the client's clock: a call is missing once it was rejected twice, seconds apart. */
async function secondsLater<T>(count: number, run: () => Promise<T>): Promise<T> {
  const now = performance.now.bind(performance);
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + count * 1_000);
  return run().finally(() => clock.mockRestore());
}

const actualSchedule = (connectionId: string) => bench().schedules.stored.get(`airbyte-schedule:${connectionId}`);

describe('apply --prune', () => {
  const connection = { connectionId: 'old', name: 'Shop → Lake', pipeline: 'shop' };
  const prune = () => bench().run('deleteUnnamedConnection', { connection, pipelines: ['shop'] });

  beforeEach(async () => {
    bench().airbyte.on({
      'connections/get': () => ({ connectionId: 'old', name: 'Shop → Lake', status: 'active' }),
      'connections/delete': () => ({}),
      'jobs/list': () => ({ jobs: [] }),
    });
    bench().workflowsOfConnections['old'] = ['airbyte-pipeline:shop'];
    await scheduled('old');
  });

  it.each([
    ['501', new Reply(501, { message: 'Not implemented' })],
    ['405', new Reply(405, { message: 'Method Not Allowed' })],
    ['404, nothing else', new Reply(404, '')],
    ['404, in words of its own', new Reply(404, { message: 'No handler for /api/v1/connections/delete' })],
    ['a page', new Reply(200, '<!doctype html><title>Airbyte</title>', { 'content-type': 'text/html' })],
  ])('leaves the schedule, and says that it could not delete, where the call is missing (%s)', async (_, rejection) => {
    bench().airbyte.on({ 'connections/delete': () => rejection });
    await expect(prune()).rejects.toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    const judged = await secondsLater(3, prune);
    expect(describePruned([{ ...judged, deleted: judged.staysBecause === null }])).toEqual([
      "left the connection 'Shop → Lake' (old): this Airbyte has no call that deletes connections, so delete it in its web app",
    ]);
    expect(actualSchedule('old')).toBeDefined();
  });

  it('deletes the schedule after the connection', async () => {
    expect(await prune()).toEqual({ ...connection, staysBecause: null });
    expect(actualSchedule('old')).toBeUndefined();
  });

  it('deletes the schedule also where an attempt before it had deleted the connection', async () => {
    bench().airbyte.on({ 'connections/get': () => new Reply(404, { errorId: '2f6d7c5e' }) });
    expect(await prune()).toEqual({ ...connection, staysBecause: null });
    expect(bench().airbyte.bodies('connections/delete')).toEqual([]);
    expect(actualSchedule('old')).toBeUndefined();
  });

  it('leaves the schedule of a connection whose deletion Airbyte rejects', async () => {
    bench().airbyte.on({ 'connections/delete': () => new Reply(403, { message: 'Forbidden' }) });
    await expect(prune()).rejects.toMatchObject({ type: 'AirbyteUnauthorized' });
    expect(actualSchedule('old')).toBeDefined();
  });

  it('does not take a connection for deleted when the call to read it is missing', async () => {
    bench().airbyte.on({ 'connections/get': () => new Reply(501, { message: 'Not implemented' }) });
    await expect(prune()).rejects.toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(actualSchedule('old')).toBeDefined();
  });
});

describe('a schedule that is updated', () => {
  it.each([
    ['paused', { paused: true, note: 'by hand' }],
    ['resumed', { paused: false, note: 'by hand' }],
  ])('stays as a user has %s it meanwhile', async (_, state) => {
    await scheduled('c-1');
    const { client } = bench().schedules;
    const getHandle = (id: string) => {
      const handle = client.getHandle(id);
      const describe = async () => {
        const described = await handle.describe();
        // After it was read, and before it is updated.
        Object.assign(actualSchedule('c-1') as object, { state });
        return { ...described, state: { paused: !state.paused } };
      };
      return { ...handle, describe };
    };
    const { sync = syncOptionsSchema().parse({}), ...schedule } = temporalScheduleSchema().parse({
      by: 'temporal',
      every: '1h',
    });
    const desired = {
      connection: { connectionId: 'c-1' },
      schedule: { ...schedule, sync },
      taskQueue: 'airbyte',
      pipeline: 'shop',
    };
    const applied = await applySchedule({ ...client, getHandle } as typeof client, desired);
    expect(applied).toMatchObject({ outcome: 'updated', changed: ['every'] });
    expect(actualSchedule('c-1')?.state).toEqual(state);
  });
});

const CHANGES_OF_SCHEDULE = [
  { field: 'every', from: { everyMs: 21_600_000 }, to: { everyMs: 3_600_000 } },
  { field: 'name', to: 'shop' },
  { field: 'workspace', to: 'w' },
];

describe('an attempt whose result was lost', () => {
  const stored = useScriptedConnections(bench);
  const apply = (fields = {}): Promise<AppliedConnection> =>
    bench().untilDone('applyConnection', stored().desired({ streams: [table('orders')], ...fields }));

  /** The first response of a call is lost, after its effect. */
  function loseResponse(call: string, respond: Responder): void {
    let lost = false;
    bench().airbyte.on({
      [call]: (body) => {
        const given = respond(body);
        if (lost) return given;
        lost = true;
        return DROPPED;
      },
    });
  }

  it('has removed the Temporal schedule, and the next one says so', async () => {
    const { connectionId } = await apply();
    await scheduled(connectionId);
    let refused = false;
    bench().airbyte.on({
      'connections/update': (body) => {
        if (refused) return Object.assign(stored().connections[0] ?? {}, body);
        refused = true;
        return new Reply(503, { message: 'Service Unavailable' });
      },
    });
    const applied = await apply({ schedule: { every: '6h' } });
    expect(applied).toMatchObject({ removedSchedule: `airbyte-schedule:${connectionId}`, updated: ['schedule'] });
    expect(actualSchedule(connectionId)).toBeUndefined();
  });

  it('has changed the connection, and the next one reports the change', async () => {
    await apply();
    loseResponse('connections/update', (body) => Object.assign(stored().connections[0] ?? {}, body));
    expect(await apply({ status: 'inactive' })).toMatchObject({ created: false, updated: ['status'] });
    expect(bench().airbyte.bodies('connections/update')).toHaveLength(1);
  });

  it('has created the connection, and the next one reports it as created', async () => {
    const connections = stored().connections;
    loseResponse('connections/create', (body) => {
      const connection = { connectionId: 'new', scheduleType: 'manual', ...body };
      connections.push(connection);
      return connection;
    });
    expect(await apply()).toMatchObject({ connectionId: 'new', created: true });
    expect(connections).toHaveLength(1);
  });

  it('has created nothing where Airbyte rejected the creation, so a connection found later belongs to another user', async () => {
    const connections = stored().connections;
    bench().airbyte.on({
      'connections/create': (body) => {
        connections.push({ connectionId: 'theirs', scheduleType: 'manual', ...body });
        return new Reply(429, { message: 'Too many requests' });
      },
    });
    expect(await apply()).toMatchObject({ connectionId: 'theirs', created: false });
  });

  it.each([
    ['created', '6h', { outcome: 'created', changed: [] }],
    ['updated', '1h', { outcome: 'updated', changed: ['every', 'name', 'workspace'], changes: CHANGES_OF_SCHEDULE }],
  ])('has %s the Temporal schedule, and the next one says so', async (outcome, every, told) => {
    if (outcome === 'updated') await scheduled('c-1', '6h');
    const { client } = bench().schedules;
    let lost = false;
    /** The first response is lost, after its effect. */
    const losing = async <T>(response: Promise<T>) => {
      const given = await response;
      if (lost) return given;
      lost = true;
      throw ApplicationFailure.retryable('Temporal does not respond.');
    };
    const create = (definition: Parameters<typeof client.create>[0]) => losing(client.create(definition));
    const getHandle = (id: string) => {
      const handle = client.getHandle(id);
      return { ...handle, update: (change: Parameters<typeof handle.update>[0]) => losing(handle.update(change)) };
    };
    jest.spyOn(bench().schedules, 'client', 'get').mockReturnValue({ ...client, create, getHandle } as typeof client);
    const { sync = syncOptionsSchema().parse({}), ...times } = temporalScheduleSchema().parse({
      by: 'temporal',
      every,
    });
    const applied = await bench().untilDone('applySchedule', {
      ...{ pipeline: 'shop', connectionId: 'c-1', connectionName: 'shop', workspaceId: 'w', active: true },
      ...{ schedule: { ...times, sync }, taskQueue: 'airbyte' },
    });
    expect(applied).toEqual({ scheduleId: 'airbyte-schedule:c-1', ...told });
  });

  it('has created the source, and the next one reports it as created', async () => {
    const sources: Record<string, unknown>[] = [];
    bench().airbyte.on({
      'sources/list': () => ({ sources }),
      'source_definition_specifications/get': () => ({ connectionSpecification: {} }),
    });
    loseResponse('sources/create', (body) => {
      const source = { sourceId: 's-1', ...body };
      sources.push(source);
      return source;
    });
    const desired = { workspaceId: 'w', name: 'shop', definitionId: 'postgres', configuration: { host: 'db' } };
    expect(await bench().untilDone('applySource', desired)).toMatchObject({ actorId: 's-1', created: true });
    expect(sources).toHaveLength(1);
  });
});

describe('a signal that is aborted already', () => {
  const aborted = AbortSignal.abort(new Error('given up'));

  it('ends a wait immediately, also when the condition already holds', async () => {
    await expect(unlessAborted(new Promise<never>(() => undefined), aborted)).rejects.toThrow('given up');
    await expect(unlessAborted(Promise.resolve('there'), aborted)).rejects.toThrow('given up');
  });

  it('leaves no rejection of the awaited promise unhandled', async () => {
    await expect(unlessAborted(Promise.reject(new Error('refused')), aborted)).rejects.toThrow('given up');
  });

  it('makes no further request', async () => {
    expect(await askCancelOrLeave('Leave it running, or cancel it?', aborted)).toBe('leave');
  });
});
