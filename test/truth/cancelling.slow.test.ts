import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { endOf, failureOf as failureOfWorkflow, type Stack, startStack } from '../support/stack';
import { type ActivityBench, failureOf, useBench } from '../unit/activities/activity-bench';
import { Reply } from '../unit/activities/scripted-airbyte';
import { airbyteOutOfReach, runningJob } from '../workflow/scripted-airbyte';
import { SyncHarness } from '../workflow/sync-harness';

const job = (status: string, { id = 7, updatedAt = 1_700_000_000 } = {}) => ({
  job: { id, configType: 'sync', configId: 'connection-1', status, createdAt: 1_700_000_000, updatedAt },
  attempts: [],
});

/** Runs the attempts in turn, as Temporal does, and returns how long each asked Temporal to wait before the next. */
async function cancelUntilDone(bench: ActivityBench) {
  const delays: unknown[] = [];
  let heartbeatDetails: unknown;
  for (let attempt = 1; ; attempt++) {
    const environment = bench.environment({ attempt, heartbeatDetails });
    environment.on('heartbeat', (details: unknown) => {
      heartbeatDetails = details;
    });
    try {
      return { outcome: await bench.run('cancelJob', { jobId: 7 }, environment), delays };
    } catch (error) {
      if (!(error instanceof ApplicationFailure) || error.nonRetryable) throw error;
      delays.push(error.nextRetryDelay);
    }
  }
}

describe('a cancel that Airbyte drops with 200', () => {
  const bench = useBench();
  const cancels = () => bench().airbyte.bodies('jobs/cancel').length;

  it.each(['pending', 'incomplete', 'running'])(
    'is sent again at growing intervals while the job is %s, until the job has ended',
    async (status) => {
      const now = () => job(cancels() >= 7 ? 'cancelled' : status);
      bench().airbyte.on({ 'jobs/get_without_logs': now, 'jobs/cancel': now, 'jobs/list': () => ({ jobs: [] }) });
      const { outcome, delays } = await cancelUntilDone(bench());
      expect(outcome).toMatchObject({ jobId: 7, status: 'cancelled' });
      expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
      expect(cancels()).toBe(7);
    },
  );

  it.each([
    ['404', new Reply(404, { errorId: 'e' })],
    ['400', new Reply(400, { errorId: 'e' })],
    ['422', new Reply(422, { message: 'not now' })],
    ['409', new Reply(409, { errorId: 'e' })],
    ['500', new Reply(500, { errorId: 'e' })],
    ["a gateway's words in a 404", new Reply(404, { message: 'no Route matched with those values' })],
  ])('is sent again while Airbyte responds with %s and the job still runs', async (_, reply) => {
    const now = () => job(cancels() >= 3 ? 'cancelled' : 'running');
    bench().airbyte.on({
      'jobs/get_without_logs': now,
      'jobs/cancel': () => (cancels() >= 3 ? now() : reply),
      'jobs/list': () => ({ jobs: [] }),
    });
    const { outcome, delays } = await cancelUntilDone(bench());
    expect(outcome).toMatchObject({ jobId: 7, status: 'cancelled' });
    expect(delays).toEqual([2_000, 4_000]);
  });

  it('is reported with how often it was sent and since when, also where Airbyte rejects it', async () => {
    bench().airbyte.on({
      'jobs/get_without_logs': () => job('running'),
      'jobs/cancel': () => new Reply(404, { message: 'Could not find job 7' }),
      'jobs/list': () => ({ jobs: [] }),
    });
    const environment = bench().environment({
      attempt: 5,
      heartbeatDetails: { cancelsSent: 4, firstSentAt: '2026-01-01T00:00:00.000Z' },
    });
    const failure = await failureOf(bench().run('cancelJob', { jobId: 7 }, environment));
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(failure.message).toMatch(
      /^Job 7 is still running: 5 cancels of it since 2026-01-01T00:00:00\.000Z, and Airbyte rejected the last one\..*Could not find job 7/,
    );
  });

  it('is not sent again once the job has ended by itself', async () => {
    const states = ['running', 'succeeded'];
    bench().airbyte.on({
      'jobs/get_without_logs': () => job(states.shift() ?? 'succeeded'),
      'jobs/cancel': () => job('running'),
      'jobs/list': () => ({ jobs: [] }),
    });
    expect((await cancelUntilDone(bench())).outcome).toMatchObject({ status: 'succeeded' });
    expect(cancels()).toBe(1);
  });

  it('is reported with how often it was sent, since when, and that the job still runs', async () => {
    const running = () => job('running');
    bench().airbyte.on({ 'jobs/get_without_logs': running, 'jobs/cancel': running, 'jobs/list': () => ({ jobs: [] }) });
    const heartbeatDetails = { cancelsSent: 4, firstSentAt: '2026-11-01T00:00:00.000Z' };
    const environment = bench().environment({ attempt: 5, heartbeatDetails });
    const failure = await failureOf(bench().run('cancelJob', { jobId: 7 }, environment));
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(failure.message).toContain(
      'Airbyte has accepted 5 cancels of job 7 since 2026-11-01T00:00:00.000Z, but the job is still running.',
    );
  });

  it('is not sent while another job is the one that runs on the connection', async () => {
    const states = [job('running'), job('failed')];
    bench().airbyte.on({
      'jobs/get_without_logs': () => states.shift(),
      'jobs/list': () => ({ jobs: [job('running', { id: 8 }), job('running')] }),
    });
    expect((await cancelUntilDone(bench())).outcome).toMatchObject({ status: 'failed' });
    expect(cancels()).toBe(0);
  });

  it('is sent again when Airbyte responds that it conflicts with another operation', async () => {
    const responses = [new Reply(409, { message: 'Could not fulfill request' }), job('cancelled')];
    bench().airbyte.on({
      'jobs/get_without_logs': () => job('running'),
      'jobs/list': () => ({ jobs: [] }),
      'jobs/cancel': () => responses.shift(),
    });
    expect(await cancelUntilDone(bench())).toMatchObject({ outcome: { status: 'cancelled' }, delays: [2_000] });
  });

  it('is sent where the other jobs of the connection cannot be listed', async () => {
    bench().airbyte.on({
      'jobs/get_without_logs': () => job('running'),
      'jobs/list': () => new Reply(403),
      'jobs/cancel': () => job('cancelled'),
    });
    expect((await cancelUntilDone(bench())).outcome).toMatchObject({ status: 'cancelled' });
    expect(cancels()).toBe(1);
  });
});

