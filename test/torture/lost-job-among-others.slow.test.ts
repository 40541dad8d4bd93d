import { beforeEach, expect, it, jest } from '@jest/globals';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { ScriptedJobs } from '../unit/jobs/scripted-jobs';

const POLL_INTERVAL = 2_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let airbyte: ScriptedJobs;
let watcher: JobWatcher;

beforeEach(() => {
  jest.useFakeTimers();
  airbyte = new ScriptedJobs();
  watcher = new JobWatcher({ airbyte, pollIntervalMs: POLL_INTERVAL, logger: { info: () => {}, warn: () => {} } });
});

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

function waitFor(count: number) {
  return Array.from({ length: count }, (_, index) => {
    const jobId = index + 1;
    airbyte.set(jobId, 'running', { connectionId: `connection-${jobId}` });
    const waiting = { outcome: 'waiting' };
    watcher.wait({ jobId, since: airbyte.now(), connectionId: `connection-${jobId}` }).then(
      () => Object.assign(waiting, { outcome: 'ended' }),
      (error: Error) => Object.assign(waiting, { outcome: error.message }),
    );
    return waiting;
  });
}

it.each([1, 2, 24, 300])(
  'a job that Airbyte has lost is noticed within minutes also after hours, while %i syncs wait',
  async (syncs) => {
    const [lost, ...others] = waitFor(syncs);
    await pass(5 * HOUR);
    airbyte.stored.delete(1);
    await pass(10 * MINUTE);
    expect(lost?.outcome).toMatch(/^Airbyte has lost job 1: /);
    expect(others.every(({ outcome }) => outcome === 'waiting')).toBe(true);
  },
);

it.each([
  [2, 24],
  [100, 24],
  [1_000, 40],
])('to look for lost jobs costs %i syncs of an hour no more than %i requests together', async (syncs, most) => {
  waitFor(syncs);
  await pass(HOUR);
  const feed = airbyte.requests.filter(({ request }) => request?.updatedAtStart !== undefined);
  expect(airbyte.requests.length - feed.length).toBeLessThanOrEqual(most);
});
