import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ChangeFeed } from '../../../src/jobs/change-feed';
import { airbyteError, EPOCH, ScriptedJobs } from './scripted-jobs';

const MINUTE = 60_000;
/** More pages than any of these lists has. */
const MANY = 100;

let airbyte: ScriptedJobs;
let feed: ChangeFeed;
let rejections: string[];

beforeEach(() => {
  jest.useFakeTimers();
  airbyte = new ScriptedJobs();
  rejections = [];
  feed = new ChangeFeed(airbyte, (reason) => rejections.push(reason));
});

async function readIds(): Promise<number[] | undefined> {
  return (await feed.read(MANY))?.jobs.map(({ jobId }) => jobId).sort((a, b) => a - b);
}

/** From when on each read asked for changes, in the server's epoch seconds. */
const starts = () =>
  airbyte.requests.flatMap(({ request }) =>
    request?.updatedAtStart === undefined ? [] : [new Date(request.updatedAtStart).getTime() / 1000],
  );

describe('the change feed', () => {
  it('reads nothing before it is started', async () => {
    expect(await feed.read(MANY)).toBeUndefined();
    expect(airbyte.requests).toEqual([]);
  });

  it('reads the jobs of every connection and kind that changed, in one request', async () => {
    for (const jobId of [1, 2, 3]) airbyte.set(jobId, 'running');
    airbyte.set(4, 'succeeded', { updatedAt: EPOCH - 3_600 });
    feed.begin(EPOCH);
    expect(await readIds()).toEqual([1, 2, 3]);
    expect(airbyte.requests).toHaveLength(1);
    expect(airbyte.requests[0]?.request).toMatchObject({
      jobTypes: ['sync', 'reset_connection', 'refresh', 'clear'],
    });
    expect(airbyte.requests[0]?.request).not.toHaveProperty('connectionId');
  });

  it('continues from the newest change it has read, whole seconds back: changes of one second appear late', async () => {
    feed.begin(EPOCH);
    airbyte.set(1, 'running', { updatedAt: EPOCH + 100 });
    await feed.read(MANY);
    airbyte.set(2, 'running', { updatedAt: EPOCH + 97 });
    expect(await readIds()).toEqual([1, 2]);
    expect(starts()).toEqual([EPOCH - 5, EPOCH + 95]);
  });

  it('goes back for a job that was last read slightly before that', async () => {
    feed.begin(EPOCH);
    await feed.read(MANY);
    expect(feed.rewindTo(EPOCH - 30)).toBe(true);
    expect(feed.rewindTo(EPOCH - 20)).toBe(true);
    await feed.read(MANY);
    expect(starts()).toEqual([EPOCH - 5, EPOCH - 35]);
  });

  it('goes back at most a minute, however often it is rewound', async () => {
    feed.begin(EPOCH);
    expect(feed.rewindTo(EPOCH - 3_600)).toBe(false);
    for (let back = 1; back <= 60; back++) expect(feed.rewindTo(EPOCH - back)).toBe(true);
    expect(feed.rewindTo(EPOCH - 61)).toBe(false);
    await feed.read(MANY);
    expect(starts()).toEqual([EPOCH - 65]);
  });

  it('goes back also for a job that was added during a read', async () => {
    feed.begin(EPOCH);
    airbyte.set(1, 'running', { updatedAt: EPOCH + 10 });
    const reading = feed.read(MANY);
    expect(feed.rewindTo(EPOCH - 40)).toBe(true);
    await reading;
    airbyte.set(2, 'succeeded', { updatedAt: EPOCH - 30 });
    expect(await readIds()).toEqual([1, 2]);
  });

  it('does not read what started together over and over while nothing else changes', async () => {
    for (let jobId = 1; jobId <= 450; jobId++) airbyte.set(jobId, 'running');
    feed.begin(EPOCH);
    expect(await readIds()).toHaveLength(450);
    expect(airbyte.requests).toHaveLength(3);
    jest.advanceTimersByTime(10_000);
    await feed.read(MANY);
    airbyte.requests.length = 0;
    expect(await readIds()).toEqual([]);
    expect(airbyte.requests).toHaveLength(1);
    airbyte.set(7, 'succeeded');
    expect(await readIds()).toEqual([7]);
  });

  it('misses nothing when a read fails: the next one begins where that did', async () => {
    feed.begin(EPOCH);
    airbyte.fail('jobs/list', airbyteError('AirbyteUnavailable'));
    await expect(feed.read(MANY)).rejects.toMatchObject({ type: 'AirbyteUnavailable' });
    jest.advanceTimersByTime(10 * MINUTE);
    airbyte.fail('jobs/list', undefined);
    await feed.read(MANY);
    expect(starts()).toEqual([EPOCH - 5, EPOCH - 5]);
  });

  it('reads every page', async () => {
    for (let jobId = 1; jobId <= 401; jobId++) airbyte.set(jobId, 'running');
    feed.begin(EPOCH);
    expect(await readIds()).toHaveLength(401);
    expect(airbyte.requests.map(({ request }) => request?.rowOffset)).toEqual([0, 200, 400]);
  });

  it('loses no job that changes while its pages are read, however long that takes', async () => {
    for (let jobId = 1; jobId <= 450; jobId++) airbyte.set(jobId, 'running');
    feed.begin(EPOCH);
    airbyte.onListed = (rowOffset) => {
      jest.advanceTimersByTime(20_000);
      // The newest job stands on the first page, the oldest on the last.
      if (rowOffset === 0) airbyte.set(450, 'succeeded');
      if (rowOffset === 200) airbyte.set(1, 'succeeded');
    };
    const [first] = (await feed.read(MANY))?.jobs ?? [];
    expect(first).toMatchObject({ jobId: 450, status: 'running' });
    airbyte.onListed = undefined;
    const changed = (await feed.read(MANY))?.jobs ?? [];
    expect(changed.find(({ jobId }) => jobId === 450)).toMatchObject({ status: 'succeeded' });
  });

  it('reads on when a whole page of new jobs has pushed down what it has read', async () => {
    for (let jobId = 1; jobId <= 450; jobId++) airbyte.set(jobId, 'running');
    feed.begin(EPOCH);
    // The second page then has one job that the first has not, and the third none that they have not.
    airbyte.onListed = (rowOffset) => {
      if (rowOffset === 0) for (let jobId = 451; jobId <= 649; jobId++) airbyte.set(jobId, 'running');
      if (rowOffset === 200) for (let jobId = 650; jobId <= 850; jobId++) airbyte.set(jobId, 'running');
    };
    expect(await readIds()).toEqual(expect.arrayContaining(Array.from({ length: 450 }, (_, index) => index + 1)));
  });

  it('never gets ahead of a server whose clock is a little slower than ours', async () => {
    feed.begin(EPOCH);
    for (let minute = 1; minute <= 60; minute++) {
      jest.advanceTimersByTime(MINUTE);
      await feed.read(MANY);
    }
    await feed.read(MANY);
    const slow = EPOCH + 3_600 * 0.9991;
    expect(starts().at(-1)).toBeLessThanOrEqual(slow - 5);
    expect(starts().at(-1)).toBeGreaterThan(slow - 15);
  });

  it('stops after the given number of pages, says so, and continues from there', async () => {
    for (let jobId = 1; jobId <= 1_000; jobId++) airbyte.set(jobId, 'running', { updatedAt: EPOCH + 100 });
    feed.begin(EPOCH);
    const changes = await feed.read(2);
    expect(changes).toMatchObject({ complete: false });
    expect(changes?.jobs).toHaveLength(400);
    expect(feed.covers(EPOCH)).toBe(false);
    await feed.read(2);
    expect(starts()).toEqual([EPOCH - 5, EPOCH - 5, EPOCH + 95, EPOCH + 95]);
  });

  it('goes before other calls', async () => {
    airbyte.fail('jobs/list', airbyteError('AirbyteUnauthorized'));
    feed.begin(EPOCH);
    await feed.read(MANY);
    expect(airbyte.requests.map(({ call, options }) => [call, options])).toEqual([
      ['jobs/list', { first: true }],
      ['workspaces/list', { first: true }],
      ['jobs/list_for_workspaces', { first: true }],
    ]);
  });

  it('ends with a server that does not page', async () => {
    airbyte.pages = false;
    for (let jobId = 1; jobId <= 300; jobId++) airbyte.set(jobId, 'running');
    feed.begin(EPOCH);
    expect(await readIds()).toHaveLength(300);
    expect(airbyte.requests).toHaveLength(2);
  });

  it('begins anew after its end', async () => {
    feed.begin(EPOCH);
    await feed.read(MANY);
    feed.end();
    expect(await feed.read(MANY)).toBeUndefined();
    feed.begin(EPOCH + 5_000);
    await feed.read(MANY);
    expect(starts()).toEqual([EPOCH - 5, EPOCH + 4_995]);
  });
});

