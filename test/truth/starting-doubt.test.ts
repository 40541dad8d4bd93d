import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { TriggerInput } from '../../src/contract/trigger';
import { PATIENT_WITH_STARTS, useBench } from '../unit/activities/activity-bench';
import { DROPPED, Reply } from '../unit/activities/scripted-airbyte';
import { jobInfo, ScriptedJobs } from '../unit/activities/scripted-jobs';
import { mockTime, throughTime, useMockedTime } from '../unit/activities/through-time';

const bench = useBench(undefined, PATIENT_WITH_STARTS);
let jobs: ScriptedJobs;

beforeEach(() => {
  jobs = new ScriptedJobs();
  bench().airbyte.on(jobs.responders);
});

const input = (lastJobId: number | null = null): TriggerInput => ({
  ...{ connectionId: 'connection-1', jobType: 'sync' },
  lastJobId,
});
const sent = () => bench().airbyte.bodies('connections/sync').length;

const stateConflict = () =>
  new Reply(409, {
    ...{ status: 409, title: 'state-conflict', detail: 'State conflict' },
    data: { message: 'Could not fulfill request' },
  });

/** The minutes that Airbyte may need are those of the mocked clock. */
describe('a start that Airbyte leaves in doubt', () => {
  useMockedTime();

  const passed = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  it.each([
    ['immediately', 0, 10_000],
    ['after the minute in which its job did not show', 60_000, 65_000],
  ])('is waited for as long as a start may take: state-conflict %s', async (_, responseMs, showsMs) => {
    bench().airbyte.on({
      'connections/sync': async () => {
        setTimeout(() => jobs.add('running'), responseMs + showsMs);
        await passed(responseMs);
        return stateConflict();
      },
    });
    const { result } = await throughTime(bench().run('triggerSync', input()));
    expect(result).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(sent()).toBe(1);
  });

  it('is sent again, once, when no job appears', async () => {
    let requests = 0;
    bench().airbyte.on({
      'connections/sync': () => (++requests === 1 ? stateConflict() : jobInfo(jobs.add('pending'))),
    });
    const { result } = await throughTime(bench().untilDone('triggerSync', input()));
    expect(result).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(jobs.ids()).toEqual([100]);
  });

  it('is looked up after a 409 in unknown words', async () => {
    bench().airbyte.on({
      'connections/sync': () => {
        jobs.add('running');
        return new Reply(409, { errorId: 'e' });
      },
    });
    const { result } = await throughTime(bench().run('triggerSync', input()));
    expect(result).toMatchObject({ job: { jobId: 100 }, started: true });
  });

  /** A job of this moment, by the server's clock. */
  const addNow = () => {
    const job = jobs.add('running');
    job.createdAt = Math.floor(Date.now() / 1_000);
    return job;
  };
  const runs = () =>
    new Reply(409, { message: 'A sync is already running for: connection-1' }, { date: new Date().toUTCString() });

  it('is taken for ours when a gateway has repeated the request, so that its rejection came late', async () => {
    jobs.add('succeeded');
    bench().airbyte.on({
      'connections/sync': async () => {
        addNow();
        await passed(60_000);
        return runs();
      },
    });
    const { result } = await throughTime(bench().run('triggerSync', input(100)));
    expect(result).toMatchObject({ job: { jobId: 101 }, started: true });
  });

  it('is not taken for ours when the job began before the request, or is that of another workflow', async () => {
    jobs.add('succeeded');
    addNow();
    await jest.advanceTimersByTimeAsync(5_000);
    bench().airbyte.on({
      'connections/sync': async () => {
        await passed(60_000);
        return runs();
      },
    });
    const slow = await throughTime(bench().run('triggerSync', input(100)));
    expect(slow.result).toMatchObject({ job: { jobId: 101 }, started: false });

    bench().workflowsOfConnections['connection-1'] = ['another-sync'];
    bench().airbyte.on({
      'connections/sync': () => {
        jobs.all[1] = { ...addNow(), id: 102 };
        return runs();
      },
    });
    const quick = await throughTime(bench().run('triggerSync', input(101)));
    expect(quick.result).toMatchObject({ started: false });
  });
});

