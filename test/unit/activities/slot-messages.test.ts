import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Info } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { toFailure } from '../../../activities/failures';
import type { TriggerInput } from '../../../src/contract/trigger';
import { NoSlotError } from '../../../src/jobs/errors';
import { failureOf, useBench } from './activity-bench';
import { DROPPED, Reply } from './scripted-airbyte';
import { jobInfo, ScriptedJobs } from './scripted-jobs';

describe('a sync that finds no slot', () => {
  it('is retried by Temporal, and says how to get more slots', () => {
    const failure = toFailure(new NoSlotError(3, 500), { mask: (text) => text });
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(failure).toMatchObject({ message: expect.stringContaining('AIRBYTE_MAX_CONCURRENT_SYNCS') });
  });
});

const NOTHING_STARTED = { nothingStarted: true };

describe('a trigger that waits for a slot', () => {
  const bench = useBench(1);
  const input: TriggerInput = { connectionId: 'connection-1', jobType: 'sync', lastJobId: 100 };
  let jobs: ScriptedJobs;

  /** Acquires the one slot, for job 100. */
  beforeEach(async () => {
    jobs = new ScriptedJobs();
    bench().airbyte.on({ ...jobs.responders, 'connections/sync': () => jobInfo(jobs.add('pending')) });
    await bench().run('triggerSync', { ...input, lastJobId: null });
  });

  /** A further trigger, once it is in the queue. */
  async function queued(info: Partial<Info> = {}) {
    const environment = bench().environment(info);
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => beats.push(details));
    const trigger = bench().run('triggerSync', input, environment);
    let ended = false;
    trigger
      .catch(() => undefined)
      .finally(() => {
        ended = true;
      });
    const waits = () => bench().logs.some(({ message }) => message.startsWith('Waits for a slot'));
    // A trigger with a short timeout may end, on a busy machine, before it has logged anything.
    while (!ended && !waits()) await new Promise((resolve) => setImmediate(resolve));
    return { environment, trigger, beats };
  }

  it('asks Airbyte for nothing meanwhile', async () => {
    await queued();
    expect(bench().airbyte.bodies('connections/sync')).toHaveLength(1);
  });

  it('says when it is cancelled that nothing was started', async () => {
    const { environment, trigger } = await queued();
    environment.cancel();
    await expect(trigger).rejects.toBeInstanceOf(CancelledFailure);
    await expect(trigger).rejects.toMatchObject({ details: [NOTHING_STARTED] });
    expect(jobs.ids()).toEqual([100]);
  });

  it('says nothing of the kind when it follows on an attempt that died', async () => {
    const { environment, trigger, beats } = await queued({ attempt: 2 });
    environment.cancel();
    await expect(trigger).rejects.toMatchObject({ details: [] });
    expect(beats.at(-1)).toEqual({ waitedOutBy: 2 });
  });

  it('leaves to the next attempt that nothing was started, when its worker shuts down', async () => {
    const { environment, trigger, beats } = await queued();
    environment.cancel('WORKER_SHUTDOWN');
    await expect(trigger).rejects.toBeInstanceOf(CancelledFailure);
    expect(beats).toEqual([{ nothingStartedBy: 1 }]);
  });

  it('ends by itself before its timeout, and names what it waited for', async () => {
    const { trigger } = await queued({ scheduleToCloseTimeoutMs: 400 });
    const failure = await failureOf(trigger);
    expect(failure).toMatchObject({ type: 'AirbyteSyncTimedOut', nonRetryable: true, details: [NOTHING_STARTED] });
    expect(failure.message).toBe(
      'The sync timed out while it waited for a slot: this worker already runs 1 syncs, which is its limit ' +
        '(AIRBYTE_MAX_CONCURRENT_SYNCS). Nothing was started.',
    );
  });

  it('does not say that nothing was started when it times out after an attempt that died', async () => {
    const failure = await failureOf((await queued({ attempt: 2, scheduleToCloseTimeoutMs: 400 })).trigger);
    expect(failure).toMatchObject({ type: 'AirbyteSyncTimedOut', details: [] });
    expect(failure.message).not.toContain('Nothing was started');
  });
});

describe('the failure of a trigger', () => {
  const bench = useBench();
  const input: TriggerInput = { connectionId: 'connection-1', jobType: 'sync', lastJobId: null };

  it.each([
    ['says that nothing was started when Airbyte rejected it', () => new Reply(429), [NOTHING_STARTED]],
    ['does not say so when its response was lost', () => DROPPED, []],
  ])('%s', async (_, reply, details) => {
    bench().airbyte.on({ ...new ScriptedJobs().responders, 'connections/sync': reply });
    expect(await failureOf(bench().run('triggerSync', input))).toMatchObject({ details });
  });
});
