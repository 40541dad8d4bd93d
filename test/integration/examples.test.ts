/** The programs in `examples/`, run as their first lines say: against a Temporal, a temporal-airbyte worker and an Airbyte. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { syncWorkflowId } from '../../src/contract/workflow-ids';
import { createNexusEndpoint } from '../../src/temporal/nexus-endpoint';
import { Program } from '../support/child-program';
import { endOf, JOB_POLL_CALL, type Stack, startStack } from '../support/stack';
import { newNamespace, uniqueName } from '../support/temporal';

let stack: Stack;
const programs: Program[] = [];

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());
afterEach(async () => {
  for (const program of programs.splice(0)) {
    program.kill('SIGKILL');
    await program.exited;
  }
});

function example(file: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Program {
  const all = { ...stack.temporal.environment(), AIRBYTE_TASK_QUEUE: stack.taskQueue, ...env };
  const program = new Program(process.execPath, [join(__dirname, '../../examples', file), ...args], all);
  programs.push(program);
  return program;
}

async function resultOf(program: Program): Promise<unknown> {
  expect({ exitCode: await program.exited, stderr: program.stderr }).toMatchObject({ exitCode: 0 });
  return program.document;
}

const jobsOf = (connectionId: string) => stack.sandbox.store.connection(connectionId).jobs;
const looks = (times: number) =>
  stack.sandbox.requests.reached(JOB_POLL_CALL, stack.sandbox.requests.count(JOB_POLL_CALL) + times);

describe('a sync as the child workflow of another worker', () => {
  const MAIN = 'child-workflow/main.js';

  it('gives its counts to its parent', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 40 });
    expect(await resultOf(example(MAIN, [connectionId]))).toEqual({ fresh: true, newRecords: 40 });
    const child = await stack.temporal.client.workflow
      .getHandle(syncWorkflowId(connectionId, stack.taskQueue))
      .describe();
    expect(child.parentExecution?.workflowId).toBe(`report:${connectionId}`);
  });

  it('gives its parent the reason why the job failed', async () => {
    const failing = { outcome: 'failed', failure_message: 'no disk left' };
    const connectionId = await stack.caller.simulatedConnection(failing);
    expect(await resultOf(example(MAIN, [connectionId]))).toMatchObject({
      fresh: false,
      reason: expect.stringContaining('no disk left'),
    });
  });

  it('shares the job of a sync that runs already', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true, records: 9 });
    const sync = await stack.startSync({ connectionId });
    const { id } = await stack.sandbox.jobs.created(connectionId);
    const program = example(MAIN, [connectionId]);
    await childIsThere(connectionId);
    await looks(2);
    await stack.sandbox.jobs.finish(id);
    expect(await resultOf(program)).toEqual({ fresh: true, newRecords: 9 });
    expect(await sync.result()).toMatchObject({ jobId: id });
    expect(jobsOf(connectionId)).toHaveLength(1);
  });

  it('is cancelled with its parent, and the job in Airbyte with it', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const program = example(MAIN, [connectionId]);
    const job = await stack.sandbox.jobs.created(connectionId);
    await looks(2);
    const parent = stack.temporal.client.workflow.getHandle(`report:${connectionId}`);
    await parent.cancel();
    expect(await endOf(parent)).toBe('CANCELLED');
    expect(job.status).toBe('cancelled');
    expect(await program.exited).toBe(1);
  });

  /** Waits until the child that runs next to another sync waits for the job. */
  async function childIsThere(connectionId: string): Promise<void> {
    const parent = stack.temporal.client.workflow.getHandle(`report:${connectionId}`);
    for (;;) {
      const { raw } = await parent.describe().catch(() => ({ raw: undefined }));
      // Under the id that is taken it is only tried to be started.
      const child = raw?.pendingChildren?.find(
        ({ workflowId }) => workflowId !== syncWorkflowId(connectionId, stack.taskQueue),
      );
      if (child?.workflowId) {
        const handle = stack.temporal.client.workflow.getHandle(child.workflowId);
        const { phase } = await handle.query<{ phase: string }>('progress');
        if (phase === 'running') return;
      }
    }
  }
});

describe('a worker of its own with the plugin', () => {
  it('runs its workflows, their children and its activities, until Ctrl-C', async () => {
    const connectionIds = await Promise.all([
      stack.caller.simulatedConnection({ records: 5 }),
      stack.caller.simulatedConnection({ records: 7 }),
    ]);
    const program = example('own-worker/worker.js', [], { AIRBYTE_URL: stack.sandbox.url });
    const { client } = stack.temporal;
    const workflow = { taskQueue: 'shop', workflowId: uniqueName('shop'), args: [{ connectionIds }] };
    expect(await client.workflow.execute('loadShop', workflow)).toEqual({ recordsSynced: 12 });
    await program.printed(/The shop is loaded: 12 records/);
    program.kill('SIGINT');
    expect(await program.exited).toBe(0);
  });
});

describe('a sync for another namespace, by Nexus', () => {
  it('gives its counts to its caller', async () => {
    const { connection, namespace } = stack.temporal;
    const endpoint = uniqueName('example');
    await createNexusEndpoint(connection, endpoint, { namespace, taskQueue: stack.taskQueue });
    const callers = await newNamespace(stack.temporal);
    const connectionId = await stack.caller.simulatedConnection({ records: 11 });
    const program = example('nexus/main.js', [connectionId, endpoint], { TEMPORAL_NAMESPACE: callers });
    expect(await resultOf(program)).toEqual({ newRecords: 11 });
  });
});
