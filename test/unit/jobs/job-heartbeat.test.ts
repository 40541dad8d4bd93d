import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Job } from '../../../src/airbyte/jobs';
import { JobHeartbeatBuilder } from '../../../src/jobs/job-heartbeat';

const attempt = { attemptNumber: 0, status: 'running', failures: [] };
const job: Job = { jobId: 7, jobType: 'sync', status: 'running', updatedAt: 1_700_000_000, attempts: [attempt] };

describe('the heartbeats of a job that is waited for', () => {
  let now: number;
  let heartbeats: JobHeartbeatBuilder;

  beforeEach(() => {
    now = 0;
    heartbeats = new JobHeartbeatBuilder(() => now);
  });

  it('report its status, what it has moved, and the streams with the most records', () => {
    const streams = Array.from({ length: 7 }, (_, index) => ({ name: `s${index}`, recordsSynced: index }));
    const heartbeat = heartbeats.of({ ...job, recordsSynced: 21, bytesSynced: 210, streams });
    expect(heartbeat).toMatchObject({
      jobId: 7,
      status: 'running',
      jobAttempts: 1,
      recordsSynced: 21,
      bytesSynced: 210,
    });
    expect(heartbeat.streams.map(({ name }) => name)).toEqual(['s6', 's5', 's4', 's3', 's2']);
    expect(heartbeat.updatedAt).toBe(1_700_000_000);
  });

  it('report the average rate since the first count', () => {
    expect(heartbeats.of({ ...job, recordsSynced: 1_000 }).recordsPerSecond).toBeUndefined();
    now = 2_000;
    expect(heartbeats.of({ ...job, recordsSynced: 2_000 }).recordsPerSecond).toBe(500);
    now = 10_000;
    expect(heartbeats.of({ ...job, recordsSynced: 4_000 }).recordsPerSecond).toBe(300);
  });

  it('report no rate before a second has passed, nor without counts', () => {
    heartbeats.of({ ...job, recordsSynced: 0 });
    now = 999;
    expect(heartbeats.of({ ...job, recordsSynced: 50 }).recordsPerSecond).toBeUndefined();
    expect(heartbeats.of(job).recordsPerSecond).toBeUndefined();
  });

  it('begin to report a rate with the first count, not with the first poll', () => {
    heartbeats.of(job);
    now = 60_000;
    heartbeats.of({ ...job, recordsSynced: 0 });
    now = 62_000;
    expect(heartbeats.of({ ...job, recordsSynced: 100 }).recordsPerSecond).toBe(50);
  });
});
