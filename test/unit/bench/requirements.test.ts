import { describe, expect, it } from '@jest/globals';
import type { Measurement } from '../../../bench/measure';
import { judge } from '../../../bench/requirements';

const WELL: Measurement = {
  ...{ contender: 'ours', syncs: 20, jobs: { from: 1, to: 2 }, pollIntervalMs: 2_000 },
  ...{ succeeded: 20, failed: 0, lost: 0, jobsStarted: 20, requestsPerSync: 2, delayP50Ms: 1, delayP99Ms: 2 },
  ...{ cpuSeconds: 1, peakRssBytes: 1, wallSeconds: 1, waitingInParallel: 20 },
};

const HELD: Measurement = {
  ...WELL,
  ...{ contender: 'telemetry', syncs: 10_000, succeeded: 10_000, jobsStarted: 10_000, jobs: 'held' },
  scrapes: { count: 5, medianMs: 5, slowestMs: 30, series: 800 },
};

/** The verdict about a promise: undefined where the run did not measure it. */
function verdict(promise: RegExp, ...measurements: Measurement[]): boolean | undefined {
  return judge(measurements, undefined).find((requirement) => promise.test(requirement.promise))?.held;
}

describe('the benchmark', () => {
  it.each([
    [1.14, true],
    [1.16, false],
  ])('judges %s times the processor time with metrics and traces: %s', (ratio, held) => {
    const telemetry = (cpuSeconds: number): Measurement => ({ ...WELL, contender: 'telemetry', cpuSeconds });
    const rows = [WELL, telemetry(ratio - 0.5), { ...WELL, cpuSeconds: 1 }, telemetry(ratio + 0.5)];
    expect(verdict(/CPU with metrics and traces/, ...rows)).toBe(held);
    expect(verdict(/CPU with metrics and traces/, { ...WELL, syncs: 21 }, telemetry(9))).toBeUndefined();
  });

  it('judges how long a scrape takes while all syncs wait, and how many time series it has', () => {
    const scrapes = { count: 5, medianMs: 5, slowestMs: 30, series: 800 };
    expect(verdict(/scrape/, HELD)).toBe(true);
    expect(verdict(/scrape/, { ...HELD, scrapes: { ...scrapes, medianMs: 21 } })).toBe(false);
    expect(verdict(/time series/, { ...HELD, scrapes: { ...scrapes, series: 10_800 } })).toBe(false);
    expect(verdict(/scrape/, { ...HELD, scrapes: { ...scrapes, count: 0, medianMs: Number.NaN } })).toBe(false);
    expect(verdict(/scrape/, WELL)).toBeUndefined();
  });

  it('judges the ends of the syncs of a worker with metrics and traces too', () => {
    expect(verdict(/Every sync succeeds/, WELL, HELD)).toBe(true);
    expect(verdict(/Every sync succeeds/, WELL, { ...HELD, succeeded: 9_999 })).toBe(false);
  });
});
