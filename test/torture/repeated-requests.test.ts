import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PATIENT_WITH_STARTS, useBench } from '../unit/activities/activity-bench';
import { Reply } from '../unit/activities/scripted-airbyte';
import { ScriptedJobs } from '../unit/activities/scripted-jobs';
import { throughTime, useMockedTime } from '../unit/activities/through-time';

const bench = useBench(undefined, PATIENT_WITH_STARTS);
let jobs: ScriptedJobs;

useMockedTime();
beforeEach(() => {
  jobs = new ScriptedJobs();
  bench().airbyte.on(jobs.responders);
});

const connectionId = 'connection-1';
const input = { connectionId, jobType: 'sync', lastJobId: 100 } as const;
const sent = () => bench().airbyte.bodies('connections/sync').length;
const passed = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const addNow = (status: string) => {
  const job = jobs.add(status);
  job.createdAt = Math.floor(Date.now() / 1_000);
  job.updatedAt = job.createdAt;
  return job;
};
const runs = () =>
  new Reply(409, { message: `A sync is already running for: ${connectionId}` }, { date: new Date().toUTCString() });

describe('a job that runs, by a gateway that has sent our request twice', () => {
  beforeEach(() => {
    jobs.add('succeeded');
  });

  it.each([
    ['immediately', 0, 'running'],
    ['after a second', 1_000, 'running'],
    ['after a minute', 60_000, 'running'],
    ['when the job has ended already', 8_000, 'succeeded'],
  ])('is ours: %s', async (_, afterMs, status) => {
    bench().airbyte.on({
      'connections/sync': async () => {
        addNow(status);
        await passed(afterMs);
        return runs();
      },
    });
    const { result } = await throughTime(bench().run('triggerSync', input));
    expect(result).toMatchObject({ job: { jobId: 101 }, started: true });
    expect(sent()).toBe(1);
  });

  it('is ours also when it shows only after the rejection', async () => {
    bench().airbyte.on({
      'connections/sync': () => {
        setTimeout(() => addNow('running'), 60_000);
        return runs();
      },
    });
    const { result } = await throughTime(bench().untilDone('triggerSync', input));
    expect(result).toMatchObject({ job: { jobId: 101 }, started: true });
    expect(sent()).toBe(1);
  });

  it('is that of another workflow when that has noted it', async () => {
    bench().workflowsOfConnections[connectionId] = ['another-sync'];
    bench().airbyte.on({
      'connections/sync': () => {
        addNow('running');
        return runs();
      },
    });
    const { result } = await throughTime(bench().run('triggerSync', input));
    expect(result).toMatchObject({ job: { jobId: 101 }, started: false });
  });

  it('is not ours when it began before the request', async () => {
    addNow('running');
    await jest.advanceTimersByTimeAsync(5_000);
    bench().airbyte.on({ 'connections/sync': runs });
    const { result } = await throughTime(bench().run('triggerSync', input));
    expect(result).toMatchObject({ job: { jobId: 101 }, started: false });
  });

  it('is requested again soon when Airbyte has not noticed yet that the last one has ended', async () => {
    addNow('succeeded');
    const last = { ...input, lastJobId: 101 };
    bench().airbyte.on({ 'connections/sync': runs });
    const { error, tookMs } = await throughTime(bench().run('triggerSync', last));
    expect(error).toMatchObject({ type: 'AirbyteConflict', nonRetryable: false, details: [{ nothingStarted: true }] });
    expect(tookMs).toBeLessThan(20_000);
  });
});
