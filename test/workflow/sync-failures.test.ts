import { describe, expect, it } from '@jest/globals';
import { searchAttributeKeys } from '../../src/contract/search-attribute-keys';
import { airbyteOutOfReach } from './scripted-airbyte';
import { CONNECTION, SyncHarness } from './sync-harness';

describe('syncConnection', () => {
  const sync = new SyncHarness();

  // It takes ten minutes of retries. It is the first in the file, because the server skips no time after an activity has outlived its workflow.
  describe('when its time is over', () => {
    it('also fails when Airbyte is out of reach for the cancel, and says that the job may still run', async () => {
      sync.airbyte.onCancel = () => {
        throw airbyteOutOfReach();
      };
      const failure = await sync.failureOf({ timeout: '2s' });
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toMatch(/was not stopped. Job 101 .* may still be running: Airbyte does not respond/);
    });
  });

  describe('when the job fails', () => {
    it('fails with Airbyte’s own reason and the last lines of its log', async () => {
      sync.airbyte.ends.push({
        status: 'failed',
        jobAttempts: 3,
        failure: { origin: 'source', type: 'system_error', message: 'relation "orders" does not exist' },
        logLines: ['reading orders', 'stopped'],
      });
      const failure = await sync.failureOf();
      expect(failure.type).toBe('AirbyteSyncFailed');
      expect(failure.message).toBe(
        `The sync of connection ${CONNECTION} (job 101) failed after 3 attempts: ` +
          'relation "orders" does not exist (source, system_error)\nLast log lines:\nreading orders\nstopped',
      );
    });

    it('retries up to maximumAttempts times', async () => {
      sync.airbyte.ends.push({ status: 'failed', failure: { type: 'transient_error', message: 'reset by peer' } });
      sync.airbyte.ends.push({ status: 'succeeded', recordsSynced: 5 });
      expect(await sync.run({ maximumAttempts: 3 })).toMatchObject({ attempts: 2, jobId: 102, recordsSynced: 5 });
    });

    it('fails with the reason of its job when no time is left for another attempt', async () => {
      sync.airbyte.ends.push({ status: 'failed', recordsSynced: 4, failure: { message: 'reset by peer' } });
      const failure = await sync.failureOf({ maximumAttempts: 2, timeout: 20_000 });
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toMatch(/longer than 20000 ms: no time was left .* after: .*reset by peer/);
      expect(failure.details).toMatchObject([{ jobId: 101, recordsSynced: 4 }]);
    });

    it('is not found by a count of an earlier attempt when the last one was not measured', async () => {
      sync.airbyte.ends.push({ status: 'failed', recordsSynced: 4, failure: { message: 'reset by peer' } });
      sync.airbyte.ends.push({ status: 'succeeded', recordsSynced: null, bytesSynced: null });
      const handle = await sync.start({ maximumAttempts: 2 });
      expect(await handle.result()).toMatchObject({ recordsSynced: null, warnings: [expect.any(String)] });
      const { typedSearchAttributes } = await handle.describe();
      expect(typedSearchAttributes.get(searchAttributeKeys.jobStatus)).toBe('succeeded');
      expect(typedSearchAttributes.get(searchAttributeKeys.recordsSynced)).toBeUndefined();
    });

    it('does not retry after a wrong configuration', async () => {
      sync.airbyte.ends.push({ status: 'failed', failure: { type: 'config_error', message: 'no such bucket' } });
      expect((await sync.failureOf({ maximumAttempts: 3 })).message).toContain('no such bucket');
      expect(sync.airbyte.calls.filter((call) => call.startsWith('triggerSync'))).toHaveLength(1);
    });

    it('fails with AirbyteJobCancelled when the job was cancelled in Airbyte, and does not retry', async () => {
      sync.airbyte.ends.push({ status: 'cancelled' });
      expect((await sync.failureOf({ maximumAttempts: 3 })).type).toBe('AirbyteJobCancelled');
    });

    it('retries, as maximumAttempts says, when the job was cancelled before it had begun', async () => {
      sync.airbyte.ends.push({ status: 'cancelled', notBegun: true }, { status: 'succeeded', recordsSynced: 5 });
      expect(await sync.run({ maximumAttempts: 2 })).toMatchObject({ attempts: 2, jobId: 102, recordsSynced: 5 });
    });

    it('names the streams and their counts when the job has moved a part of the records', async () => {
      const streams = Array.from({ length: 12 }, (_, index) => ({
        ...{ name: `s${index}`, namespace: 'public', recordsSynced: 12 - index, bytesSynced: 10, recordsRejected: 0 },
      }));
      sync.airbyte.ends.push({
        ...{ status: 'failed', partialSuccess: true, recordsSynced: 78, recordsRejected: 3, streams, moreStreams: 5 },
        failure: { message: 'disk full', origin: 'destination' },
      });
      const failure = await sync.failureOf();
      expect(failure.message).toBe(
        `The sync of connection ${CONNECTION} (job 101) failed: disk full (destination)\n` +
          'Part of it is in the destination: 78 records (public.s0 12, public.s1 11, public.s2 10, public.s3 9, ' +
          'public.s4 8, public.s5 7, public.s6 6, public.s7 5, public.s8 4, public.s9 3, and 7 more streams), 3 rejected.',
      );
      expect(failure.details).toMatchObject([{ jobId: 101, recordsRejected: 3, streams, moreStreams: 5 }]);
    });

    it('refers to the log in Airbyte when Airbyte gives neither a reason nor a log', async () => {
      sync.airbyte.ends.push({ status: 'failed' });
      expect((await sync.failureOf()).message).toContain('Airbyte gives no reason; see the log of the job in Airbyte');
    });

    it('ignores minimumRecords for a job that deletes records', async () => {
      for (const jobType of ['reset', 'clear'] as const) {
        sync.airbyte.ends.push({ status: 'succeeded', recordsSynced: 0 });
        expect(await sync.run({ jobType, minimumRecords: 1 })).toMatchObject({ status: 'succeeded' });
      }
    });

    it('applies minimumRecords to a refresh', async () => {
      sync.airbyte.ends.push({ status: 'succeeded', recordsSynced: 0 });
      const failure = await sync.failureOf({ jobType: 'refresh', minimumRecords: 1 });
      expect(failure.message).toMatch(
        /^The refresh of connection .* synced 0 records, fewer than the 1 of minimumRecords/,
      );
    });

    it('fails when a job that succeeded has moved fewer records than minimumRecords', async () => {
      sync.airbyte.ends.push({ status: 'succeeded', recordsSynced: 0 });
      const failure = await sync.failureOf({ minimumRecords: 1 });
      expect(failure.type).toBe('AirbyteSyncFailed');
      expect(failure.message).toContain('synced 0 records');
      expect(failure.details).toMatchObject([{ jobId: 101, recordsSynced: 0 }]);
    });
  });
});
