import { describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import { syncProgressQuery } from '../../workflows';
import { useBench } from '../unit/activities/activity-bench';
import { ScriptedJobs } from '../unit/activities/scripted-jobs';
import { SyncHarness } from '../workflow/sync-harness';

describe('a sync that is cancelled', () => {
  const sync = new SyncHarness();

  it('reports what happened when its job succeeds all the same', async () => {
    const handle = await sync.start();
    await sync.airbyte.waitedFor();
    sync.airbyte.unseenEnd = { status: 'succeeded', recordsSynced: 5 };
    await handle.cancel();
    expect(await handle.result()).toMatchObject({
      ...{ jobId: 101, status: 'succeeded', recordsSynced: 5 },
      warnings: ['The sync was to be cancelled, but its job 101 had succeeded by then.'],
    });
  });

  it('names the job that Airbyte has started in place of the cancelled one', async () => {
    sync.airbyte.cancelled = { status: 'cancelled', notBegun: true, successor: { jobId: 102, status: 'running' } };
    const handle = await sync.start();
    await sync.airbyte.waitedFor();
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    const { warnings = [] } = await handle.query(syncProgressQuery);
    expect(warnings.join()).toContain('Airbyte has started job 102 (running) after the cancel of job 101');
  });
});

describe('a sync whose time is over before its job has begun', () => {
  const sync = new SyncHarness();
  const because = 'the connection is inactive, and Airbyte begins nothing on it: set its status to active';

  it('reports why the job has not begun, when it is cancelled', async () => {
    sync.airbyte.cancelled = { status: 'cancelled', notBegun: true, notBegunBecause: because };
    const failure = await sync.failureOf({ timeout: '2s' });
    expect(failure.type).toBe('AirbyteSyncTimedOut');
    expect(failure.message).toContain(`It had not begun: ${because}.`);
  });
});

describe('a job that is cancelled before it has begun', () => {
  const bench = useBench();
  const connectionId = 'connection-1';

  /** A pending job 100, which a cancel ends, and what Airbyte does then. */
  function script(connectionStatus: string, then: (jobs: ScriptedJobs) => void = () => undefined) {
    const jobs = new ScriptedJobs();
    const job = jobs.add('pending');
    jobs.connectionStatus = connectionStatus;
    const info = () => ({ job, attempts: [] });
    bench().airbyte.on({
      ...jobs.responders,
      'jobs/get_without_logs': info,
      'jobs/cancel': () => {
        job.status = 'cancelled';
        then(jobs);
        return info();
      },
    });
  }

  it('comes with why it had not begun: an inactive connection', async () => {
    script('inactive');
    const outcome = await bench().run('cancelJob', { jobId: 100, connectionId });
    expect(outcome).toMatchObject({ status: 'cancelled', notBegun: true });
    expect(outcome.notBegunBecause).toContain('the connection is inactive');
  });

  it('comes with why it had not begun: no room', async () => {
    script('active');
    const outcome = await bench().run('cancelJob', { jobId: 100, connectionId });
    expect(outcome.notBegunBecause).toContain('its workers are busy, or do not run');
    expect(outcome.successor).toBeUndefined();
  });

  it('comes with the job that Airbyte has started in its place', async () => {
    script('active', (jobs) => jobs.add('running'));
    const outcome = await bench().run('cancelJob', { jobId: 100, connectionId });
    expect(outcome.successor).toEqual({ jobId: 101, status: 'running' });
  });
});
