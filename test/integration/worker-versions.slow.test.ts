import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { findExecutable } from '../../tools/executables';
import { type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { until } from '../support/until';
import { startWorkerOfEnvironment } from '../support/worker-of-environment';
import { CliCommand } from './cli-command';

const execute = promisify(execFile);

/** As in docs/upgrade.md: two versions run in parallel, and the old one goes when no workflow runs on it any more. */
describe('an upgrade from one version of the worker to the next', () => {
  const deployment = uniqueName('deployment');
  const workers: (() => Promise<void>)[] = [];
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ worker: false });
  });
  afterAll(async () => {
    await Promise.all(workers.map((stop) => stop()));
    await stack?.stop();
  });

  async function startWorker(buildId: string): Promise<void> {
    const version = { TEMPORAL_DEPLOYMENT_NAME: deployment, TEMPORAL_WORKER_BUILD_ID: buildId };
    workers.push(await startWorkerOfEnvironment(stack.temporal, { ...stack.environment(), ...version }));
  }

  async function setCurrentVersion(buildId: string): Promise<void> {
    const command = ['worker', 'deployment', 'set-current-version', '--yes'];
    const version = ['--deployment-name', deployment, '--build-id', buildId, '--address', stack.temporal.address];
    const temporal = await findExecutable('temporal');
    // Temporal knows a version from the first time that a worker of it has asked for work, which nothing announces.
    await until(async () => {
      try {
        await execute(temporal, [...command, ...version]);
        return true;
      } catch (error) {
        if (!/not found|no pollers/i.test(String(error))) throw error;
        return false;
      }
    });
  }

  async function doctorSaysOfWorkers(): Promise<{ status: string; message: string; hint?: string }> {
    const doctor = new CliCommand(['doctor', '--json'], stack.environment());
    await doctor.exited;
    return doctor.document.checks.find(({ name }: { name: string }) => name === 'Worker');
  }

  async function buildOf(workflow: WorkflowHandle): Promise<string | null | undefined> {
    const { raw } = await workflow.describe();
    return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId;
  }

  it('begins with a version that gets nothing to do until it is made the current one, which doctor says', async () => {
    await startWorker('1');
    expect(await doctorSaysOfWorkers()).toMatchObject({
      status: 'warning',
      message: expect.stringContaining('but new workflows go to others: workers without a version'),
      hint: expect.stringContaining(`set-current-version --deployment-name ${deployment} --build-id 1`),
    });
    await setCurrentVersion('1');
    expect(await doctorSaysOfWorkers()).toMatchObject({
      status: 'ok',
      message: expect.stringContaining(`new workflows go to version '1' of the deployment '${deployment}'`),
    });
  });

  it('leaves a sync that runs to the version it began on, and gives new ones to the next', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const before = await stack.startSync({ connectionId });
    const job = await stack.sandbox.jobs.created(connectionId);
    await startWorker('2');
    await setCurrentVersion('2');
    const after = await stack.startSync({ connectionId: await stack.caller.simulatedConnection() });
    expect(await after.result()).toMatchObject({ status: 'succeeded' });
    await stack.sandbox.jobs.finish(job.id);
    expect(await before.result()).toMatchObject({ status: 'succeeded', jobId: job.id });
    expect([await buildOf(before), await buildOf(after)]).toEqual(['1', '2']);
  });
});
