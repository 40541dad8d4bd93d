import { beforeEach, describe, expect, it } from '@jest/globals';
import type { TriggerInput } from '../../../src/contract/trigger';
import { PATIENT_WITH_STARTS, useBench } from './activity-bench';
import { Reply } from './scripted-airbyte';
import { ScriptedJobs } from './scripted-jobs';
import { throughTime, useMockedTime } from './through-time';

const bench = useBench(undefined, PATIENT_WITH_STARTS);
let jobs: ScriptedJobs;

beforeEach(() => {
  jobs = new ScriptedJobs();
  bench().airbyte.on(jobs.responders);
});

const input = (lastJobId: number | null = null): TriggerInput => ({
  connectionId: 'connection-1',
  jobType: 'sync',
  lastJobId,
});

/** The two minutes that Airbyte may need are those of the mocked clock. */
describe('a job that appears late', () => {
  useMockedTime();

  const gatewayTimeout = () => new Reply(504, '<html>Gateway Timeout</html>', { 'content-type': 'text/html' });

  it('behind a gateway that responded with 504 is waited for, and not requested again', async () => {
    bench().airbyte.on({
      'connections/sync': () => {
        setTimeout(() => jobs.add('running'), 60_000);
        return gatewayTimeout();
      },
    });
    const { result } = await throughTime(bench().run('triggerSync', input()));
    expect(result).toMatchObject({ job: { jobId: 100 }, started: true });
    expect(bench().airbyte.bodies('connections/sync')).toHaveLength(1);
  });

  it('behind a gateway is waited for also while Airbyte cannot be polled', async () => {
    const { 'jobs/list': list } = jobs.responders;
    bench().airbyte.on({
      'connections/sync': () => {
        setTimeout(() => jobs.add('running'), 30_000);
        return gatewayTimeout();
      },
      'jobs/list': (body) => (jobs.all.length === 0 ? gatewayTimeout() : list?.(body)),
    });
    const { result } = await throughTime(bench().run('triggerSync', input()));
    expect(result).toMatchObject({ job: { jobId: 100 }, started: true });
  });

  it('is requested again when it has not appeared in the two minutes that Airbyte may need', async () => {
    bench().airbyte.on({ 'connections/sync': gatewayTimeout });
    const { error, tookMs } = await throughTime(bench().run('triggerSync', input()));
    expect(error).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(tookMs).toBeGreaterThanOrEqual(70_000);
  });

  it('after its trigger was abandoned is found', async () => {
    jobs.add('succeeded');
    setTimeout(() => jobs.add('running'), 10_000);
    const { result } = await throughTime(bench().run('findTriggeredJob', input(100)));
    expect(result).toMatchObject({ jobId: 101, running: true });
  });

  it('after its trigger was cut off while in flight is searched for as long as Airbyte may need', async () => {
    setTimeout(() => jobs.add('running'), 120_000);
    const { result } = await throughTime(bench().run('findTriggeredJob', { ...input(), underWay: true }));
    expect(result).toMatchObject({ jobId: 100, running: true });
  });

  it('and never appears is not waited for long after its trigger was abandoned', async () => {
    jobs.add('succeeded');
    const { result, tookMs } = await throughTime(bench().run('findTriggeredJob', input(100)));
    expect(result).toBeNull();
    expect(tookMs).toBeLessThan(30_000);
  });
});
