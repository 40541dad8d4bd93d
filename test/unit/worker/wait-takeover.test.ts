import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ActivityNotFoundError, type Client } from '@temporalio/client';
import { WaitTakeover } from '../../../worker/wait-takeover';

/** The identities of workers, the oldest first. */
const [FIRST, SECOND, THIRD] = ['c@host#111111111111', 'b@host#222222222222', 'a@host#333333333333 airbyte=http://a'];
/** A worker of an earlier release, which does not announce itself. */
const EARLIER = '1@machine';

/** Longer than a worker needs to notice that another one has died. */
const NOTICED_MS = 15_000;
const MINUTE = 60_000;

describe('a worker that takes over waits', () => {
  /** The workers that announce themselves. */
  let alive: string[];
  /** The worker of each wait, by the id of its run. */
  let waits: Map<string, string>;
  let passedOn: string[];
  /** The runs that were terminated, and those whose waits were dropped. */
  let ended: string[];
  let dropped: string[];
  let requests: Record<string, number>;
  let warnings: string[];
  let listError: Error | undefined;
  /** Since when the worker has not reached its Airbyte; undefined while it does. Infinite: it never has. */
  let lostForMs: () => number;
  /** The workers that do not reach theirs. */
  let outOfReach: string[];
  let left: number;
  let onDescribe: () => void;
  let end: (() => void) | undefined;

  beforeEach(() => {
    jest.useFakeTimers();
    [ended, dropped] = [[], []];
    onDescribe = () => undefined;
    [lostForMs, outOfReach, left] = [() => 0, [], 0];
    [alive, waits, passedOn, requests, warnings, listError] = [[], new Map(), [], {}, [], undefined];
  });
  afterEach(() => end?.());

  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  const count = (request: string) => {
    requests[request] = (requests[request] ?? 0) + 1;
  };

  const workflowService = {
    pollWorkflowTaskQueue: async () => count('poll'),
    listTaskQueuePartitions: async () => ({}),
    describeTaskQueue: async () => ({
      pollers: alive.map((worker) => ({
        identity: outOfReach.includes(worker) ? `${worker} airbyte-out-of-reach` : worker,
        lastAccessTime: { seconds: Math.floor(Date.now() / 1_000) },
      })),
    }),
    listWorkflowExecutions: async ({ query }: { query: string }) => {
      if (query.includes('CloseTime')) {
        count('list ended');
        return { executions: ended.map((runId) => ({ execution: { workflowId: `sync-${runId}`, runId } })) };
      }
      count('list');
      if (listError) throw listError;
      return { executions: [...waits.keys()].map((runId) => ({ execution: { workflowId: `sync-${runId}`, runId } })) };
    },
    describeWorkflowExecution: async ({ execution: { runId = '' } }: { execution: { runId?: string } }) => {
      count('describe');
      onDescribe();
      const wait = {
        activityId: '2',
        activityType: { name: 'waitForJob' },
        state: 2,
        lastWorkerIdentity: waits.get(runId),
      };
      return { pendingActivities: [wait] };
    },
  };
  const activity = {
    fail: async ({ runId }: { runId: string }) => {
      if (passedOn.includes(runId)) throw new ActivityNotFoundError('gone');
      passedOn.push(runId);
    },
  };

  /** Starts the second worker, which has one wait of its own. */
  function start() {
    const call = (_: unknown, request: () => Promise<unknown>) => request();
    const connection = { workflowService, withDeadline: call, withAbortSignal: call };
    const client = { connection, workflowService, activity, options: { namespace: 'default' } } as unknown as Client;
    waits.set('own', SECOND);
    const takeover = new WaitTakeover({
      ...{ client: () => client, taskQueue: 'airbyte', identity: SECOND },
      waits: {
        runIds: new Set(['own']),
        dropRuns: (runIds) => void dropped.push(...runIds),
        leave: () => void left++,
      },
      reach: {
        get isReached() {
          return lostForMs() === 0;
        },
        get lostForMs() {
          return lostForMs();
        },
      },
      logger: { info: () => undefined, warn: (message) => void warnings.push(message) },
    });
    end = takeover.start();
    return takeover;
  }

  it('passes on the waits of workers that have died before it started, and no others', async () => {
    alive = [SECOND, THIRD];
    waits = new Map([
      ['orphan', 'x#999999999999'],
      ['other', THIRD],
      ['earlier', EARLIER],
    ]);
    start();
    await pass(NOTICED_MS);
    expect(passedOn).toEqual(['orphan']);
    expect(requests).toMatchObject({ list: 1, describe: 3 });
  });

  it('reads no wait while no worker dies', async () => {
    alive = [SECOND, THIRD];
    start();
    await pass(2 * MINUTE);
    requests = {};
    await pass(60 * MINUTE);
    expect(Object.keys(requests).sort()).toEqual(['list ended', 'poll']);
    expect(requests['list ended']).toBeLessThanOrEqual(120);
  });

  it('passes on the waits of a worker that dies while it runs, within half a minute', async () => {
    alive = [SECOND, THIRD];
    waits.set('third', THIRD);
    start();
    await pass(5 * MINUTE);
    alive = [SECOND];
    await pass(NOTICED_MS);
    expect(passedOn).toEqual(['third']);
  });

  it('leaves that to the oldest of the live workers, and does it when that one dies', async () => {
    alive = [FIRST, SECOND, THIRD];
    waits.set('first', FIRST).set('third', THIRD);
    start();
    await pass(MINUTE);
    alive = [FIRST, SECOND];
    await pass(MINUTE);
    expect([passedOn, requests['list']]).toEqual([[], undefined]);
    alive = [SECOND];
    await pass(NOTICED_MS);
    expect(passedOn.sort()).toEqual(['first', 'third']);
  });

  it('leaves the wait to a worker that has started while it reads the waits', async () => {
    alive = [SECOND];
    waits.set('late', THIRD);
    start();
    onDescribe = () => {
      alive = [SECOND, THIRD];
    };
    await pass(2 * MINUTE);
    expect(requests).toMatchObject({ describe: 2 });
    expect(passedOn).toEqual([]);
  });

  it('reads the waits once more, for one that a connection of a dead machine has taken', async () => {
    alive = [SECOND];
    start();
    await pass(NOTICED_MS);
    waits.set('late', 'x#999999999999');
    await pass(90_000);
    expect(passedOn).toEqual(['late']);
  });

  it('drops its own waits of runs that were terminated', async () => {
    alive = [SECOND];
    start();
    await pass(MINUTE);
    expect(dropped).toEqual([]);
    ended = ['own'];
    await pass(35_000);
    expect(dropped).toContain('own');
  });

  it('leaves its waits to others when it has never reached its Airbyte, and keeps them where no other worker does', async () => {
    alive = [SECOND, THIRD];
    outOfReach = [SECOND, THIRD];
    lostForMs = () => Number.POSITIVE_INFINITY;
    const takeover = start();
    await pass(5 * MINUTE);
    expect([takeover.leavesWaits, left, passedOn]).toEqual([false, 0, []]);
    outOfReach = [SECOND];
    await pass(3_000);
    expect(takeover.leavesWaits).toBe(true);
    expect(left).toBeGreaterThan(0);
    alive = [SECOND];
    await pass(NOTICED_MS);
    expect(takeover.leavesWaits).toBe(false);
  });

  it('keeps its waits during an outage of Airbyte, of which the workers learn at different times, and leaves them when it alone is cut off', async () => {
    alive = [SECOND, THIRD];
    const takeover = start();
    await pass(MINUTE);
    const lostAt = Date.now();
    lostForMs = () => Date.now() - lostAt;
    outOfReach = [SECOND];
    await pass(45_000);
    expect([takeover.leavesWaits, left]).toEqual([false, 0]);
    outOfReach = [SECOND, THIRD];
    await pass(10 * MINUTE);
    outOfReach = [SECOND];
    await pass(45_000);
    expect([takeover.leavesWaits, left]).toEqual([false, 0]);
    await pass(18_000);
    expect(takeover.leavesWaits).toBe(true);
    expect(left).toBeGreaterThan(0);
    expect(passedOn).toEqual([]);
  });

  it('tries again when Temporal does not respond, and says so once', async () => {
    alive = [SECOND];
    waits.set('orphan', 'x#999999999999');
    listError = new Error('unavailable');
    start();
    await pass(MINUTE);
    expect(warnings).toEqual([expect.stringContaining('unavailable')]);
    listError = undefined;
    await pass(5_000);
    expect(passedOn).toEqual(['orphan']);
  });
});
