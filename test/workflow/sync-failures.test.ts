import { describe, expect, it } from '@jest/globals';
import { CONNECTION, SyncHarness } from './sync-harness';

describe('syncConnection', () => {
  const sync = new SyncHarness();

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

    it('tries again as often as maximumAttempts says', async () => {
      sync.airbyte.ends.push({ status: 'failed', failure: { type: 'transient_error', message: 'reset by peer' } });
      sync.airbyte.ends.push({ status: 'succeeded', recordsSynced: 5 });
      expect(await sync.run({ maximumAttempts: 3 })).toMatchObject({ attempts: 2, jobId: 102, recordsSynced: 5 });
    });

    it('does not try again after a wrong configuration', async () => {
      sync.airbyte.ends.push({ status: 'failed', failure: { type: 'config_error', message: 'no such bucket' } });
      expect((await sync.failureOf({ maximumAttempts: 3 })).message).toContain('no such bucket');
      expect(sync.airbyte.calls.filter((call) => call.startsWith('triggerSync'))).toHaveLength(1);
    });

    it('fails with AirbyteJobCancelled when somebody else cancelled it, and does not try again', async () => {
      sync.airbyte.ends.push({ status: 'cancelled' });
      expect((await sync.failureOf({ maximumAttempts: 3 })).type).toBe('AirbyteJobCancelled');
    });

    it('fails a success that moved fewer than minimumRecords', async () => {
      sync.airbyte.ends.push({ status: 'succeeded', recordsSynced: 0 });
      const failure = await sync.failureOf({ minimumRecords: 1 });
      expect(failure.type).toBe('AirbyteSyncFailed');
      expect(failure.message).toContain('synced 0 records');
    });
  });
});
