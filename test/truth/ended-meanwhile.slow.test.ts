import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { WorkflowClient, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { describeCancellation, waitForSyncEnd } from '../../cli/follow/sync-cancellation';
import { runCli } from '../../cli/program';
import { cancelUnlessEnded } from '../../src/temporal/running-syncs';
import { JOB_POLL_CALL, type Stack, startStack } from '../support/stack';
import { recordedTerminal } from '../unit/cli/recorded-terminal';

describe('the command cancel', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.stop());
  beforeEach(() => {
    stack.sandbox.faults.remove();
  });

  async function heldSync() {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await stack.startSync({ connectionId });
    const { id } = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.requests.reached(JOB_POLL_CALL, stack.sandbox.requests.count(JOB_POLL_CALL) + 1);
    return { sync, jobId: id, connectionId };
  }

  describe('as a whole', () => {
    afterEach(() => {
      jest.restoreAllMocks();
    });

    async function cancel(connectionId: string, ...flags: string[]) {
      const env = stack.temporal.environment({ AIRBYTE_TASK_QUEUE: stack.taskQueue });
      const terminal = recordedTerminal({ env });
      const exitCode = await runCli(['cancel', connectionId, ...flags], terminal);
      return { exitCode, stdout: terminal.stdout.text, stderr: terminal.stderr.text };
    }

    /** Lets something happen once the command has found the sync, right before it asks to cancel it. */
    function beforeCancel(happens: () => Promise<unknown>): void {
      const { getHandle } = WorkflowClient.prototype;
      jest.spyOn(WorkflowClient.prototype, 'getHandle').mockImplementation(function (this: WorkflowClient, ...args) {
        const handle = getHandle.apply(this, args);
        const request = handle.cancel.bind(handle);
        return Object.assign(handle, { cancel: () => happens().then(request) });
      });
    }

    /** Has Temporal delete a workflow, as it does when its retention is over. */
    async function forget(workflowId: string): Promise<void> {
      const { client } = stack.temporal;
      const { namespace } = client.options;
      await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } });
      while (await isKnown(workflowId)) await sleep(50);
    }

    async function isKnown(workflowId: string): Promise<boolean> {
      try {
        await stack.temporal.client.workflow.getHandle(workflowId).describe();
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    }

    const ends = [
      [
        'succeeded',
        { status: 'succeeded' },
        /^\S+ had ended by itself before it could be cancelled: it succeeded\.\n$/,
      ],
      [
        'failed',
        { status: 'failed', failure: { type: 'AirbyteSyncFailed', exitCode: 1, message: expect.any(String) } },
        /^\S+ had ended by itself before it could be cancelled: it failed with AirbyteSyncFailed: The sync of /,
      ],
    ] as const;

    it.each(ends)('ends with 0 and tells the user that the sync %s', async (end, _, line) => {
      const { sync, jobId, connectionId } = await heldSync();
      beforeCancel(() => stack.sandbox.jobs.finish(jobId, end).then(() => sync.result().catch(() => undefined)));
      const { exitCode, stdout, stderr } = await cancel(connectionId);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(line);
      expect(stdout).toContain(sync.workflowId);
      expect(stderr).toContain(`Cancelling the sync of ${connectionId}`);
      expect(stderr).not.toMatch(/error|not found/i);
    });

    it.each(ends)('ends with 0 and tells programs that the sync %s', async (end, told, _) => {
      const { sync, jobId, connectionId } = await heldSync();
      beforeCancel(() => stack.sandbox.jobs.finish(jobId, end).then(() => sync.result().catch(() => undefined)));
      const { exitCode, stdout } = await cancel(connectionId, '--json');
      expect({ exitCode, ...JSON.parse(stdout) }).toEqual({
        exitCode: 0,
        connectionId,
        workflows: [{ workflowId: sync.workflowId, cancelled: false, ...told }],
      });
    });

    it('ends with 0 where the sync has ended and Temporal no longer keeps it', async () => {
      const { sync, jobId, connectionId } = await heldSync();
      beforeCancel(async () => {
        await stack.sandbox.jobs.finish(jobId, 'succeeded');
        await sync.result();
        await forget(sync.workflowId);
      });
      const { exitCode, stdout } = await cancel(connectionId, '--json');
      expect({ exitCode, ...JSON.parse(stdout) }).toEqual({
        exitCode: 0,
        connectionId,
        workflows: [{ workflowId: sync.workflowId, cancelled: false, status: 'ended' }],
      });
    });

    it('ends with 0 for a sync that it has cancelled', async () => {
      const { sync, connectionId } = await heldSync();
      const { exitCode, stdout } = await cancel(connectionId, '--json');
      expect({ exitCode, ...JSON.parse(stdout) }).toEqual({
        exitCode: 0,
        connectionId,
        workflows: [{ workflowId: sync.workflowId, cancelled: true }],
      });
    });

    it('ends with the code of what a job could not be cancelled for', async () => {
      const { sync, jobId, connectionId } = await heldSync();
      stack.sandbox.faults.add({ call: 'jobs/cancel', status: 403, body: { message: 'Not an editor' }, times: null });
      const { exitCode, stdout } = await cancel(connectionId, '--json');
      expect({ exitCode, ...JSON.parse(stdout) }).toMatchObject({
        exitCode: 3,
        error: { type: 'AirbyteUnauthorized', message: expect.stringContaining('Not an editor') },
      });
      expect(stdout).toContain(sync.workflowId);
      await stack.sandbox.jobs.finish(jobId);
    });

    it('ends with 1 where the sync has ended before it is looked for', async () => {
      const { sync, jobId, connectionId } = await heldSync();
      await stack.sandbox.jobs.finish(jobId, 'succeeded');
      await sync.result();
      const { exitCode, stdout, stderr } = await cancel(connectionId);
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(stderr).toContain(`Temporal runs no sync of the connection ${connectionId}`);
    });
  });

  it('reports why a job could not be cancelled', async () => {
    const { sync, jobId } = await heldSync();
    stack.sandbox.faults.add({ call: 'jobs/cancel', status: 403, body: { message: 'Not an editor' }, times: null });
    await cancelUnlessEnded(sync);
    const ended = await waitForSyncEnd(sync);
    expect(ended).toMatchObject({
      cancelled: false,
      afterRequest: true,
      failure: { type: 'AirbyteUnauthorized', exitCode: 3 },
    });
    expect(describeCancellation(ended)).toMatch(/ was not cancelled: Job .* may still be running/);
    await stack.sandbox.jobs.finish(jobId);
  });

  it('reports a sync that Temporal no longer keeps as ended, whichever call finds out', async () => {
    const gone = () => Promise.reject(new WorkflowNotFoundError('not found', 'airbyte-sync:c', undefined));
    const failed = new WorkflowFailedError(
      'failed',
      ApplicationFailure.nonRetryable('x', 'AirbyteSyncFailed'),
      'TIMEOUT',
    );
    const unknown = await waitForSyncEnd({ workflowId: 'airbyte-sync:c', result: gone, describe: gone });
    expect(unknown).toEqual({ workflowId: 'airbyte-sync:c', cancelled: false, status: 'ended' });
    expect(describeCancellation(unknown)).toMatch(
      /had ended by itself before it could be cancelled: Temporal no longer/,
    );
    const result = () => Promise.reject(failed);
    expect(await waitForSyncEnd({ workflowId: 'airbyte-sync:c', result, describe: gone })).toEqual({
      ...{ workflowId: 'airbyte-sync:c', cancelled: false, status: 'failed' },
      failure: { type: 'AirbyteSyncFailed', message: 'x', exitCode: 1 },
    });
  });

  it('is no failure on a server that rejects the cancel of a workflow that has ended', async () => {
    const rejecting = (error: Error) => ({ cancel: () => Promise.reject(error) });
    const ended = new WorkflowNotFoundError('workflow execution already completed', 'airbyte-sync:c', undefined);
    expect(await cancelUnlessEnded(rejecting(ended))).toBe(false);
    await expect(cancelUnlessEnded(rejecting(new Error('out of reach')))).rejects.toThrow('out of reach');
  });
});
