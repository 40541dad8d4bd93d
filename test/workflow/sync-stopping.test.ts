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

    it('ends when the cancel tells that the job has, though who waits for it does not hear of it', async () => {
      const handle = await sync.start();
      await sync.airbyte.waitedFor();
      sync.airbyte.unseenEnd = { status: 'cancelled' };
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls.at(-1)).toBe('cancelJob 101');
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

    it('waits for the job’s end beyond its own time', async () => {
      sync.airbyte.cancelled = { status: 'running', endedAt: null };
      const handle = await sync.start({ timeout: '2s' });
      await sync.airbyte.waitedFor();
      await handle.cancel();
      await sync.airbyte.called('waitForJob 101', 2);
      sync.airbyte.end(101, { status: 'cancelled' });
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    });

    it('ends at once in the wait before another attempt, when no job is there to cancel', async () => {
      sync.airbyte.ends.push({ status: 'failed', failure: { message: 'reset by peer' } });
      // Its end is not asked for: the server skips time only for who waits for a result.
      const handle = await sync.start({ maximumAttempts: 2 });
      while ((await handle.query(syncProgressQuery)).phase !== 'retrying');
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls).toEqual(['findLastJob', 'triggerSync after null', 'waitForJob 101']);
    });

    /** Cancels a sync whose trigger is under way, and then lets that end as it may. */
    async function cancelInTrigger(end: () => Promise<TriggeredSync>) {
      let answer: () => void = () => undefined;
      const triggering = new Promise<void>((resolve) => {
        sync.airbyte.onTrigger = () => {
          resolve();
          return new Promise<void>((settle) => {
            answer = settle;
          }).then(end);
        };
      });
      const handle = await sync.start();
      await triggering;
      await handle.cancel();
      // Answered once the workflow has seen the cancellation.
      await handle.query(syncProgressQuery);
      answer();
      return handle;
    }

    it('cancels the job whose trigger was under way', async () => {
      const handle = await cancelInTrigger(async () => ({ started: true, job: runningJob(101) }));
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls).toContain('cancelJob 101');
    });

    it('leaves a job alone that the trigger under way turns out to be refused for', async () => {
      const handle = await cancelInTrigger(async () => ({ started: false, job: runningJob(78) }));
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls).toEqual(['findLastJob', 'triggerSync after null']);
    });

    /** Whoever has been cancelled is not tried again, which the test server would do. */
    const lostAnswer = async () => {
      throw airbyteFailure('AirbyteUnavailable', 'Airbyte does not answer.');
    };

    it('cancels the job whose trigger was under way and got no answer', async () => {
      sync.airbyte.triggeredJob = () => runningJob(101);
      const handle = await cancelInTrigger(lostAnswer);
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(sync.airbyte.calls.slice(-2)).toEqual(['findTriggeredJob after null', 'cancelJob 101']);
    });

    it('leaves alone what others have started when its trigger was given up before it was sent', async () => {
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
      const handle = await cancelInTrigger(lostAnswer);
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(sync.airbyte.calls.at(-1)).toBe('findTriggeredJob after null');
    });

    it('fails when nobody can tell whether the trigger that was under way has started a job', async () => {
      sync.airbyte.triggeredJob = () => {
        throw airbyteFailure('AirbyteUnauthorized', 'jobs/list answered 403: no.');
      };
      const failure = await failureOf(await cancelInTrigger(lostAnswer));
      expect(failure.type).toBe('AirbyteUnauthorized');
      expect(failure.message).toMatch(
        new RegExp(
          `${CONNECTION} was given up.*it is unknown whether its trigger has left a job behind: jobs/list answered 403`,
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
      // They are in the failure, unlike those of a sync that was cancelled.
      expect(sync.airbyte.countedAfterCancel).toEqual([101]);
    });

    it('leaves the job running with onTimeout: leave', async () => {
      const failure = await sync.failureOf({ timeout: '2s', onTimeout: 'leave' });
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toContain('left running');
      expect(sync.airbyte.calls).not.toContain('cancelJob 101');
    });

    it.each(['cancel', 'leave'] as const)('takes a job for what it is that had ended unseen: %s', async (onTimeout) => {
      sync.airbyte.unseenEnd = { status: 'succeeded', recordsSynced: 7 };
      expect(await sync.run({ timeout: '2s', onTimeout })).toMatchObject({ status: 'succeeded', recordsSynced: 7 });
    });

    /** A trigger that is never answered, and the job that is running when it is given up. */
    const triggerInVain = (running: JobSnapshot) => {
      sync.airbyte.onTrigger = async () => {
        triggerInVain(running);
        sync.airbyte.triggeredJob = () => running;
        throw airbyteOutOfReach();
      };
    };

    it('cancels the job that a trigger without an answer has started', async () => {
      triggerInVain(runningJob(101));
      const failure = await sync.failureOf({ timeout: '2s' });
      expect(failure.type).toBe('AirbyteUnavailable');
      expect(failure.message).toMatch(
        /was not started within 2s, and job 101, .* was cancelled: Airbyte does not answer/,
      );
      expect(sync.airbyte.calls).toContain('cancelJob 101');
    });

    it.each([
      ['its trigger had no place until then', 'AirbyteSyncTimedOut', true],
      ['its trigger was sent away until then', 'AirbyteUnavailable', false],
    ])('leaves alone what others have started when %s', async (_, type, nonRetryable) => {
      sync.airbyte.triggeredJob = () => runningJob(77);
      const noPlace = async () => {
        sync.airbyte.onTrigger = noPlace;
        throw ApplicationFailure.create({
          type,
          nonRetryable,
          message: 'No place.',
          details: [{ nothingStarted: true }],
        });
      };
      sync.airbyte.onTrigger = noPlace;
      const failure = await sync.failureOf({ timeout: '2s' });
      expect(failure.type).toBe(type);
      expect(failure.message).toBe(`The sync of connection ${CONNECTION} was not started within 2s: No place.`);
      expect(sync.airbyte.calls).not.toContain('findTriggeredJob after null');
    });

    it('fails all the same when Airbyte refuses the cancel, and says that the job may go on', async () => {
      sync.airbyte.onCancel = () => {
        throw airbyteFailure('AirbyteUnauthorized', 'jobs/cancel answered 403: not permitted.');
      };
      const failure = await sync.failureOf({ timeout: '2s' });
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toMatch(/2s: the job 101 had not ended, and was not stopped.*may still be running.*403/);
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

    it('fails with Airbyte’s reason, and names the job that may go on', async () => {
      sync.airbyte.onCancel = () => {
        throw airbyteFailure('AirbyteUnauthorized', 'jobs/cancel answered 403: not permitted.');
      };
      const failure = await failureOf(await cancelled());
      expect(failure.type).toBe('AirbyteUnauthorized');
      expect(failure.message).toBe(
        `Job 101 of connection ${CONNECTION} could not be cancelled and may still be running: ` +
          'jobs/cancel answered 403: not permitted.',
      );
    });

    it('tells that the job has succeeded by itself while Airbyte was out of reach', async () => {
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
