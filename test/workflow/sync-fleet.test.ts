import { describe, expect, it } from '@jest/globals';
import { type ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { FleetResult } from '../../src/contract/fleet-result';
import { searchAttributeKeys } from '../../src/contract/search-attribute-keys';
import { fleetProgressQuery } from '../../workflows';
import { failureOf } from '../support/stack';
import { metadataOf } from '../support/workflow-metadata';
import { FleetHarness } from './fleet-harness';
import { airbyteFailure, untilGivenUp } from './scripted-airbyte';

const SUCCEEDED = { status: 'succeeded', recordsSynced: 10, bytesSynced: 100 } as const;
const FAILED = { status: 'failed', failure: { message: 'The disk is full.' } } as const;

/** The outcome of each connection, by name. */
function outcomes(result: unknown): Record<string, string> {
  return Object.fromEntries((result as FleetResult).connections.map(({ name, outcome }) => [name, outcome]));
}

/** The result that a failure has in its details. */
function resultIn({ details }: ApplicationFailure): FleetResult {
  return details?.[0] as FleetResult;
}

describe('syncFleet', () => {
  const fleet = new FleetHarness();

  describe('when all syncs succeed', () => {
    it('syncs each connection once, in the order of their dependencies, and lists their outcomes', async () => {
      fleet.airbyte.ends.set('any', SUCCEEDED);
      const connections = ['reports', { connection: 'orders', dependsOn: ['shop'] }, 'shop'];
      expect(await fleet.run({ name: 'nightly', connections, dependsOn: { reports: 'orders' } })).toEqual({
        name: 'nightly',
        counts: { succeeded: 3, failed: 0, skipped: 0, cancelled: 0 },
        recordsSynced: 30,
        bytesSynced: 300,
        connections: [
          {
            connectionId: 'reports',
            name: 'reports',
            outcome: 'succeeded',
            jobId: 3,
            recordsSynced: 10,
            bytesSynced: 100,
          },
          {
            connectionId: 'orders',
            name: 'orders',
            outcome: 'succeeded',
            jobId: 2,
            recordsSynced: 10,
            bytesSynced: 100,
          },
          { connectionId: 'shop', name: 'shop', outcome: 'succeeded', jobId: 1, recordsSynced: 10, bytesSynced: 100 },
        ],
      });
      expect(fleet.airbyte.started).toEqual(['shop', 'orders', 'reports']);
    });

    it('runs at most maxConcurrent syncs at a time', async () => {
      fleet.airbyte.ends.set('any', SUCCEEDED);
      await fleet.run({ connections: ['a', 'b', 'c', 'd', 'e', 'f'], maxConcurrent: 2 });
      expect(fleet.airbyte.started).toHaveLength(6);
      expect(fleet.airbyte.mostConcurrent).toBeLessThanOrEqual(2);
    });

    it('syncs a selection, whose order is given by names or ids, and has the name of its workflow', async () => {
      fleet.airbyte.ends.set('any', SUCCEEDED);
      fleet.airbyte.selected = ['crm', 'shop'].map((name) => ({ connectionId: `id-${name}`, name }));
      const handle = await fleet.start({ select: { namePattern: '*' }, dependsOn: { crm: ['id-shop'] } });
      expect(await handle.result()).toMatchObject({ name: handle.workflowId, counts: { succeeded: 2 } });
      expect(fleet.airbyte.started).toEqual(['id-shop', 'id-crm']);
    });

    it('runs each sync as a child workflow, which is found by its connection and has the options of the fleet', async () => {
      const handle = await fleet.start({ connections: ['crm'], sync: { timeout: '2h', maximumAttempts: 3 } });
      await fleet.airbyte.waitedFor('crm');
      const child = fleet.server.client.workflow.getHandle('airbyte-sync:crm@sync-fleet');
      const { typedSearchAttributes } = await child.describe();
      expect(typedSearchAttributes.get(searchAttributeKeys.connectionName)).toBe('crm');
      expect(typedSearchAttributes.get(searchAttributeKeys.workspaceId)).toBe('workspace-1');
      expect(await child.query('progress')).toMatchObject({ maximumAttempts: 3 });
      expect((await handle.describe()).typedSearchAttributes.get(searchAttributeKeys.workspaceId)).toBe('workspace-1');
      fleet.airbyte.end('crm');
      await handle.result();
    });

    it('syncs concurrently with a sync of another caller', async () => {
      const others = await fleet.server.client.workflow.start('syncConnection', {
        workflowId: 'airbyte-sync:crm@sync-fleet',
        taskQueue: fleet.taskQueue,
        args: [{ connectionId: 'crm' }],
      });
      await fleet.airbyte.waitedFor('crm');
      fleet.airbyte.ends.set('any', SUCCEEDED);
      expect(outcomes(await fleet.run({ connections: ['crm'] }))).toEqual({ crm: 'succeeded' });
      fleet.airbyte.end('crm');
      await others.result();
    });
  });

  it('returns its progress, by level', async () => {
    const handle = await fleet.start({ name: 'nightly', connections: ['a', 'b'], dependsOn: { b: 'a' } });
    await fleet.airbyte.waitedFor('a');
    expect(await handle.query(fleetProgressQuery)).toEqual({
      name: 'nightly',
      phase: 'syncing',
      maxConcurrent: 10,
      counts: { waiting: 1, running: 1, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 },
      levels: [
        [
          {
            connectionId: 'a',
            name: 'a',
            phase: 'running',
            dependsOn: [],
            syncWorkflowId: 'airbyte-sync:a@sync-fleet',
          },
        ],
        [{ connectionId: 'b', name: 'b', phase: 'waiting', dependsOn: ['a'] }],
      ],
    });
    const { currentDetails } = await metadataOf(handle);
    expect(currentDetails).toMatch(/^\*\*Syncing\*\*.*2, of which 1 running, 1 waiting.*\[a\]\(namespaces\/default/s);
    fleet.airbyte.end('a', SUCCEEDED);
    await fleet.airbyte.waitedFor('b');
    fleet.airbyte.end('b');
    await handle.result();
    expect(await handle.query(fleetProgressQuery)).toMatchObject({ phase: 'done', counts: { succeeded: 2 } });
  });

  describe('when a connection fails', () => {
    it('skips those that depend on it, continues with the others, and fails with the whole result in its details', async () => {
      fleet.airbyte.ends.set('crm', FAILED).set('any', SUCCEEDED);
      const failure = await fleet.failureOf({
        name: 'nightly',
        connections: [
          'crm',
          'shop',
          { connection: 'orders', dependsOn: 'shop' },
          { connection: 'leads', dependsOn: 'crm' },
        ],
        maxConcurrent: 1,
      });
      expect(failure.type).toBe('AirbyteSyncFailed');
      expect(failure.message).toContain(
        "1 of the 4 connections of the fleet 'nightly' did not succeed, and 1 was skipped",
      );
      expect(failure.message).toContain(
        'crm: AirbyteSyncFailed: The sync of connection crm (job 1) failed: The disk is full.',
      );
      expect(outcomes(resultIn(failure))).toEqual({
        crm: 'failed',
        shop: 'succeeded',
        orders: 'succeeded',
        leads: 'skipped',
      });
      expect(fleet.airbyte.started).toEqual(['crm', 'shop', 'orders']);
    });

    it('waits with onFailure: stop for those that run, and starts no more', async () => {
      const handle = await fleet.start({ connections: ['a', 'b', 'c'], maxConcurrent: 2, onFailure: 'stop' });
      await fleet.airbyte.waitedFor('a', 'b');
      fleet.airbyte.end('a', FAILED);
      while ((await handle.query(fleetProgressQuery)).counts.failed === 0);
      fleet.airbyte.end('b', SUCCEEDED);
      const failure = await failureOf(handle);
      expect(outcomes(resultIn(failure))).toEqual({ a: 'failed', b: 'succeeded', c: 'skipped' });
      expect(resultIn(failure).connections[2]?.message).toBe("The fleet stopped, because 'a' failed.");
      expect(fleet.airbyte.started.toSorted()).toEqual(['a', 'b']);
    });

    it('counts a job that was cancelled in Airbyte as cancelled', async () => {
      fleet.airbyte.ends.set('any', { status: 'cancelled' });
      const failure = await fleet.failureOf({ connections: ['crm'] });
      expect(failure.type).toBe('AirbyteSyncFailed');
      expect(outcomes(resultIn(failure))).toEqual({ crm: 'cancelled' });
    });

    it('counts a sync that a user has cancelled as cancelled, and continues with the others', async () => {
      const handle = await fleet.start({ connections: ['a', 'b'], maxConcurrent: 1 });
      await fleet.airbyte.waitedFor('a');
      fleet.airbyte.ends.set('b', SUCCEEDED);
      await fleet.server.client.workflow.getHandle('airbyte-sync:a@sync-fleet').cancel();
      const failure = await failureOf(handle);
      expect(outcomes(resultIn(failure))).toEqual({ a: 'cancelled', b: 'succeeded' });
    });
  });

  describe('when it is cancelled', () => {
    it('cancels every job that runs in Airbyte, waits for their ends, and starts no more', async () => {
      const handle = await fleet.start({ connections: ['a', 'b', 'c'], maxConcurrent: 2 });
      await fleet.airbyte.waitedFor('a', 'b');
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(fleet.airbyte.cancelled.toSorted()).toEqual(['a', 'b']);
      expect(fleet.airbyte.started.toSorted()).toEqual(['a', 'b']);
      const { phase, counts, levels } = await handle.query(fleetProgressQuery);
      expect(phase).toBe('cancelled');
      expect(counts).toMatchObject({ cancelled: 2, skipped: 1 });
      expect(levels[0]?.[2]?.message).toBe('The fleet was cancelled.');
    });

    it('fails when a job could not be cancelled, and names it', async () => {
      fleet.airbyte.onCancel = () => {
        throw airbyteFailure('AirbyteUnauthorized', 'jobs/cancel responded with 403.');
      };
      const handle = await fleet.start({ connections: ['a'] });
      await fleet.airbyte.waitedFor('a');
      await handle.cancel();
      const failure = await failureOf(handle);
      expect(failure.type).toBe('AirbyteSyncFailed');
      expect(failure.message).toMatch(/^The fleet was cancelled\./);
      expect(failure.message).toContain('could not be cancelled and may still be running');
      // The server skips no time while an activity runs.
      fleet.airbyte.end('a');
    });

    it('starts nothing when that happens while it finds its connections', async () => {
      let looking: () => void = () => undefined;
      const looks = new Promise<void>((resolve) => {
        looking = resolve;
      });
      fleet.airbyte.onFind = async () => {
        looking();
        await untilGivenUp();
      };
      const handle = await fleet.start({ connections: ['a'] });
      await looks;
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: expect.any(CancelledFailure) });
      expect(fleet.airbyte.started).toEqual([]);
    });
  });

  describe('starts nothing', () => {
    it.each([
      ['a cycle', { connections: ['a', 'b'], dependsOn: { a: 'b', b: ['a'] } }, /^dependsOn\.b\[0\] makes a cycle/],
      [
        'an unknown name',
        { connections: ['a'], dependsOn: { a: 'c' } },
        /^dependsOn\.a\[0\] is not one of the fleet's/,
      ],
      ['neither connections nor select', { name: 'nightly' }, /^connections is missing/],
      ['an unknown option', { connections: ['a'], concurrency: 1 } as never, /^concurrency is not a known key/],
    ])('with %s, and names the field', async (_, input, message) => {
      const failure = await fleet.failureOf(input);
      expect(failure.type).toBe('InvalidInput');
      expect(failure.message).toMatch(message);
      expect(fleet.airbyte.started).toEqual([]);
    });

    it('with an order that the selection does not have, and names the field', async () => {
      fleet.airbyte.selected = [fleet.airbyte.found('crm')];
      const failure = await fleet.failureOf({ select: {}, dependsOn: { crm: ['shop'] } });
      expect(failure.type).toBe('InvalidInput');
      expect(failure.message).toMatch(/^dependsOn\.crm\[0\] is not one of the fleet's connections/);
      expect(fleet.airbyte.started).toEqual([]);
    });

    it('when Airbyte does not have a connection, and says which', async () => {
      fleet.airbyte.onFind = async () => {
        throw airbyteFailure('AirbyteNotFound', "Airbyte has no connection with the id or name 'crm'.");
      };
      expect(await fleet.failureOf({ connections: ['crm'] })).toMatchObject({
        type: 'AirbyteNotFound',
        message: "Airbyte has no connection with the id or name 'crm'.",
      });
    });
  });
});
