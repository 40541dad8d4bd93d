import { describe, expect, it } from '@jest/globals';
import type { JobOutcome } from '../../../src/contract/job-outcome';
import { evaluateOutcome, retryDelayMs } from '../../../src/jobs/sync-verdict';

const OPTIONS = { connectionId: 'c1', jobType: 'sync', unmeasured: 'warn' } as const;

const outcome = (fields: Partial<JobOutcome>): JobOutcome => ({
  ...{ jobId: 7, status: 'succeeded', recordsSynced: 10, bytesSynced: 100, recordsRejected: 0, streams: [] },
  ...{ jobAttempts: 1, startedAt: null, endedAt: null, partialSuccess: false },
  ...fields,
});

describe('the verdict on a job', () => {
  it('is none when the job did what was asked of it', () => {
    expect(evaluateOutcome(outcome({}), OPTIONS)).toBeUndefined();
  });

  it.each([
    ['a failure of the system', { status: 'failed', failure: { type: 'system_error', message: 'x' } }, true],
    ['a failure without a reason', { status: 'failed' }, true],
    ['a wrong configuration', { status: 'failed', failure: { type: 'config_error', message: 'x' } }, false],
    ['a cancel before the job began', { status: 'cancelled', notBegun: true }, true],
    ['a cancel of a job that ran', { status: 'cancelled' }, false],
    ['records that were not committed', { recordsSynced: 0, recordsEmitted: 5 }, true],
  ] as const)('says whether another attempt may succeed after %s', (_, fields, mayRetry) => {
    expect(evaluateOutcome(outcome(fields), OPTIONS)).toMatchObject({ mayRetry });
  });

  it.each([
    ['failed', 'AirbyteSyncFailed'],
    ['cancelled', 'AirbyteJobCancelled'],
  ])('on a %s job has the type %s', (status, type) => {
    expect(evaluateOutcome(outcome({ status }), OPTIONS)).toMatchObject({ type });
  });
});

it('doubles the delay before each further attempt, up to ten minutes', () => {
  expect([1, 2, 3, 5, 6, 1000].map(retryDelayMs)).toEqual([30_000, 60_000, 120_000, 480_000, 600_000, 600_000]);
});
