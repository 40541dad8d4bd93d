import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Stack, startStack } from '../support/stack';

const TRIGGER = 'connections/sync';
const LOOK_FOR_JOBS = 'jobs/list';

/** Airbyte can take minutes to start a job; here the worker's timeout is short instead. */
describe('a trigger whose response comes too late', () => {
  let stack: Stack;
  let connectionId: string;

  beforeAll(async () => {
    stack = await startStack({ timeoutsMs: { trigger: 500 } });
  });
  afterAll(() => stack?.stop());
  beforeEach(async () => {
    connectionId = await stack.caller.simulatedConnection({ hold: true, records: 6 });
    stack.sandbox.requests.clear();
  });
  afterEach(() => {
    stack.sandbox.faults.remove();
  });

  /** Ends the one job that there has to be, and sees that the sync takes it for its own. */
  async function expectOneJob(sync: Awaited<ReturnType<Stack['startSync']>>): Promise<void> {
    const { id } = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.requests.reached('jobs/get_without_logs', 1);
    await stack.sandbox.jobs.finish(id);
    expect(await sync.result()).toMatchObject({ jobId: id, recordsSynced: 6, attached: false, attempts: 1 });
    expect(stack.sandbox.store.connection(connectionId).jobs).toHaveLength(1);
  }

  it('starts one job when it takes effect after it was given up', async () => {
    const { faultId } = stack.sandbox.faults.add({ call: TRIGGER, delayMs: 60_000 });
    const sync = await stack.startSync({ connectionId });
    // Once before the trigger, and once after it was given up.
    await stack.sandbox.requests.reached(LOOK_FOR_JOBS, 2);
    stack.sandbox.faults.remove(faultId);
    await expectOneJob(sync);
    expect(stack.sandbox.requests.count(TRIGGER)).toBe(1);
  });

  it('starts one job when it takes effect just as it is repeated', async () => {
    const { faultId } = stack.sandbox.faults.add({ call: TRIGGER, delayMs: 60_000, times: 2 });
    const sync = await stack.startSync({ connectionId });
    await stack.sandbox.requests.reached(TRIGGER, 2);
    stack.sandbox.faults.remove(faultId);
    await expectOneJob(sync);
  });

  it('starts one job when it takes effect after the repeated one did', async () => {
    const { faultId } = stack.sandbox.faults.add({ call: TRIGGER, delayMs: 60_000 });
    const sync = await stack.startSync({ connectionId });
    await stack.sandbox.jobs.created(connectionId);
    stack.sandbox.faults.remove(faultId);
    await expectOneJob(sync);
    expect(stack.sandbox.requests.count(TRIGGER)).toBe(2);
  });
});
