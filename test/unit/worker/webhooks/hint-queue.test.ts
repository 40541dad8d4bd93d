import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { JobHint } from '../../../../src/webhooks/notification';
import { HintQueue, MAXIMUM_WAITING_HINTS } from '../../../../worker/webhooks/hint-queue';

const hint = (jobId: number, connectionId = 'c'): JobHint => ({ jobId, connectionId });

let handled: JobHint[];
let warnings: string[];
/** Whether a hint causes a request to Airbyte. */
let reads: boolean;
let running: number;
let mostRunning: number;
let delayMs: number;
let queue: HintQueue;

beforeEach(() => {
  jest.useFakeTimers();
  [handled, warnings, reads, running, mostRunning, delayMs] = [[], [], true, 0, 0, 10];
  queue = new HintQueue({
    handle: async (each) => {
      handled.push(each);
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      running -= 1;
      return reads;
    },
    logger: { warn: (message: string) => void warnings.push(message) },
  });
});

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('a flood of notifications', () => {
  test('about one job reads it immediately, and then once in a second', async () => {
    for (let sent = 0; sent < 1_000; sent++) {
      queue.add(hint(7));
      await pass(1);
    }
    expect(handled).toEqual([hint(7)]);
    await pass(2_000);
    expect(handled).toEqual([hint(7), hint(7)]);
    await pass(60_000);
    expect(handled).toHaveLength(2);
  });

  test('about jobs that cause no request does not delay the notification that does', async () => {
    reads = false;
    queue.add(hint(7));
    await pass(20);
    reads = true;
    queue.add(hint(7));
    await pass(20);
    expect(handled).toHaveLength(2);
  });

  test('that names another connection does not replace the true one', async () => {
    queue.add(hint(7, 'made up'));
    queue.add(hint(7));
    await pass(20);
    expect(handled).toEqual([hint(7, 'made up'), hint(7)]);
  });

  test('is handled a few at a time, and what is too much is dropped with one warning', async () => {
    delayMs = 1;
    for (let jobId = 1; jobId <= MAXIMUM_WAITING_HINTS + 50; jobId++) queue.add(hint(jobId));
    await pass(10_000);
    expect(handled).toHaveLength(MAXIMUM_WAITING_HINTS);
    expect(mostRunning).toBe(8);
    expect(warnings).toHaveLength(1);
    queue.add(hint(1));
    await pass(20);
    expect(handled).toHaveLength(MAXIMUM_WAITING_HINTS + 1);
  });

  test('is dropped when the worker shuts down', async () => {
    for (let jobId = 1; jobId <= 20; jobId++) queue.add(hint(jobId));
    queue.close();
    queue.add(hint(21));
    await pass(60_000);
    expect(handled.length).toBeLessThanOrEqual(8);
  });
});
