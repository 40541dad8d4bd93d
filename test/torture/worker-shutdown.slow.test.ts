import { EventEmitter } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type SignalledProcess, WorkerShutdownSignals } from '../../cli/commands/worker';
import { CliProcess } from '../integration/cli-command';
import { type Stack, startStack } from '../support/stack';
import { startWorkerOfEnvironment } from '../support/worker-of-environment';

const TRIGGER = 'connections/sync';
/** Longer than a worker's shutdown may take. */
const SLOW_TRIGGER_MS = 20_000;

describe('a signal in the middle of a trigger', () => {
  const workers: CliProcess[] = [];
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ worker: false });
  });
  afterAll(async () => {
    for (const worker of workers) if (!worker.hasExited) worker.kill('SIGKILL');
    await Promise.all(workers.map(({ exited }) => exited));
    await stack?.stop();
  });

  async function startWorker(): Promise<CliProcess> {
    const worker = new CliProcess(['worker'], stack.environment());
    workers.push(worker);
    await worker.said(/^Ready:/m);
    return worker;
  }

  /** Starts a sync, and returns when Airbyte has its trigger. The response comes long after the start of the job. */
  async function startSync() {
    const connectionId = await stack.caller.simulatedConnection({ duration_ms: 1_000 });
    stack.sandbox.faults.add({ call: TRIGGER, effect: true, delayMs: SLOW_TRIGGER_MS });
    const handle = await stack.startSync({ connectionId });
    await stack.sandbox.jobs.created(connectionId);
    return { handle, connectionId };
  }

  it('ends the worker with 0, and the next worker finds the job that the trigger has started', async () => {
    const worker = await startWorker();
    const { handle, connectionId } = await startSync();
    worker.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
    expect(worker.stderr).not.toMatch(/ERROR|still in use/);
    const stopNext = await startWorkerOfEnvironment(stack.temporal, stack.environment());
    expect(await handle.result()).toMatchObject({ connectionId, status: 'succeeded', attached: false });
    const jobs = [...stack.sandbox.store.jobs.values()].filter((job) => job.connectionId === connectionId);
    expect(jobs).toHaveLength(1);
    await stopNext();
  });

  it('ends the worker immediately when it comes a second time', async () => {
    const worker = await startWorker();
    const { handle } = await startSync();
    worker.kill('SIGTERM');
    await worker.said(/^Shutting down:/m);
    worker.kill('SIGTERM');
    expect(await worker.exited).toBe(143);
    await handle.terminate();
  });
});

describe('a signal', () => {
  const exits: number[] = [];
  const signalled = Object.assign(new EventEmitter(), { exit: (code: number) => void exits.push(code) });
  let shutdowns = 0;

  function signals(): WorkerShutdownSignals {
    exits.length = 0;
    shutdowns = 0;
    const source: SignalledProcess = signalled;
    return new WorkerShutdownSignals(() => {
      shutdowns += 1;
    }, source);
  }

  it('ends a worker that has not started to poll yet with 0', () => {
    using _ = signals();
    signalled.emit('SIGTERM', 'SIGTERM');
    expect([exits, shutdowns]).toEqual([[0], 0]);
  });

  it('shuts a working worker down, and ends it when another one comes', () => {
    using worker = signals();
    worker.markRunning();
    signalled.emit('SIGTERM', 'SIGTERM');
    expect([exits, shutdowns]).toEqual([[], 1]);
    signalled.emit('SIGINT', 'SIGINT');
    expect([exits, shutdowns]).toEqual([[130], 1]);
  });
});
