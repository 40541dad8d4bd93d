import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findStartedWait } from '../../src/temporal/pending-waits';
import { type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { until } from '../support/until';
import { CliProcess } from './cli-command';

/** A wait ends at most this long after its job, also if its worker has died. */
const TAKEN_OVER_MS = 30_000;

describe('the waits of a worker', () => {
  let stack: Stack;
  const workers: CliProcess[] = [];

  beforeAll(async () => {
    stack = await startStack({ worker: false });
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await Promise.all(workers.map(({ exited }) => exited));
    await stack?.stop();
  });

  async function startWorker(): Promise<CliProcess> {
    const env = { AIRBYTE_URL: stack.sandbox.url, AIRBYTE_TASK_QUEUE: stack.taskQueue, AIRBYTE_POLL_INTERVAL: '50ms' };
    const worker = new CliProcess(['worker'], stack.temporal.environment(env));
    workers.push(worker);
    await worker.said(/^Ready:/m);
    return worker;
  }

  /** A sync whose job continues until {@link finish}. @returns once a worker waits for the job */
  async function startHeldSync() {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await stack.startSync({ connectionId });
    const { runId } = await sync.describe();
    const wait = () => findStartedWait(stack.temporal.client, { workflowId: sync.workflowId, runId });
    while ((await wait()) === undefined);
    return { connectionId, sync, wait };
  }

  const finish = ({ connectionId }: { connectionId: string }) => {
    const [job] = stack.sandbox.store.connection(connectionId).jobs;
    return stack.sandbox.jobs.finish(job?.id ?? 0);
  };

  it('are passed on immediately when it shuts down, and end when their jobs end', async () => {
    const first = await startWorker();
    const held = await startHeldSync();
    const before = await held.wait();
    await startWorker();
    first.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    while (JSON.stringify(await held.wait()) === JSON.stringify(before));
    await finish(held);
    expect(await held.sync.result()).toMatchObject({ status: 'succeeded' });
    expect((await held.sync.fetchHistory()).events?.length).toBeLessThanOrEqual(20);
  });

  it('are not left as pending when a sync is cancelled that waits for the job of another caller', async () => {
    await startWorker();
    const { connectionId } = await startHeldSync();
    const args = [{ connectionId, onRunning: 'queue' }];
    const queued = await stack.temporal.client.workflow.start('syncConnection', {
      ...{ taskQueue: stack.taskQueue, workflowId: uniqueName('queued'), args },
    });
    await until(async () => (await queued.query<{ phase: string }>('progress')).phase === 'queued');
    const { runId } = await queued.describe();
    await until(async () => (await findStartedWait(stack.temporal.client, { ...queued, runId })) !== undefined);
    await queued.cancel();
    await expect(queued.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    const { raw } = await queued.describe();
    expect(raw.pendingActivities).toEqual([]);
    expect(stack.sandbox.store.connection(connectionId).jobs).toMatchObject([{ status: 'running' }]);
  });

  it(
    'are taken over by another worker when it is killed, and end soon after their jobs',
    async () => {
      const [killed] = workers.slice(-1);
      const all = await Promise.all([startHeldSync(), startHeldSync(), startHeldSync()]);
      await startWorker();
      killed?.kill('SIGKILL');
      const endedAt = Date.now();
      await Promise.all(all.map(finish));
      const results = await Promise.all(all.map(({ sync }) => sync.result()));
      expect(results.map(({ status }) => status)).toEqual(all.map(() => 'succeeded'));
      expect(Date.now() - endedAt).toBeLessThan(TAKEN_OVER_MS);
    },
    2 * TAKEN_OVER_MS,
  );
});
