import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Job } from '../../../src/airbyte/jobs';
import { JobWatcher, type WaitOptions } from '../../../src/jobs/job-watcher';
import { StallDetector } from '../../../src/jobs/stall-detector';
import { timersLeft } from '../../support/timers-left';
import { airbyteError, EPOCH, ScriptedJobs } from './scripted-jobs';

const POLL_INTERVAL = 2_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let airbyte: ScriptedJobs;
let watcher: JobWatcher;
let said: string[];

beforeEach(() => {
  jest.useFakeTimers();
  airbyte = new ScriptedJobs();
  said = [];
  const say = (message: string) => void said.push(message);
  watcher = new JobWatcher({ airbyte, pollIntervalMs: POLL_INTERVAL, logger: { info: say, warn: say } });
});

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

/** Waits for a job, and shows at any time the state of the wait. */
function waitFor(jobId: number, options: WaitOptions & { since?: number } = {}) {
  const { since, ...rest } = options;
  const waiting: { outcome: 'waiting' | 'ended' | 'failed'; job?: Job; error?: unknown; states: string[] } = {
    outcome: 'waiting',
    states: [],
  };
  const onChange = ({ status }: Job) => void waiting.states.push(status);
  watcher.wait({ jobId, since }, { onChange, ...rest }).then(
    (job) => Object.assign(waiting, { outcome: 'ended', job }),
    (error: unknown) => Object.assign(waiting, { outcome: 'failed', error }),
  );
  return waiting;
}

/** Waits for jobs that have just been started. */
function waitForNew(...jobIds: number[]) {
  return jobIds.map((jobId) => {
    airbyte.set(jobId, 'running');
    return waitFor(jobId, { since: EPOCH });
  });
}

/** The earliest time of the requested changes, in the server's epoch seconds. */
const earliestStart = () =>
  Math.min(
    ...airbyte.requests.flatMap(({ request }) =>
      request?.updatedAtStart === undefined ? [] : [new Date(request.updatedAtStart).getTime() / 1000],
    ),
  );

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('waiting for one job', () => {
  it('reads that job, and requests no others', async () => {
    airbyte.set(7, 'running');
    const waiting = waitFor(7);
    await pass(5 * POLL_INTERVAL);
    airbyte.set(7, 'succeeded', { recordsSynced: 30 });
    await pass(POLL_INTERVAL);
    expect(waiting).toMatchObject({ outcome: 'ended', job: { status: 'succeeded', recordsSynced: 30 } });
    expect(airbyte.count('jobs/list')).toBe(0);
  });

  it.each(['pending', 'queued', 'running', 'incomplete', 'a status of tomorrow'])(
    'goes on while it is %s',
    async (status) => {
      airbyte.set(7, status);
      const waiting = waitFor(7);
      await pass(60 * MINUTE);
      expect(waiting.outcome).toBe('waiting');
    },
  );

  it.each(['succeeded', 'failed', 'cancelled'])('ends when it has %s', async (status) => {
    airbyte.set(7, status);
    const waiting = waitFor(7);
    await pass(0);
    expect(waiting).toMatchObject({ outcome: 'ended', job: { status } });
  });

  it('reports each state once, and more records as a new state', async () => {
    airbyte.set(7, 'pending');
    const waiting = waitFor(7);
    await pass(3 * POLL_INTERVAL);
    airbyte.set(7, 'running', { recordsSynced: 10 });
    await pass(3 * POLL_INTERVAL);
    airbyte.set(7, 'running', { recordsSynced: 20 });
    await pass(3 * POLL_INTERVAL);
    airbyte.set(7, 'succeeded', { recordsSynced: 20 });
    await pass(POLL_INTERVAL);
    expect(waiting.states).toEqual(['pending', 'running', 'running', 'succeeded']);
  });

  it('sends no more requests once there are no waits', async () => {
    airbyte.set(7, 'succeeded');
    waitFor(7);
    await pass(0);
    airbyte.requests.length = 0;
    await pass(60 * MINUTE);
    expect(airbyte.requests).toEqual([]);
    expect(await timersLeft()).toBe(0);
  });
});

