import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { JobSnapshot } from '../../src/contract/connection-job';
import type { TriggeredSync } from '../../src/contract/trigger';
import { syncProgressQuery } from '../../workflows';
import { failureOf } from '../support/stack';
import { airbyteFailure, airbyteOutOfReach, runningJob, untilGivenUp } from './scripted-airbyte';
import { CONNECTION, SyncHarness } from './sync-harness';

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
      expect(sync.airbyte.countedAfterCancel).toEqual([]);
    });

    it('ends when the cancel shows that the job has ended, before the waiting activity has polled that', async () => {
      const handle = await sync.start();
      await sync.airbyte.waitedFor();
      sync.airbyte.unseenEnd = { status: 'cancelled' };
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls.at(-1)).toBe('cancelJob 101');
    });

    it('leaves the other job running that it waited for', async () => {
      sync.airbyte.lastJob = runningJob(77);
      const handle = await sync.start({ onRunning: 'queue' });
      await sync.airbyte.waitedFor();
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls).not.toContain('cancelJob 77');
      // The server skips no time while an activity runs.
      sync.airbyte.end(77, { status: 'succeeded' });
    });

    it('waits for the end of the job also after its own time is over', async () => {
      sync.airbyte.cancelled = { status: 'running', endedAt: null };
      const handle = await sync.start({ timeout: '2s' });
      await sync.airbyte.waitedFor();
      await handle.cancel();
      await sync.airbyte.called('waitForJob 101', 2);
      sync.airbyte.end(101, { status: 'cancelled' });
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    });

    it('ends immediately during the wait before another attempt, when there is no job to cancel', async () => {
      sync.airbyte.ends.push({ status: 'failed', failure: { message: 'reset by peer' } });
      // The test does not wait for the result here: while it did, the server would skip the time.
      const handle = await sync.start({ maximumAttempts: 2 });
      while ((await handle.query(syncProgressQuery)).phase !== 'retrying');
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls).toEqual(['findLastJob', 'triggerSync after null', 'waitForJob 101']);
    });

    /** Cancels a sync during its trigger, and then ends the trigger. */
    async function cancelInTrigger(end: () => Promise<TriggeredSync>) {
      let endTrigger: () => void = () => undefined;
      const triggering = new Promise<void>((resolve) => {
        sync.airbyte.onTrigger = () => {
          resolve();
          return new Promise<void>((settle) => {
            endTrigger = settle;
          }).then(end);
        };
      });
      const handle = await sync.start();
      await triggering;
      await handle.cancel();
      // The workflow responds to the query after it has seen the cancellation.
      await handle.query(syncProgressQuery);
      endTrigger();
      return handle;
    }

    it('cancels the job whose trigger was under way', async () => {
      const handle = await cancelInTrigger(async () => ({ started: true, job: runningJob(101) }));
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls).toContain('cancelJob 101');
    });

    it('leaves a job running because of which Airbyte has rejected the trigger', async () => {
      const handle = await cancelInTrigger(async () => ({ started: false, job: runningJob(78) }));
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls).toEqual(['findLastJob', 'triggerSync after null']);
    });

    /** It is non-retryable, because the test server would retry the activity of a cancelled workflow. */
    const lostResponse = async () => {
      throw airbyteFailure('AirbyteUnavailable', 'Airbyte does not respond.');
    };

    it('cancels the job whose trigger was under way and got no response', async () => {
      sync.airbyte.triggeredJob = () => runningJob(101);
      const handle = await cancelInTrigger(lostResponse);
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(sync.airbyte.calls.slice(-2)).toEqual(['findTriggeredJob after null', 'cancelJob 101']);
    });

    it('leaves the job of another caller running when its trigger was aborted before it was sent', async () => {
      sync.airbyte.triggeredJob = () => runningJob(77);
      const handle = await cancelInTrigger(() =>
        untilGivenUp().catch(() => {
          throw new CancelledFailure('The trigger was cancelled', [{ nothingStarted: true }]);
        }),
      );
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(sync.airbyte.calls).toEqual(['findLastJob', 'triggerSync after null']);
    });

    it('cancels nothing when the trigger that was under way has started nothing', async () => {
      const handle = await cancelInTrigger(lostResponse);
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls.at(-1)).toBe('findTriggeredJob after null');
    });

    it('fails when it cannot find out whether the trigger that was under way has started a job', async () => {
      sync.airbyte.triggeredJob = () => {
        throw airbyteFailure('AirbyteUnauthorized', 'jobs/list responded with 403: no.');
      };
      const failure = await failureOf(await cancelInTrigger(lostResponse));
      expect(failure.type).toBe('AirbyteUnauthorized');
      expect(failure.message).toMatch(
        new RegExp(
          `${CONNECTION} was given up.*it is unknown whether its trigger has left a job behind: jobs/list responded with 403`,
        ),
      );
    });
  });

  describe('when the time is over', () => {
    it('cancels the job and fails with AirbyteSyncTimedOut', async () => {
      sync.airbyte.cancelled = { status: 'cancelled', recordsSynced: 7, partialSuccess: true };
      const failure = await sync.failureOf({ timeout: '2s' });
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toMatch(/2s.*101.*cancelled.*Part of it is in the destination: 7 records/);
      expect(failure.details).toMatchObject([{ jobId: 101, recordsSynced: 7 }]);
      expect(sync.airbyte.calls.at(-1)).toBe('cancelJob 101');
      // The failure contains the counts, unlike that of a sync that was cancelled.
      expect(sync.airbyte.countedAfterCancel).toEqual([101]);
    });

    it('leaves the job running with onTimeout: leave', async () => {
      const failure = await sync.failureOf({ timeout: '2s', onTimeout: 'leave' });
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toContain('left running');
      expect(sync.airbyte.calls).not.toContain('cancelJob 101');
    });

    it.each(['cancel', 'leave'] as const)(
      'returns the result of a job that had ended before a poll has shown it: %s',
      async (onTimeout) => {
        sync.airbyte.unseenEnd = { status: 'succeeded', recordsSynced: 7 };
        expect(await sync.run({ timeout: '2s', onTimeout })).toMatchObject({ status: 'succeeded', recordsSynced: 7 });
      },
    );

    /** Lets every trigger fail without a response, and the job run that is found after the trigger was given up. */
    const triggerWithoutResponse = (running: JobSnapshot) => {
      sync.airbyte.onTrigger = async () => {
        triggerWithoutResponse(running);
        sync.airbyte.triggeredJob = () => running;
        throw airbyteOutOfReach();
      };
    };

    it('cancels the job that a trigger without a response has started', async () => {
      triggerWithoutResponse(runningJob(101));
      const failure = await sync.failureOf({ timeout: '2s' });
      expect(failure.type).toBe('AirbyteUnavailable');
      expect(failure.message).toMatch(
        /was not started within 2s, and job 101, .* was cancelled: Airbyte does not respond/,
      );
      expect(sync.airbyte.calls).toContain('cancelJob 101');
    });

    it.each([
      ['its trigger waited for a slot until then', 'AirbyteSyncTimedOut', true],
      ['its trigger got no slot until then', 'AirbyteUnavailable', false],
    ])('leaves the job of another caller running when %s', async (_, type, nonRetryable) => {
      sync.airbyte.triggeredJob = () => runningJob(77);
      const noSlot = async () => {
        sync.airbyte.onTrigger = noSlot;
        throw ApplicationFailure.create({
          type,
          nonRetryable,
          message: 'No slot.',
          details: [{ nothingStarted: true }],
        });
      };
      sync.airbyte.onTrigger = noSlot;
      const failure = await sync.failureOf({ timeout: '2s' });
      expect(failure.type).toBe(type);
      expect(failure.message).toBe(`The sync of connection ${CONNECTION} was not started within 2s: No slot.`);
      expect(sync.airbyte.calls).not.toContain('findTriggeredJob after null');
    });

    it('also fails when Airbyte rejects the cancel, and says that the job may still run', async () => {
      sync.airbyte.onCancel = () => {
        throw airbyteFailure('AirbyteUnauthorized', 'jobs/cancel responded with 403: not permitted.');
      };
      const failure = await sync.failureOf({ timeout: '2s' });
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toMatch(/2s: the job 101 had not ended, and was not stopped.*may still be running.*403/);
    });
  });

  describe('when nothing moves in its job for the stall timeout', () => {
    const since = '2026-01-01T00:10:00.000Z';
    const stalled = { stallTimeout: '30m', timeout: '1 day' };

    it('cancels the job and makes another attempt', async () => {
      sync.airbyte.stalls.push(since);
      sync.airbyte.ends.push({ status: 'succeeded', recordsSynced: 7 });
      const handle = await sync.start({ ...stalled, maximumAttempts: 2 });
      expect(await handle.result()).toMatchObject({ jobId: 102, status: 'succeeded', attempts: 2 });
      expect((await handle.query(syncProgressQuery)).lastFailure).toContain('(job 101) has stalled');
      expect(sync.airbyte.calls).toContain('cancelJob 101');
      expect(sync.airbyte.stallTimeoutsMs).toEqual([30 * 60_000, 30 * 60_000]);
    });

    it('fails with AirbyteSyncTimedOut after the last attempt, and says since when nothing has moved', async () => {
      sync.airbyte.stalls.push(since);
      sync.airbyte.cancelled = { status: 'cancelled', recordsSynced: 7, partialSuccess: true };
      const failure = await sync.failureOf(stalled);
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toBe(
        `The sync of connection ${CONNECTION} (job 101) has stalled: for 30m, since ${since}, neither its status, nor its attempts, ` +
          'nor its counts of records and bytes have changed. The job was cancelled.\n' +
          'Part of it is in the destination: 7 records.',
      );
      expect(failure.details).toMatchObject([{ jobId: 101, recordsSynced: 7, stalledSince: since }]);
    });

    it('returns the result of a job that has ended by itself before the cancel', async () => {
      sync.airbyte.stalls.push(since);
      sync.airbyte.unseenEnd = { status: 'succeeded', recordsSynced: 7 };
      expect(await sync.run(stalled)).toMatchObject({ status: 'succeeded', recordsSynced: 7 });
    });

    it('says that the job was not stopped when Airbyte rejects the cancel', async () => {
      sync.airbyte.stalls.push(since);
      sync.airbyte.onCancel = () => {
        throw airbyteFailure('AirbyteUnauthorized', 'jobs/cancel responded with 403: not permitted.');
      };
      const failure = await sync.failureOf({ ...stalled, maximumAttempts: 2 });
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toMatch(/has stalled.*The job was not stopped\..*403: not permitted/);
    });

    it('does not judge another job that it waits for', async () => {
      sync.airbyte.lastJobs.push(runningJob(77));
      sync.airbyte.ends.push({ status: 'succeeded' }, { status: 'succeeded' });
      await sync.run({ ...stalled, onRunning: 'queue' });
      expect(sync.airbyte.calls).toContain('waitForJob 77');
      expect(sync.airbyte.stallTimeoutsMs).toHaveLength(1);
    });
  });

  // Last: the server skips no more time once a workflow has ended before its activities.
  describe('when it is cancelled and Airbyte does not cancel the job', () => {
    /** A sync that was cancelled while its job ran. */
    async function cancelled() {
      const handle = await sync.start();
      await sync.airbyte.waitedFor();
      await handle.cancel();
      return handle;
    }

    it('fails with Airbyte’s reason, and names the job that may still run', async () => {
      sync.airbyte.onCancel = () => {
        throw airbyteFailure('AirbyteUnauthorized', 'jobs/cancel responded with 403: not permitted.');
      };
      const failure = await failureOf(await cancelled());
      expect(failure.type).toBe('AirbyteUnauthorized');
      expect(failure.message).toBe(
        `Job 101 of connection ${CONNECTION} could not be cancelled and may still be running: ` +
          'jobs/cancel responded with 403: not permitted.',
      );
    });

    it('returns that the job has succeeded by itself while Airbyte was out of reach', async () => {
      sync.airbyte.onCancel = () => {
        throw airbyteOutOfReach();
      };
      const handle = await cancelled();
      await sync.airbyte.called('cancelJob 101', 2);
      sync.airbyte.end(101, { status: 'succeeded' });
      expect(await handle.result()).toMatchObject({ jobId: 101, status: 'succeeded' });
    });
  });
});