describe('the job that Airbyte gives as the one started', () => {
  useMockedTime();

  /** The response to a trigger that takes a while: a job that was created so long before the request, negative for after it. */
  const respond = (secondsBefore: number, status: string, tookMs: number) => async () => {
    const job = jobs.add('queued');
    job.createdAt = Math.floor(Date.now() / 1_000) - secondsBefore;
    await new Promise((resolve) => setTimeout(resolve, tookMs));
    job.status = status;
    return new Reply(200, jobInfo(job), { date: new Date().toUTCString() });
  };
  const trigger = async (lastJobId: number | null, attempt = 1) => {
    const environment = bench().environment({ attempt });
    return (await throughTime(bench().run('triggerSync', input(lastJobId), environment))).result;
  };

  it.each([
    ['queued 20 s before the request', 20, 'queued', 100],
    ['queued 10 s before it, and running by the time of a slow response', 10, 'running', 60_000],
    ['queued an hour before it, and ended by the time of a slow response', 3_600, 'succeeded', 60_000],
  ])('is not ours when it was %s', async (_, secondsBefore, status, tookMs) => {
    bench().airbyte.on({ 'connections/sync': respond(secondsBefore, status, tookMs) });
    expect(await trigger(null)).toMatchObject({ job: { jobId: 100, status }, started: false });
  });

  it.each([
    ['was created after it', -1, 'running', 60_000],
    ['was created in the same second', 0, 'pending', 10],
    ['is a little older, by a clock that differs', 3, 'pending', 10],
    ['tells a time that no queue lasts', 10 * 60 * 60, 'pending', 10],
  ])('is ours when it %s', async (_, secondsBefore, status, tookMs) => {
    bench().airbyte.on({ 'connections/sync': respond(secondsBefore, status, tookMs) });
    expect(await trigger(null)).toMatchObject({ job: { jobId: 100 }, started: true });
  });

  it('may be ours when a request before this one has started it', async () => {
    bench().airbyte.on({ 'connections/sync': respond(20, 'running', 10) });
    expect(await trigger(null, 2)).toMatchObject({ job: { jobId: 100 }, started: true });
  });

  it('is never ours when it is no newer than the last one before, whenever it was created', async () => {
    const known = jobs.add('succeeded');
    known.createdAt = Math.floor(Date.now() / 1_000);
    bench().airbyte.on({ 'connections/sync': () => jobInfo({ ...known, status: 'running' }) });
    expect(await trigger(100)).toMatchObject({ job: { jobId: 100 }, started: false });
    expect(await trigger(100, 2)).toMatchObject({ job: { jobId: 100 }, started: false });
  });

  it('is asked for again when it is one that had ended before', async () => {
    const known = jobs.add('succeeded');
    let requests = 0;
    bench().airbyte.on({ 'connections/sync': () => jobInfo(++requests === 1 ? known : jobs.add('pending')) });
    const { result } = await throughTime(bench().untilDone('triggerSync', input(100)));
    expect(result).toMatchObject({ job: { jobId: 101 }, started: true });
    expect(sent()).toBe(2);
  });
});

describe('a sync that has become a pending reset or refresh', () => {
  it.each(['reset_connection', 'refresh'])(
    'is found again after a lost response, and no second one is started: %s',
    async (kind) => {
      jobs.add('succeeded');
      bench().airbyte.on({
        'connections/sync': () => {
          jobs.add('running', kind);
          return DROPPED;
        },
      });
      expect(await bench().run('triggerSync', input(100))).toMatchObject({ job: { jobId: 101 }, started: true });
      expect(sent()).toBe(1);
    },
  );

  it('is logged', async () => {
    bench().airbyte.on({ 'connections/sync': () => jobInfo(jobs.add('pending', 'reset_connection')) });
    expect(await bench().run('triggerSync', input())).toMatchObject({ job: { sameKind: false }, started: true });
    expect(bench().warnings().join()).toContain('The sync has become job 100, a reset_connection');
  });

  it('is no reset that was there before', async () => {
    jobs.add('succeeded');
    jobs.add('succeeded', 'reset_connection');
    expect(await bench().run('findLastJob', { connectionId: 'connection-1', jobType: 'sync' })).toMatchObject({
      jobId: 101,
    });
    let requests = 0;
    bench().airbyte.on({ 'connections/sync': () => (++requests === 1 ? DROPPED : jobInfo(jobs.add('pending'))) });
    mockTime();
    const { result } = await throughTime(bench().untilDone('triggerSync', input(101)));
    jest.useRealTimers();
    expect(result).toMatchObject({ job: { jobId: 102 }, started: true });
  });

  it('is not cancelled for a sync that was given up: another user has requested it', async () => {
    mockTime();
    jobs.add('running', 'reset_connection');
    const { result } = await throughTime(bench().run('findTriggeredJob', input()));
    jest.useRealTimers();
    expect(result).toBeNull();
  });
});