describe('waiting for many jobs', () => {
  it('takes one list of changes per poll', async () => {
    waitForNew(...range(100));
    await pass(0);
    airbyte.requests.length = 0;
    await pass(10 * POLL_INTERVAL);
    expect(airbyte.count('jobs/list')).toBe(10);
    expect(airbyte.count('jobs/get')).toBe(0);
  });

  it.each([
    { first: 1, second: 2 },
    { first: 2, second: 1 },
  ])('ends the wait first that has waited longest since the end: for job $first', async ({ first, second }) => {
    const ended: number[] = [];
    for (const jobId of [1, 2]) {
      airbyte.set(jobId, 'running');
      void watcher.wait({ jobId, since: EPOCH }).then(() => ended.push(jobId));
    }
    await pass(3 * POLL_INTERVAL);
    airbyte.set(first, 'succeeded', { updatedAt: EPOCH + 5 });
    airbyte.set(second, 'succeeded', { updatedAt: EPOCH + 6 });
    await pass(POLL_INTERVAL);
    expect(ended).toEqual([first, second]);
  });

  it('takes a fifth of a request for each of a thousand jobs of an hour', async () => {
    const waiting = waitForNew(...range(1_000));
    await pass(HOUR);
    for (const jobId of range(1_000)) airbyte.set(jobId, 'succeeded');
    await pass(MINUTE);
    expect(waiting.every(({ outcome }) => outcome === 'ended')).toBe(true);
    expect(airbyte.requests.length).toBeLessThanOrEqual(200);
  });

  it('polls less often the longer they take, but once a minute', async () => {
    waitForNew(1, 2);
    const pollsWithin = async (ms: number) => {
      airbyte.requests.length = 0;
      await pass(ms);
      return airbyte.requests.filter(({ request }) => request?.updatedAtStart !== undefined).length;
    };
    expect(await pollsWithin(40_000)).toBe(20);
    await pass(9 * MINUTE + 20_000);
    expect(await pollsWithin(MINUTE)).toBe(2);
    await pass(49 * MINUTE);
    expect(await pollsWithin(10 * MINUTE)).toBe(10);
  });

  it('polls in time for a job that is started when the others have run for long', async () => {
    waitForNew(1, 2);
    await pass(2 * HOUR);
    airbyte.set(3, 'running');
    const young = waitFor(3, { since: airbyte.now() });
    await pass(POLL_INTERVAL);
    airbyte.set(3, 'succeeded');
    await pass(POLL_INTERVAL);
    expect(young.outcome).toBe('ended');
  });

  it('polls once per interval also when its polls take a while', async () => {
    waitForNew(1, 2, 3);
    airbyte.delayMs = POLL_INTERVAL / 2;
    await pass(10 * POLL_INTERVAL);
    expect(airbyte.count('jobs/list')).toBeGreaterThanOrEqual(10);
  });

  it('ends each one with its own job', async () => {
    const [first, second, third] = waitForNew(1, 2, 3);
    await pass(POLL_INTERVAL);
    airbyte.set(2, 'failed');
    await pass(POLL_INTERVAL);
    expect([first, second, third].map((waiting) => waiting?.outcome)).toEqual(['waiting', 'ended', 'waiting']);
    airbyte.set(1, 'succeeded');
    airbyte.set(3, 'cancelled');
    await pass(POLL_INTERVAL);
    expect([first, second, third].map((waiting) => waiting?.job?.status)).toEqual(['succeeded', 'failed', 'cancelled']);
  });

  it('finds by a re-read what the list of changes has missed', async () => {
    const [lost] = waitForNew(1, 2, 3);
    airbyte.hidden.add(1);
    await pass(POLL_INTERVAL);
    airbyte.set(1, 'succeeded');
    await pass(11 * MINUTE);
    expect(lost?.outcome).toBe('ended');
  });

  describe('when they are due for a re-read', () => {
    const isRecheck = ({ request }: { request?: object }) => request !== undefined && 'createdAtStart' in request;

    it('lists those that continue, and reads on their own the few that are not among these', async () => {
      waitForNew(...range(25));
      airbyte.set(7, 'pending');
      await pass(HOUR);
      const rechecks = airbyte.requests.filter(isRecheck);
      expect(rechecks.every(({ request }) => request?.statuses?.join() === 'running')).toBe(true);
      expect(rechecks.length).toBeGreaterThan(15);
      expect(rechecks.length).toBeLessThanOrEqual(20);
      const single = airbyte.requests.filter(({ call }) => call === 'jobs/get');
      expect(new Set(single.map(({ jobId }) => jobId))).toEqual(new Set([7]));
    });

    it('lists many of them, and finds what the list of changes has missed', async () => {
      const waiting = waitForNew(...range(1_000));
      await pass(POLL_INTERVAL);
      for (const jobId of range(1_000)) airbyte.hidden.add(jobId).has(airbyte.set(jobId, 'succeeded').jobId);
      await pass(5 * MINUTE);
      expect(waiting.some(({ outcome }) => outcome === 'ended')).toBe(false);
      await pass(MINUTE);
      expect(waiting.every(({ outcome }) => outcome === 'ended')).toBe(true);
      // One for those that go on, of which there are none, and three pages of all.
      expect(airbyte.requests.filter(isRecheck)).toHaveLength(4);
      expect(airbyte.count('jobs/get')).toBe(0);
    });

    it('includes those that are due soon, so that there are few lists', async () => {
      for (const jobId of range(300)) {
        waitForNew(jobId);
        await pass(POLL_INTERVAL);
      }
      airbyte.requests.length = 0;
      await pass(20 * MINUTE);
      // There is a list in two and a half minutes at most.
      expect(airbyte.requests.filter(isRecheck).length).toBeLessThanOrEqual(12);
      expect(airbyte.count('jobs/get')).toBeLessThanOrEqual(25);
    });

    it('reads those one by one that are not on the list', async () => {
      const [lost] = waitForNew(...range(100));
      await pass(POLL_INTERVAL);
      airbyte.hidden.add(1);
      airbyte.set(1, 'succeeded', { createdAt: EPOCH - HOUR });
      await pass(11 * MINUTE);
      expect(lost?.outcome).toBe('ended');
      expect(airbyte.requests.filter(({ jobId }) => jobId !== undefined).map(({ jobId }) => jobId)).toEqual([1]);
    });

    it('reads all one by one where that list fails, and says so', async () => {
      const waiting = waitForNew(...range(300));
      await pass(POLL_INTERVAL);
      const rejectRecheck = () => {
        const [last] = airbyte.requests.slice(-1);
        return last && isRecheck(last) ? airbyteError('AirbyteUnavailable', { status: 500 }) : undefined;
      };
      airbyte.fail('jobs/list', rejectRecheck);
      for (const jobId of range(300)) airbyte.hidden.add(jobId).has(airbyte.set(jobId, 'succeeded').jobId);
      await pass(12 * MINUTE);
      expect(waiting.every(({ outcome }) => outcome === 'ended')).toBe(true);
      expect(said).toEqual([
        'Cannot list jobs to read them again, each is read on its own: AirbyteUnavailable of the test',
      ]);
    });
  });

  it('reads an unknown job immediately, and lists changes from then on', async () => {
    for (const jobId of range(10)) {
      airbyte.set(jobId, 'running');
      waitFor(jobId);
    }
    await pass(POLL_INTERVAL);
    airbyte.requests.length = 0;
    await pass(10 * POLL_INTERVAL);
    expect(airbyte.count('jobs/list')).toBe(10);
    expect(airbyte.count('jobs/get')).toBe(0);
  });

  it('does not request the changes of a time without waits', async () => {
    waitForNew(1, 2);
    await pass(POLL_INTERVAL);
    for (const jobId of [1, 2]) airbyte.set(jobId, 'succeeded');
    await pass(POLL_INTERVAL);
    await pass(60 * MINUTE);
    airbyte.requests.length = 0;
    const since = airbyte.now();
    for (const jobId of [3, 4]) {
      airbyte.set(jobId, 'running');
      waitFor(jobId, { since });
    }
    await pass(2 * POLL_INTERVAL);
    expect(earliestStart()).toBe(since - 5);
  });

  it('does not go back to the start of a job that was the only one until then', async () => {
    const [first] = waitForNew(1);
    await pass(10 * HOUR);
    const since = airbyte.now();
    airbyte.set(2, 'running');
    waitFor(2, { since });
    await pass(2 * POLL_INTERVAL);
    expect(earliestStart()).toBe(since - 5);
    airbyte.set(1, 'succeeded');
    await pass(POLL_INTERVAL);
    expect(first?.outcome).toBe('ended');
  });

  it('does not go back to the last change of a job that has run for hours, but reads that job', async () => {
    waitForNew(1, 2);
    await pass(10 * HOUR);
    airbyte.set(9, 'running', { updatedAt: EPOCH });
    const joined = airbyte.now();
    const long = waitFor(9, { since: EPOCH });
    airbyte.requests.length = 0;
    await pass(POLL_INTERVAL);
    expect(long.states).toEqual(['running']);
    expect(earliestStart()).toBeGreaterThan(joined - 90);
    airbyte.set(9, 'succeeded');
    await pass(POLL_INTERVAL);
    expect(long.outcome).toBe('ended');
  });

  it('reads at most two hundred of the jobs that it takes over per poll, and each of them soon', async () => {
    for (const jobId of range(1_000)) airbyte.set(jobId, 'running', { updatedAt: EPOCH - 36_000 + jobId });
    const waiting = range(1_000).map((jobId) => waitFor(jobId, { since: EPOCH - 36_000 + jobId }));
    // They ended between two polls, and long before the feed is started.
    for (const jobId of range(900)) airbyte.set(jobId, 'succeeded', { updatedAt: EPOCH - 36_000 + jobId });
    await pass(POLL_INTERVAL / 2);
    for (let poll = 0; poll < 6; poll++) {
      airbyte.requests.length = 0;
      await pass(POLL_INTERVAL);
      expect(airbyte.count('jobs/get')).toBeLessThanOrEqual(210);
    }
    expect(waiting.filter(({ outcome }) => outcome === 'ended')).toHaveLength(900);
  });

  it('reads no job on its own that has just been started, however many are', async () => {
    const waiting = waitForNew(...range(1_000));
    await pass(POLL_INTERVAL);
    for (const jobId of range(1_000)) airbyte.set(jobId, 'succeeded');
    await pass(2 * POLL_INTERVAL);
    expect(waiting.every(({ outcome }) => outcome === 'ended')).toBe(true);
    expect(airbyte.requests.length).toBeLessThan(30);
  });

  it('reads the jobs on their own that are not among the changes of a list too long to read', async () => {
    const waiting = waitForNew(...range(100));
    await pass(10 * MINUTE);
    for (const jobId of range(100)) airbyte.set(jobId, 'succeeded');
    for (let jobId = 101; jobId <= 5_100; jobId++) airbyte.set(jobId, 'running');
    airbyte.requests.length = 0;
    await pass(MINUTE / 2);
    expect(airbyte.count('jobs/list')).toBe(20);
    expect(waiting.every(({ outcome }) => outcome === 'ended')).toBe(true);
  });

  it('does not go back to the time before all but one of them had ended', async () => {
    waitForNew(1, 2);
    await pass(POLL_INTERVAL);
    airbyte.set(2, 'succeeded');
    await pass(10 * HOUR);
    airbyte.requests.length = 0;
    const since = airbyte.now();
    airbyte.set(3, 'running');
    waitFor(3, { since });
    await pass(2 * POLL_INTERVAL);
    expect(earliestStart()).toBe(since - 5);
  });

  it('ignores a state that is older than the last one', async () => {
    const [waiting] = waitForNew(1, 2);
    await pass(POLL_INTERVAL);
    airbyte.set(1, 'running', { updatedAt: EPOCH + 20 });
    await pass(POLL_INTERVAL);
    airbyte.set(1, 'pending', { updatedAt: EPOCH + 10 });
    await pass(20 * POLL_INTERVAL);
    expect(waiting?.states).toEqual(['running']);
  });
});

