import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FaultInput } from '../../sandbox/http/faults';
import { endOf, failureOf, JOB_POLL_CALL, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { until } from '../support/until';

describe('the start of a sync', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.stop());
  beforeEach(() => {
    stack.sandbox.requests.clear();
    stack.sandbox.faults.remove();
  });

  const jobsOf = (connectionId: string) => stack.sandbox.store.connection(connectionId).jobs;

  /** A job that runs before our sync starts, as Airbyte's own schedule starts them. */
  const startElsewhere = (connectionId: string) =>
    stack.sandbox.jobs.start(stack.sandbox.store.connection(connectionId), 'sync');

  describe('when a job of the connection is running already', () => {
    it('attaches to it', async () => {
      const connectionId = await stack.caller.simulatedConnection({ hold: true, records: 40 });
      const { id } = startElsewhere(connectionId);
      const sync = await stack.startSync({ connectionId });
      await stack.sandbox.requests.reached(JOB_POLL_CALL, 2);
      await stack.sandbox.jobs.finish(id);
      expect(await sync.result()).toMatchObject({ jobId: id, status: 'succeeded', recordsSynced: 40, attached: true });
      expect(jobsOf(connectionId)).toHaveLength(1);
    });

    it('adopts a job that begins while its trigger is under way, since a gateway may have sent that twice', async () => {
      const connectionId = await stack.caller.simulatedConnection({ hold: true });
      const { faultId } = stack.sandbox.faults.add({ call: 'connections/sync', delayMs: 60_000 });
      const sync = await stack.startSync({ connectionId });
      await stack.sandbox.requests.reached('connections/sync', 1);
      const { id } = startElsewhere(connectionId);
      stack.sandbox.faults.remove(faultId);
      await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
      await stack.sandbox.jobs.finish(id);
      expect(await sync.result()).toMatchObject({ jobId: id, attached: false });
      expect(jobsOf(connectionId)).toHaveLength(1);
    });

    it('does nothing when asked to skip', async () => {
      const connectionId = await stack.caller.simulatedConnection({ hold: true });
      const { id } = startElsewhere(connectionId);
      const sync = await stack.startSync({ connectionId, onRunning: 'skip' });
      expect(await sync.result()).toMatchObject({ jobId: id, status: 'skipped', recordsSynced: 0 });
      expect(stack.sandbox.jobs.runningOn(connectionId)?.id).toBe(id);
    });

    it('fails when asked to, and does not cancel the job', async () => {
      const connectionId = await stack.caller.simulatedConnection({ hold: true });
      const { id } = startElsewhere(connectionId);
      const failure = await failureOf(await stack.startSync({ connectionId, onRunning: 'fail' }));
      expect(failure.type).toBe('AirbyteConflict');
      expect(failure.message).toContain(`Job ${id} is already running`);
      expect(stack.sandbox.jobs.runningOn(connectionId)?.id).toBe(id);
    });

    it('runs a job of its own afterwards when asked to queue', async () => {
      const connectionId = await stack.caller.simulatedConnection({ jobs: [{ hold: true }, { records: 3 }] });
      const { id } = startElsewhere(connectionId);
      const sync = await stack.startSync({ connectionId, onRunning: 'queue' });
      await stack.sandbox.requests.reached(JOB_POLL_CALL, 2);
      expect(jobsOf(connectionId)).toHaveLength(1);
      await stack.sandbox.jobs.finish(id, 'failed');
      expect(await sync.result()).toMatchObject({ status: 'succeeded', recordsSynced: 3, attached: false });
      expect(jobsOf(connectionId)).toHaveLength(2);
    });

    it('leaves the job alone when it is cancelled in the queue', async () => {
      const connectionId = await stack.caller.simulatedConnection({ hold: true });
      const { id } = startElsewhere(connectionId);
      const sync = await stack.startSync({ connectionId, onRunning: 'queue' });
      await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
      await sync.cancel();
      expect(await endOf(sync)).toBe('CANCELLED');
      expect(stack.sandbox.jobs.runningOn(connectionId)?.id).toBe(id);
      expect(stack.sandbox.requests.count('jobs/cancel')).toBe(0);
    });
  });

  describe('when two starters trigger at the same moment', () => {
    /** Two workflows of one worker that trigger before Airbyte acts, one after the other, and the job that comes of it. */
    async function startTwo(simulation: object, onRunning: 'attach' | 'queue' | 'skip' | 'fail') {
      const connectionId = await stack.caller.simulatedConnection(simulation);
      const { faultId } = stack.sandbox.faults.add({ call: 'connections/sync', delayMs: 60_000, times: 2 });
      const syncs = await Promise.all(
        [1, 2].map((starter) => stack.startSync({ connectionId, onRunning }, uniqueName(`starter-${starter}`))),
      );
      await stack.sandbox.requests.reached('connections/sync', 1);
      stack.sandbox.faults.remove(faultId);
      const { id } = await stack.sandbox.jobs.created(connectionId);
      return { connectionId, syncs, jobId: id };
    }

    it('shares one job between them', async () => {
      const { connectionId, syncs, jobId } = await startTwo({ hold: true, records: 8 }, 'attach');
      // Both wait for the one job; finishing it before would leave the other one free to start the next.
      for (const sync of syncs) await waitsFor(sync.workflowId, jobId);
      await stack.sandbox.jobs.finish(jobId);
      const results = await Promise.all(syncs.map((sync) => sync.result()));
      expect(results).toMatchObject([
        { jobId, recordsSynced: 8 },
        { jobId, recordsSynced: 8 },
      ]);
      expect(results.map(({ attached }) => attached).sort()).toEqual([false, true]);
      expect(jobsOf(connectionId)).toHaveLength(1);
    });

    it('runs a job for each, one after the other, when asked to queue', async () => {
      const { connectionId, syncs, jobId } = await startTwo({ jobs: [{ hold: true }, { records: 2 }] }, 'queue');
      await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
      await stack.sandbox.jobs.finish(jobId);
      const results = await Promise.all(syncs.map((sync) => sync.result()));
      const ids = jobsOf(connectionId).map(({ id }) => id);
      expect(ids).toHaveLength(2);
      expect(results.map((result) => result.jobId).sort(ascending)).toEqual(ids);
      expect(results.every(({ attached }) => !attached)).toBe(true);
    });

    it('runs one, and skips the other when asked to', async () => {
      const { connectionId, syncs, jobId } = await startTwo({ hold: true }, 'skip');
      const skipped = await Promise.race(syncs.map((sync) => sync.result()));
      expect(skipped).toMatchObject({ jobId, status: 'skipped' });
      await stack.sandbox.jobs.finish(jobId);
      const results = await Promise.all(syncs.map((sync) => sync.result()));
      expect(results.map(({ status }) => status).sort()).toEqual(['skipped', 'succeeded']);
      expect(jobsOf(connectionId)).toHaveLength(1);
    });

    it('runs one, and fails the other when asked to', async () => {
      const { connectionId, syncs, jobId } = await startTwo({ hold: true }, 'fail');
      const reason = await Promise.any(syncs.map((sync) => failureOf(sync)));
      expect(reason.type).toBe('AirbyteConflict');
      await stack.sandbox.jobs.finish(jobId);
      const ends = await Promise.all(syncs.map((sync) => endOf(sync)));
      expect(ends.sort()).toEqual(['COMPLETED', 'FAILED']);
      expect(jobsOf(connectionId)).toHaveLength(1);
    });
  });

  it('runs a job for each of several that queue, one after the other', async () => {
    const connectionId = await stack.caller.simulatedConnection({ jobs: [{ hold: true }, { duration_ms: 100 }] });
    const { id } = startElsewhere(connectionId);
    const syncs = await Promise.all(
      [1, 2, 3].map((nth) => stack.startSync({ connectionId, onRunning: 'queue' }, uniqueName(`queued-${nth}`))),
    );
    for (const sync of syncs) await waitsFor(sync.workflowId, id, 'queued');
    const query = `AirbyteConnectionId = '${connectionId}' AND ExecutionStatus = 'Running'`;
    await found(query, 3);
    await stack.sandbox.jobs.finish(id);
    const results = await Promise.all(syncs.map((sync) => sync.result()));
    const [, ...own] = jobsOf(connectionId).map((job) => job.id);
    expect(own).toHaveLength(3);
    expect(results.map(({ jobId }) => jobId).sort(ascending)).toEqual(own);
  });

  const ascending = (one: number, other: number) => one - other;

  /** Waits until Temporal, which indexes a little later, finds so many workflows. */
  async function found(query: string, count: number): Promise<void> {
    await until(async () => (await stack.temporal.client.workflow.count(query)).count >= count);
  }

  /** Waits until a sync is known to wait for a job: the worker's looks are what makes time pass. */
  async function waitsFor(workflowId: string, jobId: number, phase = 'running'): Promise<void> {
    const sync = stack.temporal.client.workflow.getHandle(workflowId);
    for (;;) {
      const progress = await sync.query<{ phase: string; jobId?: number }>('progress');
      if (progress.phase === phase && progress.jobId === jobId) return;
      await stack.sandbox.requests.reached(JOB_POLL_CALL, stack.sandbox.requests.count(JOB_POLL_CALL) + 1);
    }
  }

  describe('when its response is lost', () => {
    const lost: { what: string; fault: FaultInput }[] = [
      { what: 'before the job has started', fault: { drop: 'before' } },
      { what: 'after the job has started', fault: { drop: 'after' } },
      { what: 'in a gateway that responds with 504 while the job starts', fault: { status: 504, effect: true } },
      {
        what: 'in a gateway that responds with 502 in its stead',
        fault: { status: 502, body: '<html>Bad Gateway</html>' },
      },
      { what: 'in a server that is overloaded', fault: { status: 429, headers: { 'retry-after': '1' } } },
      { what: 'in a page with status 200 while the job starts', fault: { status: 200, effect: true, body: '<html>' } },
    ];
    it.each(lost)('starts exactly one job: $what', async ({ fault }) => {
      stack.sandbox.faults.add({ call: 'connections/sync', ...fault });
      const connectionId = await stack.caller.simulatedConnection({ hold: true, records: 5 });
      const sync = await stack.startSync({ connectionId });
      const { id } = await stack.sandbox.jobs.created(connectionId);
      await waitsFor(sync.workflowId, id);
      await stack.sandbox.jobs.finish(id);
      expect(await sync.result()).toMatchObject({ jobId: id, recordsSynced: 5, attached: false, attempts: 1 });
      expect(jobsOf(connectionId)).toHaveLength(1);
    });

    it('starts exactly one job when it could not be looked up immediately either', async () => {
      stack.sandbox.faults.add({ call: 'connections/sync', drop: 'after' });
      const connectionId = await stack.caller.simulatedConnection({ hold: true });
      // The first look finds the last job; the two after the trigger are those that look for ours.
      stack.sandbox.faults.add({ call: 'jobs/list', skip: 1, times: 2, status: 503 });
      const sync = await stack.startSync({ connectionId });
      const { id } = await stack.sandbox.jobs.created(connectionId);
      await waitsFor(sync.workflowId, id);
      await stack.sandbox.jobs.finish(id);
      expect(await sync.result()).toMatchObject({ jobId: id, attached: false });
      expect(jobsOf(connectionId)).toHaveLength(1);
    });
  });

  describe('when Airbyte has rejected it', () => {
    it('does not adopt a job that another user started before its retry', async () => {
      const connectionId = await stack.caller.simulatedConnection({ jobs: [{ hold: true }, { records: 3 }] });
      stack.sandbox.faults.add({ call: 'connections/sync', status: 429, headers: { 'retry-after': '1' } });
      const sync = await stack.startSync({ connectionId, onRunning: 'queue' });
      await stack.sandbox.requests.reached('connections/sync', 1);
      const { id } = startElsewhere(connectionId);
      await waitsFor(sync.workflowId, id, 'queued');
      await stack.sandbox.jobs.finish(id);
      expect(await sync.result()).toMatchObject({ recordsSynced: 3, attached: false });
      expect(jobsOf(connectionId)).toHaveLength(2);
    });

    it('waits for a job that cannot be seen and needs a while to leave, and then starts its own', async () => {
      const connectionId = await stack.caller.simulatedConnection({ records: 4 });
      const body = { message: `A sync is already running for: ${connectionId}` };
      stack.sandbox.faults.add({ call: 'connections/sync', status: 409, body, times: 2 });
      const sync = await stack.startSync({ connectionId });
      expect(await sync.result()).toMatchObject({ recordsSynced: 4, attached: false, attempts: 1 });
      expect(jobsOf(connectionId)).toHaveLength(1);
    });
  });

  it.each([
    ['500', undefined],
    ['409, as the public API does', { status: 409, body: { type: 'error:state-conflict', title: 'state-conflict' } }],
  ])(
    'fails immediately on a connection that is not active, and says so: Airbyte responds with %s',
    async (_, response) => {
      const connectionId = await stack.caller.simulatedConnection({}, { status: 'inactive' });
      if (response) stack.sandbox.faults.add({ call: 'connections/sync', ...response });
      const failure = await failureOf(await stack.startSync({ connectionId }));
      expect(failure.type).toBe('AirbyteConflict');
      expect(failure.message).toContain('is inactive');
      expect(jobsOf(connectionId)).toEqual([]);
    },
  );

  it('fails on a connection that is not there, and is found by its id', async () => {
    const connectionId = '00000000-0000-4000-8000-000000000000';
    const sync = await stack.startSync({ connectionId });
    const failure = await failureOf(sync);
    expect(failure.type).toBe('AirbyteNotFound');
    expect(failure.message).toContain(connectionId);
    expect((await sync.describe()).searchAttributes).toMatchObject({ AirbyteConnectionId: [connectionId] });
  });
});
