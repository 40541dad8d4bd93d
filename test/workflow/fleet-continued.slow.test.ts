import { describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import type { FleetResult } from '../../src/contract/fleet-result';
import { fleetProgressQuery } from '../../workflows';
import { failureOf } from '../support/stack';
import { temporalWithShortHistories } from '../support/temporal';
import { until } from '../support/until';
import { FleetHarness } from './fleet-harness';

/** The runs of a few connections have so many events. */
const LONG_HISTORY_EVENTS = 30;

describe('a fleet on a server that suggests to continue as new', () => {
  const fleet = new FleetHarness(() => temporalWithShortHistories(LONG_HISTORY_EVENTS));
  const connections = Array.from({ length: 10 }, (_, place) => `c${place}`);

  it('continues as new when its history becomes long, and neither loses a connection nor syncs one twice', async () => {
    fleet.airbyte.ends.set('any', { status: 'succeeded', recordsSynced: 1 });
    const handle = await fleet.start({ name: 'long', connections, maxConcurrent: 3, dependsOn: { c9: ['c0', 'c1'] } });
    expect(await handle.result()).toMatchObject({
      name: 'long',
      counts: { succeeded: 10, failed: 0, skipped: 0, cancelled: 0 },
      recordsSynced: 10,
    });
    expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
    expect(fleet.airbyte.started.toSorted()).toEqual(connections.toSorted());
  });

  it('starts no sync while it waits for one that runs', async () => {
    const handle = await fleet.start({ connections, maxConcurrent: 2 });
    await fleet.airbyte.waitedFor('c0', 'c1');
    fleet.airbyte.ends.set('any', { status: 'succeeded' });
    fleet.airbyte.end('c1');
    await until(async () => (await handle.query(fleetProgressQuery)).phase === 'pausing');
    const { counts } = await handle.query(fleetProgressQuery);
    expect(counts).toMatchObject({ running: 1 });
    expect(counts.waiting).toBeGreaterThan(0);
    expect((await handle.describe()).runId).toBe(handle.firstExecutionRunId);
    const started = [...fleet.airbyte.started];
    fleet.airbyte.end('c0');
    expect(await handle.result()).toMatchObject({ counts: { succeeded: 10 } });
    expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
    expect(fleet.airbyte.started.slice(0, started.length)).toEqual(started);
    expect(fleet.airbyte.started.toSorted()).toEqual(connections.toSorted());
  });

  it('skips in a later run the connections that depend on one that failed in an earlier run', async () => {
    fleet.airbyte.ends.set('any', { status: 'succeeded' }).set('c0', { status: 'failed' });
    const handle = await fleet.start({ connections, maxConcurrent: 1, dependsOn: { c9: 'c0' } });
    await expect(handle.result()).rejects.toMatchObject({
      cause: { type: 'AirbyteSyncFailed', details: [{ counts: { succeeded: 8, failed: 1, skipped: 1 } }] },
    });
    expect(fleet.airbyte.started).toHaveLength(9);
  });

  it('can be cancelled in a later run', async () => {
    const others = connections.slice(0, 9);
    for (const connection of others) fleet.airbyte.ends.set(connection, { status: 'succeeded' });
    const handle = await fleet.start({ connections, maxConcurrent: 3, dependsOn: { c9: others } });
    await fleet.airbyte.waitedFor('c9');
    expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    expect(fleet.airbyte.cancelled).toEqual(['c9']);
  });

  it('reports a connection whose workflow was terminated', async () => {
    const handle = await fleet.start({ connections: ['a'] });
    await fleet.airbyte.waitedFor('a');
    await fleet.server.client.workflow.getHandle('airbyte-sync:a@sync-fleet').terminate('by hand');
    const failure = await failureOf(handle);
    expect((failure.details as [FleetResult])[0].connections[0]).toMatchObject({
      outcome: 'failed',
      message: 'Its workflow was terminated.',
    });
  });

  it('leaves no sync running when it is cancelled while it starts them', async () => {
    const connections = Array.from({ length: 8 }, (_, place) => `c${place}`);
    let find: () => void = () => undefined;
    const found = new Promise<void>((resolve) => {
      find = resolve;
    });
    fleet.airbyte.onFind = () => found;
    const handle = await fleet.start({ connections, maxConcurrent: 8 });
    find();
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
    expect(fleet.airbyte.cancelled.toSorted()).toEqual(fleet.airbyte.started.toSorted());
  });
});