describe('a server without a list of changes', () => {
  beforeEach(() => {
    airbyte.fail('jobs/list', airbyteError('AirbyteInvalidRequest'));
    airbyte.fail('jobs/list_for_workspaces', airbyteError('AirbyteUnsupported'));
  });

  it('is polled for each job, and that is logged once', async () => {
    const waiting = waitForNew(1, 2, 3);
    await pass(20 * MINUTE);
    expect(said).toEqual([
      'Airbyte lists no changes of all jobs here: each job is read on its own (AirbyteUnsupported of the test)',
    ]);
    airbyte.set(2, 'succeeded');
    await pass(MINUTE);
    expect(waiting.map(({ outcome }) => outcome)).toEqual(['waiting', 'ended', 'waiting']);
  });

  it('is polled for each job less often the longer it takes', async () => {
    waitForNew(...range(100));
    await pass(HOUR);
    expect(airbyte.count('jobs/get')).toBeLessThan(150 * 100);
    waitForNew(101);
    airbyte.requests.length = 0;
    await pass(MINUTE / 2);
    expect(airbyte.requests.filter(({ jobId }) => jobId === 101).length).toBeGreaterThan(10);
    expect(airbyte.count('jobs/get')).toBeLessThanOrEqual(15 + 100);
  });

  it('is distinguished from an overloaded one also if it responds to the list with a 500, as 0.50 does', async () => {
    const waiting = waitForNew(1, 2, 3);
    airbyte.fail('jobs/list', airbyteError('AirbyteUnavailable', { status: 500 }));
    await pass(MINUTE);
    expect(said.at(-2)).toMatch(/^Airbyte lists no changes of all jobs here/);
    expect(said.at(-1)).toBe('Airbyte responds again after 3 failed polls of its jobs');
    airbyte.set(2, 'succeeded');
    await pass(2 * POLL_INTERVAL);
    expect(waiting.map(({ outcome }) => outcome)).toEqual(['waiting', 'ended', 'waiting']);
  });

  it('is read by lists again once it has them', async () => {
    waitForNew(1, 2, 3);
    await pass(POLL_INTERVAL);
    airbyte.fail('jobs/list', undefined);
    await pass(6 * MINUTE);
    airbyte.requests.length = 0;
    await pass(MINUTE);
    expect(airbyte.count('jobs/list')).toBe(3);
    expect(airbyte.count('jobs/get')).toBe(0);
  });

  it('is polled for at most two hundred jobs at a time, and for each of them in turn', async () => {
    const waiting = waitForNew(...range(1_000));
    await pass(POLL_INTERVAL);
    airbyte.requests.length = 0;
    await pass(POLL_INTERVAL);
    expect(airbyte.count('jobs/get')).toBe(200);
    for (const jobId of range(1_000)) airbyte.set(jobId, 'succeeded');
    await pass(6 * POLL_INTERVAL);
    expect(waiting.every(({ outcome }) => outcome === 'ended')).toBe(true);
  });

  it('is polled for the others after the poll interval when more than two hundred are due', async () => {
    const waiting = waitForNew(...range(1_000));
    await pass(HOUR);
    for (const jobId of range(1_000)) airbyte.set(jobId, 'succeeded');
    await pass(MINUTE + 6 * POLL_INTERVAL);
    expect(waiting.every(({ outcome }) => outcome === 'ended')).toBe(true);
  });

  it('is polled for a job at its own interval also when there is a more recent one', async () => {
    const [old] = waitForNew(1);
    await pass(20 * MINUTE);
    waitForNew(2);
    await pass(15 * MINUTE);
    airbyte.set(1, 'succeeded');
    await pass(MINUTE);
    expect(old?.outcome).toBe('ended');
  });

  it('delays no wait because of a job that cannot be read', async () => {
    const waiting = waitForNew(...range(30));
    airbyte.fail('jobs/get 1', airbyteError('AirbyteUnavailable', { status: 500 }));
    await pass(POLL_INTERVAL);
    for (const jobId of range(30)) airbyte.set(jobId, 'succeeded');
    await pass(10 * MINUTE);
    expect(waiting.slice(1).every(({ outcome }) => outcome === 'ended')).toBe(true);
    expect(waiting[0]?.outcome).toBe('waiting');
  });
});

