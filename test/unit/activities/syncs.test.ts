import { beforeEach, describe, expect, it } from '@jest/globals';
import type { TriggerInput } from '../../../activities/syncs';
import { failureOf, useBench } from './activity-bench';
import { DROPPED, notFound, Reply } from './scripted-airbyte';
import { jobInfo, ScriptedJobs } from './scripted-jobs';

const bench = useBench();
let jobs: ScriptedJobs;

beforeEach(() => {
  jobs = new ScriptedJobs();
  bench().airbyte.on(jobs.answers);
});

const connectionId = 'connection-1';
const input = (lastJobId: number | null = null): TriggerInput => ({ connectionId, jobType: 'sync', lastJobId });

/** What Airbyte answers while something runs on the connection. */
const alreadyRunning = () => new Reply(409, { message: `A sync is already running for: ${connectionId}` });

describe('findLastJob', () => {
  it('finds the newest job of the kind, with what is needed to wait for it', async () => {
    jobs.add('succeeded');
    const newest = jobs.add('running');
    jobs.add('succeeded', 'reset_connection');
    expect(await bench().run('findLastJob', { connectionId, jobType: 'sync' })).toEqual({
      jobId: newest.id,
      status: 'running',
      running: true,
      sameKind: true,
      updatedAt: newest.updatedAt,
    });
  });

  it('finds the newest also where the server neither pages nor sorts', async () => {
    const [older, newer] = [jobs.add('succeeded'), jobs.add('failed')];
    bench().airbyte.on({ 'jobs/list': () => ({ jobs: [older, newer] }) });
    expect(await bench().run('findLastJob', { connectionId, jobType: 'sync' })).toMatchObject({ jobId: newer.id });
  });

  it('is null on a connection that never ran', async () => {
    expect(await bench().run('findLastJob', { connectionId, jobType: 'sync' })).toBeNull();
  });

  it.each(['queued', 'pending', 'incomplete', 'a status of tomorrow'])(
    'takes a job that is %s for running',
    async (status) => {
      jobs.add(status);
      expect(await bench().run('findLastJob', { connectionId, jobType: 'sync' })).toMatchObject({ running: true });
    },
  );

  it('finds what a clear has started, which Airbyte calls a reset', async () => {
    const { id } = jobs.add('running', 'reset_connection');
    expect(await bench().run('findLastJob', { connectionId, jobType: 'clear' })).toMatchObject({ jobId: id });
  });
});

describe('triggerSync', () => {
  it('starts one job', async () => {
    bench().airbyte.on({ 'connections/sync': () => jobInfo(jobs.add('pending')) });
    const triggered = await bench().run('triggerSync', input());
    expect(triggered).toEqual({
      job: { jobId: 100, status: 'pending', running: true, sameKind: true, updatedAt: 1_700_000_000 },
      started: true,
    });
    expect(jobs.ids()).toEqual([100]);
  });

  it('starts the kind of job that is asked for', async () => {
    bench().airbyte.on({
      'connections/reset': () => jobInfo(jobs.add('pending', 'reset_connection')),
      'connections/clear': () => jobInfo(jobs.add('pending', 'reset_connection')),
      'connections/refresh': () => jobInfo(jobs.add('pending', 'refresh')),
    });
    for (const jobType of ['reset', 'clear', 'refresh'] as const) {
      expect(await bench().run('triggerSync', { ...input(), jobType })).toMatchObject({ started: true });
    }
    expect(jobs.all).toHaveLength(3);
  });

  it('fails at once on a connection that does not exist', async () => {
    bench().airbyte.on({ 'connections/sync': notFound });
    const failure = await failureOf(bench().run('triggerSync', input()));
    expect(failure).toMatchObject({ type: 'AirbyteNotFound', nonRetryable: true });
  });
});

