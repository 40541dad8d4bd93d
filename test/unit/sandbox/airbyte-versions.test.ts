import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SANDBOX_AIRBYTE_VERSIONS, type SandboxAirbyteVersion } from '../../../sandbox/state/airbyte-versions';
import { type ApiCaller, type ApiResponse, startCaller } from './api-caller';

const callers = new Map<SandboxAirbyteVersion, ApiCaller>();

beforeAll(async () => {
  for (const airbyteVersion of SANDBOX_AIRBYTE_VERSIONS) {
    callers.set(airbyteVersion, await startCaller({ airbyteVersion }));
  }
});
afterAll(async () => {
  await Promise.all([...callers.values()].map(({ sandbox }) => sandbox.stop()));
});

/** The versions in which something is so. */
async function versionsWhere(holds: (caller: ApiCaller) => Promise<boolean>): Promise<string[]> {
  const found: string[] = [];
  for (const [version, caller] of callers) if (await holds(caller)) found.push(version);
  return found;
}

/** The versions from one on, and until the one that no longer belongs to them. */
function versions(since: SandboxAirbyteVersion, until?: SandboxAirbyteVersion): string[] {
  const end = until === undefined ? undefined : SANDBOX_AIRBYTE_VERSIONS.indexOf(until);
  return SANDBOX_AIRBYTE_VERSIONS.slice(SANDBOX_AIRBYTE_VERSIONS.indexOf(since), end);
}

const isMissing = ({ status, body }: ApiResponse) => status === 404 && body === 'Object not found.';

describe('the version decides whether there is the call', () => {
  test.each([
    ['workspaces/list', versions('0.50.0', '1.8.0')],
    ['applications/token', versions('0.63.0')],
    ['connections/clear', versions('0.63.0')],
    ['connections/refresh', versions('0.63.0')],
    ['connections/status', versions('0.63.0')],
    ['jobs/list_for_workspaces', versions('0.63.0')],
    ['jobs/get_without_logs', versions('0.50.0')],
    ['jobs/get_last_replication_job', versions('0.50.0')],
    ['connections/dance', []],
  ])('%s', async (call, expected) => {
    expect(await versionsWhere(async (caller) => !isMissing(await caller.request(call)))).toEqual(expected);
  });

  test.each([
    ['jobs', versions('0.63.0')],
    ['applications/token', versions('1.0.0')],
    [`connector_definitions`, versions('1.6.0')],
    [`workspaces/${randomUUID()}/definitions/sources`, versions('1.6.0')],
  ])('%s of the public API', async (path, expected) => {
    const respond = (caller: ApiCaller) => caller.control('GET', `/api/public/v1/${path}`);
    expect(await versionsWhere(async (caller) => !isMissing(await respond(caller)))).toEqual(expected);
  });
});

describe('the version decides how a list of jobs can be filtered', () => {
  const lists = async (caller: ApiCaller, request: object) =>
    (await caller.request('jobs/list', { configTypes: ['sync'], ...request })).status === 200;

  test('the jobs of all connections', async () => {
    expect(await versionsWhere((caller) => lists(caller, {}))).toEqual(versions('0.63.0'));
  });

  test.each([['refresh'], ['clear']])('jobs of the type %s', async (type) => {
    const request = { configId: randomUUID(), configTypes: [type] };
    expect(await versionsWhere((caller) => lists(caller, request))).toEqual(versions('0.63.0'));
  });

  test('jobs that are queued', async () => {
    const request = { configId: randomUUID(), statuses: ['queued'] };
    expect(await versionsWhere((caller) => lists(caller, request))).toEqual(versions('2026-08'));
  });

  test('jobs that changed since some time, a filter that 0.50 ignores', async () => {
    const narrowed = await versionsWhere(async (caller) => {
      const connectionId = await caller.simulatedConnection();
      await caller.runToEnd(connectionId);
      const updatedAtStart = new Date(Date.now() + 3_600_000).toISOString();
      const request = { configTypes: ['sync'], configId: connectionId, updatedAtStart };
      return (await caller.call('jobs/list', request)).jobs.length === 0;
    });
    expect(narrowed).toEqual(versions('0.63.0'));
  });
});