describe('an overloaded or unreachable Airbyte', () => {
  it.each([
    ['responds with 503', airbyteError('AirbyteUnavailable')],
    ['responds with 500', airbyteError('AirbyteUnavailable', { status: 500 })],
    ['is unreachable', airbyteError('AirbyteUnavailable', { status: undefined })],
    ['takes the token for expired', airbyteError('AirbyteUnauthorized', { status: 401 })],
    ['gives a web page', airbyteError('AirbyteUnavailable', { status: 200, retryable: false })],
    ['causes an unforeseen error', new TypeError('boom')],
  ])('fails no wait when it %s', async (_, error) => {
    const waiting = waitForNew(1, 2, 3);
    for (const call of ['jobs/list', 'jobs/list_for_workspaces', 'jobs/get']) airbyte.fail(call, error);
    await pass(60 * MINUTE);
    expect(waiting.map(({ outcome }) => outcome)).toEqual(['waiting', 'waiting', 'waiting']);
    for (const call of ['jobs/list', 'jobs/list_for_workspaces', 'jobs/get']) airbyte.fail(call, undefined);
    for (const jobId of [1, 2, 3]) airbyte.set(jobId, 'succeeded');
    await pass(10 * MINUTE);
    expect(waiting.map(({ outcome }) => outcome)).toEqual(['ended', 'ended', 'ended']);
  });

  it.each([429, 503])('gets no request for any job of the process as long as it asks with a %i', async (status) => {
    waitForNew(1, 2, 3);
    const busy = airbyteError('AirbyteUnavailable', { status, retryAfterMs: 5 * MINUTE });
    airbyte.fail('jobs/list', () => {
      airbyte.fail('jobs/list', undefined);
      return busy;
    });
    await pass(POLL_INTERVAL);
    airbyte.requests.length = 0;
    airbyte.set(4, 'running');
    waitFor(4);
    await pass(4 * MINUTE);
    expect(airbyte.requests).toEqual([]);
    await pass(3 * MINUTE);
    expect(airbyte.requests).not.toEqual([]);
  });

  it('is not polled for more jobs at a time after a long wait than otherwise', async () => {
    waitForNew(...range(1_000));
    for (const jobId of range(1_000)) airbyte.set(jobId, 'running', { createdAt: undefined });
    await pass(POLL_INTERVAL);
    airbyte.fail('jobs/list', () => {
      airbyte.fail('jobs/list', undefined);
      return airbyteError('AirbyteUnavailable', { status: 429, retryAfterMs: 4 * MINUTE });
    });
    airbyte.requests.length = 0;
    const perPoll: number[] = [];
    for (let poll = 0; poll < 400; poll++) {
      const before = airbyte.count('jobs/get');
      await pass(POLL_INTERVAL);
      perPoll.push(airbyte.count('jobs/get') - before);
    }
    expect(Math.max(...perPoll)).toBe(200);
  });

  it('is polled again in time also when it asks for a pause of months', async () => {
    airbyte.fail('jobs/get', airbyteError('AirbyteUnavailable', { retryAfterMs: 100 * 24 * 60 * MINUTE }));
    const [waiting] = waitForNew(1);
    await pass(4 * MINUTE);
    expect(airbyte.requests).toHaveLength(1);
    airbyte.fail('jobs/get', undefined);
    airbyte.set(1, 'succeeded');
    await pass(10 * MINUTE);
    expect(waiting?.outcome).toBe('ended');
  });

  it('is polled less and less often, but about four times a minute', async () => {
    waitForNew(1);
    airbyte.fail('jobs/get', airbyteError('AirbyteUnavailable'));
    await pass(60 * MINUTE);
    expect(airbyte.count('jobs/get')).toBeGreaterThan(180);
    expect(airbyte.count('jobs/get')).toBeLessThan(260);
  });

  it('is polled again within a minute after five failed polls', async () => {
    const [waiting] = waitForNew(1);
    let failures = 5;
    airbyte.fail('jobs/get', () => (failures-- > 0 ? airbyteError('AirbyteUnavailable') : undefined));
    await pass(POLL_INTERVAL);
    airbyte.set(1, 'succeeded');
    await pass(MINUTE);
    expect(waiting?.outcome).toBe('ended');
  });

  it('is logged once, and once more when it responds again', async () => {
    waitForNew(1);
    let failures = 3;
    airbyte.fail('jobs/get', () => (failures-- > 0 ? airbyteError('AirbyteUnavailable') : undefined));
    await pass(10 * MINUTE);
    expect(said).toEqual([
      "Cannot poll Airbyte's jobs, retrying: AirbyteUnavailable of the test",
      'Airbyte responds again after 3 failed polls of its jobs',
    ]);
  });

  it('fails no wait when only its list of changes fails', async () => {
    const waiting = waitForNew(1, 2, 3);
    airbyte.fail('jobs/list', airbyteError('AirbyteUnavailable', { status: 500 }));
    await pass(POLL_INTERVAL);
    for (const jobId of [1, 2, 3]) airbyte.set(jobId, 'succeeded');
    await pass(10 * MINUTE);
    expect(waiting.map(({ outcome }) => outcome)).toEqual(['ended', 'ended', 'ended']);
  });
});

