import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AirbyteClient } from '../../src/airbyte';
import type { Job } from '../../src/airbyte/jobs';
import { findJob } from '../../src/airbyte/lookup/find-job';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { useBench } from '../unit/activities/activity-bench';
import { notFound, Reply } from '../unit/activities/scripted-airbyte';
import { airbyte as server } from '../unit/airbyte/scripted-client';
import { airbyteError, EPOCH, ScriptedJobs } from '../unit/jobs/scripted-jobs';

const POLL_INTERVAL = 2_000;
const MINUTE = 60_000;
const CONNECTION = 'connection-1';

const problem = (type: string, status: number) => ({
  ...{ status, headers: { 'content-type': 'application/problem+json' } },
  body: { type: `https://reference.airbyte.com/reference/errors#${type}`, title: type, status },
});

describe.each([
  ['config', '500 with an error id alone', { status: 500, body: { errorId: 'e' } }],
  ['config', '500 with its message', { status: 500, body: { message: 'Could not find job with id: 7' } }],
  ['config', '403, as for any unknown id', { status: 403, body: {} }],
  ['public', '404', problem('resource-not-found', 404)],
  ['public', '409', problem('try-again-later', 409)],
  ['public', '403, as for any unknown id', problem('forbidden', 403)],
] as const)('a job to whose read the %s API responds with %s', (flavour, _, missing) => {
  let listed: { status?: number; body: unknown };
  let client: AirbyteClient;
  beforeEach(() => {
    client = new AirbyteClient({ url: `${server.origin}/api/${flavour === 'public' ? 'public/v1' : 'v1'}` });
    server.script = ({ path }) => (/jobs\/(list|$)|jobs\?/.test(path) ? listed : missing);
  });
  const find = () => findJob(client.jobs, { jobId: 7, connectionId: CONNECTION }).finally(() => client.close());
  const list = (...jobs: object[]) => ({ body: flavour === 'public' ? { data: jobs } : { jobs } });
  const job = {
    config: { job: { id: 7, configType: 'sync', configId: CONNECTION, status: 'running' }, attempts: [] },
    public: {
      jobId: 7,
      status: 'running',
      jobType: 'sync',
      startTime: '2026-11-01T00:00:00Z',
      connectionId: CONNECTION,
    },
  }[flavour];

  it('is there when it is listed', async () => {
    listed = list(job);
    expect(await find()).toMatchObject({ jobId: 7, status: 'running' });
  });

  it('is not found when it is not listed either', async () => {
    listed = list();
    await expect(find()).rejects.toMatchObject({
      type: 'AirbyteNotFound',
      message: expect.stringContaining(
        `Job 7 is not among the jobs that Airbyte lists for connection ${CONNECTION} either`,
      ),
    });
  });

  it('is a retryable error while the list fails', async () => {
    listed = { status: 500, body: {} };
    await expect(find()).rejects.toMatchObject({ type: 'AirbyteUnavailable', retryable: true });
  });
});

describe('waiting for a job', () => {
  let airbyte: ScriptedJobs;
  let watcher: JobWatcher;
  beforeEach(() => {
    jest.useFakeTimers();
    airbyte = new ScriptedJobs();
    const silent = { info: () => undefined, warn: () => undefined };
    watcher = new JobWatcher({ airbyte, pollIntervalMs: POLL_INTERVAL, logger: silent });
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  function waitFor(jobId: number) {
    airbyte.set(jobId, 'running', { connectionId: CONNECTION });
    const waiting: { outcome: string; job?: Job; error?: Error } = { outcome: 'waiting' };
    watcher.wait({ jobId, since: EPOCH, connectionId: CONNECTION }).then(
      (job) => Object.assign(waiting, { outcome: 'ended', job }),
      (error: Error) => Object.assign(waiting, { outcome: 'failed', error }),
    );
    return waiting;
  }

  describe.each([1, 3])('while %i syncs wait', (syncs) => {
    it('continues while Airbyte does not find by its id what it lists, and ends as the list says', async () => {
      const [waiting] = Array.from({ length: syncs }, (_, index) => waitFor(index + 1));
      airbyte.fail('jobs/get', airbyteError('AirbyteNotFound'));
      await pass(60 * MINUTE);
      expect(waiting?.outcome).toBe('waiting');
      airbyte.set(1, 'succeeded');
      await pass(MINUTE);
      expect(waiting).toMatchObject({ outcome: 'ended', job: { status: 'succeeded' } });
    });

    it.each([
      ['500', airbyteError('AirbyteUnavailable', { status: 500 })],
      ['404', airbyteError('AirbyteNotFound')],
    ])(
      'continues while the list responds with 500 and the job itself %s, and ends when either works again',
      async (_, error) => {
        const [waiting] = Array.from({ length: syncs }, (_, index) => waitFor(index + 1));
        await pass(MINUTE);
        airbyte.fail('jobs/list', airbyteError('AirbyteUnavailable', { status: 500 }));
        airbyte.fail('jobs/get', error);
        await pass(60 * MINUTE);
        expect(waiting?.outcome).toBe('waiting');
        airbyte.set(1, 'succeeded');
        airbyte.fail('jobs/get', undefined);
        await pass(MINUTE);
        expect(waiting?.outcome).toBe('ended');
      },
    );

    it('fails, some minutes later, when Airbyte has lost the job, and says so; no other sync does', async () => {
      const [lost, ...others] = Array.from({ length: syncs }, (_, index) => waitFor(index + 1));
      await pass(10 * POLL_INTERVAL);
      airbyte.stored.delete(1);
      await pass(2.5 * MINUTE);
      expect(lost?.outcome).toBe('waiting');
      await pass(8 * MINUTE);
      expect(lost).toMatchObject({ outcome: 'failed', error: { type: 'AirbyteNotFound', retryable: false } });
      expect(lost?.error?.message).toMatch(/^Airbyte has lost job 1: it has not been found for 3 minutes\./);
      expect(lost?.error?.message).toContain(`Job 1 is not among the jobs that Airbyte lists for connection`);
      expect(others.every(({ outcome }) => outcome === 'waiting')).toBe(true);
    });
  });
});

describe('the cancel of a job that Airbyte does not find by its id', () => {
  const bench = useBench();
  const listed = { job: { id: 7, configType: 'sync', configId: CONNECTION, status: 'running' }, attempts: [] };

  it('is sent when the job is listed', async () => {
    bench().airbyte.on({
      'jobs/get_without_logs': () => new Reply(500, { errorId: 'e' }),
      'jobs/list': () => ({ jobs: [listed] }),
      'jobs/cancel': () => ({ job: { ...listed.job, status: 'cancelled' }, attempts: [] }),
    });
    const cancelled = await bench().run('cancelJob', { jobId: 7, connectionId: CONNECTION });
    expect(cancelled).toMatchObject({ status: 'cancelled' });
  });

  it('is tried again for some minutes before the job counts as lost', async () => {
    bench().airbyte.on({ 'jobs/get_without_logs': notFound, 'jobs/list': () => ({ jobs: [] }) });
    const input = { jobId: 7, connectionId: CONNECTION };
    await expect(bench().run('cancelJob', input)).rejects.toMatchObject({ nonRetryable: false });
    const later = bench().environment({ scheduledTimestampMs: Date.now() - 4 * MINUTE });
    await expect(bench().run('cancelJob', input, later)).rejects.toMatchObject({
      ...{ type: 'AirbyteNotFound', nonRetryable: true },
    });
  });
});
