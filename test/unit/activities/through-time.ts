import { afterEach, beforeEach, jest } from '@jest/globals';

/** Mocks the clock and the timers. A request to a server of the test still takes real time. */
export function mockTime(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
}

/** Mocks time in each test of the block. */
export function useMockedTime(): void {
  beforeEach(mockTime);
  afterEach(() => {
    jest.useRealTimers();
  });
}

/** Lets mocked time pass until an activity has ended, and Airbyte respond meanwhile. */
export async function throughTime<T>(activity: Promise<T>): Promise<{ result?: T; error?: unknown; tookMs: number }> {
  const startedAt = performance.now();
  const end = activity.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  let ended: Awaited<typeof end> | undefined;
  void end.then((value) => {
    ended = value;
  });
  while (!ended) {
    await jest.advanceTimersByTimeAsync(500);
    // The activity's next request and its response take real time.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  return { ...ended, tookMs: performance.now() - startedAt };
}
