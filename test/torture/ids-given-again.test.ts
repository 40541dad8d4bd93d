import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startSandbox } from '../../sandbox/server';
import { AirbyteClient } from '../../src/airbyte';
import { publicApiUrl } from '../../src/airbyte/airbyte-url';
import { findJob } from '../../src/airbyte/lookup/find-job';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { failureOf, useBench } from '../unit/activities/activity-bench';
import { EPOCH, ScriptedJobs } from '../unit/jobs/scripted-jobs';
import { ApiCaller } from '../unit/sandbox/api-caller';

const OURS = 'connection-1';
const THEIRS = 'connection-2';
const MINUTE = 60_000;

describe('a job with the id of ours that runs on another connection, as after a backup was restored', () => {
  describe.each([1, 3])('while %i syncs wait', (syncs) => {
    let airbyte: ScriptedJobs;
    let watcher: JobWatcher;
    beforeEach(() => {
      jest.useFakeTimers();
      airbyte = new ScriptedJobs();
      watcher = new JobWatcher({ airbyte, pollIntervalMs: 2_000, logger: { info: () => {}, warn: () => {} } });
    });
    afterEach(() => {
      jest.useRealTimers();
    });
    const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

    it('does not end our sync, which reports that Airbyte has lost our job', async () => {
      const waiting = Array.from({ length: syncs }, (_, index) => {
        const connectionId = index === 0 ? OURS : `other-${index}`;
        airbyte.set(index + 1, 'running', { connectionId });
        const outcome = { says: 'waiting' };
        watcher.wait({ jobId: index + 1, since: EPOCH, connectionId }).then(
          ({ status }) => Object.assign(outcome, { says: status }),
          (error: Error) => Object.assign(outcome, { says: error.message }),
        );
        return outcome;
      });
      await pass(10_000);
      airbyte.set(1, 'running', { connectionId: THEIRS });
      await pass(10_000);
      airbyte.set(1, 'succeeded', { connectionId: THEIRS });
      await pass(MINUTE);
      expect(waiting[0]?.says).toBe('waiting');
      await pass(9 * MINUTE);
      expect(waiting[0]?.says).toMatch(/^Airbyte has lost job 1: .*now belongs to connection connection-2/);
      expect(waiting.slice(1).every(({ says }) => says === 'waiting')).toBe(true);
    });
  });

  describe('for an activity', () => {
    const bench = useBench();
    const job = (configId: string, status: string) => ({
      job: { id: 7, configType: 'sync', configId, status, createdAt: 1, updatedAt: 1 },
      attempts: [],
    });
    const theirsEverywhere = (status: string) =>
      bench().airbyte.on({
        'jobs/get_without_logs': () => job(THEIRS, status),
        'jobs/get': () => job(THEIRS, status),
        'jobs/list': () => ({ jobs: [job(THEIRS, status)] }),
        'jobs/get_last_replication_job': () => ({ job: job(THEIRS, status).job }),
        'jobs/cancel': () => job(THEIRS, 'cancelled'),
      });

    it('is not cancelled', async () => {
      theirsEverywhere('running');
      const failure = await failureOf(bench().run('cancelJob', { jobId: 7, connectionId: OURS }));
      expect(failure.message).toContain('Job 7 now belongs to connection connection-2');
      expect(bench().airbyte.bodies('jobs/cancel')).toEqual([]);
    });

    it('is not returned as ours', async () => {
      theirsEverywhere('succeeded');
      const failure = await failureOf(bench().run('getJob', { jobId: 7, connectionId: OURS }));
      expect(failure).toMatchObject({ type: 'AirbyteNotFound' });
    });

    it('is no job of ours in a list, even of a server that does not filter', async () => {
      theirsEverywhere('running');
      expect(await bench().run('listJobs', { connectionId: OURS })).toEqual([]);
      expect(await bench().run('getLastReplicationJob', { connectionId: OURS })).toBeNull();
      expect(await bench().run('findLastJob', { connectionId: OURS, jobType: 'sync' })).toBeNull();
    });

    it('does not add its log or its counts to those of ours', async () => {
      const ended = { ...job(OURS, 'failed'), attempts: [] };
      bench().airbyte.on({
        'jobs/get_without_logs': () => ended,
        'jobs/list': () => ({ jobs: [ended] }),
        'jobs/get': () => ({
          job: job(THEIRS, 'failed').job,
          attempts: [{ attempt: { id: 0, status: 'failed' }, logs: { logLines: ['a secret of theirs'] } }],
        }),
      });
      const outcome = await bench().run('waitForJob', { jobId: 7, connectionId: OURS });
      expect(outcome).toMatchObject({ status: 'failed' });
      expect(JSON.stringify(outcome)).not.toContain('theirs');
    });
  });
});

describe.each(['config', 'public'] as const)('an Airbyte whose backup was restored, through its %s API', (flavour) => {
  it('gives the id of our job to one of another connection, which is not taken for ours', async () => {
    const sandbox = await startSandbox();
    const airbyte = new AirbyteClient({ url: flavour === 'public' ? publicApiUrl(sandbox.url) : sandbox.url });
    try {
      const caller = new ApiCaller(sandbox);
      const [ours, theirs] = [
        await caller.simulatedConnection({ hold: true }),
        await caller.simulatedConnection({ hold: true }),
      ];
      const { jobId } = await airbyte.connections.sync(ours);
      expect(await findJob(airbyte.jobs, { jobId, connectionId: ours.toUpperCase() })).toMatchObject({ jobId });
      await caller.control('POST', '/sandbox/backup', { lastJobId: jobId - 1 });
      expect((await airbyte.connections.sync(theirs)).jobId).toBe(jobId);
      const found = findJob(airbyte.jobs, { jobId, connectionId: ours });
      await expect(found).rejects.toMatchObject({ type: 'AirbyteNotFound', retryable: false });
    } finally {
      await airbyte.close();
      await sandbox.stop();
    }
  });
});
