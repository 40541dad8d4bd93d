import { beforeEach, describe, expect, it } from '@jest/globals';
import type { StartableJobType } from '../../src/contract/job-types';
import { PATIENT_WITH_STARTS, useBench } from '../unit/activities/activity-bench';
import { DROPPED, Reply } from '../unit/activities/scripted-airbyte';
import { jobInfo, ScriptedJobs } from '../unit/activities/scripted-jobs';
import { throughTime, useMockedTime } from '../unit/activities/through-time';

const bench = useBench(undefined, PATIENT_WITH_STARTS);
let jobs: ScriptedJobs;

useMockedTime();
beforeEach(() => {
  jobs = new ScriptedJobs();
  bench().airbyte.on(jobs.responders);
});

const connectionId = 'connection-1';
const page = (status: number) => new Reply(status, '<html>Bad Gateway</html>', { 'content-type': 'text/html' });
const LOST: [string, () => unknown][] = [
  ['the connection is reset', () => DROPPED],
  ['a gateway responds with 502', () => page(502)],
  ['a gateway responds with 503', () => page(503)],
  ['a gateway responds with 504', () => page(504)],
  ['Airbyte responds with 500', () => new Reply(500, { message: 'boom' })],
  ['the response is empty', () => new Reply(200, '')],
  ['the response is half of one', () => new Reply(200, '{"job": {"id": 1')],
  ['the response is a web page', () => page(200)],
  ['the response is JSON without a job', () => new Reply(200, { status: 'ok' })],
];

/** Starts the job so long after the request, which ends by itself after its own time. */
function startLate(afterMs: number, tookMs: number, kind: string): void {
  setTimeout(() => {
    const job = jobs.add('running', kind);
    setTimeout(() => {
      job.status = 'succeeded';
    }, tookMs);
  }, afterMs);
}

describe('a start whose response is lost while Airbyte still begins it', () => {
  it.each(LOST)('is one job, which is ours, also when it is quickly over: %s', async (_, lost) => {
    bench().airbyte.on({
      'connections/sync': () => {
        startLate(60_000, 5_000, 'sync');
        return lost();
      },
    });
    const input = { connectionId, jobType: 'sync', lastJobId: null } as const;
    const { result } = await throughTime(bench().untilDone('triggerSync', input));
    expect(result).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(bench().airbyte.bodies('connections/sync')).toHaveLength(1);
  });

  it.each([
    ['reset', 'reset_connection'],
    ['clear', 'reset_connection'],
    ['refresh', 'refresh'],
  ] as [StartableJobType, string][])('is one job of any kind: %s', async (jobType, kind) => {
    const call = `connections/${jobType}`;
    bench().airbyte.on({
      [call]: () => {
        startLate(20_000, 5_000, kind);
        return DROPPED;
      },
    });
    const { result } = await throughTime(bench().untilDone('triggerSync', { connectionId, jobType, lastJobId: null }));
    expect(result).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(bench().airbyte.bodies(call)).toHaveLength(1);
  });

  it('is waited for by the next attempt when the one that has sent it has died', async () => {
    startLate(100_000, 5_000, 'sync');
    bench().airbyte.on({ 'connections/sync': () => jobInfo(jobs.add('pending')) });
    const environment = bench().environment({ attempt: 2 });
    const input = { connectionId, jobType: 'sync', lastJobId: null } as const;
    const { result } = await throughTime(bench().run('triggerSync', input, environment));
    expect(result).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(bench().airbyte.bodies('connections/sync')).toEqual([]);
  });
});

describe('a request that was never sent', () => {
  it('is retried immediately: no job can have started', async () => {
    await bench().airbyte.stop();
    const input = { connectionId, jobType: 'sync', lastJobId: null } as const;
    const { error, tookMs } = await throughTime(bench().run('triggerSync', input));
    expect(error).toMatchObject({
      type: 'AirbyteUnavailable',
      nonRetryable: false,
      details: [{ nothingStarted: true }],
    });
    expect(tookMs).toBeLessThan(5_000);
    bench().airbyte.stop = async () => undefined;
  });
});

describe('an attempt that has died', () => {
  const input = { connectionId, jobType: 'sync', lastJobId: null } as const;
  const attemptAfter = (heartbeatDetails: unknown) => bench().environment({ attempt: 2, heartbeatDetails });

  it.each([
    ['was known to have sent nothing', { nothingStartedBy: 1 }],
    ['had waited for as long as a start takes', { waitedOutBy: 1 }],
  ])('is not waited for when it %s', async (_, heartbeat) => {
    bench().airbyte.on({ 'connections/sync': () => jobInfo(jobs.add('pending')) });
    const { result, tookMs } = await throughTime(bench().run('triggerSync', input, attemptAfter(heartbeat)));
    expect(result).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(tookMs).toBeLessThan(5_000);
  });

  it.each([
    ['attempts that waited have died meanwhile', 5, 0],
    ['attempts were given to a worker that was frozen, and noted nothing', 8, 0],
    ['the clock of the next worker is an hour ahead', 5, 3_600_000],
    ['the clock of the next worker is an hour behind', 5, -3_600_000],
  ])('is waited for no longer and no shorter than a start takes where %s', async (_, attempt, aheadMs) => {
    bench().airbyte.on({ 'connections/sync': () => jobInfo(jobs.add('pending')) });
    const temporalNow = Date.now() - aheadMs;
    const environment = bench().environment({
      attempt,
      heartbeatDetails: { waitsSince: temporalNow - 120_000 },
      scheduledTimestampMs: temporalNow - 150_000,
      currentAttemptScheduledTimestampMs: temporalNow,
    });
    const { result, tookMs } = await throughTime(bench().run('triggerSync', input, environment));
    expect(result).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(tookMs).toBeGreaterThanOrEqual(9_000);
    expect(tookMs).toBeLessThan(20_000);
  });

  it('is noted by a clock that is behind no earlier than by that of Temporal', async () => {
    bench().airbyte.on({ 'connections/sync': () => jobInfo(jobs.add('pending')) });
    const temporalNow = Date.now() + 3_600_000;
    const times = { scheduledTimestampMs: temporalNow, currentAttemptScheduledTimestampMs: temporalNow };
    const environment = bench().environment({ attempt: 2, ...times });
    const noted: { waitsSince?: number }[] = [];
    environment.on('heartbeat', (details: { waitsSince?: number }) => noted.push(details));
    await throughTime(bench().run('triggerSync', input, environment));
    expect(noted.find(({ waitsSince }) => waitsSince !== undefined)?.waitsSince).toBeGreaterThanOrEqual(temporalNow);
  });
});
