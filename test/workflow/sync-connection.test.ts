import { describe, expect, it } from '@jest/globals';
import { syncProgressQuery } from '../../workflows';
import { airbyteFailure, endedJob, runningJob } from './scripted-airbyte';
import { CONNECTION, SyncHarness } from './sync-harness';

describe('syncConnection', () => {
  const sync = new SyncHarness();

  describe('starts', () => {
    it('one job after the last one, waits for it, and returns how it ended', async () => {
      sync.airbyte.lastJob = endedJob(100);
      const counts = { recordsSynced: 42, bytesSynced: 4_200, recordsRejected: 1 };
      sync.airbyte.ends.push({ status: 'succeeded', ...counts, streams: [{ name: 'orders', ...counts }] });
      expect(await sync.run()).toEqual({
        connectionId: CONNECTION,
        jobId: 101,
        status: 'succeeded',
        recordsSynced: 42,
        bytesSynced: 4_200,
        recordsRejected: 1,
        streams: [{ name: 'orders', recordsSynced: 42, bytesSynced: 4_200, recordsRejected: 1 }],
        attempts: 1,
        startedAt: '2026-01-01T00:00:00.000Z',
        endedAt: '2026-01-01T00:01:00.000Z',
        attached: false,
      });
      expect(sync.airbyte.calls).toEqual(['findLastJob', 'triggerSync after 100', 'waitForJob 101']);
    });

    it('a connection’s first job, with no job to compare with', async () => {
      sync.airbyte.ends.push({ status: 'succeeded' });
      await sync.run();
      expect(sync.airbyte.calls).toContain('triggerSync after null');
    });

    it('nothing when the input is invalid, and names each field', async () => {
      const failure = await sync.failureOf({ timeout: 'soon', maximumAttempts: 0, retries: 3 } as never);
      expect(failure.type).toBe('InvalidInput');
      expect(failure.message).toMatch(/^timeout /m);
      expect(failure.message).toMatch(/^maximumAttempts /m);
      expect(failure.message).toMatch(/^retries /m);
      expect(sync.airbyte.calls).toEqual([]);
    });

    it('nothing on a connection that Airbyte does not have', async () => {
      sync.airbyte.onTrigger = async () => {
        throw airbyteFailure('AirbyteNotFound', `connections/sync: there is no connection ${CONNECTION}.`);
      };
      const failure = await sync.failureOf();
      expect(failure.type).toBe('AirbyteNotFound');
      expect(failure.message).toContain(CONNECTION);
    });
  });

  describe('when a job is already running', () => {
    it('attaches to it, and starts none', async () => {
      sync.airbyte.lastJob = runningJob(77);
      sync.airbyte.ends.push({ status: 'succeeded', recordsSynced: 7 });
      expect(await sync.run()).toMatchObject({ jobId: 77, recordsSynced: 7, attached: true });
      expect(sync.airbyte.calls).toEqual(['findLastJob', 'waitForJob 77']);
    });

    it('attaches to it when Airbyte has rejected the trigger because of it', async () => {
      sync.airbyte.onTrigger = async () => ({ started: false, job: runningJob(78) });
      sync.airbyte.ends.push({ status: 'succeeded' });
      expect(await sync.run()).toMatchObject({ jobId: 78, attached: true });
    });

    it('skips with onRunning: skip', async () => {
      sync.airbyte.lastJob = runningJob(77);
      expect(await sync.run({ onRunning: 'skip' })).toMatchObject({ jobId: 77, status: 'skipped', recordsSynced: 0 });
      expect(sync.airbyte.calls).toEqual(['findLastJob']);
    });

    it('fails with onRunning: fail, and names the job', async () => {
      sync.airbyte.lastJob = runningJob(77);
      const failure = await sync.failureOf({ onRunning: 'fail' });
      expect(failure.type).toBe('AirbyteConflict');
      expect(failure.message).toContain('77');
    });

    it('waits for it and then starts its own with onRunning: queue', async () => {
      sync.airbyte.lastJob = runningJob(77);
      const handle = await sync.start({ onRunning: 'queue' });
      await sync.airbyte.waitedFor();
      expect(await handle.query(syncProgressQuery)).toMatchObject({ phase: 'queued', jobId: 77 });
      sync.airbyte.lastJob = endedJob(77);
      sync.airbyte.ends.push({ status: 'succeeded' });
      sync.airbyte.end(77, { status: 'failed' });
      expect(await handle.result()).toMatchObject({ jobId: 101, status: 'succeeded', attached: false });
      expect(sync.airbyte.calls).toEqual([
        'findLastJob',
        'waitForJob 77',
        'findLastJob',
        'triggerSync after 77',
        'waitForJob 101',
      ]);
    });
  });
});