describe('a job that cannot be read, although Airbyte responds to other calls', () => {
  const WITH_LIST = () => undefined;
  const WITHOUT_LIST = () => {
    airbyte.fail('jobs/list', airbyteError('AirbyteInvalidRequest'));
    airbyte.fail('jobs/list_for_workspaces', airbyteError('AirbyteUnsupported'));
  };

  it.each([
    ['with', WITH_LIST],
    ['without', WITHOUT_LIST],
  ])('delays no wait for another one on a server %s a list of changes', async (_, prepare) => {
    prepare();
    const [bad, good] = waitForNew(1, 2, 3);
    airbyte.fail('jobs/get 1', airbyteError('AirbyteUnavailable', { status: 500 }));
    airbyte.hidden.add(1);
    await pass(10 * MINUTE);
    airbyte.set(2, 'succeeded');
    await pass(MINUTE);
    expect([bad?.outcome, good?.outcome]).toEqual(['waiting', 'ended']);
    expect(said.filter((line) => line.includes('job 1'))).toEqual([
      'Cannot read job 1, retrying: AirbyteUnavailable of the test',
    ]);
  });
});

describe('a job that Airbyte does not find', () => {
  it('may appear a moment later', async () => {
    const waiting = waitFor(7);
    await pass(1.5 * POLL_INTERVAL);
    expect(airbyte.count('jobs/get')).toBe(2);
    airbyte.set(7, 'succeeded');
    await pass(POLL_INTERVAL);
    expect(waiting.outcome).toBe('ended');
  });

  it('is lost when it is not found for three minutes, and read ever less often until then', async () => {
    const waiting = waitFor(7);
    await pass(3 * MINUTE - POLL_INTERVAL);
    expect(waiting.outcome).toBe('waiting');
    await pass(20_000);
    expect(waiting).toMatchObject({ outcome: 'failed', error: { type: 'AirbyteNotFound' } });
    expect(airbyte.count('jobs/get')).toBeLessThan(25);
  });

  it('is there when it was found in between', async () => {
    const job = airbyte.set(7, 'running');
    const waiting = waitFor(7);
    for (let round = 0; round < 5; round++) {
      await pass(POLL_INTERVAL);
      airbyte.stored.delete(7);
      await pass(2 * POLL_INTERVAL);
      airbyte.stored.set(7, job);
    }
    expect(waiting.outcome).toBe('waiting');
  });

  it('fails no wait for another one', async () => {
    const [first, second] = waitForNew(1, 2);
    waitFor(7);
    await pass(10 * POLL_INTERVAL);
    airbyte.set(1, 'succeeded');
    airbyte.set(2, 'succeeded');
    await pass(POLL_INTERVAL);
    expect([first?.outcome, second?.outcome]).toEqual(['ended', 'ended']);
  });
});

