import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { StartableJobType } from '../../src/contract/job-types';
import { endOf, failureOf, JOB_POLL_CALL, type Stack, startStack } from '../support/stack';
import { until } from '../support/until';

/** What each starts in Airbyte: a clear is a reset by its newer name. */
const OTHER_JOBS = [
  { jobType: 'reset', configType: 'reset_connection' },
  { jobType: 'clear', configType: 'reset_connection' },
  { jobType: 'refresh', configType: 'refresh' },
] as const;

describe('a job of another kind than a sync', () => {
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

  /** Starts one on a connection whose jobs run until they are told to end. */
  async function held(jobType: StartableJobType, options: object = {}) {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await stack.startSync({ connectionId, jobType, ...options });
    const job = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
    return { connectionId, sync, job };
  }

  describe.each(OTHER_JOBS)('$jobType', ({ jobType, configType }) => {
    it('is run once and waited for', async () => {
      const { connectionId, sync, job } = await held(jobType);
      await stack.sandbox.jobs.finish(job.id);
      expect(await sync.result()).toMatchObject({ jobId: job.id, status: 'succeeded', attached: false });
      expect(jobsOf(connectionId)).toMatchObject([{ configType, status: 'succeeded' }]);
    });

    it.each(['before', 'after'] as const)('runs once when its response is lost %s it took effect', async (drop) => {
      stack.sandbox.faults.add({ call: `connections/${jobType}`, drop });
      const { connectionId, sync, job } = await held(jobType);
      await stack.sandbox.jobs.finish(job.id);
      expect(await sync.result()).toMatchObject({ jobId: job.id, attached: false });
      expect(jobsOf(connectionId)).toHaveLength(1);
    });

    it('attaches to a running job of its kind', async () => {
      const { connectionId, sync, job } = await held(jobType);
      const other = await stack.startSync({ connectionId, jobType }, `${sync.workflowId}:other`);
      await until(async () => (await other.query<{ phase: string }>('progress')).phase === 'running');
      await stack.sandbox.jobs.finish(job.id);
      expect(await other.result()).toMatchObject({ jobId: job.id, attached: true });
      expect(jobsOf(connectionId)).toHaveLength(1);
    });

    it('waits for a sync that is running instead of attaching to it, and does not stop it', async () => {
      const connectionId = await stack.caller.simulatedConnection({ jobs: [{ hold: true }, {}] });
      const { id } = stack.sandbox.jobs.start(stack.sandbox.store.connection(connectionId), 'sync');
      const sync = await stack.startSync({ connectionId, jobType });
      await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
      await stack.sandbox.jobs.finish(id);
      expect(await sync.result()).toMatchObject({ status: 'succeeded', attached: false });
      expect(jobsOf(connectionId)).toMatchObject([
        { configType: 'sync', status: 'succeeded' },
        { configType, status: 'succeeded' },
      ]);
    });

    it('is cancelled with its workflow', async () => {
      const { sync, job } = await held(jobType);
      await sync.cancel();
      expect(await endOf(sync)).toBe('CANCELLED');
      expect(job.status).toBe('cancelled');
    });

    it('is cancelled when its time is over', async () => {
      const { sync, job } = await held(jobType, { timeout: '2s' });
      const failure = await failureOf(sync);
      expect(failure.type).toBe('AirbyteSyncTimedOut');
      expect(failure.message).toMatch(new RegExp(`^The ${jobType} of connection .* was cancelled`));
      expect(job.status).toBe('cancelled');
    });
  });

  it.each(['reset', 'clear'] as const)('needs no records when it is a %s', async (jobType) => {
    const connectionId = await stack.caller.simulatedConnection();
    const sync = await stack.startSync({ connectionId, jobType, minimumRecords: 1 });
    expect(await sync.result()).toMatchObject({ status: 'succeeded', recordsSynced: 0 });
  });
});

describe('an Airbyte of before resets were called clears', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ sandbox: { airbyteVersion: '0.50.0' } });
  });
  afterAll(() => stack?.stop());

  it.each([
    ['refresh', /connections\/refresh .* Use reset, then sync/],
    ['clear', /connections\/clear .* Use reset/],
  ] as const)('has no %s, and the failure says what to do instead', async (jobType, message) => {
    const connectionId = await stack.caller.simulatedConnection();
    const failure = await failureOf(await stack.startSync({ connectionId, jobType }));
    expect(failure.type).toBe('AirbyteUnsupported');
    expect(failure.message).toMatch(message);
  });

  it('resets all the same', async () => {
    const connectionId = await stack.caller.simulatedConnection();
    const sync = await stack.startSync({ connectionId, jobType: 'reset' });
    expect(await sync.result()).toMatchObject({ status: 'succeeded', attached: false });
  });
});
