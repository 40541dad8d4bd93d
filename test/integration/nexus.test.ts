import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, NexusOperationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { PipelineDocumentInput } from '../../src/contract/pipeline-document';
import { pipelineWorkflowId, syncWorkflowId } from '../../src/contract/workflow-ids';
import { createNexusEndpoint } from '../../src/temporal/nexus-endpoint';
import type * as callers from '../support/nexus-caller-workflows';
import { endOf, JOB_POLL_CALL, type Stack, startStack } from '../support/stack';
import { newNamespace, uniqueName, workflowBundle } from '../support/temporal';
import { until } from '../support/until';
import { runCommand } from './cli-command';

const CALLERS = 'callers';

let stack: Stack;
let client: Client;
let endpoint: string;
let stopCallers: () => Promise<void>;

beforeAll(async () => {
  stack = await startStack();
  const { nativeConnection, connection } = stack.temporal;
  const namespace = await newNamespace(stack.temporal);
  client = new Client({ connection, namespace });
  endpoint = uniqueName('airbyte');
  await createNexusEndpoint(connection, endpoint, {
    namespace: stack.temporal.namespace,
    taskQueue: stack.taskQueue,
  });
  const worker = await Worker.create({
    connection: nativeConnection,
    namespace,
    taskQueue: CALLERS,
    workflowBundle: await workflowBundle(require.resolve('../support/nexus-caller-workflows')),
  });
  const running = worker.run();
  stopCallers = async () => {
    worker.shutdown();
    await running;
  };
});
afterAll(async () => {
  await stopCallers?.();
  await stack?.stop();
});
beforeEach(() => {
  stack.sandbox.requests.clear();
  stack.sandbox.faults.remove();
});

/** Starts a workflow of the other namespace that calls one operation. */
async function call<Name extends keyof typeof callers>(
  workflow: Name,
  input: Parameters<(typeof callers)[Name]>[1],
): Promise<WorkflowHandle<(typeof callers)[Name]>> {
  const options = { taskQueue: CALLERS, workflowId: uniqueName(workflow), args: [endpoint, input] };
  return client.workflow.start(workflow, options) as Promise<WorkflowHandle<(typeof callers)[Name]>>;
}

/** What the operation of a caller failed with: the end of the chain of causes. */
async function reasonOf(caller: WorkflowHandle): Promise<Error> {
  const error: unknown = await caller.result().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect((error as WorkflowFailedError).cause).toBeInstanceOf(NexusOperationFailure);
  let reason = error as Error;
  while (reason.cause instanceof Error) reason = reason.cause;
  return reason;
}

const jobsOf = (connectionId: string) => stack.sandbox.store.connection(connectionId).jobs;
const looks = (times: number) =>
  stack.sandbox.requests.reached(JOB_POLL_CALL, stack.sandbox.requests.count(JOB_POLL_CALL) + times);

/** Waits until so many callers have an operation that has started. */
async function started(...handles: WorkflowHandle[]): Promise<void> {
  for (const handle of handles) {
    await until(async () => {
      const { events } = await handle.fetchHistory();
      return (events ?? []).some((event) => Boolean(event.nexusOperationStartedEventAttributes));
    });
  }
}

