import { jest } from '@jest/globals';

/** More than the period of the timers that undici sets for connections, which other tests of the worker may have left open. */
const PERIOD_OF_OTHERS_MS = 600;

/** How many fake timers are left, those of other tests not counted. A timer that is due within 600 ms is not counted either. */
export async function timersLeft(): Promise<number> {
  await jest.advanceTimersByTimeAsync(PERIOD_OF_OTHERS_MS);
  return jest.getTimerCount();
}
