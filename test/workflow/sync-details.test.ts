import { describe, expect, it } from '@jest/globals';
import { metadataOf } from '../support/workflow-metadata';
import { runningJob } from './scripted-airbyte';
import { CONNECTION, SyncHarness } from './sync-harness';

describe('the current details of syncConnection', () => {
  const sync = new SyncHarness();

  it('change as the sync continues: from its job to its counts', async () => {
    const handle = await sync.start();
    await sync.airbyte.waitedFor();
    expect((await metadataOf(handle)).currentDetails).toContain('- **Job**: 101\n');
    const counts = { recordsSynced: 42, bytesSynced: 4_200, recordsRejected: 0 };
    sync.airbyte.end(101, { status: 'succeeded', ...counts, streams: [{ name: 'orders', ...counts }] });
    await handle.result();
    const { currentDetails } = await metadataOf(handle);
    expect(currentDetails).toMatch(/^\*\*Done\*\*/);
    expect(currentDetails).toContain('**Moved**: 42 records, 4.2 kB, in 1m 00s, 1 records/s');
    expect(currentDetails.replaceAll('\u00a0', '')).toContain('| orders | 42 | 4.2 kB | 0 |');
  });

  it('link to the connection in the Airbyte of the worker, where the starter knows its workspace', async () => {
    sync.airbyte.lastJob = { ...runningJob(77), webappUrl: 'https://airbyte.example.com' };
    const handle = await sync.start({}, 'w1');
    await sync.airbyte.waitedFor();
    const { currentDetails } = await metadataOf(handle);
    expect(currentDetails).toContain(`(https://airbyte.example.com/workspaces/w1/connections/${CONNECTION})`);
    expect(currentDetails).toContain('**Job**: 77, not started by this sync');
    sync.airbyte.end(77, { status: 'succeeded' });
    await handle.result();
  });

  it('show why the previous attempt failed, and nothing of its job, once the next one starts', async () => {
    sync.airbyte.ends.push({ status: 'failed', recordsSynced: 3, failure: { message: 'reset by peer' } });
    const handle = await sync.start({ maximumAttempts: 2 });
    // The server skips time only while a client waits for a result.
    const result = handle.result();
    await sync.airbyte.called('waitForJob 102', 1);
    const { currentDetails } = await metadataOf(handle);
    expect(currentDetails).toContain('- **Job**: 102\n- **Attempt**: 2 of 2');
    expect(currentDetails).not.toContain('**Moved**');
    expect(currentDetails).toContain('reset by peer');
    sync.airbyte.end(102, { status: 'succeeded' });
    await result;
  });

  it('end with the reason why the sync failed', async () => {
    sync.airbyte.ends.push({ status: 'failed', failure: { message: 'relation "orders" does not exist' } });
    const handle = await sync.start();
    await expect(handle.result()).rejects.toThrow();
    const { currentDetails } = await metadataOf(handle);
    expect(currentDetails).toMatch(/^\*\*Failed\*\*: `AirbyteSyncFailed`/);
    expect(currentDetails).toContain('relation "orders" does not exist');
  });
});