describe('the Nexus operation sync', () => {
  it('syncs a connection for a workflow of another namespace', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 12, bytes: 120 });
    const result = await (
      await call('callSync', { connectionId, timeout: '5m', minimumRecords: null } as never)
    ).result();
    expect(result).toMatchObject({ connectionId, status: 'succeeded', recordsSynced: 12, attached: false });
    const run = await stack.temporal.client.workflow
      .getHandle(syncWorkflowId(connectionId, stack.taskQueue))
      .describe();
    expect(run).toMatchObject({ type: 'syncConnection', status: { name: 'COMPLETED' } });
    expect(run.searchAttributes).toMatchObject({ AirbyteConnectionId: [connectionId] });
  });

  it('shares one run, and its job, between callers at the same time', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true, records: 7 });
    const both = await Promise.all([call('callSync', { connectionId }), call('callSync', { connectionId })]);
    await started(...both);
    const { id } = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.jobs.finish(id);
    expect(await Promise.all(both.map((one) => one.result()))).toMatchObject([
      { jobId: id, recordsSynced: 7 },
      { jobId: id, recordsSynced: 7 },
    ]);
    expect(jobsOf(connectionId)).toHaveLength(1);
    expect(await runsOf(connectionId)).toEqual([syncWorkflowId(connectionId, stack.taskQueue)]);
  });

  it('shares the run that was started without Nexus', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true, records: 7 });
    const sync = await stack.startSync({ connectionId });
    const caller = await call('callSync', { connectionId });
    await started(caller);
    const { id } = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.jobs.finish(id);
    expect(await caller.result()).toEqual(await sync.result());
    expect(jobsOf(connectionId)).toHaveLength(1);
  });

  it('does not take the result of a reset for that of a sync: it runs a sync of its own afterwards', async () => {
    const connectionId = await stack.caller.simulatedConnection({ jobs: [{ hold: true }, { records: 4 }] });
    const reset = await stack.startSync({ connectionId, jobType: 'reset' });
    const { id } = await stack.sandbox.jobs.created(connectionId);
    const caller = await call('callSync', { connectionId });
    await started(caller);
    await looks(2);
    expect(jobsOf(connectionId)).toHaveLength(1);
    await stack.sandbox.jobs.finish(id);
    expect(await reset.result()).toMatchObject({ jobId: id });
    expect(await caller.result()).toMatchObject({ recordsSynced: 4, attached: false });
    expect(jobsOf(connectionId)).toHaveLength(2);
  });

  it('gives each caller a run of its own when they want to queue', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 2 });
    const queue = { connectionId, onRunning: 'queue' } as const;
    const both = await Promise.all([call('callSync', queue), call('callSync', queue)]);
    const results = await Promise.all(both.map((one) => one.result()));
    expect(new Set(results.map(({ jobId }) => jobId)).size).toBe(2);
    expect(jobsOf(connectionId)).toHaveLength(2);
  });

  it('cancels the job in Airbyte when its caller is cancelled, which ends after it', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true, cancel_duration_ms: 300 });
    const caller = await call('callSync', { connectionId });
    const job = await stack.sandbox.jobs.created(connectionId);
    await started(caller);
    await looks(1);
    await caller.cancel();
    const error: unknown = await caller.result().catch((reason: unknown) => reason);
    expect(await endOf(caller)).toBe('CANCELLED');
    expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
    expect(job.status).toBe('cancelled');
    const { closeTime } = await caller.describe();
    expect(closeTime?.getTime()).toBeGreaterThanOrEqual(job.updatedAtMs);
  });

  it('fails with the type and the words that the sync fails with', async () => {
    const connectionId = await stack.caller.simulatedConnection({ outcome: 'failed', failure_message: 'no disk left' });
    const reason = await reasonOf(await call('callSync', { connectionId }));
    expect(reason).toBeInstanceOf(ApplicationFailure);
    expect(reason).toMatchObject({ type: 'AirbyteSyncFailed', message: expect.stringContaining('no disk left') });
  });

  it.each([
    [{ connectionId: '' }, 'connectionId expected the id of a connection'],
    [{ connectionId: null } as never, 'connectionId is missing: expected a string (required)'],
    [{ connectionId: 'c', timeOut: '1h' } as { connectionId: string }, 'did you mean timeout?'],
  ])('rejects %j immediately, and says what is wrong', async (input, problem) => {
    const reason = await reasonOf(await call('callSync', input));
    expect(reason).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining(problem) });
  });
});

describe('the Nexus operation runPipeline', () => {
  const pipeline = (name: string, simulation: object): PipelineDocumentInput => ({
    name,
    source: { name: `${name} source`, definition: 'Simulated', configuration: { ...simulation } },
    destination: { name: `${name} destination`, definition: 'Simulated', configuration: {} },
    connection: {
      name,
      streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }],
    },
  });

  it('runs a document, and shares one run between callers with the same one', async () => {
    const name = uniqueName('pipeline');
    const document = pipeline(name, { hold: true, records: 3 });
    const first = await call('callRunPipeline', document);
    await started(first);
    const second = await call('callRunPipeline', document);
    await started(second);
    const { connectionId } = await pipelineAtSync(name);
    const { id } = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.jobs.finish(id);
    const result = await first.result();
    expect(result).toMatchObject({ connectionId, created: { connection: true }, sync: { recordsSynced: 3 } });
    expect(await second.result()).toEqual(result);
  });

  it('rejects another document while one of the name runs', async () => {
    const name = uniqueName('pipeline');
    const first = await call('callRunPipeline', pipeline(name, { hold: true }));
    await started(first);
    const other = await call('callRunPipeline', pipeline(name, { hold: true, records: 1 }));
    expect(await reasonOf(other)).toMatchObject({
      type: 'AirbyteConflict',
      message: `The pipeline '${name}' is running with another document.`,
    });
    await first.cancel();
    expect(await endOf(first)).toBe('CANCELLED');
  });

  it('rejects a secret that is written out, before a workflow has it', async () => {
    const name = uniqueName('pipeline');
    const reason = await reasonOf(await call('callRunPipeline', pipeline(name, { api_key: 'hush-hush' })));
    expect(reason).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining('api_key') });
    expect(reason.message).not.toContain('hush-hush');
    const handle = stack.temporal.client.workflow.getHandle(pipelineWorkflowId(name, stack.taskQueue));
    await expect(handle.describe()).rejects.toThrow(/not found/i);
  });

  async function pipelineAtSync(name: string): Promise<{ connectionId: string }> {
    const handle = stack.temporal.client.workflow.getHandle(pipelineWorkflowId(name, stack.taskQueue));
    return until(async () => {
      const { phase, connectionId } = await handle.query<{ phase: string; connectionId?: string }>('progress');
      return phase === 'sync' && connectionId !== undefined && { connectionId };
    });
  }
});