describe('a signal', () => {
  it('ends the waiting with its reason, and no requests follow', async () => {
    airbyte.set(7, 'running');
    const abort = new AbortController();
    const waiting = waitFor(7, { signal: abort.signal });
    await pass(POLL_INTERVAL);
    const reason = new Error('enough');
    abort.abort(reason);
    await pass(0);
    expect(waiting).toMatchObject({ outcome: 'failed', error: reason });
    expect(await timersLeft()).toBe(0);
  });

  it('ends it also during a pause for which Airbyte has asked', async () => {
    const abort = new AbortController();
    const waiting = waitFor(7, { signal: abort.signal });
    airbyte.fail('jobs/get', airbyteError('AirbyteUnavailable', { retryAfterMs: 10 * MINUTE }));
    await pass(POLL_INTERVAL);
    abort.abort();
    await pass(0);
    expect(waiting.outcome).toBe('failed');
    expect(await timersLeft()).toBe(0);
  });

  it('that is aborted already prevents the wait', async () => {
    const waiting = waitFor(7, { signal: AbortSignal.abort() });
    await pass(POLL_INTERVAL);
    expect(waiting.outcome).toBe('failed');
    expect(airbyte.requests).toEqual([]);
  });

  it('of one waiter lets the other continue', async () => {
    airbyte.set(7, 'running');
    const abort = new AbortController();
    const first = waitFor(7, { signal: abort.signal });
    const second = waitFor(7);
    await pass(POLL_INTERVAL);
    abort.abort();
    airbyte.set(7, 'succeeded');
    await pass(POLL_INTERVAL);
    expect([first.outcome, second.outcome]).toEqual(['failed', 'ended']);
  });

  it('that comes after the end changes nothing', async () => {
    airbyte.set(7, 'succeeded');
    const abort = new AbortController();
    const waiting = waitFor(7, { signal: abort.signal });
    await pass(0);
    abort.abort();
    await pass(POLL_INTERVAL);
    expect(waiting.outcome).toBe('ended');
  });
});

describe('two waits for the same job', () => {
  it('share its reads, and the second gets its known state immediately', async () => {
    airbyte.set(7, 'running');
    const first = waitFor(7);
    await pass(0);
    const second = waitFor(7);
    expect(second.states).toEqual(['running']);
    expect(airbyte.count('jobs/get')).toBe(1);
    airbyte.set(7, 'succeeded');
    await pass(POLL_INTERVAL);
    expect([first.job, second.job]).toEqual([{ ...first.job, status: 'succeeded' }, first.job]);
    expect(airbyte.count('jobs/get')).toBe(2);
  });

  it('are called back each in its own asynchronous context', async () => {
    const context = new AsyncLocalStorage<string>();
    const heard: (string | undefined)[] = [];
    const onChange = () => void heard.push(context.getStore());
    airbyte.set(7, 'running');
    context.run('first', () => waitFor(7, { onChange }));
    context.run('second', () => waitFor(7, { onChange }));
    await pass(0);
    expect(heard).toEqual(['first', 'second']);
  });

  it('are not affected by an error in the callback of the other', async () => {
    airbyte.set(7, 'running');
    const fault = new Error('boom');
    const first = waitFor(7, {
      onChange: () => {
        throw fault;
      },
    });
    const second = waitFor(7);
    await pass(0);
    expect(first).toMatchObject({ outcome: 'failed', error: fault });
    airbyte.set(7, 'succeeded');
    await pass(POLL_INTERVAL);
    expect(second.outcome).toBe('ended');
    expect(said).toEqual([]);
  });
});