describe('a trigger whose answer is lost', () => {
  it('takes the job that it has started for its own', async () => {
    jobs.add('succeeded');
    bench().airbyte.on({
      'connections/sync': () => {
        jobs.add('running');
        return DROPPED;
      },
    });
    expect(await bench().run('triggerSync', input(100))).toMatchObject({ job: { jobId: 101 }, started: true });
    expect(jobs.ids()).toEqual([100, 101]);
  });

  it('takes it also when a gateway answered 504 while the job ran', async () => {
    bench().airbyte.on({
      'connections/sync': () => {
        jobs.add('running');
        return new Reply(504, '<html>Gateway Timeout</html>', { 'content-type': 'text/html' });
      },
    });
    expect(await bench().run('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(jobs.ids()).toEqual([100]);
  });

  it('takes it also when it has ended since', async () => {
    bench().airbyte.on({
      'connections/sync': () => {
        jobs.add('succeeded');
        return DROPPED;
      },
    });
    expect(await bench().run('triggerSync', input())).toMatchObject({
      job: { jobId: 100, running: false },
      started: true,
    });
  });

  it('is retried when it had no effect, and the retry starts the one job', async () => {
    jobs.add('succeeded');
    let requests = 0;
    bench().airbyte.on({ 'connections/sync': () => (++requests === 1 ? DROPPED : jobInfo(jobs.add('pending'))) });
    const lost = await failureOf(bench().run('triggerSync', input(100)));
    expect(lost).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(await bench().retry('triggerSync', input(100))).toMatchObject({ job: { jobId: 101 }, started: true });
    expect(jobs.ids()).toEqual([100, 101]);
  });

  it('is found by the retry when its job shows late', async () => {
    bench().airbyte.on({ 'connections/sync': () => DROPPED });
    await failureOf(bench().run('triggerSync', input()));
    jobs.add('running');
    expect(await bench().retry('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(bench().airbyte.bodies('connections/sync')).toHaveLength(1);
  });

  it('is found by the retry also when its job shows only after that has asked for it again', async () => {
    bench().airbyte.on({
      'connections/sync': () => {
        jobs.add('running');
        return alreadyRunning();
      },
    });
    expect(await bench().retry('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(jobs.ids()).toEqual([100]);
  });

  it('is retried when Airbyte cannot be asked for its job', async () => {
    bench().airbyte.on({ 'connections/sync': () => DROPPED, 'jobs/list': () => new Reply(503) });
    const failure = await failureOf(bench().run('triggerSync', input()));
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
  });

  it('does not take a job for its own that it was told of before', async () => {
    jobs.add('succeeded');
    bench().airbyte.on({ 'connections/sync': () => jobInfo(jobs.add('pending')) });
    expect(await bench().retry('triggerSync', input(100))).toMatchObject({ job: { jobId: 101 }, started: true });
  });
});

describe('a trigger that Airbyte refuses with 409', () => {
  it('attaches to the job that runs', async () => {
    jobs.add('running');
    bench().airbyte.on({ 'connections/sync': alreadyRunning });
    expect(await bench().run('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: false });
    expect(jobs.ids()).toEqual([100]);
  });

  it('starts its own job when the one that ran has ended by then', async () => {
    const other = jobs.add('running');
    bench().airbyte.on({
      'connections/sync': () => {
        if (other.status === 'succeeded') return jobInfo(jobs.add('pending'));
        other.status = 'succeeded';
        return alreadyRunning();
      },
    });
    expect(await bench().run('triggerSync', input())).toMatchObject({ job: { jobId: 101 }, started: true });
    expect(jobs.ids()).toEqual([100, 101]);
  });

  it('finds what runs when it is a reset', async () => {
    jobs.add('succeeded');
    jobs.add('running', 'reset_connection');
    bench().airbyte.on({ 'connections/sync': alreadyRunning });
    expect(await bench().run('triggerSync', input(100))).toMatchObject({ job: { jobId: 101 }, started: false });
  });

  it('finds what runs also where the server does not know every kind of job', async () => {
    jobs.add('running', 'reset_connection');
    const { 'jobs/list': list } = jobs.answers;
    bench().airbyte.on({
      'connections/sync': alreadyRunning,
      'jobs/list': (body) => ((body['configTypes'] as string[]).includes('refresh') ? new Reply(422) : list?.(body)),
    });
    expect(await bench().run('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: false });
  });

  it('never calls the running job of somebody else its own, not even in a retry', async () => {
    jobs.add('running', 'reset_connection');
    bench().airbyte.on({ 'connections/sync': alreadyRunning });
    expect(await bench().retry('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: false });
  });

  it('is retried when nothing runs and the connection is active', async () => {
    bench().airbyte.on({ 'connections/sync': alreadyRunning });
    const failure = await failureOf(bench().run('triggerSync', input()));
    expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: false });
    expect(failure.message).toContain('already running');
    expect(failure.message).toContain('No job of the connection runs');
  });

  it('is retried also where the server does not say whether a connection is active', async () => {
    jobs.connectionStatus = undefined;
    bench().airbyte.on({ 'connections/sync': alreadyRunning });
    expect(await failureOf(bench().run('triggerSync', input()))).toMatchObject({ nonRetryable: false });
  });
});

describe('a trigger on a connection that is not active', () => {
  it.each([
    ['inactive', 500],
    ['inactive', 409],
    ['deprecated', 409],
  ])('fails for good when it is %s and Airbyte answers %i', async (status, code) => {
    jobs.connectionStatus = status;
    bench().airbyte.on({
      'connections/sync': () => new Reply(code, { message: 'Can only sync an active connection' }),
    });
    const failure = await failureOf(bench().run('triggerSync', input()));
    expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: true });
    expect(failure.message).toContain(`'Shop → Lake' (connection-1) is ${status}`);
    expect(jobs.all).toEqual([]);
  });

  it('is retried after a 500 of an active one', async () => {
    bench().airbyte.on({ 'connections/sync': () => new Reply(500, { message: 'boom' }) });
    const failure = await failureOf(bench().run('triggerSync', input()));
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(failure.message).toContain('boom');
  });
});

describe('a refresh that Airbyte accepts without naming its job', () => {
  const refresh: TriggerInput = { connectionId, jobType: 'refresh', lastJobId: 100 };

  it('is the newest one, where that was not there before', async () => {
    jobs.add('succeeded', 'refresh');
    bench().airbyte.on({
      'connections/refresh': () => {
        jobs.add('running', 'refresh');
        return { value: true };
      },
    });
    expect(await bench().run('triggerSync', refresh)).toMatchObject({ job: { jobId: 101 }, started: true });
  });

  it('is never the one before it', async () => {
    jobs.add('succeeded', 'refresh');
    bench().airbyte.on({ 'connections/refresh': () => ({ value: true }) });
    const failure = await failureOf(bench().run('triggerSync', refresh));
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(bench().airbyte.bodies('connections/refresh')).toHaveLength(1);
  });

  it('waits behind the job that runs, as Airbyte makes it', async () => {
    jobs.add('succeeded', 'refresh');
    jobs.add('running');
    bench().airbyte.on({ 'connections/refresh': () => ({ job: null }) });
    expect(await bench().run('triggerSync', refresh)).toMatchObject({ job: { jobId: 101 }, started: false });
  });
});
