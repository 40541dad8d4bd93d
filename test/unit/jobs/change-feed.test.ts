import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ChangeFeed } from '../../../src/jobs/change-feed';
import { airbyteError, EPOCH, ScriptedJobs } from './scripted-jobs';

const MINUTE = 60_000;

let airbyte: ScriptedJobs;
let feed: ChangeFeed;
let refusals: string[];

beforeEach(() => {
  jest.useFakeTimers();
  airbyte = new ScriptedJobs();
  refusals = [];
  feed = new ChangeFeed(airbyte, (reason) => refusals.push(reason));
});

async function readIds(): Promise<number[] | undefined> {
  return (await feed.read())?.map(({ jobId }) => jobId).sort((a, b) => a - b);
}

/** From when on each read asked for changes, in the server's epoch seconds. */
const starts = () =>
  airbyte.requests.flatMap(({ request }) =>
    request?.updatedAtStart === undefined ? [] : [new Date(request.updatedAtStart).getTime() / 1000],
  );

describe('the change feed', () => {
  it('reads nothing before anybody has said from when on', async () => {
    expect(await feed.read()).toBeUndefined();
    expect(airbyte.requests).toEqual([]);
  });

  it('reads the jobs of every connection and kind that changed, in one request', async () => {
    for (const jobId of [1, 2, 3]) airbyte.set(jobId, 'running');
    airbyte.set(4, 'succeeded', { updatedAt: EPOCH - 3_600 });
    feed.coverFrom(EPOCH);
    expect(await readIds()).toEqual([1, 2, 3]);
    expect(airbyte.requests).toHaveLength(1);
    expect(airbyte.requests[0]?.request).toMatchObject({
      jobTypes: ['sync', 'reset_connection', 'refresh', 'clear'],
    });
    expect(airbyte.requests[0]?.request).not.toHaveProperty('connectionId');
  });

  it('goes on from the newest change it has seen, whole seconds back: changes of one second show late', async () => {
    feed.coverFrom(EPOCH);
    airbyte.set(1, 'running', { updatedAt: EPOCH + 100 });
    await feed.read();
    airbyte.set(2, 'running', { updatedAt: EPOCH + 97 });
    expect(await readIds()).toEqual([1, 2]);
    expect(starts()).toEqual([EPOCH - 5, EPOCH + 95]);
  });

  it('goes back for a job that was last seen before that', async () => {
    feed.coverFrom(EPOCH);
    await feed.read();
    feed.coverFrom(EPOCH - 3_600);
    feed.coverFrom(EPOCH - 60);
    await feed.read();
    expect(starts()).toEqual([EPOCH - 5, EPOCH - 3_605]);
  });

  it('goes back also for a job that came while a read was under way', async () => {
    feed.coverFrom(EPOCH);
    airbyte.set(1, 'running', { updatedAt: EPOCH + 10 });
    const reading = feed.read();
    feed.coverFrom(EPOCH - 3_600);
    await reading;
    airbyte.set(2, 'succeeded', { updatedAt: EPOCH - 3_000 });
    expect(await readIds()).toEqual([1, 2]);
  });

  it('does not read what started together over and over while nothing else changes', async () => {
    for (let jobId = 1; jobId <= 450; jobId++) airbyte.set(jobId, 'running');
    feed.coverFrom(EPOCH);
    expect(await readIds()).toHaveLength(450);
    expect(airbyte.requests).toHaveLength(3);
    jest.advanceTimersByTime(10_000);
    await feed.read();
    airbyte.requests.length = 0;
    expect(await readIds()).toEqual([]);
    expect(airbyte.requests).toHaveLength(1);
    airbyte.set(7, 'succeeded');
    expect(await readIds()).toEqual([7]);
  });

  it('misses nothing when a read fails: the next one begins where that did', async () => {
    feed.coverFrom(EPOCH);
    airbyte.fail('jobs/list', airbyteError('AirbyteUnavailable'));
    await expect(feed.read()).rejects.toMatchObject({ type: 'AirbyteUnavailable' });
    jest.advanceTimersByTime(10 * MINUTE);
    airbyte.fail('jobs/list', undefined);
    await feed.read();
    expect(starts()).toEqual([EPOCH - 5, EPOCH - 5]);
  });

  it('reads every page', async () => {
    for (let jobId = 1; jobId <= 401; jobId++) airbyte.set(jobId, 'running');
    feed.coverFrom(EPOCH);
    expect(await readIds()).toHaveLength(401);
    expect(airbyte.requests.map(({ request }) => request?.rowOffset)).toEqual([0, 200, 400]);
  });

  it('ends with a server that does not page', async () => {
    airbyte.pages = false;
    for (let jobId = 1; jobId <= 300; jobId++) airbyte.set(jobId, 'running');
    feed.coverFrom(EPOCH);
    expect(await readIds()).toHaveLength(300);
    expect(airbyte.requests).toHaveLength(2);
  });

  it('begins anew after its end', async () => {
    feed.coverFrom(EPOCH);
    await feed.read();
    feed.end();
    expect(await feed.read()).toBeUndefined();
    feed.beginAt(EPOCH + 5_000);
    feed.beginAt(EPOCH + 6_000);
    await feed.read();
    expect(starts()).toEqual([EPOCH - 5, EPOCH + 4_995]);
  });
});

