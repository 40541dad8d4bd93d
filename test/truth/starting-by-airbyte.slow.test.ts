import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SyncConnectionOptions } from '../../src/contract/sync-options';
import { failureOf, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';

describe.each([
  ['queued', 'config', '2026-08'],
  ['queued', 'public', '2026-08'],
  ['pending', 'config', '2.0.0'],
  ['pending', 'public', '2.0.0'],
] as const)('a job that Airbyte keeps as %s, by the %s API', (kept, flavour, airbyteVersion) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ sandbox: { airbyteVersion }, airbyte: { flavour } });
  });
  afterAll(() => stack?.stop());

  /** A sync whose job waits in the queue, and is known to do so. */
  async function startQueued(simulation: object) {
    const connectionId = await stack.caller.simulatedConnection({ queued_ms: 60_000, ...simulation });
    const call = flavour === 'public' ? 'public/jobs/{jobId}' : 'jobs/get_without_logs';
    const polls = stack.sandbox.requests.count(call);
    const sync = await stack.startSync({ connectionId });
    const { id } = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.requests.reached(call, polls + 2);
    return { connectionId, sync, id };
  }

  it('is reported, when Airbyte cancels it there, to have had no attempts and to have been cancelled by Airbyte', async () => {
    const { sync } = await startQueued({ queue_limit_ms: 1_500 });
    const failure = await failureOf(sync);
    expect(failure).toMatchObject({ type: 'AirbyteJobCancelled', details: [{ jobAttempts: 0, notBegun: true }] });
    expect(failure.message).toContain('had not begun (it had no attempts) when it was cancelled by Airbyte');
    expect(failure.message).toContain('queued for 8 hours');
  });

  it('is reported so also when its connection is changed meanwhile', async () => {
    const { sync, connectionId } = await startQueued({});
    await stack.caller.call('connections/update', { connectionId, name: uniqueName('renamed') });
    // A server that knows no queue leaves it alone.
    if (kept === 'pending') await stack.sandbox.jobs.cancel(connectionId);
    const failure = await failureOf(sync);
    expect(failure).toMatchObject({ type: 'AirbyteJobCancelled', details: [{ notBegun: true }] });
    expect(failure.message).toContain('one whose connection is changed');
  });

  it('is reported to have run where it was cancelled while it ran', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await stack.startSync({ connectionId });
    const { id } = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.jobs.reached(id, ({ status }) => status === 'running');
    await stack.sandbox.jobs.cancel(connectionId);
    const { message, details } = await failureOf(sync);
    expect(message).toContain('was cancelled in Airbyte, not by this workflow');
    expect(details).not.toMatchObject([{ notBegun: true }]);
  });
});

describe.each([
  ['public', 60 * 60],
  ['public', 20],
  ['config', 20],
] as const)('a job that the %s API has queued %d s before the request', (flavour, secondsBefore) => {
  const trigger = flavour === 'public' ? 'POST public/jobs' : 'connections/sync';
  /** The log of the public API's requests does not tell a list of jobs from the start of one. */
  const [call, untilSent] = flavour === 'public' ? ['public/jobs', 2] : ['connections/sync', 1];
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ sandbox: { airbyteVersion: '2026-08' }, airbyte: { flavour } });
  });
  afterAll(() => stack?.stop());

  /** The request is given a job that is queued already, and that no list has shown before. In the Config API it runs by then. */
  async function startBehind(onRunning: SyncConnectionOptions['onRunning']) {
    const connectionId = await stack.caller.simulatedConnection({ jobs: [{ queued_ms: 800 }, { records: 3 }] });
    const { faultId } = stack.sandbox.faults.add({ call: trigger, delayMs: 60_000 });
    const requests = stack.sandbox.requests.count(call);
    const sync = await stack.startSync({ connectionId, onRunning });
    await stack.sandbox.requests.reached(call, requests + untilSent);
    const job = stack.sandbox.jobs.start(stack.sandbox.store.connection(connectionId), 'sync');
    job.createdAtMs -= secondsBefore * 1_000;
    await stack.sandbox.jobs.reached(job.id, ({ status }) => status === 'queued');
    stack.sandbox.faults.remove(faultId);
    return { sync, jobId: job.id, jobs: () => stack.sandbox.store.connection(connectionId).jobs.length };
  }

  it('is not ours: attach says attached', async () => {
    const { sync, jobId, jobs } = await startBehind('attach');
    expect(await sync.result()).toMatchObject({ jobId, attached: true });
    expect(jobs()).toBe(1);
  });

  it('is not ours: queue runs a job of its own behind it', async () => {
    const { sync, jobs } = await startBehind('queue');
    expect(await sync.result()).toMatchObject({ recordsSynced: 3, attached: false });
    expect(jobs()).toBe(2);
  });

  it('is not ours: skip says skipped', async () => {
    const { sync, jobId } = await startBehind('skip');
    expect(await sync.result()).toMatchObject({ jobId, status: 'skipped' });
  });

  it('is not ours: fail says that it was there before', async () => {
    const { sync, jobId } = await startBehind('fail');
    const failure = await failureOf(sync);
    expect(failure.type).toBe('AirbyteConflict');
    expect(failure.message).toContain(`Job ${jobId} is already running`);
    if (flavour === 'public') expect(failure.message).toContain('queued: it was there before');
  });
});
