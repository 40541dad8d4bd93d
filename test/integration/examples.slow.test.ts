/** The programs in `examples/`, run as their first lines say: against a Temporal, a temporal-airbyte worker and an Airbyte. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { syncWorkflowId } from '../../src/contract/workflow-ids';
import { createNexusEndpoint } from '../../src/temporal/nexus-endpoint';
import { Program } from '../support/child-program';
import { endOf, type Stack, startStack } from '../support/stack';
import { newNamespace, uniqueName } from '../support/temporal';

let stack: Stack;
const programs: Program[] = [];

beforeAll(async () => {
  stack = await startStack();
});
afterAll(async () => {
  for (const program of programs) {
    program.kill('SIGKILL');
    await program.exited;
  }
  await stack?.stop();
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

/** Its worker serves the workflows of all tests, which end before its own. */
describe('a sync as the child workflow of another worker', () => {
  let program: Program;
  let connectionId: string;

  beforeAll(async () => {
    connectionId = await stack.caller.simulatedConnection({ hold: true, records: 40 });
    program = example('child-workflow/main.js', [connectionId]);
    await stack.sandbox.jobs.created(connectionId);
  });

  /** Starts the workflow as the program does. */
  const startReport = (of: string) =>
    stack.temporal.client.workflow.start('refreshReport', {
      taskQueue: 'reports',
      workflowId: `report:${of}`,
      args: [{ connectionId: of, airbyteTaskQueue: stack.taskQueue }],
    });

  it('gives its parent the reason why the job failed', async () => {
    const failing = { outcome: 'failed', failure_message: 'no disk left' };
    const report = await startReport(await stack.caller.simulatedConnection(failing));
    expect(await report.result()).toMatchObject({
      fresh: false,
      reason: expect.stringContaining('no disk left'),
    });
  });

  it('shares the job of a sync that runs already', async () => {
    const shared = await stack.caller.simulatedConnection({ hold: true, records: 9 });
    const sync = await stack.startSync({ connectionId: shared });
    const { id } = await stack.sandbox.jobs.created(shared);
    const report = await startReport(shared);
    await childWaits(report, ({ workflowId }) => workflowId !== sync.workflowId);
    await stack.sandbox.jobs.finish(id);
    expect(await report.result()).toEqual({ fresh: true, newRecords: 9 });
    expect(await sync.result()).toMatchObject({ jobId: id });
    expect(jobsOf(shared)).toHaveLength(1);
  });

  it('is cancelled with its parent, and the job in Airbyte with it', async () => {
    const held = await stack.caller.simulatedConnection({ hold: true });
    const report = await startReport(held);
    const job = await stack.sandbox.jobs.created(held);
    await childWaits(report);
    await report.cancel();
    expect(await endOf(report)).toBe('CANCELLED');
    expect(job.status).toBe('cancelled');
  });

  it('gives its counts to its parent, and the program prints them', async () => {
    const [job] = jobsOf(connectionId);
    await stack.sandbox.jobs.finish(job?.id ?? 0);
    expect(await resultOf(program)).toEqual({ fresh: true, newRecords: 40 });
    const child = await stack.temporal.client.workflow
      .getHandle(syncWorkflowId(connectionId, stack.taskQueue))
      .describe();
    expect(child.parentExecution?.workflowId).toBe(`report:${connectionId}`);
  });

  /**
   * Resolves once a child of a workflow waits for its job.
   *
   * @param isChild leaves out an id that is taken, under which the child was only tried to be started
   */
  async function childWaits(
    parent: WorkflowHandle,
    isChild: (child: { workflowId?: string | null }) => boolean = () => true,
  ): Promise<void> {
    for (;;) {
      const { raw } = await parent.describe();
      const child = raw.pendingChildren?.find(isChild);
      if (child?.workflowId) {
        const handle = stack.temporal.client.workflow.getHandle(child.workflowId);
        const { phase } = await handle.query<{ phase: string }>('progress');
        if (phase === 'running') return;
      }
      await setTimeout(50);
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
