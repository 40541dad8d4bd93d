import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { SyncConnectionInput } from '../../src/pipeline/sync-options';
import { type syncConnection, syncProgressQuery } from '../../workflows';
import { timeSkippingTemporal, workflowBundle } from '../support/temporal';
import { airbyteFailure, endedJob, runningJob, ScriptedAirbyte } from './scripted-airbyte';

const CONNECTION = 'e1f7a2c0-0000-4000-8000-000000000001';
const TASK_QUEUE = 'sync-connection';

describe('syncConnection', () => {
  let env: TestWorkflowEnvironment;
  let airbyte: ScriptedAirbyte;
  let stopWorker: () => Promise<void>;
  let count = 0;

  beforeAll(async () => {
    env = await timeSkippingTemporal();
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle: await workflowBundle(),
      maxHeartbeatThrottleInterval: '50ms',
      // Each test has a script of its own; the worker is shared.
      activities: Object.fromEntries(
        Object.keys(new ScriptedAirbyte().activities).map((name) => [
          name,
          (input: never) => airbyte.activities[name as keyof ScriptedAirbyte['activities']](input),
        ]),
      ),
    });
    const run = worker.run();
    stopWorker = async () => {
      worker.shutdown();
      await run;
    };
  });

  afterAll(async () => {
    await stopWorker();
    await env.teardown();
  });

  beforeEach(() => {
    airbyte = new ScriptedAirbyte();
  });

  function start(options: Partial<SyncConnectionInput> = {}) {
    return env.client.workflow.start<typeof syncConnection>('syncConnection', {
      workflowId: `airbyte-sync:${CONNECTION}:${++count}`,
      taskQueue: TASK_QUEUE,
      args: [{ connectionId: CONNECTION, ...options }],
    });
  }

  async function run(options: Partial<SyncConnectionInput> = {}) {
    return (await start(options)).result();
  }

  async function failureOf(result: Promise<unknown>): Promise<ApplicationFailure> {
    const error = await result.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(WorkflowFailedError);
    const { cause } = error as WorkflowFailedError;
    expect(cause).toBeInstanceOf(ApplicationFailure);
    return cause as ApplicationFailure;
  }

  describe('starts', () => {
    it('one job after the last one, waits for it, and tells how it ended', async () => {
      airbyte.lastJob = endedJob(100);
      airbyte.ends.push({ status: 'succeeded', recordsSynced: 42, bytesSynced: 4_200, recordsRejected: 1 });
      expect(await run()).toEqual({
        connectionId: CONNECTION,
        jobId: 101,
        status: 'succeeded',
        recordsSynced: 42,
        bytesSynced: 4_200,
        recordsRejected: 1,
        attempts: 1,
        startedAt: '2026-01-01T00:00:00.000Z',
        endedAt: '2026-01-01T00:01:00.000Z',
        attached: false,
      });
      expect(airbyte.calls).toEqual(['findLastJob', 'triggerSync after 100', 'waitForJob 101']);
    });

    it('a connection’s first job, with no job to compare with', async () => {
      airbyte.ends.push({ status: 'succeeded' });
      await run();
      expect(airbyte.calls).toContain('triggerSync after null');
    });

    it('nothing when the input is no input, and names each field', async () => {
      const failure = await failureOf(run({ timeout: 'soon', maximumAttempts: 0, retries: 3 } as never));
      expect(failure.type).toBe('InvalidInput');
      expect(failure.message).toMatch(/^timeout /m);
      expect(failure.message).toMatch(/^maximumAttempts /m);
      expect(failure.message).toMatch(/^retries /m);
      expect(airbyte.calls).toEqual([]);
    });

    it('nothing on a connection that Airbyte does not have', async () => {
      airbyte.onTrigger = async () => {
        throw airbyteFailure('AirbyteNotFound', `connections/sync: there is no connection ${CONNECTION}.`);
      };
      const failure = await failureOf(run());
      expect(failure.type).toBe('AirbyteNotFound');
      expect(failure.message).toContain(CONNECTION);
    });
  });

  describe('when a job is running already', () => {
    it('attaches to it, and starts none', async () => {
      airbyte.lastJob = runningJob(77);
      airbyte.ends.push({ status: 'succeeded', recordsSynced: 7 });
      expect(await run()).toMatchObject({ jobId: 77, recordsSynced: 7, attached: true });
      expect(airbyte.calls).toEqual(['findLastJob', 'waitForJob 77']);
    });

    it('attaches to it when the trigger was refused for it', async () => {
      airbyte.onTrigger = async () => runningJob(78);
      airbyte.ends.push({ status: 'succeeded' });
      expect(await run()).toMatchObject({ jobId: 78, attached: true });
    });

    it('skips with onRunning: skip', async () => {
      airbyte.lastJob = runningJob(77);
      expect(await run({ onRunning: 'skip' })).toMatchObject({ jobId: 77, status: 'skipped', recordsSynced: 0 });
      expect(airbyte.calls).toEqual(['findLastJob']);
    });

    it('fails with onRunning: fail, and names the job', async () => {
      airbyte.lastJob = runningJob(77);
      const failure = await failureOf(run({ onRunning: 'fail' }));
      expect(failure.type).toBe('AirbyteConflict');
      expect(failure.message).toContain('77');
    });

    it('waits for it and then starts its own with onRunning: queue', async () => {
      airbyte.lastJob = runningJob(77);
      const handle = await start({ onRunning: 'queue' });
      await airbyte.waitedFor();
      expect(await handle.query(syncProgressQuery)).toMatchObject({ phase: 'queued', jobId: 77 });
      airbyte.lastJob = endedJob(77);
      airbyte.ends.push({ status: 'succeeded' });
      airbyte.end(77, { status: 'failed' });
      expect(await handle.result()).toMatchObject({ jobId: 101, status: 'succeeded', attached: false });
      expect(airbyte.calls).toEqual([
        'findLastJob',
        'waitForJob 77',
        'findLastJob',
        'triggerSync after 77',
        'waitForJob 101',
      ]);
    });
  });

  describe('when it is cancelled', () => {
    it('cancels the job in Airbyte, and ends as Cancelled after the job has', async () => {
      airbyte.cancelled = { status: 'running', endedAt: null };
      const handle = await start();
      await airbyte.waitedFor();
      await handle.cancel();
      await expect(
        env.client.workflow
          .getHandle(handle.workflowId)
          .query(syncProgressQuery)
          .then(({ jobId }) => jobId),
      ).resolves.toBe(101);
      airbyte.end(101, { status: 'cancelled' });
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(airbyte.calls).toContain('cancelJob 101');
    });

    it('leaves the job alone that ran before ours', async () => {
      airbyte.lastJob = runningJob(77);
      const handle = await start({ onRunning: 'queue' });
      await airbyte.waitedFor();
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(airbyte.calls).not.toContain('cancelJob 77');
      // The server skips no time while an activity runs.
      airbyte.end(77, { status: 'succeeded' });
    });

    it('cancels the job whose trigger was under way', async () => {
      let answer: () => void = () => undefined;
      const triggering = new Promise<void>((resolve) => {
        airbyte.onTrigger = () => {
          resolve();
          return new Promise((settle) => {
            answer = () => settle(runningJob(101));
          });
        };
      });
      const handle = await start();
      await triggering;
      await handle.cancel();
      // Answered once the workflow has seen the cancellation.
      await handle.query(syncProgressQuery);
      answer();
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(airbyte.calls).toContain('cancelJob 101');
    });
  });

  describe('when the time is over', () => {
    it('cancels the job and fails with AirbyteSyncTimedOut', async () => {
      const failure = await failureOf(run({ timeout: '2s' }));
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toMatch(/2s.*101.*cancelled/);
      expect(airbyte.calls.at(-1)).toBe('cancelJob 101');
    });

    it('leaves the job running with onTimeout: leave', async () => {
      const failure = await failureOf(run({ timeout: '2s', onTimeout: 'leave' }));
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toContain('left running');
      expect(airbyte.calls).not.toContain('cancelJob 101');
    });
  });

  describe('when the job fails', () => {
    it('fails with Airbyte’s own reason and the last lines of its log', async () => {
      airbyte.ends.push({
        status: 'failed',
        jobAttempts: 3,
        failure: { origin: 'source', type: 'system_error', message: 'relation "orders" does not exist' },
        logLines: ['reading orders', 'stopped'],
      });
      const failure = await failureOf(run());
      expect(failure.type).toBe('AirbyteSyncFailed');
      expect(failure.message).toBe(
        `The sync of connection ${CONNECTION} (job 101) failed after 3 attempts: ` +
          'relation "orders" does not exist (source, system_error)\nLast log lines:\nreading orders\nstopped',
      );
    });

    it('tries again as often as maximumAttempts says', async () => {
      airbyte.ends.push({ status: 'failed', failure: { type: 'transient_error', message: 'reset by peer' } });
      airbyte.ends.push({ status: 'succeeded', recordsSynced: 5 });
      expect(await run({ maximumAttempts: 3 })).toMatchObject({ attempts: 2, jobId: 102, recordsSynced: 5 });
    });

    it('does not try again after a wrong configuration', async () => {
      airbyte.ends.push({ status: 'failed', failure: { type: 'config_error', message: 'no such bucket' } });
      expect((await failureOf(run({ maximumAttempts: 3 }))).message).toContain('no such bucket');
      expect(airbyte.calls.filter((call) => call.startsWith('triggerSync'))).toHaveLength(1);
    });

    it('fails with AirbyteJobCancelled when somebody else cancelled it, and does not try again', async () => {
      airbyte.ends.push({ status: 'cancelled' });
      expect((await failureOf(run({ maximumAttempts: 3 }))).type).toBe('AirbyteJobCancelled');
    });

    it('fails a success that moved fewer than minimumRecords', async () => {
      airbyte.ends.push({ status: 'succeeded', recordsSynced: 0 });
      const failure = await failureOf(run({ minimumRecords: 1 }));
      expect(failure.type).toBe('AirbyteSyncFailed');
      expect(failure.message).toContain('synced 0 records');
    });
  });
});
