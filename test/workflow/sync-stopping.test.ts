import { describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import type { SeenJob } from '../../activities/jobs';
import { syncProgressQuery } from '../../workflows';
import { airbyteOutOfReach, runningJob } from './scripted-airbyte';
import { SyncHarness } from './sync-harness';

describe('syncConnection', () => {
  const sync = new SyncHarness();

  describe('when it is cancelled', () => {
    it('cancels the job in Airbyte, and ends as Cancelled after the job has', async () => {
      sync.airbyte.cancelled = { status: 'running', endedAt: null };
      const handle = await sync.start();
      await sync.airbyte.waitedFor();
      await handle.cancel();
      // Still open: the job has not ended.
      expect(await handle.query(syncProgressQuery)).toMatchObject({ phase: 'cancelling', jobId: 101 });
      sync.airbyte.end(101, { status: 'cancelled' });
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(sync.airbyte.calls).toContain('cancelJob 101');
    });

    it('leaves the job alone that ran before ours', async () => {
      sync.airbyte.lastJob = runningJob(77);
      const handle = await sync.start({ onRunning: 'queue' });
      await sync.airbyte.waitedFor();
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls).not.toContain('cancelJob 77');
      // The server skips no time while an activity runs.
      sync.airbyte.end(77, { status: 'succeeded' });
    });

    it('cancels the job whose trigger was under way', async () => {
      let answer: () => void = () => undefined;
      const triggering = new Promise<void>((resolve) => {
        sync.airbyte.onTrigger = () => {
          resolve();
          return new Promise((settle) => {
            answer = () => settle(runningJob(101));
          });
        };
      });
      const handle = await sync.start();
      await triggering;
      await handle.cancel();
      // Answered once the workflow has seen the cancellation.
      await handle.query(syncProgressQuery);
      answer();
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls).toContain('cancelJob 101');
    });
  });

  describe('when the time is over', () => {
    it('cancels the job and fails with AirbyteSyncTimedOut', async () => {
      const failure = await sync.failureOf({ timeout: '2s' });
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toMatch(/2s.*101.*cancelled/);
      expect(sync.airbyte.calls.at(-1)).toBe('cancelJob 101');
    });

    it('leaves the job running with onTimeout: leave', async () => {
      const failure = await sync.failureOf({ timeout: '2s', onTimeout: 'leave' });
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toContain('left running');
      expect(sync.airbyte.calls).not.toContain('cancelJob 101');
    });

    /** A trigger that is never answered, and the job that is running when it is given up. */
    const triggerInVain = (running: SeenJob) => {
      sync.airbyte.onTrigger = async () => {
        triggerInVain(running);
        sync.airbyte.triggeredJob = () => running;
        throw airbyteOutOfReach();
      };
    };

    it('cancels the job that a trigger without an answer has started', async () => {
      triggerInVain(runningJob(101));
      await sync.failureOf({ timeout: '2s' });
      expect(sync.airbyte.calls).toContain('cancelJob 101');
    });
  });
});
