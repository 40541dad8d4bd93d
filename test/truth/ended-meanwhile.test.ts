import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import { describeCancellation, endOfSync } from '../../src/cli/sync-cancellation';
import { cancelUnlessEnded } from '../../src/temporal/running-syncs';
import { LOOK, type Stack, startStack } from '../support/stack';

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
    await stack.sandbox.requests.reached(LOOK, stack.sandbox.requests.count(LOOK) + 1);
    return { sync, jobId: id };
  }

  it.each([
    ['succeeded', { status: 'succeeded' }, /had ended by itself before it could be cancelled: it succeeded\.$/],
    [
      'failed',
      { status: 'failed', failure: { type: 'AirbyteSyncFailed', exitCode: 1, message: expect.any(String) } },
      /had ended by itself before it could be cancelled: it failed with AirbyteSyncFailed: The sync of connection /,
    ],
  ] as const)(
    'tells that a sync %s which ended after it was found and before it was asked',
    async (end, told, line) => {
      const { sync, jobId } = await heldSync();
      await stack.sandbox.jobs.finish(jobId, end);
      await sync.result().catch(() => undefined);
      await cancelUnlessEnded(sync);
      const ended = await endOfSync(sync);
      expect(ended).toEqual({ workflowId: sync.workflowId, cancelled: false, ...told });
      expect(describeCancellation(ended)).toMatch(line);
    },
  );

  it('tells that a sync was cancelled', async () => {
    const { sync } = await heldSync();
    await cancelUnlessEnded(sync);
    expect(await endOfSync(sync)).toEqual({ workflowId: sync.workflowId, cancelled: true });
  });

  it('tells why a job could not be cancelled', async () => {
    const { sync, jobId } = await heldSync();
    stack.sandbox.faults.add({ call: 'jobs/cancel', status: 403, body: { message: 'Not an editor' }, times: null });
    await cancelUnlessEnded(sync);
    const ended = await endOfSync(sync);
    expect(ended).toMatchObject({
      cancelled: false,
      afterRequest: true,
      failure: { type: 'AirbyteUnauthorized', exitCode: 3 },
    });
    expect(describeCancellation(ended)).toMatch(/ was not cancelled: Job .* may still be running/);
    await stack.sandbox.jobs.finish(jobId);
  });

  it('is no failure on a server that refuses to cancel what has ended', async () => {
    const refusing = (error: Error) => ({ cancel: () => Promise.reject(error) });
    const ended = new WorkflowNotFoundError('workflow execution already completed', 'airbyte-sync:c', undefined);
    expect(await cancelUnlessEnded(refusing(ended))).toBe(false);
    await expect(cancelUnlessEnded(refusing(new Error('out of reach')))).rejects.toThrow('out of reach');
  });
});