describe('a server that rejects the feed of the whole instance', () => {
  beforeEach(() => {
    feed.begin(EPOCH);
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
    expect(rejections).toEqual([]);
  });

  it('is asked also for those of a workspace that is created later', async () => {
    await feed.read(MANY);
    airbyte.workspaceIds = ['w1', 'w2'];
    jest.advanceTimersByTime(6 * MINUTE);
    await feed.read(MANY);
    expect(airbyte.requests.at(-1)?.request).toMatchObject({ workspaceIds: ['w1', 'w2'] });
  });

  it.each(['AirbyteUnauthorized', 'AirbyteNotFound', 'AirbyteUnsupported', 'AirbyteInvalidRequest'] as const)(
    'is not asked for a while when it rejects that too (%s), and that is said once',
    async (type) => {
      airbyte.fail('jobs/list_for_workspaces', airbyteError(type));
      for (let reads = 0; reads < 12; reads++) {
        if (reads > 0) expect(feed.begin(EPOCH)).toBe(reads % 5 === 0);
        expect(await feed.read(MANY)).toBeUndefined();
        jest.advanceTimersByTime(MINUTE);
      }
      expect(rejections).toEqual([`${type} of the test`]);
      expect(airbyte.count('jobs/list')).toBe(3);
    },
  );

  it('is used again once it has the feed', async () => {
    airbyte.fail('jobs/list_for_workspaces', airbyteError('AirbyteUnsupported'));
    await feed.read(MANY);
    airbyte.fail('jobs/list', undefined);
    jest.advanceTimersByTime(6 * MINUTE);
    expect(feed.begin(EPOCH)).toBe(true);
    expect(await readIds()).toEqual([1]);
  });

  it('is one whose response cannot be read, too', async () => {
    const unreadable = airbyteError('AirbyteUnavailable', { status: 200, retryable: false });
    airbyte.fail('jobs/list', unreadable);
    airbyte.fail('jobs/list_for_workspaces', unreadable);
    expect(await feed.read(MANY)).toBeUndefined();
  });

  it('is one that lists every job whatever changes are requested, too', async () => {
    airbyte.fail('jobs/list', undefined);
    airbyte.filters = false;
    airbyte.set(2, 'succeeded', { updatedAt: EPOCH - 3_600 });
    expect(await feed.read(MANY)).toBeUndefined();
    expect(rejections).toEqual([expect.stringContaining('older jobs')]);
  });

  it('is not one that is overloaded or unreachable', async () => {
    airbyte.fail('jobs/list', airbyteError('AirbyteUnavailable', { status: 429 }));
    await expect(feed.read(MANY)).rejects.toMatchObject({ status: 429 });
    expect(rejections).toEqual([]);
  });
});
