import { describe, expect, it } from '@jest/globals';
import type { Job, JobAttempt } from '../../../src/airbyte/jobs';
import { readOutcome } from '../../../src/jobs/job-outcome';

const attempt = (fields: Partial<JobAttempt> = {}): JobAttempt => ({
  attemptNumber: 0,
  status: 'failed',
  failures: [],
  ...fields,
});

const job = (fields: Partial<Job>): Job => ({ jobId: 7, jobType: 'sync', status: 'failed', attempts: [], ...fields });

describe('the outcome of a job', () => {
  it('has no counts and no times if Airbyte reports none', () => {
    expect(readOutcome(job({ status: 'succeeded' }))).toEqual({
      jobId: 7,
      status: 'succeeded',
      recordsSynced: null,
      bytesSynced: null,
      recordsRejected: 0,
      streams: [],
      jobAttempts: 0,
      startedAt: null,
      endedAt: null,
      partialSuccess: false,
    });
  });

  it('ended when its last attempt did, else when it last changed, and not while it runs', () => {
    const times = { createdAt: 1_700_000_000, startedAt: 1_700_000_010, updatedAt: 1_700_000_060 };
    expect(readOutcome(job(times))).toMatchObject({
      startedAt: '2023-11-14T22:13:30.000Z',
      endedAt: '2023-11-14T22:14:20.000Z',
    });
    const attempts = [attempt(), attempt({ endedAt: 1_700_000_050 })];
    expect(readOutcome(job({ ...times, attempts })).endedAt).toBe('2023-11-14T22:14:10.000Z');
    expect(readOutcome(job({ ...times, attempts, status: 'running' })).endedAt).toBeNull();
  });

  it('has the first failure of the last attempt that comes with a reason', () => {
    const failures = [
      { origin: 'replication', type: 'system_error' },
      { origin: 'source', type: 'config_error', message: 'no such table' },
      { origin: 'destination', message: 'closed' },
    ];
    const attempts = [attempt({ failures: [{ message: 'of the first attempt' }] }), attempt({ failures })];
    expect(readOutcome(job({ attempts }))).toMatchObject({ failure: failures[1], jobAttempts: 2 });
  });

  it('has no failure if Airbyte gives no reason, or the job did not fail', () => {
    expect(readOutcome(job({ attempts: [attempt()] })).failure).toBeUndefined();
    const recovered = [attempt({ failures: [{ message: 'first try' }] }), attempt({ status: 'succeeded' })];
    expect(readOutcome(job({ status: 'succeeded', attempts: recovered }))).not.toHaveProperty('failure');
  });

  it('has what each stream has moved, the one with the most records first', () => {
    const streams = [
      { name: 'empty' },
      { name: 'customers', namespace: 'public', recordsSynced: 20, bytesSynced: 200, recordsRejected: 3 },
      { name: 'orders', recordsSynced: 500, bytesSynced: 5_000 },
    ];
    const outcome = readOutcome(job({ streams }));
    expect(outcome.streams).toEqual([
      { name: 'orders', recordsSynced: 500, bytesSynced: 5_000, recordsRejected: 0 },
      { name: 'customers', namespace: 'public', recordsSynced: 20, bytesSynced: 200, recordsRejected: 3 },
      { name: 'empty', recordsSynced: null, bytesSynced: null, recordsRejected: 0 },
    ]);
    expect(outcome).not.toHaveProperty('moreStreams');
  });

  it('names the hundred biggest streams, and counts the rest', () => {
    const streams = Array.from({ length: 1_000 }, (_, index) => ({ name: `stream ${index}`, recordsSynced: index }));
    const outcome = readOutcome(job({ streams }));
    expect(outcome.streams).toHaveLength(100);
    expect(outcome.streams[0]).toMatchObject({ name: 'stream 999' });
    expect(outcome.moreStreams).toBe(900);
  });

  it.each([
    ['an attempt says so', { attempts: [attempt({ partialSuccess: true }), attempt()] }, true],
    ['a stream has records', { attempts: [attempt()], streams: [{ name: 'orders', recordsSynced: 1 }] }, true],
    ['nothing says so', { attempts: [attempt()], recordsSynced: 1, streams: [{ name: 'orders' }] }, false],
    ['it succeeded whole', { status: 'succeeded', streams: [{ name: 'orders', recordsSynced: 1 }] }, false],
  ])('is in part a success when it did not succeed and has moved something: %s', (_, fields, partialSuccess) => {
    expect(readOutcome(job(fields))).toMatchObject({ partialSuccess });
  });

  it('stays small, however much Airbyte reports', () => {
    const logLines = Array.from({ length: 50 }, () => 'x'.repeat(10_000));
    const failures = [{ message: 'y'.repeat(1_000_000) }];
    const streams = Array.from({ length: 10_000 }, () => ({ name: 'z'.repeat(1_000), namespace: 'n'.repeat(1_000) }));
    const outcome = readOutcome(job({ attempts: [attempt({ failures, logLines })], streams }));
    expect(JSON.stringify(outcome).length).toBeLessThan(100_000);
  });
});