describe('a hint that a job has ended', () => {
  const RARELY = 30_000;
  const HINT_DELAY = 100;

  /** Starts a sync of each connection a, b and c. */
  function startSyncs(...jobIds: [a: number, b: number, c: number]) {
    return jobIds.map((jobId, index) => {
      airbyte.set(jobId, 'running', { connectionId: 'abc'[index] as string });
      return waitFor(jobId, { since: airbyte.now() });
    });
  }

  /** Syncs of three connections whose syncs before were reported, so that polls are rare. */
  async function startReportedSyncs() {
    startSyncs(1, 2, 3);
    await pass(0);
    for (const jobId of [1, 2, 3]) {
      airbyte.set(jobId, 'succeeded', { connectionId: 'abc'[jobId - 1] as string });
      watcher.recheck({ jobId });
    }
    await pass(HINT_DELAY);
    const waiting = startSyncs(11, 12, 13);
    await pass(2 * POLL_INTERVAL);
    airbyte.requests.length = 0;
    return waiting;
  }

  it('ends the wait by one list of changes, before the next poll', async () => {
    const [first, second, third] = await startReportedSyncs();
    airbyte.set(11, 'failed', { connectionId: 'a' });
    expect(watcher.recheck({ jobId: 11, connectionId: 'a' })).toBe(true);
    airbyte.set(12, 'succeeded', { connectionId: 'b' });
    watcher.recheck({ jobId: 12, connectionId: 'b' });
    await pass(HINT_DELAY);
    expect([first, second, third].map((each) => each?.outcome)).toEqual(['ended', 'ended', 'waiting']);
    expect(airbyte.requests.map(({ call }) => call)).toEqual(['jobs/list']);
  });

  it('that comes during a poll is followed by another one', async () => {
    const [first, second] = await startReportedSyncs();
    airbyte.delayMs = 50;
    watcher.recheck({ jobId: 11, connectionId: 'a' });
    await pass(HINT_DELAY + 10);
    airbyte.set(12, 'succeeded', { connectionId: 'b' });
    watcher.recheck({ jobId: 12, connectionId: 'b' });
    await pass(2 * HINT_DELAY);
    expect([first?.outcome, second?.outcome]).toEqual(['waiting', 'ended']);
  });

  it('is not believed, and a flood of them polls ten times in a second at most, without reads of single jobs', async () => {
    const [first] = await startReportedSyncs();
    for (let sent = 0; sent < 1_000; sent++) {
      expect(watcher.recheck({ jobId: 11 + (sent % 3) })).toBe(true);
      await pass(1);
    }
    expect(first?.outcome).toBe('waiting');
    expect(airbyte.count('jobs/list')).toBeLessThanOrEqual(10);
    expect(airbyte.count('jobs/get')).toBe(0);
  });

  it('sends no request about a job that is not watched, or that is of another connection', async () => {
    await startReportedSyncs();
    expect(watcher.recheck({ jobId: 10, connectionId: 'a' })).toBe(false);
    expect(watcher.recheck({ jobId: 11, connectionId: 'made up' })).toBe(false);
    await pass(HINT_DELAY);
    expect(airbyte.requests).toEqual([]);
  });

  it('that comes before the wait lets the job be read when the wait begins', async () => {
    await startReportedSyncs();
    airbyte.set(14, 'succeeded', { connectionId: 'a' });
    watcher.recheck({ jobId: 14, connectionId: 'a' });
    const late = waitFor(14, { since: airbyte.now() });
    await pass(1);
    expect(late.outcome).toBe('ended');
  });

  it('lets the job be read on its own if Airbyte lists no changes', async () => {
    const [first] = await startReportedSyncs();
    airbyte.fail('jobs/list', airbyteError('AirbyteUnavailable'));
    airbyte.set(11, 'succeeded', { connectionId: 'a' });
    watcher.recheck({ jobId: 11 });
    await pass(HINT_DELAY);
    expect(first?.outcome).toBe('ended');
  });

  it('lets the only job be read', async () => {
    airbyte.set(7, 'running', { connectionId: 'a' });
    const only = waitFor(7, { since: airbyte.now() });
    await pass(POLL_INTERVAL + 500);
    airbyte.set(7, 'succeeded', { connectionId: 'a' });
    airbyte.requests.length = 0;
    watcher.recheck({ jobId: 7, connectionId: 'a' });
    await pass(HINT_DELAY);
    expect(only.outcome).toBe('ended');
    expect(airbyte.requests.map(({ call }) => call)).toEqual(['jobs/get']);
  });

  it('leads to no more requests during back-off', async () => {
    const [first] = await startReportedSyncs();
    airbyte.fail('jobs/list', airbyteError('AirbyteUnavailable', { status: 429, retryAfterMs: 10_000 }));
    watcher.recheck({ jobId: 11 });
    await pass(HINT_DELAY);
    airbyte.fail('jobs/list', undefined);
    airbyte.set(11, 'succeeded', { connectionId: 'a' });
    watcher.recheck({ jobId: 11 });
    await pass(9_000);
    expect([first?.outcome, airbyte.requests.length]).toEqual(['waiting', 1]);
    await pass(5_000);
    expect(first?.outcome).toBe('ended');
  });

  it('makes polls rare, if the last syncs of all watched connections were reported', async () => {
    await startReportedSyncs();
    await pass(10 * RARELY);
    expect(airbyte.count('jobs/list')).toBeLessThanOrEqual(11 + 3);
    startSyncs(21, 22, 23);
    airbyte.set(24, 'running', { connectionId: 'd' });
    waitFor(24, { since: airbyte.now() });
    airbyte.requests.length = 0;
    await pass(RARELY);
    expect(airbyte.count('jobs/list')).toBeGreaterThan(10);
  });

  it.each([
    ['of another kind, which Airbyte does not report', { jobType: 'reset_connection' }],
    ['of another connection', { connectionId: 'd' }],
  ])('does not make polls rare for a job %s', async (_, fields) => {
    await startReportedSyncs();
    airbyte.set(14, 'running', { connectionId: 'a', ...fields });
    const other = waitFor(14, { since: airbyte.now() });
    await pass(4 * POLL_INTERVAL);
    airbyte.set(14, 'succeeded', { connectionId: 'a', ...fields });
    await pass(POLL_INTERVAL + 1);
    expect(other.outcome).toBe('ended');
  });

  it('that is missing is replaced by a rare poll, and makes polls frequent until another one comes, however late', async () => {
    const [first, second] = await startReportedSyncs();
    airbyte.set(11, 'succeeded', { connectionId: 'a' });
    await pass(RARELY);
    expect(first?.outcome).toBe('ended');
    startSyncs(21, 22, 23);
    await pass(3 * POLL_INTERVAL);
    airbyte.set(12, 'succeeded', { connectionId: 'b' });
    await pass(POLL_INTERVAL);
    expect(second?.outcome).toBe('ended');
    watcher.recheck({ jobId: 11, connectionId: 'a' });
    watcher.recheck({ jobId: 12, connectionId: 'b' });
    await pass(POLL_INTERVAL);
    airbyte.requests.length = 0;
    await pass(2 * RARELY);
    expect(airbyte.count('jobs/list')).toBeLessThanOrEqual(3);
  });

  it('that is false does not make polls rare', async () => {
    const waiting = startSyncs(1, 2, 3);
    for (const jobId of [1, 2, 3]) watcher.recheck({ jobId, connectionId: 'made up' });
    await pass(POLL_INTERVAL);
    for (const jobId of [1, 2, 3]) airbyte.set(jobId, 'succeeded', { connectionId: 'abc'[jobId - 1] as string });
    await pass(POLL_INTERVAL);
    expect(waiting.map(({ outcome }) => outcome)).toEqual(['ended', 'ended', 'ended']);
    startSyncs(11, 12, 13);
    airbyte.requests.length = 0;
    await pass(RARELY);
    expect(airbyte.count('jobs/list')).toBeGreaterThan(10);
  });
});

