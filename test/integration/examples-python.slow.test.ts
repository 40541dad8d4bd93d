/** The programs in `examples/python/`, with the Temporal SDK for Python. */
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { Program } from '../support/child-program';
import { describeWithPackages } from '../support/python';
import { endOf, JOB_POLL_CALL } from '../support/stack';
import { testCaller } from './caller-cases';

const FOLDER = join(__dirname, '../../examples/python');
const PACKAGES = { environment: 'example-callers', requirements: ['temporalio==1.35.0', 'mypy==2.4.1'] };

describeWithPackages('from Python', PACKAGES, (programs) => {
  const python = join(programs, 'python');
  const env = { PYTHONDONTWRITEBYTECODE: '1' };
  const stack = testCaller(async () => ({ file: python, args: [join(FOLDER, 'call_airbyte.py')], env }));

  function childWorkflow(connectionId: string): Program {
    const { temporal, taskQueue } = stack();
    const all = { ...temporal.environment(), AIRBYTE_TASK_QUEUE: taskQueue, ...env };
    return new Program(python, [join(FOLDER, 'child_workflow.py'), connectionId], all);
  }

  it('the types are those that mypy expects, in its strict mode', async () => {
    const checking = new Program(python, ['-m', 'mypy', '--strict', '--cache-dir', '/dev/null', FOLDER], process.env);
    expect({ exitCode: await checking.exited, printed: checking.stdout }).toMatchObject({ exitCode: 0 });
  }, 180_000);

  it('a Python workflow has a sync as its child', async () => {
    const connectionId = await stack().caller.simulatedConnection({ records: 8 });
    const program = childWorkflow(connectionId);
    expect({ exitCode: await program.exited, stderr: program.stderr }).toMatchObject({ exitCode: 0 });
    expect(program.document).toEqual({ fresh: true, newRecords: 8 });
  });

  it('a Python workflow that is cancelled cancels the job in Airbyte', async () => {
    const { caller, sandbox, temporal } = stack();
    const connectionId = await caller.simulatedConnection({ hold: true });
    const program = childWorkflow(connectionId);
    const job = await sandbox.jobs.created(connectionId);
    await sandbox.requests.reached(JOB_POLL_CALL, sandbox.requests.count(JOB_POLL_CALL) + 2);
    const parent = temporal.client.workflow.getHandle(`python-report:${connectionId}`);
    await parent.cancel();
    expect(await endOf(parent)).toBe('CANCELLED');
    expect(job.status).toBe('cancelled');
    expect(await program.exited).not.toBe(0);
  });
});
