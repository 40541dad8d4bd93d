import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { EPOCH, ScriptedJobs } from '../unit/jobs/scripted-jobs';

const POLL_INTERVAL = 2_000;
const MINUTE = 60_000;
const HOUR_SECONDS = 3_600;

let airbyte: ScriptedJobs;
let watcher: JobWatcher;

beforeEach(() => {
  jest.useFakeTimers();
  airbyte = new ScriptedJobs();
  airbyte.tellsTime = true;
  watcher = new JobWatcher({ airbyte, pollIntervalMs: POLL_INTERVAL, logger: { info: () => {}, warn: () => {} } });
});

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

function waitFor(jobId: number, since = airbyte.now()) {
  const waiting: { outcome: string } = { outcome: 'waiting' };
  watcher.wait({ jobId, since }).then(
    ({ status }) => Object.assign(waiting, { outcome: status }),
    (error: Error) => Object.assign(waiting, { outcome: error.message }),
  );
  return waiting;
}

function waitForNew(count: number) {
  return Array.from({ length: count }, (_, index) => {
    airbyte.set(index + 1, 'running');
    return waitFor(index + 1);
  });
}

describe.each([1, 3])('while %i syncs wait', (count) => {
  it.each(['succeeded', 'failed', 'cancelled'])(
    'a job that has %s ends its sync, although its time is older than the last one that was seen',
    async (status) => {
      const [waiting] = waitForNew(count);
      airbyte.set(1, 'running', { updatedAt: EPOCH + 4 });
      await pass(2 * POLL_INTERVAL);
      airbyte.set(1, status, { updatedAt: EPOCH + 1 });
      await pass(POLL_INTERVAL);
      expect(waiting?.outcome).toBe(status);
    },
  );
});

describe('a clock of Airbyte that is an hour ahead', () => {
  const ahead = () => airbyte.now() + HOUR_SECONDS;

  it('delays the end of no sync after the time of a foreign job', async () => {
    const waiting = waitForNew(3);
    await pass(5 * POLL_INTERVAL);
    airbyte.set(99, 'running', { updatedAt: ahead() });
    await pass(5 * POLL_INTERVAL);
    for (const jobId of [1, 2, 3]) airbyte.set(jobId, 'succeeded');
    await pass(POLL_INTERVAL);
    expect(waiting.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(airbyte.count('jobs/get')).toBe(0);
  });

  it('delays the end of no sync after the time of its own job, which another worker then waits for', async () => {
    airbyte.set(1, 'running', { updatedAt: ahead() });
    airbyte.set(2, 'running');
    airbyte.set(3, 'running', { updatedAt: ahead() });
    const waiting = [waitFor(1, ahead()), waitFor(2, EPOCH), waitFor(3, ahead())];
    await pass(2 * POLL_INTERVAL);
    for (const jobId of [1, 2, 3]) airbyte.set(jobId, 'succeeded');
    await pass(POLL_INTERVAL);
    expect(waiting.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  });

  it('is not taken for the time up to which all is read, once it is set back', async () => {
    airbyte.clockSetBy = HOUR_SECONDS;
    const waiting = waitForNew(3);
    await pass(5 * POLL_INTERVAL);
    airbyte.clockSetBy = 0;
    airbyte.set(1, 'succeeded');
    await pass(2 * POLL_INTERVAL);
    airbyte.set(2, 'succeeded');
    await pass(POLL_INTERVAL);
    expect(waiting.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'waiting']);
  });
});

describe('clocks of Airbyte that disagree by 2 s', () => {
  it.each([
    [2, -2],
    [0, -2],
    [2, 0],
  ])('(%i s and %i s) delay no end by more than a poll, and cost no reads', async (one, other) => {
    const seconds = Array.from({ length: 60 }, (_, index) => index + 1);
    const waiting = waitForNew(60);
    for (const second of seconds) {
      const offset = second % 2 === 0 ? one : other;
      airbyte.set(second, 'succeeded', { updatedAt: airbyte.now() + offset });
      airbyte.set(1_000 + second, 'running', { updatedAt: airbyte.now() + Math.max(one, other) });
      await pass(1_000);
    }
    await pass(POLL_INTERVAL);
    expect(waiting.filter(({ outcome }) => outcome !== 'succeeded')).toEqual([]);
    expect(airbyte.count('jobs/get')).toBe(0);
  });
});

it('a server that shows times 2 s older than those it filters by is not taken for one that does not filter', async () => {
  const { list } = airbyte.jobs;
  airbyte.jobs.list = async (...request) =>
    (await list(...request)).map((job) => ({ ...job, updatedAt: (job.updatedAt ?? 0) - 2 }));
  const waiting = waitForNew(3);
  for (const jobId of [1, 2]) {
    await pass(20 * POLL_INTERVAL);
    airbyte.set(jobId, 'succeeded');
    await pass(2 * POLL_INTERVAL);
  }
  expect(waiting.map(({ outcome }) => outcome)).toEqual(['succeeded', 'succeeded', 'waiting']);
  expect(airbyte.count('jobs/get')).toBe(0);
});

it('a time that the server does not tell stops no sync: the newest change counts as its clock', async () => {
  airbyte.tellsTime = false;
  const waiting = waitForNew(2);
  await pass(10 * MINUTE);
  airbyte.set(1, 'succeeded');
  airbyte.set(2, 'failed');
  await pass(MINUTE);
  expect(waiting.map(({ outcome }) => outcome)).toEqual(['succeeded', 'failed']);
});
