import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../../src/airbyte/jobs';
import { isCancelledBeforeFirstAttempt } from '../../../src/jobs/unstarted-job';

const CANCELLED: Job = { jobId: 7, jobType: 'sync', status: 'cancelled', attempts: [] };
const ATTEMPT = { attemptNumber: 0, failures: [] };

describe('a job that was cancelled', () => {
  it.each([
    ['pending, by a server that tells of no attempts', {}, ['pending']],
    ['queued, by a server that tells of no attempts', {}, ['pending', 'queued']],
    ['pending again after the queue', {}, ['pending', 'queued', 'pending']],
    ['pending, and that has counts of 0', { recordsSynced: 0, bytesSynced: 0 }, ['pending']],
    ['never, and that has had no attempts', { noAttempts: true }, []],
  ] as const)('had not begun if polls showed it only %s', (_, fields, seen) => {
    expect(isCancelledBeforeFirstAttempt({ ...CANCELLED, ...fields }, seen)).toBe(true);
  });

  it.each([
    ['was seen to run', {}, ['pending', 'running']],
    ['was seen between two attempts', {}, ['pending', 'incomplete']],
    ['was seen in a status of tomorrow', {}, ['a status of tomorrow']],
    ['had an attempt between two polls', { attempts: [ATTEMPT] }, ['pending']],
    ['has a start', { startedAt: 1_700_000_000 }, ['pending']],
    ['has moved records', { recordsSynced: 1 }, ['pending']],
    ['has moved bytes', { bytesSynced: 1 }, ['pending']],
    ['was not polled before its end, by a server that tells of no attempts', {}, []],
    ['has failed, not been cancelled', { status: 'failed', noAttempts: true }, ['pending']],
  ] as const)('counts as begun if it %s', (_, fields, seen) => {
    const job: Job = { ...CANCELLED, ...fields, attempts: 'attempts' in fields ? [...fields.attempts] : [] };
    expect(isCancelledBeforeFirstAttempt(job, seen)).toBe(false);
  });

  it('had not begun if it was queued when it was triggered, or pending with no attempts since', () => {
    expect(isCancelledBeforeFirstAttempt(CANCELLED, [], 'queued')).toBe(true);
    expect(isCancelledBeforeFirstAttempt({ ...CANCELLED, noAttempts: true }, [], 'pending')).toBe(true);
  });

  it('counts as begun if it was only pending when it was triggered, or ran when it was attached to', () => {
    expect(isCancelledBeforeFirstAttempt(CANCELLED, [], 'pending')).toBe(false);
    expect(isCancelledBeforeFirstAttempt(CANCELLED, ['pending'], 'running')).toBe(false);
  });
});
