import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Info } from '@temporalio/activity';
import { ActivityNotFoundError } from '@temporalio/client';
import { AirbyteClient } from '../../src/airbyte/client';
import { failureOf, useBench } from '../unit/activities/activity-bench';
import { ScriptedAirbyte } from '../unit/activities/scripted-airbyte';
import { jobInfo, ScriptedJobs } from '../unit/activities/scripted-jobs';

const bench = useBench();
let jobs: ScriptedJobs;

beforeEach(() => {
  jobs = new ScriptedJobs();
  bench().airbyte.on({ ...jobs.responders, 'connections/sync': () => jobInfo(jobs.add('pending')) });
});

const input = { connectionId: 'connection-1', jobType: 'sync', lastJobId: null } as const;
const sent = () => bench().airbyte.bodies('connections/sync').length;
const polls = () => bench().airbyte.bodies('jobs/list').length;
/** An attempt that was scheduled so long ago, and has begun only now: a frozen process takes up what it was given before. */
const heldUpFor = (milliseconds: number, info: Partial<Info> = {}) =>
  bench().environment({
    heartbeatTimeoutMs: 15_000,
    currentAttemptScheduledTimestampMs: Date.now() - milliseconds,
    scheduledTimestampMs: Date.now() - milliseconds,
    ...info,
  });

describe('an attempt that was held up', () => {
  it('sends nothing when Temporal has timed it out', async () => {
    bench().heartbeat = async () => {
      throw new ActivityNotFoundError('not found');
    };
    const failure = await failureOf(bench().run('triggerSync', input, heldUpFor(30_000)));
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(failure.message).toContain('Temporal does not confirm that this attempt is the current one');
    expect(sent()).toBe(0);
  });

  it('sends its request when Temporal still waits for it', async () => {
    let asked = 0;
    bench().heartbeat = async () => {
      asked += 1;
    };
    const result = await bench().run('triggerSync', input, heldUpFor(30_000));
    expect(result).toMatchObject({ started: true });
    expect(asked).toBe(1);
  });

  it('asks Temporal nothing when it was not held up, and polls no job', async () => {
    bench().heartbeat = async () => {
      throw new Error('asked');
    };
    expect(await bench().run('triggerSync', input, heldUpFor(10))).toMatchObject({ started: true });
    expect(polls()).toBe(0);
  });

  it('polls right before the request, and does not start a second job when one runs by then', async () => {
    jobs.add('running');
    const result = await bench().run('triggerSync', input, heldUpFor(30_000));
    expect(result).toMatchObject({ job: { jobId: 100 }, started: false });
    expect(sent()).toBe(0);
  });

  it('polls right before the request of another attempt, however soon that is', async () => {
    jobs.add('running');
    const environment = heldUpFor(10, { attempt: 2, heartbeatDetails: { nothingStartedBy: 1 } });
    expect(await bench().run('triggerSync', input, environment)).toMatchObject({ job: { jobId: 100 }, started: false });
    expect(sent()).toBe(0);
  });

  it('starts its own job after another one that has come and gone meanwhile', async () => {
    jobs.add('succeeded');
    const result = await bench().run('triggerSync', input, heldUpFor(30_000));
    expect(result).toMatchObject({ job: { jobId: 101 }, started: true });
  });

  it('joins a sync that has come and gone meanwhile, where any will do, and sends nothing', async () => {
    jobs.add('succeeded');
    const result = await bench().run('triggerSync', { ...input, joins: true }, heldUpFor(30_000));
    expect(result).toMatchObject({ job: { jobId: 100, running: false }, started: false });
    expect(sent()).toBe(0);
  });

  it.each([
    ['failed', 'sync'],
    ['cancelled', 'sync'],
    ['succeeded', 'reset_connection'],
  ])('starts its own job after another one that has %s meanwhile, a %s', async (status, kind) => {
    jobs.add(status, kind);
    const result = await bench().run('triggerSync', { ...input, joins: true }, heldUpFor(30_000));
    expect(result).toMatchObject({ job: { jobId: 101 }, started: true });
  });

  it('adopts the job of an earlier attempt that has appeared meanwhile', async () => {
    jobs.add('running');
    const environment = heldUpFor(30_000, { attempt: 2, heartbeatDetails: { waitedOutBy: 1 } });
    expect(await bench().run('triggerSync', input, environment)).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(sent()).toBe(0);
  });
});

describe('two triggers of one worker on the same connection', () => {
  it('go one after the other, and the second one finds what the first has started', async () => {
    const triggers = await Promise.all([bench().run('triggerSync', input), bench().run('triggerSync', input)]);
    expect(triggers.map(({ started }) => started).sort()).toEqual([false, true]);
    expect(jobs.ids()).toEqual([100]);
    expect(sent()).toBe(1);
  });
});

describe('a request that is aborted right before it is written', () => {
  it('is not sent, and the reason is what the call fails with', async () => {
    const airbyte = await ScriptedAirbyte.start();
    const client = new AirbyteClient({ url: airbyte.url });
    const reason = new Error('held up');
    const onSending = () => {
      throw reason;
    };
    await expect(client.connections.sync('connection-1', { onSending })).rejects.toBe(reason);
    await client.health().catch(() => undefined);
    expect(airbyte.bodies('connections/sync')).toEqual([]);
    await client.close();
    await airbyte.stop();
  });
});
