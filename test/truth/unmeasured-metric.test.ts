import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MetricsBuffer } from '@temporalio/worker';
import type { SyncConnectionInput } from '../../src/contract/sync-options';
import { type Stack, startStack } from '../support/stack';
import { closeRuntime, quietRuntime } from '../support/temporal';

describe('a sync of which nothing was measured', () => {
  const buffer = new MetricsBuffer();
  let stack: Stack;
  beforeAll(async () => {
    await closeRuntime();
    quietRuntime({ metrics: { buffer } });
    stack = await startStack();
  });
  afterAll(async () => {
    await stack?.stop();
    await closeRuntime();
  });

  /** What a sync adds to the metrics of its worker that count such syncs. */
  async function added(simulation: object, options: Partial<SyncConnectionInput> = {}) {
    const connectionId = await stack.caller.simulatedConnection(simulation);
    const sync = await stack.startSync({ connectionId, ...options });
    await sync.result().catch(() => undefined);
    const own = [...buffer.retrieveUpdates()].filter(({ metric }) => metric.name.includes('unmeasured'));
    const update = ({ metric: { name, kind }, value, attributes }: (typeof own)[number]) => {
      // The SDK's own, which all its metrics have.
      const { namespace, task_queue, workflow_type, taskQueue, workflowType, service_name, ...labels } = attributes;
      return { name, kind, value, labels };
    };
    return own.map(update);
  }

  const counted = (unmeasured: string, job_type = 'sync') => [
    { name: 'temporal_airbyte_unmeasured_syncs', kind: 'counter', value: 1, labels: { job_type, unmeasured } },
  ];

  it('is counted in a metric, with the type of its job and what was to become of it', async () => {
    expect(await added({ unmeasured: true, records: 5 })).toEqual(counted('warn'));
    expect(await added({ unmeasured: true, records: 5 }, { unmeasured: 'fail' })).toEqual(counted('fail'));
    expect(await added({ unmeasured: true }, { jobType: 'refresh' })).toEqual(counted('warn', 'refresh'));
  });

  it.each<[object, Partial<SyncConnectionInput>]>([
    [{ unmeasured: true }, { unmeasured: 'accept' }],
    [{ unmeasured: true }, { jobType: 'reset' }],
    [{ unmeasured: true, outcome: 'failed' }, {}],
    [{ records: 5 }, {}],
    [{ records: 0 }, {}],
  ])('is not counted where that is accepted or something else: %j %j', async (simulation, options) => {
    expect(await added(simulation, options)).toEqual([]);
  });
});
