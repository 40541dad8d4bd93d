import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SANDBOX_AIRBYTE_VERSIONS, type SandboxAirbyteVersion } from '../../sandbox/state/airbyte-versions';
import { JOB_POLL_CALL, type Stack, startStack } from '../support/stack';

/** Those whose `jobs/list` tells the changes of every connection; before, each job is read on its own. */
const WITHOUT_CHANGES: SandboxAirbyteVersion[] = ['0.50.0'];

describe.each(SANDBOX_AIRBYTE_VERSIONS)('Airbyte %s', (airbyteVersion) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ sandbox: { airbyteVersion } });
  });
  afterAll(() => stack?.stop());

  it('has its syncs started once each, and followed to their end together', async () => {
    const { caller, sandbox } = stack;
    const connections = await Promise.all(
      [1, 2, 3, 4].map((records) => caller.simulatedConnection({ hold: true, records })),
    );
    const syncs = await Promise.all(connections.map((connectionId) => stack.startSync({ connectionId })));
    const jobs = await Promise.all(connections.map((connectionId) => sandbox.jobs.created(connectionId)));
    // Long enough to see who is asked, and longer than a server that rejects its changes is asked for them.
    await sandbox.requests.reached(WITHOUT_CHANGES.includes(airbyteVersion) ? JOB_POLL_CALL : 'jobs/list', 40);
    for (const { id } of jobs) await sandbox.jobs.finish(id);

    const results = await Promise.all(syncs.map((sync) => sync.result()));
    expect(results).toMatchObject(
      jobs.map(({ id }, index) => ({ jobId: id, status: 'succeeded', recordsSynced: index + 1, attached: false })),
    );
    expect(sandbox.requests.count('connections/sync')).toBe(4);
  });

  it('has the job cancelled of a sync that is cancelled', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await stack.startSync({ connectionId });
    const { id } = await stack.sandbox.jobs.created(connectionId);
    await sync.cancel();
    await expect(sync.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(stack.sandbox.store.job(id).status).toBe('cancelled');
  });
});
