import { describe, expect, it } from '@jest/globals';
import { nextReportMs } from '../../../src/jobs/report-times';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How many reports are due within a time. */
function reportsWithin(ms: number): number {
  let count = 0;
  for (let at = nextReportMs(0); at <= ms; at = nextReportMs(at)) count += 1;
  return count;
}

describe('the reports of a wait', () => {
  it('are one in 70 seconds, 4 in an hour, and 11 in a day', () => {
    expect([70_000, HOUR, 24 * HOUR].map(reportsWithin)).toEqual([1, 4, 11]);
  });

  it('become fewer the longer it takes', () => {
    expect(reportsWithin(30 * 24 * HOUR)).toBeLessThanOrEqual(20);
  });

  it('are due later than now', () => {
    for (const waitedMs of [0, 10_000, 10_001, HOUR, 5 * HOUR])
      expect(nextReportMs(waitedMs)).toBeGreaterThan(waitedMs);
  });
});
