/** The programs in `examples/python/`, with the Temporal SDK for Python. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Program } from '../support/child-program';
import { describeWithPython, INSTALL_TIMEOUT_MS, pypiPrograms } from '../support/python';
import { endOf, JOB_POLL_CALL, type Stack, startStack } from '../support/stack';

const VERSION = '1.35.0';

describeWithPython('from Python', () => {
  let stack: Stack;
  let python: string;

  beforeAll(async () => {
    python = join(await pypiPrograms('temporalio', 'temporalio', VERSION), 'python');
    stack = await startStack();
  }, INSTALL_TIMEOUT_MS);
  afterAll(() => stack?.stop());

  function example(file: string, connectionId: string): Program {
    const env = { ...stack.temporal.environment(), AIRBYTE_TASK_QUEUE: stack.taskQueue };
    return new Program(python, [join(__dirname, '../../examples/python', file), connectionId], env);
  }

  async function resultOf(program: Program, exitCode = 0): Promise<unknown> {
    const ended = { exitCode: await program.exited };
    expect({ ...ended, stderr: exitCode === ended.exitCode ? '' : program.stderr }).toEqual({ exitCode, stderr: '' });
    return program.document;
  }

  const jobsOf = (connectionId: string) => stack.sandbox.store.connection(connectionId).jobs;
  const looks = (times: number) =>
    stack.sandbox.requests.reached(JOB_POLL_CALL, stack.sandbox.requests.count(JOB_POLL_CALL) + times);

  it('a sync is started by name, and its result is read', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 5, bytes: 50 });
    expect(await resultOf(example('sync_connection.py', connectionId))).toMatchObject({
      ...{ connectionId, status: 'succeeded', recordsSynced: 5, bytesSynced: 50, attached: false },
    });
  });

  it('a sync that runs already is attached to: one run, one job', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true, records: 3 });
    const sync = await stack.startSync({ connectionId });
    const { id } = await stack.sandbox.jobs.created(connectionId);
    const program = example('sync_connection.py', connectionId);
    await program.said(/^Following airbyte-sync:/m);
    await stack.sandbox.jobs.finish(id);
    expect(await resultOf(program)).toEqual(await sync.result());
    expect(jobsOf(connectionId)).toHaveLength(1);
  });

  it('a failed sync reports its type and Airbyte’s own words', async () => {
    const failing = { outcome: 'failed', failure_message: 'no disk left' };
    const connectionId = await stack.caller.simulatedConnection(failing);
    expect(await resultOf(example('sync_connection.py', connectionId), 1)).toEqual({
      type: 'AirbyteSyncFailed',
      message: expect.stringContaining('no disk left'),
    });
  });

  it('a Python workflow has a sync as its child', async () => {
    const connectionId = await stack.caller.simulatedConnection({ records: 8 });
    expect(await resultOf(example('child_workflow.py', connectionId))).toEqual({ fresh: true, newRecords: 8 });
  });

  it('a Python workflow that is cancelled cancels the job in Airbyte', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const program = example('child_workflow.py', connectionId);
    const job = await stack.sandbox.jobs.created(connectionId);
    await looks(2);
    const parent = stack.temporal.client.workflow.getHandle(`python-report:${connectionId}`);
    await parent.cancel();
    expect(await endOf(parent)).toBe('CANCELLED');
    expect(job.status).toBe('cancelled');
    expect(await program.exited).not.toBe(0);
  });
});
