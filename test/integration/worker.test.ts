import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { AirbyteClient } from '../../src/airbyte/client';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { createSecretResolver } from '../../src/secrets/secret-resolver';
import { createWorker } from '../../worker/create-worker';
import type { syncConnection } from '../../workflows';
import { FAST_COUNT_POLLS } from '../support/fast-count-polls';
import { type SharedTemporal, sharedTemporal, uniqueName, workflowBundle } from '../support/temporal';
import { ApiCaller } from '../unit/sandbox/api-caller';

/** What a worker that waits for a job asks Airbyte, again and again. */
const JOB_POLL_CALL = 'jobs/get_without_logs';

type Sync = WorkflowHandle<typeof syncConnection>;

describe('a worker', () => {
  let temporal: SharedTemporal;
  let sandbox: Sandbox;
  let caller: ApiCaller;
  let airbyte: AirbyteClient;
  const processes: ChildProcess[] = [];
  const workers: { worker: Worker; running: Promise<void> }[] = [];

  beforeAll(async () => {
    temporal = await sharedTemporal();
    sandbox = await startSandbox();
    caller = new ApiCaller(sandbox);
    airbyte = new AirbyteClient({ url: sandbox.url });
  });

  afterAll(async () => {
    await airbyte.close();
    await sandbox.stop();
    await temporal.close();
  });

  afterEach(async () => {
    for (const child of processes.splice(0)) child.kill('SIGKILL');
    await stopWorkers();
  });

  /** Shuts down those that still run, also after a test that failed: they would poll for ever. */
  async function stopWorkers(): Promise<void> {
    for (const { worker, running } of workers.splice(0)) {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
    }
  }

  async function startWorker(taskQueue: string): Promise<void> {
    const worker = await createWorker({
      connection: temporal.nativeConnection,
      namespace: temporal.namespace,
      taskQueue,
      airbyte,
      secrets: createSecretResolver(),
      jobs: new JobWatcher({ airbyte, pollIntervalMs: 20, countsPatience: FAST_COUNT_POLLS }),
      workflows: { workflowBundle: await workflowBundle() },
    });
    workers.push({ worker, running: worker.run() });
  }

  async function startSync(taskQueue: string): Promise<{ sync: Sync; connectionId: string }> {
    const connectionId = await caller.simulatedConnection({ hold: true, records: 5, bytes: 50 });
    const sync = await temporal.client.workflow.start<typeof syncConnection>('syncConnection', {
      taskQueue,
      workflowId: uniqueName('sync'),
      args: [{ connectionId }],
    });
    return { sync, connectionId };
  }

  /** The job that the sync waits for, once it is seen to wait. */
  async function waitedJob(connectionId: string): Promise<number> {
    const reads = sandbox.requests.count(JOB_POLL_CALL);
    await sandbox.requests.reached(JOB_POLL_CALL, reads + 2);
    const job = sandbox.jobs.runningOn(connectionId);
    if (!job) throw new Error('no job runs');
    return job.id;
  }

  it('runs a sync from its start to its result', async () => {
    const taskQueue = uniqueName('whole');
    await startWorker(taskQueue);
    const { sync, connectionId } = await startSync(taskQueue);
    const jobId = await waitedJob(connectionId);
    await sandbox.jobs.finish(jobId);
    expect(await sync.result()).toMatchObject({ connectionId, jobId, status: 'succeeded', recordsSynced: 5 });
  });

  it('leaves the waiting to the next worker when it shuts down gracefully, and does not cancel the job', async () => {
    const taskQueue = uniqueName('handover');
    const started = sandbox.requests.count('connections/sync');
    await startWorker(taskQueue);
    const { sync, connectionId } = await startSync(taskQueue);
    const jobId = await waitedJob(connectionId);

    await stopWorkers();
    expect(sandbox.jobs.runningOn(connectionId)?.id).toBe(jobId);

    await startWorker(taskQueue);
    expect(await waitedJob(connectionId)).toBe(jobId);
    await sandbox.jobs.finish(jobId);
    expect(await sync.result()).toMatchObject({ jobId, status: 'succeeded', attempts: 1, attached: false });
    expect(sandbox.requests.count('connections/sync')).toBe(started + 1);
    expect(sandbox.requests.count('jobs/cancel')).toBe(0);
  });

  // The same with SIGTERM is part of test/torture/worker-shutdown.slow.test.ts.
  it('of the command line exits 0 on SIGINT, while a job runs on', async () => {
    const taskQueue = uniqueName('process');
    const env = { AIRBYTE_URL: sandbox.url, AIRBYTE_TASK_QUEUE: taskQueue, AIRBYTE_POLL_INTERVAL: '20ms' };
    const worker = spawn(process.execPath, [join(__dirname, '../../bin/temporal-airbyte.js'), 'worker'], {
      env: { ...temporal.environment(), ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    processes.push(worker);
    const exited = once(worker, 'exit');
    const lines: string[] = [];
    for await (const line of createInterface(worker.stderr)) {
      lines.push(line);
      if (line.includes('Ready:')) break;
    }
    worker.stderr.resume();
    const { sync, connectionId } = await startSync(taskQueue);
    const jobId = await waitedJob(connectionId);

    worker.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
    expect(sandbox.jobs.runningOn(connectionId)?.id).toBe(jobId);
    await sync.terminate();
    await airbyte.jobs.cancel(jobId);
  });

  it('puts what stops a job before all else, and the waiting for jobs before new ones', async () => {
    const taskQueue = uniqueName('priorities');
    await startWorker(taskQueue);
    const { sync, connectionId } = await startSync(taskQueue);
    await waitedJob(connectionId);
    await sync.cancel();
    await sync.result().catch(() => undefined);
    const { events } = await sync.fetchHistory();
    const scheduled = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: activity }) =>
      activity ? [[activity.activityType?.name, activity.priority?.priorityKey || undefined]] : [],
    );
    expect(scheduled).toEqual([
      ['triggerSync', undefined],
      ['waitForJob', 2],
      ['cancelJob', 1],
    ]);
  });
});