describe.each(['config', 'public'] as const)('a sync through the %s API', (flavour) => {
  let stack: Stack;
  const cancelCall = flavour === 'config' ? 'jobs/cancel' : 'public/jobs/{jobId}';
  beforeAll(async () => {
    stack = await startStack({ sandbox: { airbyteVersion: '1.8.0' }, airbyte: { flavour } });
  });
  afterAll(() => stack?.stop());

  /** The same for both flavours, of whose calls one also reads the job. */
  const dropCancels = (times: number) =>
    stack.sandbox.faults.add({
      call: `${flavour === 'config' ? 'POST' : 'DELETE'} ${cancelCall}`,
      ...{ times, status: 200 },
      body: flavour === 'config' ? job('running', { id: lastJobId() }) : publicJob(lastJobId()),
    });
  const lastJobId = () => Math.max(...stack.sandbox.store.jobs.keys());
  const publicJob = (jobId: number) => ({
    ...{ jobId, status: 'running', jobType: 'sync', connectionId: 'connection-1' },
    startTime: '2026-11-01T00:00:00Z',
  });

  it('that is cancelled while its job is pending sends the cancel again, and ends after the job', async () => {
    const connectionId = await stack.caller.simulatedConnection({ queued_ms: 1_000, hold: true });
    const sync = await stack.startSync({ connectionId });
    const started = await stack.sandbox.jobs.created(connectionId);
    expect(started.status).toBe('pending');
    await sync.cancel();
    expect(await endOf(sync)).toBe('CANCELLED');
    expect(started.status).toBe('cancelled');
  });

  it('that is cancelled between two attempts of its job sends the cancel again, and ends after the job', async () => {
    const connectionId = await stack.caller.simulatedConnection({
      failed_attempts: 1,
      retry_delay_ms: 1_000,
      hold: true,
    });
    const sync = await stack.startSync({ connectionId });
    const started = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.jobs.reached(started.id, ({ status }) => status === 'incomplete');
    await sync.cancel();
    expect(await endOf(sync)).toBe('CANCELLED');
    // The first cancel was dropped: without another one, the second attempt would hold for ever.
    expect(started).toMatchObject({ status: 'cancelled', attempts: [{ status: 'failed' }, { status: 'failed' }] });
  });

  it('that takes too long sends the cancel again until its job has ended', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await stack.startSync({ connectionId, timeout: '2s' });
    const started = await stack.sandbox.jobs.created(connectionId);
    const { faultId } = dropCancels(1);
    expect((await failureOfWorkflow(sync)).message).toContain(`the job ${started.id} had not ended, and was cancelled`);
    expect(stack.sandbox.faults.list().find((fault) => fault.faultId === faultId)?.struck).toBe(1);
    expect(started.status).toBe('cancelled');
  });
});

describe('a sync whose job Airbyte does not stop', () => {
  const sync = new SyncHarness();

  it('says after a quarter of an hour how often its cancel was sent, since when, and that the job may still run', async () => {
    let sent = 0;
    const startedAt = performance.now();
    sync.airbyte.onCancel = () => {
      sent += 1;
      throw ApplicationFailure.create({
        type: 'AirbyteUnavailable',
        message: `Airbyte has accepted ${sent} cancels of job 101 since 2026-11-01T00:00:00.000Z, but the job is still running.`,
        nextRetryDelay: Math.min(2_000 * 2 ** (sent - 1), 30_000),
      });
    };
    const failure = await sync.failureOf({ timeout: '2s' });
    expect(failure.type).toBe('AirbyteSyncTimedOut');
    expect(failure.message).toContain(`may still be running: Airbyte has accepted ${sent} cancels of job 101 since`);
    expect(sent).toBeGreaterThan(25);
    expect(performance.now() - startedAt).toBeLessThan(30_000);
  });

  /** A cancel that is dropped once. */
  const dropOne = () => {
    sync.airbyte.onCancel = () => {
      sync.airbyte.onCancel = undefined;
      throw ApplicationFailure.create({ type: 'AirbyteUnavailable', message: 'dropped', nextRetryDelay: 2_000 });
    };
  };

  it('sends the cancel again for a job that its trigger has left behind', async () => {
    const inVain = async () => {
      sync.airbyte.onTrigger = inVain;
      sync.airbyte.triggeredJob = () => runningJob(101);
      throw airbyteOutOfReach();
    };
    sync.airbyte.onTrigger = inVain;
    dropOne();
    const failure = await sync.failureOf({ timeout: '2s' });
    expect(failure.message).toMatch(/and job 101, .* was cancelled/);
    expect(sync.airbyte.calls.filter((call) => call === 'cancelJob 101')).toHaveLength(2);
  });
});
