import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SandboxAirbyteVersion } from '../../sandbox/state/airbyte-versions';
import { failureOf as failureOfWorkflow, type Stack, type StackOptions, startStack } from '../support/stack';
import { failureOf, useBench } from '../unit/activities/activity-bench';
import { missingCall, Reply } from '../unit/activities/scripted-airbyte';
import { ScriptedJobs } from '../unit/activities/scripted-jobs';
import { mockTime, throughTime } from '../unit/activities/through-time';

describe.each([
  ['1.0.0', 'config'],
  ['1.6.0', 'config'],
  ['2026-08', 'config'],
  ['2026-08', 'public'],
] as [SandboxAirbyteVersion, 'config' | 'public'][])('a refresh by Airbyte %s (%s API)', (airbyteVersion, flavour) => {
  let stack: Stack;

  beforeAll(async () => {
    const options: StackOptions = { sandbox: { airbyteVersion }, airbyte: { flavour } };
    stack = await startStack(options);
  });
  afterAll(() => stack?.stop());

  it('of a destination that does not support refreshes fails immediately with AirbyteUnsupported', async () => {
    const connectionId = await connectionTo({ supports_refreshes: false });
    const startedAt = performance.now();
    const failure = await failureOfWorkflow(await stack.startSync({ connectionId, jobType: 'refresh' }));
    expect(failure.type).toBe('AirbyteUnsupported');
    expect(failure.message).toMatch(/Use clear, then sync\./);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(stack.sandbox.store.connection(connectionId).jobs).toEqual([]);
  });

  if (flavour === 'config') {
    it('of one that does is run', async () => {
      const connectionId = await connectionTo({});
      const sync = await stack.startSync({ connectionId, jobType: 'refresh' });
      expect(await sync.result()).toMatchObject({ status: 'succeeded', recordsSynced: 2, attached: false });
    });
  }

  async function connectionTo(destination: object): Promise<string> {
    const sourceId = await stack.caller.createActor('source', 'Simulated', { records: 2 });
    const destinationId = await stack.caller.createActor('destination', 'Simulated', destination);
    const { catalog } = await stack.caller.call('sources/discover_schema', { sourceId });
    const fields = { sourceId, destinationId, status: 'active', syncCatalog: catalog };
    return (await stack.caller.call('connections/create', fields)).connectionId;
  }
});

describe('a refresh that Airbyte accepts without starting anything', () => {
  const bench = useBench();
  const input = { connectionId: 'connection-1', jobType: 'refresh', lastJobId: null } as const;
  const connection = { connectionId: 'connection-1', name: 'Shop', destinationId: 'd', status: 'active' };

  afterEach(() => {
    jest.useRealTimers();
  });

  it.each([
    ['lacks the call', missingCall()],
    ['does not permit the call', new Reply(403, { message: 'Forbidden' })],
    ['does not say', { dockerRepository: 'airbyte/destination-x' }],
  ])(
    'is given two minutes where the server %s whether its destination supports refreshes, and is unsupported then',
    async (_, version) => {
      bench().airbyte.on({
        ...new ScriptedJobs().responders,
        'connections/get': () => connection,
        'connections/refresh': () => ({}),
        'actor_definition_versions/get_for_destination': () => version,
      });
      mockTime();
      const { error, tookMs } = await throughTime(bench().run('triggerSync', input));
      expect(error).toMatchObject({ type: 'AirbyteUnsupported', nonRetryable: true });
      expect(tookMs).toBeGreaterThan(119_000);
      expect(tookMs).toBeLessThan(150_000);
      expect(bench().airbyte.bodies('connections/refresh')).toHaveLength(1);
    },
  );

  it('is tried again where the destination does support refreshes', async () => {
    bench().airbyte.on({
      ...new ScriptedJobs().responders,
      'connections/get': () => connection,
      'connections/refresh': () => ({}),
      'actor_definition_versions/get_for_destination': () => ({ supportsRefreshes: true }),
    });
    mockTime();
    const { error } = await throughTime(bench().run('triggerSync', input));
    expect(error).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
  });

  it('is unsupported immediately where the server says so before 1.6', async () => {
    bench().airbyte.on({ ...new ScriptedJobs().responders, 'connections/refresh': () => ({ value: false }) });
    const failure = await failureOf(bench().run('triggerSync', input));
    expect(failure).toMatchObject({ type: 'AirbyteUnsupported', nonRetryable: true });
  });
});