describe('a server that refuses the feed of the whole instance', () => {
  beforeEach(() => {
    feed.coverFrom(EPOCH);
    airbyte.set(1, 'running');
    airbyte.fail('jobs/list', airbyteError('AirbyteUnauthorized'));
  });

  it('is asked for the jobs of the workspaces from then on', async () => {
    airbyte.workspaceIds = ['w1', 'w2'];
    expect(await readIds()).toEqual([1]);
    expect(await readIds()).toEqual([1]);
    expect(airbyte.requests.map(({ call }) => call)).toEqual([
      'jobs/list',
      'workspaces/list',
      'jobs/list_for_workspaces',
      'jobs/list_for_workspaces',
    ]);
    expect(airbyte.requests.at(-1)?.request).toMatchObject({ workspaceIds: ['w1', 'w2'] });
    expect(refusals).toEqual([]);
  });

  it('is asked also for those of a workspace that is created later', async () => {
    await feed.read();
    airbyte.workspaceIds = ['w1', 'w2'];
    jest.advanceTimersByTime(6 * MINUTE);
    await feed.read();
    expect(airbyte.requests.at(-1)?.request).toMatchObject({ workspaceIds: ['w1', 'w2'] });
  });

  it.each(['AirbyteUnauthorized', 'AirbyteNotFound', 'AirbyteUnsupported', 'AirbyteInvalidRequest'] as const)(
    'is left in peace for a while when it refuses that too (%s), and that is said once',
    async (type) => {
      airbyte.fail('jobs/list_for_workspaces', airbyteError(type));
      for (let reads = 0; reads < 12; reads++) {
        expect(await feed.read()).toBeUndefined();
        jest.advanceTimersByTime(MINUTE);
      }
      expect(refusals).toEqual([`${type} of the test`]);
      expect(airbyte.count('jobs/list')).toBe(3);
    },
  );

  it('is used again once it has the feed', async () => {
    airbyte.fail('jobs/list_for_workspaces', airbyteError('AirbyteUnsupported'));
    await feed.read();
    airbyte.fail('jobs/list', undefined);
    jest.advanceTimersByTime(6 * MINUTE);
    expect(await readIds()).toEqual([1]);
  });

  it('is one that gives no answer we can read, too', async () => {
    const unreadable = airbyteError('AirbyteUnavailable', { status: 200, retryable: false });
    airbyte.fail('jobs/list', unreadable);
    airbyte.fail('jobs/list_for_workspaces', unreadable);
    expect(await feed.read()).toBeUndefined();
  });

  it('is one that lists every job whatever changes it is asked for, too', async () => {
    airbyte.fail('jobs/list', undefined);
    airbyte.filters = false;
    airbyte.set(2, 'succeeded', { updatedAt: EPOCH - 3_600 });
    expect(await feed.read()).toBeUndefined();
    expect(refusals).toEqual([expect.stringContaining('older jobs')]);
  });

  it('is not one that is overloaded or out of reach', async () => {
    airbyte.fail('jobs/list', airbyteError('AirbyteUnavailable', { status: 429 }));
    await expect(feed.read()).rejects.toMatchObject({ status: 429 });
    expect(refusals).toEqual([]);
  });
});
