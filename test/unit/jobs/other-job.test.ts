import { describe, expect, it } from '@jest/globals';
import { decideOnOtherJob, describeOtherJob } from '../../../src/jobs/other-job';

describe('a job that already runs on the connection', () => {
  it.each([
    ['attach', true, 'attach'],
    ['attach', false, 'wait'],
    ['queue', true, 'wait'],
    ['queue', false, 'wait'],
    ['skip', true, 'skip'],
    ['skip', false, 'skip'],
    ['fail', true, 'fail'],
    ['fail', false, 'fail'],
  ] as const)('with onRunning %s, of the requested kind: %s, leads to %s', (onRunning, sameKind, decision) => {
    expect(decideOnOtherJob({ sameKind }, onRunning)).toBe(decision);
  });

  it('is described with its status while it waits', () => {
    const options = { connectionId: 'c1', jobType: 'sync' } as const;
    const job = { jobId: 7, status: 'running', running: true, sameKind: true };
    expect(describeOtherJob(job, options)).toBe('Job 7 is already running on the connection c1.');
    expect(describeOtherJob({ ...job, status: 'pending' }, options)).toBe(
      'Job 7 is already running on the connection c1, pending: it was there before this sync.',
    );
  });
});
