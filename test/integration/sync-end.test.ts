import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { searchAttributeKeys } from '../../src/contract/search-attribute-keys';
import { syncWorkflowId } from '../../src/contract/workflow-ids';
import type { syncConnection } from '../../workflows';
import { endOf, failureOf, JOB_POLL_CALL, type Stack, startStack } from '../support/stack';

describe('a sync', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ sandbox: { airbyteVersion: '1.8.0' } });
  });
  afterAll(() => stack?.stop());
  beforeEach(() => {
    stack.sandbox.requests.clear();
    stack.sandbox.faults.remove();
  });

  /** A sync whose job runs until it is told to end, seen to be waited for. */
  async function heldSync(simulation: object = {}, options: object = {}) {
    const connectionId = await stack.caller.simulatedConnection({ hold: true, records: 10, ...simulation });
    const sync = await stack.startSync({ connectionId, ...options });
    const job = await stack.sandbox.jobs.created(connectionId);
    await looks(2);
    return { sync, job, connectionId };
  }

  /** Waits until the worker has polled so many times more. */
  const looks = (times: number) =>
    stack.sandbox.requests.reached(JOB_POLL_CALL, stack.sandbox.requests.count(JOB_POLL_CALL) + times);

  const jobsOf = (connectionId: string) => stack.sandbox.store.connection(connectionId).jobs;

  describe('that is cancelled', () => {
    it('cancels its job in Airbyte, and ends after it', async () => {
      const { sync, job } = await heldSync({ cancel_duration_ms: 300 });
      await sync.cancel();
      expect(await endOf(sync)).toBe('CANCELLED');
      expect(job.status).toBe('cancelled');
      const { closeTime, raw } = await sync.describe();
      expect(raw.pendingActivities).toEqual([]);
      expect(closeTime?.getTime()).toBeGreaterThanOrEqual(job.updatedAtMs);
      expect(stack.sandbox.requests.count('jobs/cancel')).toBe(1);
    });

    it('cancels the job that its trigger is about to start', async () => {
      const connectionId = await stack.caller.simulatedConnection({ hold: true });
      const { faultId } = stack.sandbox.faults.add({ call: 'connections/sync', delayMs: 60_000 });
      const sync = await stack.startSync({ connectionId });
      await stack.sandbox.requests.reached('connections/sync', 1);
      await sync.cancel();
      stack.sandbox.faults.remove(faultId);
      expect(await endOf(sync)).toBe('CANCELLED');
      expect(jobsOf(connectionId).map(({ status }) => status)).toEqual(['cancelled']);
    });

    it('cancels the job whose trigger is under way and gets no response', async () => {
      const connectionId = await stack.caller.simulatedConnection({ hold: true });
      const fault = { call: 'connections/sync', delayMs: 60_000, drop: 'after' } as const;
      const { faultId } = stack.sandbox.faults.add(fault);
      // Nor can the job be looked up immediately.
      stack.sandbox.faults.add({ call: 'jobs/list', skip: 1, status: 503 });
      const sync = await stack.startSync({ connectionId });
      await stack.sandbox.requests.reached('connections/sync', 1);
      await sync.cancel();
      stack.sandbox.faults.remove(faultId);
      expect(await endOf(sync)).toBe('CANCELLED');
      expect(jobsOf(connectionId).map(({ status }) => status)).toEqual(['cancelled']);
    });

    it('fails when Airbyte keeps rejecting the cancel, and names the job that still runs', async () => {
      const { sync, job } = await heldSync();
      stack.sandbox.faults.add({ call: 'jobs/cancel', status: 403, body: { message: 'Not an editor' }, times: 20 });
      await sync.cancel();
      const failure = await failureOf(sync);
      expect(failure.type).toBe('AirbyteUnauthorized');
      expect(failure.message).toMatch(new RegExp(`^Job ${job.id} .* may still be running: .*Not an editor`));
      expect(job.status).toBe('running');
    });

    it('tries again when the cancel fails', async () => {
      const { sync, job } = await heldSync();
      stack.sandbox.faults.add({ call: 'jobs/cancel', status: 503 });
      await sync.cancel();
      expect(await endOf(sync)).toBe('CANCELLED');
      expect(job.status).toBe('cancelled');
      expect(stack.sandbox.requests.count('jobs/cancel')).toBe(2);
    });

    it('does not cancel the next job of the connection when its own has just ended', async () => {
      const { sync, job, connectionId } = await heldSync();
      // No poll shows the job's end, so the cancellation comes while the sync still takes it for running.
      const unseen = stack.sandbox.faults.add({ call: JOB_POLL_CALL, delayMs: 60_000, times: 1 });
      await looks(1);
      await stack.sandbox.jobs.finish(job.id);
      const next = stack.sandbox.jobs.start(stack.sandbox.store.connection(connectionId), 'sync');
      await sync.cancel();
      await looks(1);
      stack.sandbox.faults.remove(unseen.faultId);
      // Its job did succeed, and the sync says so.
      expect(await sync.result()).toMatchObject({
        ...{ jobId: job.id, status: 'succeeded' },
        warnings: [expect.stringContaining('was to be cancelled')],
      });
      expect(stack.sandbox.jobs.runningOn(connectionId)).toBe(next);
      expect(stack.sandbox.requests.count('jobs/cancel')).toBe(0);
    });
  });

  describe('that takes too long', () => {
    it('cancels its job and fails', async () => {
      const { sync, job } = await heldSync({}, { timeout: '2s' });
      const failure = await failureOf(sync);
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toContain(`the job ${job.id} had not ended, and was cancelled`);
      expect(job.status).toBe('cancelled');
    });

    it('leaves its job running when asked to', async () => {
      const { sync, job, connectionId } = await heldSync({}, { timeout: '2s', onTimeout: 'leave' });
      const failure = await failureOf(sync);
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toContain('was left running');
      expect(stack.sandbox.jobs.runningOn(connectionId)).toBe(job);
      expect(stack.sandbox.requests.count('jobs/cancel')).toBe(0);
    });
  });

  describe('in whose job nothing moves any more', () => {
    it('cancels the job and fails, and says since when', async () => {
      const simulation = { hold: false, duration_ms: 1_000, stalls_after_ms: 500 };
      const { sync, job } = await heldSync(simulation, { stallTimeout: '1s' });
      const failure = await failureOf(sync);
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toMatch(/has stalled: for 1s, since \d{4}-.*The job was cancelled\./);
      expect(failure.details).toMatchObject([{ jobId: job.id, recordsSynced: 5, stalledSince: expect.any(String) }]);
      expect(job.status).toBe('cancelled');
    });

    it('waits for a job whose source goes on, although its destination commits nothing', async () => {
      const simulation = { duration_ms: 2_000, records: 2_000, records_committed: 0 };
      const connectionId = await stack.caller.simulatedConnection(simulation);
      const failure = await failureOf(await stack.startSync({ connectionId, stallTimeout: '1s' }));
      expect(failure.type).toBe('AirbyteSyncFailed');
      expect(failure.message).toContain('of the 2000 records that the source has sent, 0 were committed');
    });
  });

  describe('whose job fails', () => {
    it("fails with Airbyte's own reason, and is not tried again over a configuration that is wrong", async () => {
      const connectionId = await stack.caller.simulatedConnection({
        outcome: 'failed',
        failure_type: 'config_error',
        failure_message: 'relation "public.customers" does not exist',
      });
      const failure = await failureOf(await stack.startSync({ connectionId, maximumAttempts: 3 }));
      expect(failure.type).toBe('AirbyteSyncFailed');
      expect(failure.message).toContain('relation "public.customers" does not exist (source, config_error)');
      expect(failure.message).toContain('The simulated job ended.');
      expect(jobsOf(connectionId)).toHaveLength(1);
    });

    it('reports what each stream has moved all the same', async () => {
      const moved = { records: 40, bytes: 400, records_rejected: 2 };
      const connectionId = await stack.caller.simulatedConnection({ outcome: 'failed', ...moved });
      const failure = await failureOf(await stack.startSync({ connectionId }));
      expect(failure.message).toContain('Part of it is in the destination: 40 records (events 40), 2 rejected.');
      const events = { name: 'events', recordsSynced: 40, bytesSynced: 400, recordsRejected: 2 };
      expect(failure.details).toMatchObject([{ partialSuccess: true, recordsSynced: 40, streams: [events] }]);
    });

    it('fails with another type when the job was cancelled in Airbyte', async () => {
      const { sync, job } = await heldSync();
      await stack.caller.call('jobs/cancel', { id: job.id });
      const failure = await failureOf(sync);
      expect(failure.type).toBe('AirbyteJobCancelled');
    });
  });

  it.each(['queued', 'incomplete', 'resting'])('continues to wait while its job is %s', async (status) => {
    const { sync, job } = await heldSync();
    stack.sandbox.jobs.setStatus(job.id, status);
    await looks(3);
    expect((await sync.describe()).status.name).toBe('RUNNING');
    await stack.sandbox.jobs.finish(job.id);
    expect(await sync.result()).toMatchObject({ jobId: job.id, status: 'succeeded' });
  });

  it('continues after every kind of failed poll', async () => {
    const { sync, job } = await heldSync();
    const retryAfter = { 'retry-after': '1' };
    stack.sandbox.faults.add({ call: JOB_POLL_CALL, status: 429, headers: retryAfter });
    stack.sandbox.faults.add({ call: JOB_POLL_CALL, status: 503, headers: retryAfter });
    stack.sandbox.faults.add({ call: JOB_POLL_CALL, status: 200, body: '<html>Airbyte</html>' });
    stack.sandbox.faults.add({ call: JOB_POLL_CALL, drop: 'before' });
    stack.sandbox.faults.add({ call: JOB_POLL_CALL, status: 404, body: { errorId: 'x' } });
    stack.sandbox.faults.add({ call: JOB_POLL_CALL, status: 401 });
    await looks(7);
    expect(stack.sandbox.faults.list().every(({ struck }) => struck === 1)).toBe(true);
    await stack.sandbox.jobs.finish(job.id);
    expect(await sync.result()).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(stack.sandbox.requests.count('connections/sync')).toBe(1);
  });

  it('returns its progress to a query', async () => {
    const { sync, job, connectionId } = await heldSync();
    const progress = () => sync.query('progress');
    expect(await progress()).toMatchObject({ connectionId, phase: 'running', jobId: job.id, attempt: 1 });
    await stack.sandbox.jobs.finish(job.id);
    const { streams } = await sync.result();
    expect(streams).toMatchObject([{ name: 'events', recordsSynced: 10 }]);
    expect(await progress()).toMatchObject({ phase: 'done', status: 'succeeded', recordsSynced: 10, streams });
  });

  it('leaves search attributes by which it is found and judged', async () => {
    const { sync, job, connectionId } = await heldSync();
    await stack.sandbox.jobs.finish(job.id);
    await sync.result();
    expect((await sync.describe()).searchAttributes).toMatchObject({
      AirbyteConnectionId: [connectionId],
      AirbyteJobId: [String(job.id)],
      AirbyteJobStatus: ['succeeded'],
      AirbyteRecordsSynced: [10],
    });
  });

  it('has the same history, of at most 25 events, however long its job takes and whatever its tags', async () => {
    const eventsOf = async (durationMs: number, tagged: boolean) => {
      const connectionId = await stack.caller.simulatedConnection({ duration_ms: durationMs, records: 1_000 });
      const sync = await stack.temporal.client.workflow.start<typeof syncConnection>('syncConnection', {
        taskQueue: stack.taskQueue,
        workflowId: syncWorkflowId(connectionId, stack.taskQueue),
        args: [{ connectionId }],
        typedSearchAttributes: tagged ? [{ key: searchAttributeKeys.connectionId, value: connectionId }] : [],
      });
      expect(await sync.result()).toMatchObject({ recordsSynced: 1_000 });
      return (await sync.fetchHistory()).events?.length;
    };
    const [short, long, tagged] = await Promise.all([
      eventsOf(400, false),
      eventsOf(4_000, false),
      eventsOf(400, true),
    ]);
    expect(long).toBe(short);
    expect(tagged).toBe(short);
    expect(long).toBeLessThanOrEqual(25);
  });
});