describe('the version decides what a response contains', () => {
  test('of the counts of a job', async () => {
    const counting = async (caller: ApiCaller) => {
      const connectionId = await caller.simulatedConnection({ records: 3, records_rejected: 2 });
      await caller.runToEnd(connectionId);
      return (await caller.call('jobs/list', { configTypes: ['sync'], configId: connectionId })).jobs[0];
    };
    expect(await versionsWhere(async (caller) => 'aggregatedStats' in (await counting(caller)).job)).toEqual(
      versions('0.63.0'),
    );
    const rejected = async (caller: ApiCaller) => (await counting(caller)).attempts[0].totalStats.recordsRejected;
    expect(await versionsWhere(async (caller) => (await rejected(caller)) === 2)).toEqual(versions('1.8.0'));
  });

  test('of a refresh: the job, or only that it is pending', async () => {
    const responses = await versionsWhere(async (caller) => {
      const connectionId = await caller.simulatedConnection();
      const { status, body } = await caller.request('connections/refresh', { connectionId, refreshMode: 'Merge' });
      return status === 200 && body.job !== undefined && body.value === undefined;
    });
    expect(responses).toEqual(versions('1.6.0'));
  });

  test('of logs: events, or lines', async () => {
    const logsOf = async (caller: ApiCaller) => {
      const { attempts } = await caller.runToEnd(await caller.simulatedConnection());
      return attempts[0].logs;
    };
    const said = 'The simulated job started.';
    const events = async (caller: ApiCaller) => (await logsOf(caller)).events?.[0].message === said;
    expect(await versionsWhere(events)).toEqual(versions('1.6.0'));
    const lines = async (caller: ApiCaller) => (await logsOf(caller)).logLines?.[0].endsWith(`INFO ${said}`) === true;
    expect(await versionsWhere(lines)).toEqual(versions('0.50.0', '1.6.0'));
  });

  test('of a missing object, of invalid input and of an internal error: the reason, or only an id', async () => {
    const onlyId = ({ body }: ApiResponse) => Object.keys(body).join() === 'errorId';
    for (const [call, request] of [
      ['sources/get', { sourceId: randomUUID() }],
      ['sources/get', {}],
      ['jobs/get', { id: 1_000_000 }],
    ] as const) {
      expect(await versionsWhere(async (caller) => onlyId(await caller.request(call, request)))).toEqual(
        versions('2.0.0'),
      );
    }
  });
});

describe('the version decides what a connection may be', () => {
  test.each([
    ['append_dedup', versions('0.50.0')],
    ['overwrite_dedup', versions('1.0.0')],
    ['soft_delete', versions('1.8.0')],
  ])('one that writes with %s', async (destinationSyncMode, expected) => {
    const taken = await versionsWhere(async (caller) => {
      const connectionId = await caller.simulatedConnection();
      const { syncCatalog } = await caller.call('connections/get', { connectionId });
      for (const { config } of syncCatalog.streams) config.destinationSyncMode = destinationSyncMode;
      return (await caller.request('connections/update', { connectionId, syncCatalog })).status === 200;
    });
    expect(taken).toEqual(expected);
  });

  test('one whose job waits as queued, which older versions show as pending', async () => {
    const queues = await versionsWhere(async (caller) => {
      const connectionId = await caller.simulatedConnection({ queued_ms: 20 });
      const { job } = await caller.call('connections/sync', { connectionId });
      const waited: string[] = [];
      await caller.sandbox.jobs.reached(job.id, ({ status }) => {
        if (status !== 'running') waited.push(status);
        return status === 'running';
      });
      return waited.includes('queued');
    });
    expect(queues).toEqual(versions('2026-08'));
  });
});
