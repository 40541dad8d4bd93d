import { describe, expect, it } from '@jest/globals';
import { syncConnectionInputSchema } from '../../src/contract/sync-options';
import { toJobSnapshot } from '../../src/jobs/job-search';
import { useBench } from '../unit/activities/activity-bench';

const CONNECTION = 'connection-1';

const job = (status: string, id = 7) => ({
  job: { id, configType: 'sync', configId: CONNECTION, status, createdAt: 1_700_000_000, updatedAt: 1_700_000_000 },
  attempts: [],
});

describe("a cancel, which stops whatever runs on the job's connection", () => {
  const bench = useBench();

  it('is not sent when the job ended while its connection was read: a job that began then is not cancelled', async () => {
    let status = 'running';
    bench().airbyte.on({
      'jobs/list': () => {
        const listed = { jobs: [job(status)] };
        status = 'succeeded';
        return listed;
      },
      'jobs/get_without_logs': () => job(status),
    });
    const outcome = await bench().run('cancelJob', { jobId: 7, connectionId: CONNECTION });
    expect(outcome).toMatchObject({ jobId: 7, status: 'succeeded' });
    expect(bench().airbyte.bodies('jobs/cancel')).toEqual([]);
  });

  it('follows directly after the read of the status of the job', async () => {
    let read: string[] = [];
    bench().airbyte.on({
      'jobs/list': () => {
        read.push('list');
        return { jobs: [job('running')] };
      },
      'jobs/get_without_logs': () => {
        read.push('job');
        return job(read.includes('cancel') ? 'cancelled' : 'running');
      },
      'jobs/cancel': () => {
        read.push('cancel');
        return job('cancelled');
      },
    });
    await bench().run('cancelJob', { jobId: 7, connectionId: CONNECTION });
    read = read.slice(0, 3);
    expect(read).toEqual(['list', 'job', 'cancel']);
  });
});

describe('a job of a clear', () => {
  it.each(['reset_connection', 'clear'])('is the job of a clear and of a reset, also as %s', (jobType) => {
    for (const asked of ['clear', 'reset'] as const) {
      const found = { jobId: 1, jobType, status: 'running', attempts: [] };
      expect(toJobSnapshot({ webappUrl: '' } as Parameters<typeof toJobSnapshot>[0], found, asked).sameKind).toBe(true);
      expect(syncConnectionInputSchema().safeParse({ connectionId: 'c', jobType: asked }).success).toBe(true);
    }
    const sync = toJobSnapshot(
      { webappUrl: '' } as Parameters<typeof toJobSnapshot>[0],
      { jobId: 1, jobType, status: 'running', attempts: [] },
      'sync',
    );
    expect(sync.sameKind).toBe(false);
  });
});
