import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Job } from '../../../src/airbyte/jobs';
import { type LastMove, StallDetector } from '../../../src/jobs/stall-detector';

const MINUTE = 60_000;
const STALL_TIMEOUT = 20 * MINUTE;
const START = Date.parse('2026-01-01T00:00:00Z');

let passedMs: number;
let stall: StallDetector;

const clocks = () => ({ monotonicMs: 5_000 + passedMs, wallMs: START + passedMs });
const startDetector = (earlier?: LastMove) => {
  stall = new StallDetector(STALL_TIMEOUT, earlier, clocks);
};

beforeEach(() => {
  passedMs = 0;
  startDetector();
});

/** A running job in its first attempt, as the Config API shows it. */
const job = (fields: Partial<Job> = {}): Job => ({
  ...{ jobId: 7, jobType: 'sync', status: 'running', updatedAt: 1_700_000_000, countsWhileRunning: true },
  ...{ recordsEmitted: 100, bytesEmitted: 1_000, recordsSynced: 50, bytesSynced: 500 },
  attempts: [{ attemptNumber: 0, failures: [] }],
  ...fields,
});

/** Reads the job every five minutes. @returns what the last read has shown */
function observeFor(minutes: number, read: Job = job()) {
  let found: ReturnType<StallDetector['observe']>;
  for (let passed = 0; passed < minutes; passed += 5) {
    passedMs += 5 * MINUTE;
    found = stall.observe(read);
  }
  return found;
}

describe('a job in which nothing moves', () => {
  it('has stalled once the stall timeout has passed since its last move', () => {
    stall.observe(job({ recordsEmitted: 1 }));
    expect(observeFor(20)).toBeUndefined();
    expect(stall.stalledSince).toBeUndefined();
    expect(observeFor(5)).toBe('stalled');
    expect(stall.stalledSince).toBe('2026-01-01T00:05:00.000Z');
  });

  it('has stalled also before its source has sent anything', () => {
    const counts = { recordsEmitted: 0, bytesEmitted: 0, recordsSynced: undefined, bytesSynced: undefined };
    stall.observe(job(counts));
    expect(observeFor(20, job(counts))).toBe('stalled');
  });

  it('is read four times within the stall timeout', () => {
    expect(stall.readEveryMs).toBe(5 * MINUTE);
  });

  it('has not stalled while other reads count less, as a database replica does that is behind', () => {
    stall.observe(job());
    expect(observeFor(10, job({ recordsEmitted: 90, bytesSynced: undefined }))).toBeUndefined();
    expect(observeFor(10)).toBe('stalled');
  });
});

describe('a job moves', () => {
  it.each<[string, Partial<Job>]>([
    ['with more records of its source', { recordsEmitted: 101 }],
    ['with more bytes of its source', { bytesEmitted: 1_001 }],
    ['with more records in the destination', { recordsSynced: 51 }],
    ['with more bytes in the destination', { bytesSynced: 501 }],
    [
      'with a new attempt, whose counts are smaller',
      { recordsEmitted: 3, attempts: [...job().attempts, ...job().attempts] },
    ],
    ['with a status that has changed back between two reads', { updatedAt: 1_700_000_090 }],
  ])('%s', (_, change) => {
    stall.observe(job());
    observeFor(15);
    expect(observeFor(20, job(change))).toBeUndefined();
    expect(observeFor(5, job(change))).toBe('stalled');
  });
});

it.each(['pending', 'queued', 'incomplete', 'a status of tomorrow'])('a job that is %s waits for Airbyte', (status) => {
  expect(observeFor(60, job({ status }))).toBeUndefined();
});

describe('a pause without reads', () => {
  it('counts at most half of the stall timeout, so that one read after it is not enough', () => {
    stall.observe(job());
    passedMs += 120 * MINUTE;
    expect(stall.observe(job())).toBeUndefined();
    expect(observeFor(5)).toBeUndefined();
    expect(observeFor(5)).toBe('stalled');
    expect(stall.stalledSince).toBe('2026-01-01T00:00:00.000Z');
  });

  it('counts as such when another worker continues the wait', () => {
    stall.observe(job());
    const { lastMove } = stall;
    passedMs += 120 * MINUTE;
    startDetector(JSON.parse(JSON.stringify(lastMove)));
    expect(stall.observe(job())).toBeUndefined();
    expect(observeFor(10)).toBe('stalled');
    expect(stall.stalledSince).toBe('2026-01-01T00:00:00.000Z');
  });

  it('does not count when the job has moved meanwhile', () => {
    stall.observe(job());
    startDetector(stall.lastMove);
    expect(observeFor(20, job({ recordsEmitted: 200 }))).toBeUndefined();
    expect(stall.lastMove?.movedAt).toBe('2026-01-01T00:05:00.000Z');
  });
});

describe('a job that Airbyte does not measure', () => {
  const uncounted = { recordsEmitted: undefined, bytesEmitted: undefined, countsWhileRunning: undefined };

  it.each<[string, Partial<Job>]>([
    ['without counts while it runs', { ...uncounted, recordsSynced: undefined, bytesSynced: undefined }],
    ['with the 0 of the public API', { ...uncounted, recordsSynced: 0, bytesSynced: 0 }],
    ['that only removes records', { jobType: 'reset_connection' }],
  ])('%s has not stalled, which is reported once', (_, fields) => {
    stall.observe(job(fields));
    expect(observeFor(20, job(fields))).toBe('unmeasured');
    expect(observeFor(60, job(fields))).toBeUndefined();
    expect(stall.stalledSince).toBeUndefined();
  });

  it('is measured once the public API shows committed records', () => {
    stall.observe(job({ ...uncounted, recordsSynced: 0, bytesSynced: 0 }));
    observeFor(20, job({ ...uncounted, recordsSynced: 0, bytesSynced: 0 }));
    expect(observeFor(25, job({ ...uncounted, recordsSynced: 5 }))).toBe('stalled');
  });
});
