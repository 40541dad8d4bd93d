import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { DEFAULT_TIMINGS } from '../../src/airbyte/airbyte-timings';
import { useBench } from '../unit/activities/activity-bench';
import { DROPPED, Reply } from '../unit/activities/scripted-airbyte';
import { jobInfo, ScriptedJobs } from '../unit/activities/scripted-jobs';
import { throughTime, useMockedTime } from '../unit/activities/through-time';

const bench = useBench(undefined, DEFAULT_TIMINGS);
let jobs: ScriptedJobs;

useMockedTime();
beforeEach(() => {
  jobs = new ScriptedJobs();
  bench().airbyte.on({ ...jobs.responders, 'connections/sync': () => jobInfo(jobs.add('pending')) });
});

const connectionId = 'connection-1';
const HTML = { 'content-type': 'text/html' };
const ODD: [string, () => unknown][] = [
  ['a truncated body', () => new Reply(200, '{"jobs": [{"job": {"id"')],
  ['a web page with 200', () => new Reply(200, '<html><title>Sign in</title></html>', HTML)],
  ['nothing at all', () => new Reply(200, '')],
  ['JSON of something else', () => new Reply(200, { hello: 'world', jobs: 'none' })],
  ['a redirect to a login', () => new Reply(302, '', { location: 'https://sso.example.com/login?next=x' })],
  ['401', () => new Reply(401, { message: 'Unauthorized' })],
  ['403', () => new Reply(403, '<html><title>403 Forbidden</title></html>', HTML)],
  ["Airbyte's own 403", () => new Reply(403, { message: 'Forbidden', _links: {}, _embedded: {} })],
  ['404', () => new Reply(404, '<html><title>404 Not Found</title></html>', HTML)],
  ["Airbyte's own 404", () => new Reply(404, { errorId: 'e' })],
  ['413', () => new Reply(413, '<html><title>413 Request Entity Too Large</title></html>', HTML)],
  ['503', () => new Reply(503, '')],
  ['a broken connection', () => DROPPED],
];

/** Responds oddly once, and then as usual. */
function once(call: string, odd: () => unknown, usual: (body: Record<string, unknown>) => unknown): void {
  let requests = 0;
  bench().airbyte.on({ [call]: (body) => (++requests === 1 ? odd() : usual(body)) });
}

describe('one odd response before the start', () => {
  it.each(ODD)('to jobs/list fails no sync: %s', async (_, odd) => {
    jobs.add('succeeded');
    once('jobs/list', odd, (body) => jobs.responders['jobs/list']?.(body));
    const { result } = await throughTime(bench().untilDone('findLastJob', { connectionId, jobType: 'sync' }));
    expect(result).toMatchObject({ jobId: 100 });
  });

  it.each(ODD)('to connections/sync fails no sync, and starts one job: %s', async (_, odd) => {
    once('connections/sync', odd, () => jobInfo(jobs.add('pending')));
    const input = { connectionId, jobType: 'sync', lastJobId: null } as const;
    const { result } = await throughTime(bench().untilDone('triggerSync', input));
    expect(result).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(jobs.ids()).toEqual([100]);
  });

  it.each(ODD)('to a check fails no pipeline: %s', async (_, odd) => {
    const checked = { status: 'succeeded', jobInfo: {} };
    once('sources/check_connection', odd, () => checked);
    const sourceId = 'source-1';
    const { error } = await throughTime(bench().untilDone('checkSource', { sourceId }));
    expect(error).toBeUndefined();
    expect(bench().airbyte.bodies('sources/check_connection')).toHaveLength(2);
  });
});

/** Makes attempts as Temporal does, with its intervals, until one fails for good. */
async function untilFinal(): Promise<{ failure: ApplicationFailure; tookMs: number }> {
  const startedAt = Date.now();
  for (let attempt = 1; ; attempt++) {
    const environment = bench().environment({ attempt });
    const run = bench().run('findLastJob', { connectionId, jobType: 'sync' }, environment);
    const { error } = await throughTime(run);
    if (!(error instanceof ApplicationFailure)) throw error;
    if (error.nonRetryable) return { failure: error, tookMs: Date.now() - startedAt };
    await jest.advanceTimersByTimeAsync(Math.min(1_000 * 2 ** (attempt - 1), 30_000));
  }
}

describe('a response that stays odd', () => {
  it.each([
    ['401', () => new Reply(401, { message: 'Unauthorized' }), 'AirbyteUnauthorized', 15],
    ["Airbyte's own 404", () => new Reply(404, { errorId: 'e' }), 'AirbyteNotFound', 15],
    [
      "Airbyte's own 403",
      () => new Reply(403, { message: 'Forbidden', _links: {}, _embedded: {} }),
      'AirbyteUnauthorized',
      15,
    ],
    ['403 of a gateway', () => new Reply(403, '<html></html>', HTML), 'AirbyteUnauthorized', 160],
    ['a redirect', () => new Reply(302, '', { location: 'https://sso.example.com/login' }), 'AirbyteUnavailable', 160],
    ['413', () => new Reply(413, '<html></html>', HTML), 'AirbyteInvalidRequest', 160],
  ])('fails the sync in the end, with how often it came: %s', async (_, odd, type, withinSeconds) => {
    bench().airbyte.on({ 'jobs/list': odd });
    const { failure, tookMs } = await untilFinal();
    expect(failure.type).toBe(type);
    expect(failure.message).toMatch(/Tried \d+ times in \d+ s: jobs\/list \d{3} \(\d+\)\./);
    expect(tookMs).toBeLessThan(withinSeconds * 1_000);
  });

  it('is not tried again when it is about what was sent', async () => {
    bench().airbyte.on({ 'jobs/list': () => new Reply(400, { errorId: 'e' }) });
    const { tookMs } = await untilFinal();
    expect(tookMs).toBeLessThan(3_000);
  });
});
