import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { searchAttributeKeys as keys } from '../../src/contract/search-attribute-keys';
import type { SyncConnectionInput } from '../../src/contract/sync-options';
import { type syncConnection, syncProgressQuery } from '../../workflows';
import { failureOf } from '../support/stack';
import { temporalWithShortHistories } from '../support/temporal';
import { runningJob, ScriptedAirbyte } from '../workflow/scripted-airbyte';
import { SyncHarness, startScriptedWorker } from '../workflow/sync-harness';

const TASK_QUEUE = 'many-attempts';
/** What the server finds too long here: less than an attempt before the second one has, at least in part. */
const LONG_HISTORY_EVENTS = 12;

describe('a sync whose history becomes long', () => {
  let airbyte = new ScriptedAirbyte();
  let env: TestWorkflowEnvironment;
  let stopWorker: () => Promise<void>;
  beforeAll(async () => {
    env = await temporalWithShortHistories(LONG_HISTORY_EVENTS);
    stopWorker = await startScriptedWorker(env, TASK_QUEUE, () => airbyte.activities);
  });
  afterAll(async () => {
    await stopWorker?.();
    await env?.teardown();
  });
  beforeEach(() => {
    airbyte = new ScriptedAirbyte();
  });

  /** A sync behind jobs of others, of which each makes its history longer, without the waits between two attempts. */
  async function start(others: number, options: Partial<SyncConnectionInput> = {}) {
    const connectionId = randomUUID();
    for (let jobId = 1; jobId <= others; jobId++) {
      airbyte.lastJobs.push(runningJob(jobId));
      airbyte.ends.push({ status: 'succeeded' });
    }
    const handle = await env.client.workflow.start<typeof syncConnection>('syncConnection', {
      ...{ workflowId: `airbyte-sync:${connectionId}`, taskQueue: TASK_QUEUE },
      args: [{ connectionId, onRunning: 'queue', ...options }],
      typedSearchAttributes: [
        { key: keys.connectionId, value: connectionId },
        { key: keys.connectionName, value: 'Shop → Lake' },
      ],
    });
    return { handle, connectionId };
  }

  it('continues in another run, and keeps its tags', async () => {
    const { handle, connectionId } = await start(6);
    airbyte.ends.push({ status: 'succeeded', recordsSynced: 5 });
    expect(await handle.result()).toMatchObject({ connectionId, jobId: 101, attempts: 1, recordsSynced: 5 });
    const { runId, typedSearchAttributes } = await handle.describe();
    expect(runId).not.toBe(handle.firstExecutionRunId);
    expect(typedSearchAttributes.get(keys.connectionId)).toBe(connectionId);
    expect(typedSearchAttributes.get(keys.connectionName)).toBe('Shop → Lake');
    expect(airbyte.calls.filter((call) => call.startsWith('triggerSync'))).toHaveLength(1);
  });

  it('has no more time in all than it was given', async () => {
    const { handle } = await start(6, { timeout: '8s' });
    const failure = await failureOf(handle);
    expect(failure.type).toBe('AirbyteSyncTimedOut');
    expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
    const [first, last] = [env.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId), handle];
    const took = (await last.describe()).closeTime?.getTime() ?? 0;
    expect(took - (await first.describe()).startTime.getTime()).toBeLessThan(15_000);
  });

  it('is cancelled in whichever run it is', async () => {
    const { handle } = await start(6);
    await airbyte.called('waitForJob 101', 1);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    expect(airbyte.calls.at(-1)).toBe('cancelJob 101');
  });

  it('ignores a second argument of a caller', async () => {
    const handle = await env.client.workflow.start('syncConnection', {
      ...{
        workflowId: `airbyte-sync:${randomUUID()}`,
        taskQueue: TASK_QUEUE,
        args: [{ connectionId: 'c' }, { timeout: '1h' }],
      },
    });
    expect((await failureOf(handle)).type).toBe('InvalidInput');
  });
});

describe('a sync that tries again once its history has become long', () => {
  // On a server in which the wait between two attempts takes no time.
  const sync = new SyncHarness();

  /** A sync whose first attempt fails when its history has more than the 8 MB that are long. */
  async function failedOnce(options: Partial<SyncConnectionInput>) {
    const handle = await sync.start({ maximumAttempts: 3, ...options });
    await sync.airbyte.called('waitForJob 101', 1);
    // No workflow of ours knows this signal, which lies in its history all the same.
    for (let sent = 0; sent < 5; sent++) await handle.signal('ballast', 'x'.repeat(1_900_000));
    sync.airbyte.end(101, { status: 'failed', failure: { message: 'reset by peer' } });
    return handle;
  }
  const reason = expect.stringMatching(/job 101\) failed: reset by peer/);

  it('makes its next attempt in another run, which knows its number and why the last one failed', async () => {
    const handle = await failedOnce({});
    const result = handle.result();
    await sync.airbyte.called('waitForJob 102', 1);
    expect(await handle.query(syncProgressQuery)).toMatchObject({
      attempt: 2,
      maximumAttempts: 3,
      lastFailure: reason,
    });
    expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
    sync.airbyte.end(102, { status: 'succeeded' });
    expect(await result).toMatchObject({ jobId: 102, attempts: 2, status: 'succeeded' });
  });

  it('makes no more attempts than it was given, over all its runs', async () => {
    const handle = await failedOnce({ maximumAttempts: 2 });
    sync.airbyte.ends.push({ status: 'failed', failure: { message: 'the disk is full' } });
    const failure = await failureOf(handle);
    expect(failure.message).toMatch(/job 102\) failed: the disk is full/);
    expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
    expect(sync.airbyte.calls.filter((call) => call.startsWith('triggerSync'))).toHaveLength(2);
  });

  it('has the rest of its time for its next attempt', async () => {
    const handle = await failedOnce({ timeout: '34s' });
    const failure = await failureOf(handle);
    expect(failure.type).toBe('AirbyteSyncTimedOut');
    expect(failure.message).toMatch(/took longer than 34s: the job 102 had not ended, and was cancelled/);
    const { runId, closeTime } = await handle.describe();
    expect(runId).not.toBe(handle.firstExecutionRunId);
    const first = sync.runOf(handle, handle.firstExecutionRunId);
    const took = (closeTime?.getTime() ?? 0) - (await first.describe()).startTime.getTime();
    expect(took).toBeGreaterThanOrEqual(33_000);
    expect(took).toBeLessThan(43_000);
  });
});
