import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { SyncConnectionInput } from '../../src/contract/sync-options';
import { failureOf, JOB_POLL_CALL, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { until } from '../support/until';

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

/** Resets a workflow to its beginning, as `temporal workflow reset --type FirstWorkflowTask` does. */
async function reset({ workflowId }: WorkflowHandle, runId?: string): Promise<WorkflowHandle> {
  const { client } = stack.temporal;
  const firstTask = async () => {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    return events?.find(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes);
  };
  let first = await firstTask();
  while (!first) first = await firstTask();
  const response = await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId: runId ?? null },
    workflowTaskFinishEventId: first.eventId ?? null,
    requestId: randomUUID(),
    reason: 'a test',
  });
  return client.workflow.getHandle(workflowId, response.runId);
}

async function pendingActivities(sync: WorkflowHandle): Promise<unknown[]> {
  const { raw } = await sync.describe();
  return (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name);
}

describe('a sync that is reset while its job runs', () => {
  it.each(['attach', 'queue', 'skip', 'fail'] as const)(
    'continues with that job, and starts no other, with onRunning %s',
    async (onRunning) => {
      const connectionId = await stack.caller.simulatedConnection({ jobs: [{ hold: true }, { records: 1 }] });
      const sync = await stack.startSync({ connectionId, onRunning });
      const { id } = await stack.sandbox.jobs.created(connectionId);
      await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
      const again = await reset(sync);
      await again.query('progress');
      await stack.sandbox.jobs.finish(id, 'succeeded');
      expect(await again.result()).toMatchObject({ jobId: id, status: 'succeeded', attached: false, attempts: 1 });
      expect(jobsOf(connectionId)).toHaveLength(1);
    },
  );

  it('continues with it also when it is reset once more', async () => {
    const connectionId = await stack.caller.simulatedConnection({ jobs: [{ hold: true }, { records: 1 }] });
    const sync = await stack.startSync({ connectionId, onRunning: 'queue' });
    const { id } = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
    const again = await reset(await reset(sync));
    await stack.sandbox.jobs.finish(id, 'succeeded');
    expect(await again.result()).toMatchObject({ jobId: id, attached: false });
    expect(jobsOf(connectionId)).toHaveLength(1);
  });

  it('continues with a job whose trigger had no response yet', async () => {
    const connectionId = await stack.caller.simulatedConnection({ jobs: [{ hold: true }, { records: 1 }] });
    stack.sandbox.faults.add({ call: 'connections/sync', effect: true, delayMs: 60_000 });
    const sync = await stack.startSync({ connectionId, onRunning: 'queue' });
    const { id } = await stack.sandbox.jobs.created(connectionId);
    const again = await reset(sync);
    await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
    stack.sandbox.faults.remove();
    await stack.sandbox.jobs.finish(id, 'succeeded');
    expect(await again.result()).toMatchObject({ jobId: id, attached: false });
    expect(jobsOf(connectionId)).toHaveLength(1);
  });

  it('cancels that job when it is cancelled', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await stack.startSync({ connectionId, onRunning: 'fail' });
    const job = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
    const again = await reset(sync);
    // The worker may still poll for the run before: only the new run says that it waits itself.
    await until(async () => (await again.query<{ phase: string }>('progress')).phase === 'running');
    await again.cancel();
    await again.result().catch(() => undefined);
    expect(job.status).toBe('cancelled');
  });

  it.each(['immediately', 'while it searches for it'])('cancels that job when it is cancelled %s', async (when) => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await stack.startSync({ connectionId, onRunning: 'fail' });
    const job = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
    if (when !== 'immediately') stack.sandbox.faults.add({ call: JOB_POLL_CALL, delayMs: 1_000, times: null });
    const again = await reset(sync);
    if (when !== 'immediately') await until(async () => (await pendingActivities(again)).includes('findFormerJob'));
    await again.cancel();
    await expect(again.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(job.status).toBe('cancelled');
  });

  it('still treats the job that it had queued behind as the job of another user', async () => {
    const connectionId = await stack.caller.simulatedConnection({ jobs: [{ hold: true }, { records: 2 }] });
    const other = stack.sandbox.jobs.start(stack.sandbox.store.connection(connectionId), 'sync');
    const sync = await stack.startSync({ connectionId, onRunning: 'queue' });
    await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
    const again = await reset(sync);
    await stack.sandbox.jobs.finish(other.id, 'succeeded');
    const { jobId } = await again.result();
    expect(jobId).not.toBe(other.id);
    expect(jobsOf(connectionId)).toHaveLength(2);
  });
});

describe('a sync that is reset after it has ended by itself', () => {
  it('starts another job', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 3 });
    const sync = await stack.startSync({ connectionId, onRunning: 'queue' });
    const { runId } = await sync.describe();
    const { jobId } = await sync.result();
    const again = await (await reset(sync, runId)).result();
    expect(again.jobId).not.toBe(jobId);
    expect(jobsOf(connectionId)).toHaveLength(2);
  });
});

describe('what one run of a workflow passes on to the next', () => {
  const handOver = { deadline: Date.now() + 86_400_000, progress: { attempt: 5 } };

  it('is taken from no caller of syncConnection', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 1 });
    const args = [{ connectionId }, handOver] as unknown as [SyncConnectionInput];
    const sync = await stack.temporal.client.workflow.start('syncConnection', {
      ...{ taskQueue: stack.taskQueue, workflowId: uniqueName('forged'), args },
    });
    expect(await failureOf(sync)).toMatchObject({ type: 'InvalidInput' });
    expect(jobsOf(connectionId)).toHaveLength(0);
  });

  it('is taken from no caller of syncFleet', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 1 });
    const plan = { connections: [{ connectionId, name: 'x', dependsOn: [] }], ends: [] };
    const options = { name: 'x', maxConcurrent: 1, dependsOn: {}, onFailure: 'continue', sync: {} };
    const fleet = await stack.temporal.client.workflow.start('syncFleet', {
      ...{ taskQueue: stack.taskQueue, workflowId: uniqueName('forged'), args: [{ name: 'x' }, { options, plan }] },
    });
    expect(await failureOf(fleet)).toMatchObject({ type: 'InvalidInput' });
    expect(jobsOf(connectionId)).toHaveLength(0);
  });
});