describe('the Nexus operation cancel', () => {
  it('cancels each workflow that syncs a connection, however it was started', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await stack.startSync({ connectionId });
    const job = await stack.sandbox.jobs.created(connectionId);
    await looks(1);
    const response = await (await call('callCancel', { connectionId })).result();
    expect(response).toEqual({ connectionId, workflowIds: [sync.workflowId] });
    expect(await endOf(sync)).toBe('CANCELLED');
    expect(job.status).toBe('cancelled');
  });

  it.each([
    "x' OR WorkflowType = 'syncConnection",
    "x\\' OR WorkflowType = 'syncConnection' OR AirbyteConnectionId = '",
  ])('rejects an id that would be read as a part of a query, and cancels nothing: %s', async (crafted) => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await stack.startSync({ connectionId });
    const job = await stack.sandbox.jobs.created(connectionId);
    const reason = await reasonOf(await call('callCancel', { connectionId: crafted }));
    expect(reason).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining('the id of a connection') });
    expect((await sync.describe()).raw.workflowExtendedInfo?.cancelRequested).not.toBe(true);
    await stack.sandbox.jobs.finish(job.id);
    expect(await endOf(sync)).toBe('COMPLETED');
  });

  it('does not cancel the sync of another task queue, also under the id that ours would have', async () => {
    const connectionId = await stack.caller.simulatedConnection();
    const other = await stack.temporal.client.workflow.start('syncConnection', {
      ...{ taskQueue: uniqueName('elsewhere'), workflowId: syncWorkflowId(connectionId, stack.taskQueue) },
      args: [{ connectionId }],
    });
    expect(await (await call('callCancel', { connectionId })).result()).toEqual({ connectionId, workflowIds: [] });
    expect(await (await call('callSync', { connectionId })).result()).toMatchObject({ connectionId, attached: false });
    await other.terminate();
  });

  it('has nothing to do when nothing runs', async () => {
    const connectionId = await stack.caller.simulatedConnection();
    expect(await (await call('callCancel', { connectionId })).result()).toEqual({ connectionId, workflowIds: [] });
  });
});

describe('the endpoint of a task queue', () => {
  interface Found {
    name: string;
    status: string;
    message: string;
    hint?: string;
  }

  async function doctor(taskQueue: string, ...options: string[]): Promise<Found> {
    const env = { ...stack.temporal.environment(), AIRBYTE_URL: stack.sandbox.url, AIRBYTE_TASK_QUEUE: taskQueue };
    const { exitCode, document } = await runCommand(['doctor', '--json', ...options], env);
    expect(exitCode).toBe(0);
    const found: Found = document.checks.find(({ name }: Found) => name === 'Nexus endpoint');
    return found;
  }

  it('is missed by doctor as nothing that all need, and created by doctor --fix, once', async () => {
    const taskQueue = uniqueName('queue');
    const missed = await doctor(taskQueue);
    expect(missed.status).toBe('warning');
    expect(missed.message).toContain('only workflows of other namespaces need one');
    expect(missed.hint).toContain(
      `temporal operator nexus endpoint create --name ${taskQueue} --target-namespace default --target-task-queue ${taskQueue}`,
    );
    const created = `'${taskQueue}', which targets the task queue '${taskQueue}' of the namespace 'default'`;
    expect(await doctor(taskQueue, '--fix')).toMatchObject({ status: 'ok', message: `created ${created}` });
    expect(await doctor(taskQueue, '--fix')).toMatchObject({
      status: 'ok',
      message: `'${taskQueue}' targets the task queue '${taskQueue}' of the namespace 'default'`,
    });
  });

  it('is not taken from another namespace that has it', async () => {
    const taskQueue = uniqueName('queue');
    await createNexusEndpoint(stack.temporal.connection, taskQueue, {
      namespace: client.options.namespace,
      taskQueue,
    });
    const found = await doctor(taskQueue, '--fix');
    expect(found.status).toBe('warning');
    expect(found.hint).toMatch(new RegExp(`^The name '${taskQueue}' is taken. .*--name ${taskQueue}-default `));
  });
});

/** The ids of all workflows that have synced a connection: Temporal lists them a little later. */
async function runsOf(connectionId: string): Promise<string[]> {
  const query = `AirbyteConnectionId = '${connectionId}' AND ExecutionStatus = 'Completed'`;
  return until(async () => {
    const ids: string[] = [];
    for await (const { workflowId } of stack.temporal.client.workflow.list({ query })) ids.push(workflowId);
    return ids.length > 0 && ids;
  });
}