describe('waiting for a job that may stall', () => {
  /** Its counts do not set its `updatedAt`, so the list of changes does not show them. */
  const moving = (jobId: number, recordsEmitted: number) =>
    airbyte.set(jobId, 'running', { recordsEmitted, countsWhileRunning: true, updatedAt: EPOCH });

  it('ends with the running job once nothing has moved in it for the stall timeout', async () => {
    moving(7, 10);
    const stall = new StallDetector(10 * MINUTE);
    const waiting = waitFor(7, { stall });
    await pass(5 * MINUTE);
    moving(7, 20);
    await pass(9 * MINUTE);
    expect(waiting.outcome).toBe('waiting');
    await pass(3 * MINUTE);
    expect(waiting).toMatchObject({ outcome: 'ended', job: { status: 'running', recordsEmitted: 20 } });
    expect(stall.stalledSince).toBeDefined();
  });

  it('reads only the job that asks for it more often, at most once per quarter of the stall timeout', async () => {
    waitForNew(...range(50));
    const waiting = waitFor(51, { since: EPOCH, stall: new StallDetector(8 * MINUTE) });
    for (let minute = 1; minute <= 60; minute++) {
      moving(51, minute);
      await pass(MINUTE);
    }
    expect(waiting.outcome).toBe('waiting');
    const single = airbyte.requests.filter(({ call }) => call === 'jobs/get');
    expect(new Set(single.map(({ jobId }) => jobId))).toEqual(new Set([51]));
    expect(single.length).toBeLessThanOrEqual(30);
    // Those of all jobs come no more often than without this one.
    const lists = airbyte.requests.filter(({ request }) => request !== undefined && 'createdAtStart' in request);
    expect(lists.length).toBeLessThanOrEqual(20);
  });

  it('goes on, and says so once, where Airbyte does not measure the job', async () => {
    airbyte.set(7, 'running');
    const waiting = waitFor(7, { stall: new StallDetector(10 * MINUTE) });
    await pass(HOUR);
    expect(waiting.outcome).toBe('waiting');
    expect(said.filter((message) => message.includes('stallTimeout'))).toHaveLength(1);
  });

  it('goes on for another waiter that asks for less', async () => {
    moving(7, 10);
    const patient = waitFor(7);
    const impatient = waitFor(7, { stall: new StallDetector(10 * MINUTE) });
    await pass(15 * MINUTE);
    expect([patient.outcome, impatient.outcome]).toEqual(['waiting', 'ended']);
  });
});
