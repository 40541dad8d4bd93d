import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../../src/airbyte/jobs';
import { JobWait } from '../../../src/jobs/job-wait';

const job = (status: string, fields: Partial<Job> = {}): Job => ({
  ...{ jobId: 7, jobType: 'sync', status, attempts: [], updatedAt: 1_700_000_060 },
  ...fields,
});

const heartbeat = (status: string, updatedAt: number) => ({ jobId: 7, status, jobAttempts: 0, streams: [], updatedAt });

describe('the last known change of a job that is waited for', () => {
  it.each([
    ['that of the trigger', 50, undefined, 50],
    ['that of the last heartbeat, when that is newer', 50, 60, 60],
    ['that of the trigger, when that is newer', 70, 60, 70],
    ['unknown when the job was not read yet', undefined, undefined, undefined],
  ])('is %s', (_, since, reported, expected) => {
    const earlier = reported === undefined ? undefined : heartbeat('running', reported);
    expect(new JobWait({ jobId: 7, ...(since !== undefined && { since }) }, earlier).since).toBe(expected);
  });
});

describe('a job that is cancelled while it is waited for', () => {
  it.each([
    ['when polls have found it only pending', ['pending'], undefined, true],
    ['when the worker before has found it only pending', [], 'pending', true],
    ['not when a poll has found it running', ['pending', 'running'], undefined, false],
    ['not when the worker before has found it running', ['pending'], 'running', false],
  ])('counts as unstarted %s', (_, polled, reported, expected) => {
    const wait = new JobWait({ jobId: 7 }, reported === undefined ? undefined : heartbeat(reported, 60));
    for (const status of polled) wait.observe(job(status));
    wait.observe(job('cancelled'));
    expect(wait.isUnstarted(job('cancelled'))).toBe(expected);
  });
});

describe('a job that ends while it is waited for', () => {
  it.each([
    ['may have ended long ago when no poll has found it running', [], 120_000, true],
    ['may not have when the wait has just begun', [], 10_000, false],
    ['may not have when a poll has found it running', ['running'], 120_000, false],
  ])('%s', (_, polled, agoMs, expected) => {
    const wait = new JobWait({ jobId: 7 }, undefined);
    for (const status of polled) wait.observe(job(status));
    expect(wait.mayHaveEndedLongAgo(Date.now() - agoMs)).toBe(expected);
  });

  it('is reported in a heartbeat', () => {
    const wait = new JobWait({ jobId: 7 }, undefined);
    expect(wait.observe(job('succeeded', { recordsSynced: 3 }))).toMatchObject({
      jobId: 7,
      status: 'succeeded',
      recordsSynced: 3,
    });
  });
});
