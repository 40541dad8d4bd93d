import { beforeEach, describe, expect, it } from '@jest/globals';
import type { TriggerInput } from '../../../src/contract/trigger';
import { failureOf, useBench } from './activity-bench';
import { DROPPED, notFound, Reply } from './scripted-airbyte';
import { jobInfo, ScriptedJobs } from './scripted-jobs';

const bench = useBench();
let jobs: ScriptedJobs;

beforeEach(() => {
  jobs = new ScriptedJobs();
  bench().airbyte.on(jobs.responders);
});

const connectionId = 'connection-1';
const input = (lastJobId: number | null = null): TriggerInput => ({ connectionId, jobType: 'sync', lastJobId });

/** Airbyte's response while a job runs on the connection. */
const alreadyRunning = () => new Reply(409, { message: `A sync is already running for: ${connectionId}` });

describe('findLastJob', () => {
  it('finds the newest job, with what is needed to wait for it', async () => {
    jobs.add('succeeded', 'reset_connection');
    jobs.add('succeeded');
    const newest = jobs.add('running');
    expect(await bench().run('findLastJob', { connectionId, jobType: 'sync' })).toEqual({
      jobId: newest.id,
      status: 'running',
      running: true,
      sameKind: true,
      updatedAt: newest.updatedAt,
      webappUrl: bench().webappUrl,
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

  it.each(['reset', 'clear', 'refresh'] as const)('finds what a %s would have to wait for', async (jobType) => {
    jobs.add('succeeded', 'reset_connection');
    const { id } = jobs.add('running');
    expect(await bench().run('findLastJob', { connectionId, jobType })).toMatchObject({ jobId: id, sameKind: false });
  });

  it('finds a newer job of another kind, which is none that a later trigger can lead to', async () => {
    jobs.add('succeeded');
    const { id } = jobs.add('succeeded', 'reset_connection');
    const seen = { jobId: id, running: false, sameKind: false };
    expect(await bench().run('findLastJob', { connectionId, jobType: 'sync' })).toMatchObject(seen);
  });

  it('asks a server only once for the kinds of job that it does not know', async () => {
    jobs.knownTypes = ['sync', 'reset_connection'];
    const { id } = jobs.add('succeeded');
    for (const jobType of ['sync', 'refresh'] as const) {
      expect(await bench().run('findLastJob', { connectionId, jobType })).toMatchObject({ jobId: id });
    }
    const asked = bench()
      .airbyte.bodies('jobs/list')
      .map(({ configTypes }) => (configTypes as string[]).length);
    expect(asked.filter((kinds) => kinds === 2)).toHaveLength(2);
    expect(asked.at(-1)).toBe(2);
  });

  it('finds what a clear has started, which Airbyte calls a reset', async () => {
    const { id } = jobs.add('running', 'reset_connection');
    expect(await bench().run('findLastJob', { connectionId, jobType: 'clear' })).toMatchObject({ jobId: id });
  });
});

describe('triggerSync', () => {
  it('starts one job', async () => {
    bench().airbyte.on({ 'connections/sync': () => jobInfo(jobs.add('pending')) });
    const triggered = await bench().run('triggerSync', input());
    const seen = { jobId: 100, status: 'pending', running: true, sameKind: true, updatedAt: 1_700_000_000 };
    expect(triggered).toEqual({ job: { ...seen, webappUrl: bench().webappUrl }, started: true });
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

  it('fails immediately on a connection that does not exist', async () => {
    bench().airbyte.on({ 'connections/sync': notFound });
    const failure = await failureOf(bench().run('triggerSync', input()));
    expect(failure).toMatchObject({ type: 'AirbyteNotFound', nonRetryable: true });
  });
});

describe('a trigger whose response is lost', () => {
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

  it('takes it also when a gateway responded with 504 while the job ran', async () => {
    bench().airbyte.on({
      'connections/sync': () => {
        jobs.add('running');
        return new Reply(504, '<html>Gateway Timeout</html>', { 'content-type': 'text/html' });
      },
    });
    expect(await bench().run('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(jobs.ids()).toEqual([100]);
  });

  it('takes the first job since, and not one that another caller has started after it', async () => {
    jobs.add('succeeded');
    bench().airbyte.on({
      'connections/sync': () => {
        jobs.add('succeeded');
        jobs.add('running');
        return DROPPED;
      },
    });
    expect(await bench().run('triggerSync', input(100))).toMatchObject({ job: { jobId: 101 }, started: true });
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

  it('is found by the retry when its job appears late', async () => {
    bench().airbyte.on({ 'connections/sync': () => DROPPED });
    await failureOf(bench().run('triggerSync', input()));
    jobs.add('running');
    expect(await bench().retry('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(bench().airbyte.bodies('connections/sync')).toHaveLength(1);
  });

  it('is found by the retry also when its job appears only after the retry has requested it again', async () => {
    bench().airbyte.on({
      'connections/sync': () => {
        jobs.add('running');
        return alreadyRunning();
      },
    });
    expect(await bench().retry('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(jobs.ids()).toEqual([100]);
  });

  it('is retried when its job cannot be searched for', async () => {
    bench().airbyte.on({ 'connections/sync': () => DROPPED, 'jobs/list': () => new Reply(503) });
    const failure = await failureOf(bench().run('triggerSync', input()));
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
  });

  it('does not take a job for its own that was known before', async () => {
    jobs.add('succeeded');
    bench().airbyte.on({ 'connections/sync': () => jobInfo(jobs.add('pending')) });
    expect(await bench().retry('triggerSync', input(100))).toMatchObject({ job: { jobId: 101 }, started: true });
  });
});

describe('a trigger that Airbyte rejects with 409', () => {
  it('attaches to the job that runs', async () => {
    jobs.add('running');
    bench().airbyte.on({ 'connections/sync': alreadyRunning });
    expect(await bench().run('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: false });
    expect(jobs.ids()).toEqual([100]);
  });

  it('starts its own job when the one that ran has ended by then', async () => {
    let requests = 0;
    bench().airbyte.on({
      'connections/sync': () => {
        if (++requests > 1) return jobInfo(jobs.add('pending'));
        jobs.add('succeeded');
        return alreadyRunning();
      },
    });
    expect(await bench().untilDone('triggerSync', input())).toMatchObject({ job: { jobId: 101 }, started: true });
    expect(jobs.ids()).toEqual([100, 101]);
  });

  it('attaches to the job that runs also when that appears only later', async () => {
    let requests = 0;
    bench().airbyte.on({
      'connections/sync': () => {
        if (++requests === 3) jobs.add('running');
        return alreadyRunning();
      },
    });
    expect(await bench().untilDone('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: false });
    expect(jobs.ids()).toEqual([100]);
  });

  it('finds what runs when it is a reset', async () => {
    jobs.add('succeeded');
    jobs.add('running', 'reset_connection');
    bench().airbyte.on({ 'connections/sync': alreadyRunning });
    expect(await bench().run('triggerSync', input(100))).toMatchObject({ job: { jobId: 101 }, started: false });
  });

  it('finds what runs also where the server does not know every kind of job', async () => {
    jobs.add('running', 'reset_connection');
    jobs.knownTypes = ['sync', 'reset_connection'];
    bench().airbyte.on({ 'connections/sync': alreadyRunning });
    expect(await bench().run('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: false });
  });

  it('never calls a job its own that was there before, not even in a retry', async () => {
    jobs.add('running', 'reset_connection');
    bench().airbyte.on({ 'connections/sync': alreadyRunning });
    expect(await bench().retry('triggerSync', input(100))).toMatchObject({ job: { jobId: 100 }, started: false });
  });

  it('is retried when nothing runs and the connection is active', async () => {
    bench().airbyte.on({ 'connections/sync': alreadyRunning });
    const failure = await failureOf(bench().run('triggerSync', input()));
    expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: false });
    expect(failure.message).toContain('already running');
    expect(failure.message).toContain('No job of the connection runs');
  });

  it.each([
    ['does not say whether a connection is active', () => ({ connectionId, name: 'Shop → Lake' })],
    ['shows no connections', () => new Reply(405)],
  ])('is retried also where the server %s', async (_, get) => {
    bench().airbyte.on({ 'connections/sync': alreadyRunning, 'connections/get': get });
    expect(await failureOf(bench().run('triggerSync', input()))).toMatchObject({ nonRetryable: false });
  });
});

describe('a trigger that certainly had no effect', () => {
  /** Error responses after which nothing has certainly been started. */
  const rejections: [string, () => Reply][] = [
    ['responds with 429', () => new Reply(429)],
    ['responds with 409 for a job that cannot be seen', alreadyRunning],
  ];

  it.each(rejections)(
    'does not take for its own what another caller starts meanwhile: Airbyte %s',
    async (_, reject) => {
      let requests = 0;
      bench().airbyte.on({
        'connections/sync': () => {
          if (++requests === 1) return reject();
          jobs.add('running');
          return alreadyRunning();
        },
      });
      expect(await bench().untilDone('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: false });
    },
  );

  it.each(rejections)(
    'starts its own job after one of another caller has run meanwhile: Airbyte %s',
    async (_, reject) => {
      let requests = 0;
      bench().airbyte.on({
        'connections/sync': () => {
          if (++requests > 1) return jobInfo(jobs.add('pending'));
          jobs.add('succeeded');
          return reject();
        },
      });
      expect(await bench().untilDone('triggerSync', input())).toMatchObject({ job: { jobId: 101 }, started: true });
      expect(jobs.ids()).toEqual([100, 101]);
    },
  );

  it('is still in doubt when a trigger before it was', async () => {
    const replies = [DROPPED, new Reply(429), DROPPED];
    bench().airbyte.on({
      'connections/sync': () => {
        if (replies.length === 1) jobs.add('running');
        return replies.shift();
      },
    });
    expect(await bench().untilDone('triggerSync', input())).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(jobs.ids()).toEqual([100]);
  });

  it('is in doubt again after an attempt that died', async () => {
    jobs.add('running');
    const environment = bench().environment({ attempt: 3, heartbeatDetails: { nothingStartedBy: 1 } });
    expect(await bench().run('triggerSync', input(), environment)).toMatchObject({
      job: { jobId: 100 },
      started: true,
    });
    expect(bench().airbyte.bodies('connections/sync')).toEqual([]);
  });
});

describe('a kind of job that the server does not have', () => {
  const missing = () => new Reply(404, { message: 'Not Found', _links: {}, _embedded: {} });

  it.each([
    ['refresh', /Use reset, then sync/],
    ['clear', /Use reset/],
  ] as const)('fails a %s for good, and says what to do instead', async (jobType, advice) => {
    jobs.knownTypes = ['sync', 'reset_connection'];
    bench().airbyte.on({ [`connections/${jobType}`]: missing });
    const failure = await failureOf(bench().run('triggerSync', { ...input(), jobType }));
    expect(failure).toMatchObject({ type: 'AirbyteUnsupported', nonRetryable: true });
    expect(failure.message).toMatch(advice);
  });
});

describe('a trigger on a connection that is not active', () => {
  it.each([
    ['inactive', 500, 'AirbyteConflict', 'is inactive'],
    ['inactive', 409, 'AirbyteConflict', 'is inactive'],
    ['locked', 409, 'AirbyteConflict', 'is locked'],
    ['deprecated', 500, 'AirbyteNotFound', 'was deleted in Airbyte'],
    ['deprecated', 409, 'AirbyteNotFound', 'was deleted in Airbyte'],
  ])(
    'fails with a non-retryable error when it is %s and Airbyte responds with %i',
    async (status, code, type, what) => {
      jobs.connectionStatus = status;
      bench().airbyte.on({
        'connections/sync': () => new Reply(code, { message: 'Can only sync an active connection' }),
      });
      const failure = await failureOf(bench().run('triggerSync', input()));
      expect(failure).toMatchObject({ type, nonRetryable: true });
      expect(failure.message).toContain(`'Shop → Lake' (connection-1) ${what}`);
      expect(jobs.all).toEqual([]);
    },
  );

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

  it('waits behind the job that runs, as Airbyte makes it', async () => {
    jobs.add('succeeded', 'refresh');
    jobs.add('running');
    bench().airbyte.on({ 'connections/refresh': () => ({ job: null }) });
    expect(await bench().run('triggerSync', refresh)).toMatchObject({ job: { jobId: 101 }, started: false });
  });
});
