import { describe, expect, it, jest } from '@jest/globals';
import type { Worker } from '@temporalio/worker';
import { WorkerHealth } from '../../../../worker/metrics/worker-health';

/** A worker that runs, whose Temporal does what the test says. */
function workerWith(getSystemInfo: () => Promise<unknown>, state = 'RUNNING', poller = 'POLLING'): Worker {
  const connection = {
    withDeadline: (_: number, call: () => Promise<unknown>) => call(),
    workflowService: { getSystemInfo },
  };
  const getStatus = () => ({ runState: state, workflowPollerState: poller, activityPollerState: 'POLLING' });
  return { connection, getState: () => state, getStatus } as unknown as Worker;
}

const refuse = () => Promise.reject(new Error('connection refused'));
const available = async () => ({ available: true });

describe('the readiness of a worker', () => {
  it('names each dependency that does not respond, and why', async () => {
    const health = new WorkerHealth({ health: () => Promise.reject(new Error('503 from Airbyte')) });
    expect(await health.readiness()).toEqual({ temporal: 'the worker is starting', airbyte: '503 from Airbyte' });

    const working = new WorkerHealth({ health: available });
    working.serve(workerWith(async () => ({})));
    expect(await working.readiness()).toEqual({ temporal: undefined, airbyte: undefined });

    const withoutTemporal = new WorkerHealth({ health: available });
    withoutTemporal.serve(workerWith(refuse));
    expect(await withoutTemporal.readiness()).toEqual({ temporal: 'connection refused', airbyte: undefined });

    const stopping = new WorkerHealth({ health: available });
    stopping.serve(workerWith(async () => ({}), 'DRAINING'));
    expect(await stopping.check('temporal')).toBe('the worker takes no tasks: it is DRAINING');
  });

  it('causes one request in five seconds, however many probes come', async () => {
    jest.useFakeTimers({ now: 0 });
    try {
      const request = jest.fn(available);
      const health = new WorkerHealth({ health: request });
      await Promise.all([health.check('airbyte'), health.readiness(), health.check('airbyte')]);
      await jest.advanceTimersByTimeAsync(4_900);
      await health.check('airbyte');
      expect(request).toHaveBeenCalledTimes(1);
      await jest.advanceTimersByTimeAsync(200);
      await health.check('airbyte');
      expect(request).toHaveBeenCalledTimes(2);
    } finally {
      jest.useRealTimers();
    }
  });

  it('does not wait longer than five seconds for Airbyte', async () => {
    jest.useFakeTimers({ now: 0 });
    try {
      const never = ({ signal }: { signal?: AbortSignal | undefined } = {}) =>
        new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      const problem = new WorkerHealth({ health: never }).check('airbyte');
      await jest.advanceTimersByTimeAsync(5_000);
      expect(await problem).toBe('Airbyte has not responded within 5 s');
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a worker', () => {
  const health = new WorkerHealth({ health: available });

  it('is alive while it starts, while Temporal does not respond, and while it stops', () => {
    expect(health.reasonToRestart).toBeUndefined();
    for (const state of ['RUNNING', 'DRAINING', 'STOPPED']) {
      health.serve(workerWith(refuse, state));
      expect(health.reasonToRestart).toBeUndefined();
    }
  });

  it('has to be restarted when it has failed, or no longer polls', () => {
    health.serve(workerWith(refuse, 'FAILED'));
    expect(health.reasonToRestart).toBe('the worker has failed');
    health.serve(workerWith(refuse, 'RUNNING', 'FAILED'));
    expect(health.reasonToRestart).toBe('the worker cannot poll for tasks any more');
  });
});
