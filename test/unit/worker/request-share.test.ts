import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { TaskQueueOptions } from '../../../src/temporal/task-queue-workers';
import { shareRequests } from '../../../worker/request-share';

const FIVE_SECONDS = 5_000;

/** The workers that poll the task queue, as Temporal lists them, or the error that it responds with instead. */
let pollers: string[] | Error;
let limits: number[];
let warnings: string[];
let stop: () => void;

const connection = {
  workflowService: {
    listTaskQueuePartitions: async () => ({ workflowTaskQueuePartitions: [{ key: 'airbyte' }] }),
    describeTaskQueue: async () => {
      if (pollers instanceof Error) throw pollers;
      const seconds = Math.floor(Date.now() / 1000);
      return { pollers: pollers.map((identity) => ({ identity, lastAccessTime: { seconds } })) };
    },
  },
  withDeadline: (_: unknown, call: () => Promise<unknown>) => call(),
} as unknown as TaskQueueOptions['connection'];

async function share(maxRequestsPerSecond?: number): Promise<void> {
  stop = await shareRequests({
    connection,
    namespace: 'default',
    taskQueue: 'airbyte',
    identity: 'me',
    airbyte: { limitRequests: (limit) => void limits.push(limit) },
    ...(maxRequestsPerSecond !== undefined && { maxRequestsPerSecond }),
    logger: { warn: (message) => void warnings.push(message) },
  });
}

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  jest.useFakeTimers();
  pollers = [];
  limits = [];
  warnings = [];
});

afterEach(() => stop());

describe('a limit of requests that the workers of a task queue share', () => {
  it('is the only worker’s alone, which does not poll yet when it counts first', async () => {
    await share(12);
    expect(limits.at(-1)).toBe(12);
  });

  it('is shared with workers that come, and had back from workers that go', async () => {
    pollers = ['other'];
    await share(12);
    expect(limits.at(-1)).toBe(6);
    pollers = ['me', 'other', 'third'];
    await pass(FIVE_SECONDS);
    expect(limits.at(-1)).toBe(4);
    pollers = ['me'];
    await pass(FIVE_SECONDS);
    expect(limits.at(-1)).toBe(12);
  });

  it('stays as it was while Temporal cannot list the workers, and logs that once', async () => {
    pollers = ['me', 'other'];
    await share(12);
    pollers = new Error('no permission');
    await pass(3 * FIVE_SECONDS);
    expect(limits.at(-1)).toBe(6);
    expect(warnings).toEqual([expect.stringContaining('no permission')]);
  });

  it('applies from the start even if Temporal never lists the workers', async () => {
    pollers = new Error('no permission');
    await share(12);
    expect(limits).toEqual([12]);
  });

  it('is none when none is set', async () => {
    await share();
    await pass(FIVE_SECONDS);
    expect(limits).toEqual([]);
  });
});
