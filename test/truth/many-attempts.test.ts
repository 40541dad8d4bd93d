import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { SyncConnectionInput } from '../../src/pipeline/sync-options';
import { searchAttributeKeys as keys } from '../../src/temporal/search-attribute-keys';
import { type syncConnection, syncProgressQuery } from '../../workflows';
import { failureOf } from '../support/stack';
import { temporalWithShortHistories } from '../support/temporal';
import { runningJob, ScriptedAirbyte } from '../workflow/scripted-airbyte';
import { startScriptedWorker } from '../workflow/sync-harness';

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

  it('goes on in another run, and keeps its tags', async () => {
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
    const { handle } = await start(6, { timeout: '3s' });
    const failure = await failureOf(handle);
    expect(failure.type).toBe('AirbyteSyncTimedOut');
    expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
    const [first, last] = [env.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId), handle];
    const took = (await last.describe()).closeTime?.getTime() ?? 0;
    expect(took - (await first.describe()).startTime.getTime()).toBeLessThan(6_000);
  });

  it('is cancelled in whichever run it is', async () => {
    const { handle } = await start(6);
    await airbyte.called('waitForJob 101', 1);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    expect(airbyte.calls.at(-1)).toBe('cancelJob 101');
  });

  it('keeps the number of its attempt and why the last one failed', async () => {
    const connectionId = randomUUID();
    const handle = await env.client.workflow.start<typeof syncConnection>('syncConnection', {
      ...{ workflowId: `airbyte-sync:${connectionId}`, taskQueue: TASK_QUEUE },
      // As an earlier run hands it over.
      args: [
        { connectionId, maximumAttempts: 4_001 },
        { deadline: Date.now() + 60_000, progress: { attempt: 4_000, lastFailure: 'reset by peer' } },
      ],
    });
    await airbyte.waitedFor();
    expect(await handle.query(syncProgressQuery)).toMatchObject({ attempt: 4_000, lastFailure: 'reset by peer' });
    airbyte.end(101, { status: 'succeeded' });
    expect(await handle.result()).toMatchObject({ attempts: 4_000 });
  });

  it('takes no second argument that a caller has made up', async () => {
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
