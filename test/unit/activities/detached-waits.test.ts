import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CompleteAsyncError } from '@temporalio/activity';
import {
  ActivityCancelledError,
  ActivityCompletionError,
  ActivityNotFoundError,
  type Client,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { DetachedWaits, type WaitPorts } from '../../../activities/detached-waits';
import type { JobHeartbeat } from '../../../src/jobs/job-heartbeat';

const MINUTE = 60_000;
const state = (status: string): JobHeartbeat => ({ jobId: 7, status, jobAttempts: 1, streams: [] });

describe('a wait without a slot', () => {
  let waits: DetachedWaits;
  let warnings: string[];
  /** What Temporal was sent. */
  let sent: { request: string; value?: unknown }[];
  /** What Temporal responds with instead, by request. */
  let errors: Record<string, Error | undefined>;
  let leavesWaits: boolean;

  beforeEach(() => {
    jest.useFakeTimers();
    [sent, errors, warnings, leavesWaits] = [[], {}, [], false];
    const request = (name: string) => async (_token: Uint8Array, value: unknown) => {
      sent.push({ request: name, value });
      if (errors[name]) throw errors[name];
    };
    const names = ['complete', 'fail', 'heartbeat', 'reportCancellation'];
    const activity = Object.fromEntries(names.map((name) => [name, request(name)]));
    waits = new DetachedWaits({ warn: (message) => void warnings.push(message) });
    const resetStickyTaskQueue = request('resetStickyTaskQueue');
    const workflowService = {
      resetStickyTaskQueue: ({ execution }: { execution: unknown }) =>
        resetStickyTaskQueue(new Uint8Array(), execution),
    };
    const client = { activity, workflowService, options: { namespace: 'default' } } as unknown as Client;
    waits.serve({ client: () => client, identity: 'me', leavesWaits: () => leavesWaits });
  });
  afterEach(() => waits.passOn());

  const pass = (ms = 0) => jest.advanceTimersByTimeAsync(ms);
  const requests = () => sent.map(({ request }) => request);

  /** Detaches a wait for a job; the test ends it. */
  async function detach(
    info: { heartbeatTimeoutMs?: number; scheduleToCloseTimeoutMs?: number; attempt?: number } = {},
  ) {
    const silent = { logger: new DefaultLogger('ERROR') };
    const attempt = {
      ...{ scheduledTimestampMs: Date.now(), currentAttemptScheduledTimestampMs: Date.now() },
      ...{ scheduleToCloseTimeoutMs: 24 * 60 * MINUTE, startToCloseTimeoutMs: 0, ...info },
    };
    const environment = new MockActivityEnvironment(attempt, silent);
    const wait: { ports?: WaitPorts; end: (value: unknown) => void; fail: (error: unknown) => void } = {
      end: () => {},
      fail: () => {},
    };
    const ended = environment.run(async () => {
      throw waits.detach((ports) => {
        wait.ports = ports;
        return new Promise((resolve, reject) => {
          Object.assign(wait, { end: resolve, fail: reject });
          ports.signal.addEventListener('abort', () => reject(ports.signal.reason));
        });
      });
    });
    const error = await ended.catch((reason: unknown) => reason);
    return { ...wait, error, isDropped: () => wait.ports?.signal.aborted };
  }

  it('ends its activity without a result, and completes it later', async () => {
    const wait = await detach();
    expect(wait.error).toBeInstanceOf(CompleteAsyncError);
    await pass(5_000);
    expect(sent).toEqual([]);
    wait.end({ status: 'succeeded' });
    await pass();
    expect(sent).toEqual([{ request: 'complete', value: { status: 'succeeded' } }]);
    expect(waits.runIds.size).toBe(0);
  });

  it('fails its activity with the error of the wait', async () => {
    const wait = await detach();
    const error = ApplicationFailure.nonRetryable('it is lost', 'AirbyteNotFound');
    wait.fail(error);
    await pass();
    expect(sent).toEqual([{ request: 'fail', value: error }]);
  });

  it('sends its end again while Temporal does not respond, and says so once', async () => {
    const wait = await detach();
    errors['complete'] = new ActivityCompletionError('unavailable');
    wait.end('ended');
    await pass(5 * MINUTE);
    delete errors['complete'];
    const before = sent.length;
    expect(before).toBeGreaterThan(5);
    await pass(MINUTE);
    expect(sent.length).toBe(before + 1);
    await pass(10 * MINUTE);
    expect(sent.length).toBe(before + 1);
    expect(warnings).toHaveLength(1);
  });

  it('lets any worker take the next step of workflows whose waits end after fifty others in the same moment', async () => {
    const many = await Promise.all(Array.from({ length: 52 }, () => detach()));
    errors['resetStickyTaskQueue'] = new Error('not permitted');
    for (const { end } of many) end('ended');
    await pass();
    expect(requests().filter((request) => request === 'complete')).toHaveLength(52);
    expect(sent.filter(({ request }) => request === 'resetStickyTaskQueue')).toEqual(
      [1, 2].map(() => ({ request: 'resetStickyTaskQueue', value: { workflowId: 'test', runId: expect.any(String) } })),
    );
    const before = sent.length;
    const later = await detach();
    await pass(1_500);
    later.end('ended');
    await pass();
    expect(requests().slice(before)).toEqual(['complete']);
  });

  it('drops an end that Temporal does not expect', async () => {
    const wait = await detach();
    errors['complete'] = new ActivityNotFoundError('gone');
    wait.end('ended');
    await pass(10 * MINUTE);
    expect(requests()).toEqual(['complete']);
    expect(warnings).toEqual([]);
  });

  it('reports the newest state of its job at growing intervals', async () => {
    const wait = await detach();
    wait.ports?.report(state('pending'));
    wait.ports?.report(state('running'));
    await pass(70_000);
    expect(sent).toEqual([{ request: 'heartbeat', value: state('running') }]);
    await pass(60 * MINUTE);
    expect(sent).toHaveLength(4);
  });

  it('reports within the heartbeat timeout of a workflow of an earlier release', async () => {
    await detach({ heartbeatTimeoutMs: MINUTE });
    await pass(10 * MINUTE);
    expect(sent.length).toBeGreaterThanOrEqual(20);
  });

  it('ends when a report shows that its workflow has ended', async () => {
    const wait = await detach();
    errors['heartbeat'] = new ActivityNotFoundError('gone');
    await pass(11_000);
    expect(wait.isDropped()).toBe(true);
    expect(requests()).toEqual(['heartbeat']);
  });

  it('reports its cancellation when a report shows that it is cancelled', async () => {
    const wait = await detach();
    errors['heartbeat'] = new ActivityCancelledError('cancelled');
    await pass(11_000);
    expect(wait.isDropped()).toBe(true);
    expect(requests()).toEqual(['heartbeat', 'reportCancellation']);
  });

  it('ends when its run was terminated', async () => {
    const wait = await detach();
    waits.dropRuns([...waits.runIds]);
    expect(wait.isDropped()).toBe(true);
    await pass(MINUTE);
    expect(sent).toEqual([]);
  });

  it('ends when Temporal has timed it out', async () => {
    const wait = await detach({ scheduleToCloseTimeoutMs: 5_000 });
    await pass(6_000);
    expect(wait.isDropped()).toBe(true);
    expect(sent).toEqual([]);
  });

  it('is passed on immediately when its worker shuts down, with a status that Temporal does not have', async () => {
    const wait = await detach();
    wait.ports?.report(state('running'));
    await waits.passOn();
    expect(wait.isDropped()).toBe(true);
    const passedOn = expect.objectContaining({ type: 'WaitPassedOn', nonRetryable: false, nextRetryDelay: 1 });
    expect(sent).toEqual([
      { request: 'heartbeat', value: state('running') },
      { request: 'fail', value: passedOn },
    ]);
    expect((await detach()).error).toEqual(passedOn);
  });

  it('is left to other workers while only they reach Airbyte, ever later as it comes back, and taken on again afterwards', async () => {
    const wait = await detach();
    leavesWaits = true;
    waits.leave();
    await pass();
    expect(wait.isDropped()).toBe(true);
    const passedOn = (nextRetryDelay: number) =>
      expect.objectContaining({ type: 'WaitPassedOn', nonRetryable: false, nextRetryDelay });
    expect(sent).toEqual([{ request: 'fail', value: passedOn(1) }]);
    expect((await detach({ attempt: 2 })).error).toEqual(passedOn(1_000));
    expect((await detach({ attempt: 6 })).error).toEqual(passedOn(4_000));
    expect((await detach({ attempt: 50 })).error).toEqual(passedOn(60_000));
    leavesWaits = false;
    expect((await detach()).error).toBeInstanceOf(CompleteAsyncError);
  });

  it('does not hold up the shutdown of its worker while Temporal does not respond', async () => {
    await detach();
    errors['fail'] = new ActivityCompletionError('unavailable');
    const passedOn = waits.passOn();
    await pass(7_000);
    await passedOn;
    const before = sent.length;
    await pass(10 * MINUTE);
    expect(sent.length).toBe(before);
  });
});
