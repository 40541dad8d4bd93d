import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Job } from '../../sandbox/state/job';
import { type Stack, startStack } from '../support/stack';
import { startWorkerOfEnvironment } from '../support/worker-of-environment';

describe('the limits of a worker', () => {
  let stack: Stack;
  let stopWorker: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    stack = await startStack({ worker: false });
  });
  afterAll(() => stack?.stop());
  afterEach(async () => {
    await stopWorker?.();
    stopWorker = undefined;
  });

  async function startWorker(limits: Record<string, string>): Promise<void> {
    const env = { AIRBYTE_URL: stack.sandbox.url, AIRBYTE_TASK_QUEUE: stack.taskQueue, AIRBYTE_POLL_INTERVAL: '50ms' };
    stopWorker = await startWorkerOfEnvironment(stack.temporal, { ...env, ...limits });
  }

  const startSyncs = async (count: number, duration_ms: number) => {
    const connections = await Promise.all(
      Array.from({ length: count }, () => stack.caller.simulatedConnection({ duration_ms })),
    );
    return Promise.all(connections.map((connectionId) => stack.startSync({ connectionId })));
  };

  it('let at most AIRBYTE_MAX_CONCURRENT_SYNCS syncs run concurrently, and all of them in the end', async () => {
    await startWorker({ AIRBYTE_MAX_CONCURRENT_SYNCS: '2' });
    const syncs = await startSyncs(7, 100);
    const results = await Promise.all(syncs.map((sync) => sync.result()));
    expect(results.map(({ status }) => status)).toEqual(Array(7).fill('succeeded'));
    expect(maximumConcurrent(results.map(({ jobId }) => stack.sandbox.store.job(jobId)))).toBe(2);
  });

  it('let a sync be cancelled while all places are taken', async () => {
    await startWorker({ AIRBYTE_MAX_CONCURRENT_SYNCS: '1' });
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const running = await stack.startSync({ connectionId });
    await stack.sandbox.jobs.created(connectionId);
    const [waiting] = await startSyncs(1, 0);
    await running.cancel();
    await expect(running.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await waiting?.result()).toMatchObject({ status: 'succeeded' });
  });

  it('let no more requests go out than AIRBYTE_MAX_REQUESTS_PER_SECOND, and fail nothing', async () => {
    const perSecond = 20;
    await startWorker({ AIRBYTE_MAX_REQUESTS_PER_SECOND: String(perSecond) });
    stack.sandbox.requests.clear();
    const started = performance.now();
    const syncs = await startSyncs(10, 0);
    const results = await Promise.all(syncs.map((sync) => sync.result()));
    const seconds = (performance.now() - started) / 1000;
    expect(results.map(({ status }) => status)).toEqual(Array(10).fill('succeeded'));
    // The worker's own calls; how long they take at least is no matter of how fast the machine is.
    const calls = ['jobs/list', 'connections/sync', 'jobs/get_without_logs'];
    const requests = calls.reduce((sum, call) => sum + stack.sandbox.requests.count(call), 0);
    expect(requests).toBeGreaterThanOrEqual(20);
    expect(seconds).toBeGreaterThanOrEqual((requests - 2) / perSecond);
  });
});

/** The most jobs that ran at one moment. */
function maximumConcurrent(jobs: Job[]): number {
  return Math.max(
    ...jobs.map(
      ({ createdAtMs }) =>
        jobs.filter((other) => other.createdAtMs <= createdAtMs && createdAtMs < other.updatedAtMs).length,
    ),
  );
}
