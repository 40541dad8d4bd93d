import { setFlagsFromString } from 'node:v8';
import { afterAll, afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { limitMemory } from '../../../worker/process-memory';

const MIB = 2 ** 20;

let rss: number;
beforeEach(() => {
  jest.useFakeTimers();
  jest.spyOn(process.memoryUsage, 'rss').mockImplementation(() => rss);
});
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});
// The default, for the other tests of this process.
afterAll(() => setFlagsFromString('--heap-growing-percent=0'));

/** Objects that survive collections of the young generation, and that nothing refers to any more. */
function leaveGarbage(): void {
  let kept: unknown[] = Array.from({ length: 1_000_000 }, (_, index) => ({ index, text: `${index}` }));
  kept = [];
  expect(kept).toEqual([]);
}

it('collects the garbage of a worker once, when its process has 448 MiB', () => {
  rss = 447 * MIB;
  const stop = limitMemory();
  leaveGarbage();
  const full = process.memoryUsage().heapUsed;
  rss = 449 * MIB;
  jest.advanceTimersByTime(2_000);
  expect(process.memoryUsage().heapUsed).toBeLessThan(full - 30 * MIB);
  expect(jest.getTimerCount()).toBe(0);
  stop();
});

it('leaves the garbage of a smaller worker to V8', () => {
  rss = 448 * MIB;
  const stop = limitMemory();
  jest.advanceTimersByTime(10_000);
  expect(jest.getTimerCount()).toBe(1);
  stop();
  expect(jest.getTimerCount()).toBe(0);
});
