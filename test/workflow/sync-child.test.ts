import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { SyncConnectionInput } from '../../src/contract/sync-options';
import { airbyteFailure, MockedAirbyte } from '../../testing';
import { FAILURE_TYPES, type PipelineResult, syncChildOptions } from '../../workflows';
import { endOf, failureOf } from '../support/stack';
import { timeSkippingTemporal, uniqueName, workflowBundle } from '../support/temporal';
import { until } from '../support/until';
import { typicalDocument } from '../unit/contract/typical-document';

describe('the options of a sync as a child workflow', () => {
  const valuesOf = (options: ReturnType<typeof syncChildOptions>) =>
    Object.fromEntries(
      (options.typedSearchAttributes as { key: { name: string }; value: unknown }[]).map(({ key, value }) => [
        key.name,
        value,
      ]),
    );

  it('give it the id of the connection’s sync, and let it be cancelled with its parent', () => {
    const options = syncChildOptions({ connectionId: 'c' });
    expect(options).toMatchObject({
      workflowId: 'airbyte-sync:c',
      parentClosePolicy: 'REQUEST_CANCEL',
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    });
    expect(options).not.toHaveProperty('taskQueue');
    expect(valuesOf(options)).toEqual({ AirbyteConnectionId: 'c' });
  });

  it('let it be found by all that the parent knows about the connection', () => {
    const known = { connectionId: 'c', connectionName: 'shop → lake', workspaceId: 'w', taskQueue: 'airbyte' };
    const options = syncChildOptions(known);
    expect(options).toMatchObject({ taskQueue: 'airbyte', staticSummary: expect.stringContaining('shop → lake') });
    expect(valuesOf(options)).toEqual({
      AirbyteWorkspaceId: 'w',
      AirbyteConnectionId: 'c',
      AirbyteConnectionName: 'shop → lake',
    });
  });

  it.each([
    ['no connection', {}],
    ['an id that is none', { connectionId: 7 }],
    ['a task queue without a name', { connectionId: 'c', taskQueue: '' }],
  ])('are refused for %s, by a failure that no retry follows', (_, child) => {
    expect(() => syncChildOptions(child as never)).toThrow(
      expect.objectContaining({ type: 'InvalidInput', nonRetryable: true }),
    );
  });
});

describe("a user's workflow, in a test with a mocked Airbyte", () => {
  const [ours, own] = [uniqueName('mocked'), uniqueName('host')];
  let env: TestWorkflowEnvironment;
  let airbyte: MockedAirbyte;
  let stopWorkers: () => Promise<unknown>;

  beforeAll(async () => {
    env = await timeSkippingTemporal();
    const { nativeConnection: connection } = env;
    airbyte = new MockedAirbyte({
      job: ({ connectionId, number }) =>
        connectionId === 'endless' ? { status: 'running' } : { recordsSynced: 10 * number },
      activities: {
        findSourceDefinition: async ({ definition }) => {
          if (definition === 'unknown') throw airbyteFailure('AirbyteNotFound', 'there is no unknown connector');
          return { definitionId: 'd', name: definition };
        },
      },
    });
    // The bundle of the second one was built without the plugin, so it has none of our workflows.
    const [bundle, ownBundle] = await Promise.all([
      workflowBundle(),
      workflowBundle(require.resolve('../support/host-worker-workflows')),
    ]);
    const workers = [
      await Worker.create({ connection, taskQueue: ours, workflowBundle: bundle, plugins: [airbyte] }),
      await Worker.create({ connection: env.nativeConnection, taskQueue: own, workflowBundle: ownBundle }),
    ];
    const runs = workers.map((worker) => worker.run());
    stopWorkers = () => {
      for (const worker of workers) worker.shutdown();
      return Promise.all(runs);
    };
  });
  afterAll(async () => {
    await stopWorkers?.();
    await env?.teardown();
  });

  const start = (taskQueue: string, type: string, ...args: unknown[]) =>
    env.client.workflow.start(type, { taskQueue, workflowId: uniqueName(type), args });

  it('gets the result of the sync, of its second job too', async () => {
    expect(await (await start(own, 'syncAndCount', 'c', ours)).result()).toBe(10);
    expect(await (await start(own, 'syncAndCount', 'c', ours)).result()).toBe(20);
    expect(airbyte.calls).toContainEqual({
      activity: 'triggerSync',
      input: { connectionId: 'c', jobType: 'sync', lastJobId: 101, joins: true },
    });
  });

  it('fails immediately, instead of trying its task without end, without a connection or where no worker would run the sync', async () => {
    for (const connectionId of [undefined, null, 7]) {
      const { type, message } = await failureOf(await start(own, 'syncAndCount', connectionId, ours));
      expect({ type, message }).toEqual({ type: 'InvalidInput', message: expect.stringContaining('connectionId') });
    }
    const { type, message } = await failureOf(await start(own, 'syncAndCount', 'c'));
    expect(type).toBe('InvalidInput');
    expect(message).toMatch(/has no workflow syncConnection.*AirbytePlugin.*taskQueue: 'airbyte'/);
  });

  it('knows the types of failures', async () => {
    const input: SyncConnectionInput = { connectionId: 'c', minimumRecords: 1_000 };
    expect(await (await start(own, 'failureTypeOf', input, ours)).result()).toBe('AirbyteSyncFailed');
    expect(FAILURE_TYPES).toContain('AirbyteSyncFailed');
  });

  it('cancels the job with itself', async () => {
    const handle = await start(own, 'syncAndCount', 'endless', ours);
    await until(() =>
      airbyte.calls.some(
        ({ activity, input }) =>
          activity === 'waitForJob' && (input as { connectionId?: string }).connectionId === 'endless',
      ),
    );
    await handle.cancel();
    expect(await endOf(handle)).toBe('CANCELLED');
    expect(airbyte.calls.map(({ activity }) => activity)).toContain('cancelJob');
  });

  it('runs pipelines, which create their objects once, plans and fleets', async () => {
    const document = typicalDocument();
    const all = { source: true, destination: true, connection: true };
    const first = await (await start(ours, 'runPipeline', document)).result();
    expect(first).toMatchObject({ created: all, sync: { status: 'succeeded', recordsSynced: 10 } });
    const none = { source: false, destination: false, connection: false };
    expect(await (await start(ours, 'runPipeline', document)).result()).toMatchObject({
      connectionId: (first as PipelineResult).connectionId,
      created: none,
    });
    expect(await (await start(ours, 'planPipeline', document)).result()).toMatchObject({ changes: false });
    const fleet = await (await start(ours, 'syncFleet', { name: 'f', connections: ['a', 'b'] })).result();
    expect(fleet).toMatchObject({ counts: { succeeded: 2 }, recordsSynced: 20 });
    const broken = { ...document, source: { ...document.source, definition: 'unknown' } };
    expect((await failureOf(await start(ours, 'runPipeline', broken))).type).toBe('AirbyteNotFound');
  });

  it('is told when an activity is not mocked', async () => {
    const pruning = await start(ours, 'prunePipelines', { pipelines: ['p'], keep: [] });
    const { type, message } = await failureOf(pruning);
    expect({ type, message }).toEqual({
      type: 'AirbyteUnsupported',
      message: expect.stringContaining('MockedAirbyte'),
    });
  });
});
