import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { Activities } from '../../activities';
import type { ConnectionToPlan } from '../../src/contract/connection';
import type { PipelineDocumentInput } from '../../src/contract/pipeline-document';
import type { PlannedConnection, PlannedObject, PlannedSchedule } from '../../src/contract/pipeline-plan';
import type { PruneCandidate } from '../../src/contract/pruning';
import { pipelineProgressQuery, type planPipeline, type prunePipelines, type runPipeline } from '../../workflows';
import { failureOf } from '../support/stack';
import { timeSkippingTemporal, uniqueName, workflowBundle } from '../support/temporal';
import { NEW_PIPELINE } from './scripted-pipeline';

const TASK_QUEUE = 'declarative';

const document: PipelineDocumentInput = {
  name: 'shop',
  source: { name: 'shop', definition: 'Postgres', configuration: { host: 'db' } },
  destination: { name: 'lake', definition: 'S3', configuration: { s3_bucket_name: 'lake' } },
  connection: { streams: [{ name: 'order_*', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }] },
  sync: false,
};

const LEFT: PlannedObject = { action: 'leave', name: 'shop', id: 'id', changes: [] };
const DRIFT = { changes: [{ stream: 'orders', kind: 'field removed' as const, field: 'note' }], moreChanges: 0 };

describe('the workflows of declarative pipelines', () => {
  let env: TestWorkflowEnvironment;

  beforeAll(async () => {
    env = await timeSkippingTemporal();
  });
  afterAll(() => env?.teardown());

  const found: Partial<Activities> = {
    findWorkspace: async () => ({ workspaceId: 'w', name: 'Default Workspace' }),
    findSourceDefinition: async () => ({ definitionId: 'postgres', name: 'Postgres' }),
    findDestinationDefinition: async () => ({ definitionId: 's3', name: 'S3' }),
  };

  /** Runs a workflow on a worker that has only these activities: a call of another one would never end. */
  async function withWorker<T>(activities: Partial<Activities>, use: () => Promise<T>): Promise<T> {
    const worker = await Worker.create({
      ...{ connection: env.nativeConnection, taskQueue: TASK_QUEUE, activities: { ...found, ...activities } },
      workflowBundle: await workflowBundle(),
    });
    return worker.runUntil(use);
  }

  describe('planPipeline', () => {
    let asked: ConnectionToPlan | undefined;
    beforeEach(() => {
      asked = undefined;
    });

    function plan(
      objects: { source?: PlannedObject; connection?: Partial<PlannedConnection>; schedule?: PlannedSchedule },
      input = document,
    ) {
      const { source = LEFT, connection = {}, schedule = null } = objects;
      const activities: Partial<Activities> = {
        planSource: async () => source,
        planDestination: async () => LEFT,
        planSchedule: async () => schedule,
        planConnection: async (desired) => {
          asked = desired;
          return { connection: { ...LEFT, streams: [], ...connection }, notes: ['a note'] };
        },
      };
      return withWorker(activities, async () =>
        env.client.workflow.execute<typeof planPipeline>('planPipeline', {
          ...{ workflowId: uniqueName('plan'), taskQueue: TASK_QUEUE, args: [input] },
        }),
      );
    }

    it('has nothing to do when source, destination, connection and streams are as desired', async () => {
      const streams = [{ name: 'order_items', action: 'leave' as const, changes: [] }];
      expect(await plan({ connection: { streams } })).toEqual({
        ...{ name: 'shop', workspaceId: 'w', source: LEFT, destination: LEFT, connection: { ...LEFT, streams } },
        ...{ counts: { create: 0, change: 0, delete: 0 }, notes: ['a note'], changes: false },
      });
      expect(asked).toMatchObject({ pipeline: 'shop', sourceId: 'id', destinationId: 'id', sourceChanges: false });
    });

    it('has something to do when any of them is not', async () => {
      const change = { ...LEFT, action: 'change' as const };
      expect(await plan({ source: change })).toMatchObject({ changes: true });
      expect(asked).toMatchObject({ sourceId: 'id', sourceChanges: true });
      const streams = [{ name: 'order_items', action: 'add' as const, changes: [] }];
      expect(await plan({ connection: { streams } })).toMatchObject({ changes: true });
      const created = { ...LEFT, id: null, action: 'create' as const };
      expect(await plan({ source: created })).toMatchObject({ changes: true });
      expect(asked).toMatchObject({ sourceId: null });
    });

    it('has something to do about a schedule in Temporal, also of a connection that is still to be created', async () => {
      const removed: PlannedSchedule = { action: 'remove', id: 'airbyte-schedule:id', changes: [] };
      expect(await plan({ schedule: removed })).toMatchObject({ schedule: removed, changes: true });
      const schedule = { every: '6h', by: 'temporal' as const };
      const byTemporal = { ...document, connection: { ...document.connection, schedule } };
      expect(await plan({ connection: { id: null, action: 'create' } }, byTemporal)).toMatchObject({
        schedule: { action: 'create', id: null },
      });
    });

    it('lists a drift as a change only where it would make apply fail', async () => {
      const drifted = { connection: { schemaDrift: DRIFT } };
      expect(await plan(drifted)).toMatchObject({ changes: false });
      const failing = { ...document, connection: { ...document.connection, schemaChanges: 'fail' as const } };
      expect(await plan(drifted, failing)).toMatchObject({ changes: true });
    });
  });

  describe('prunePipelines', () => {
    let deleted: string[];
    const judged: PruneCandidate[] = [
      { connectionId: 'a', name: 'A', pipeline: 'shop', staysBecause: null },
      { connectionId: 'b', name: 'B', pipeline: 'shop', staysBecause: null },
      { connectionId: 'c', name: 'C', pipeline: 'shop', staysBecause: 'job 7 is running on it' },
    ];
    beforeEach(() => {
      deleted = [];
    });

    function prune(confirmed?: string[], staysBecause: string | null = null) {
      const activities: Partial<Activities> = {
        findUnnamedConnections: async () => judged,
        deleteUnnamedConnection: async ({ connection }) => {
          deleted.push(connection.connectionId);
          return { ...connection, staysBecause };
        },
      };
      return withWorker(activities, () =>
        env.client.workflow.execute<typeof prunePipelines>('prunePipelines', {
          ...{ workflowId: uniqueName('prune'), taskQueue: TASK_QUEUE },
          args: [{ pipelines: ['shop'], keep: [], ...(confirmed && { confirmed }) }],
        }),
      );
    }

    it('deletes nothing that the user has not confirmed', async () => {
      const { connections } = await prune();
      expect(connections.map((connection) => connection.deleted)).toEqual([false, false, false]);
      expect(deleted).toEqual([]);
    });

    it('deletes what the user has confirmed and no document names, and nothing else', async () => {
      const { connections } = await prune(['b', 'c', 'never-found']);
      expect(deleted).toEqual(['b']);
      expect(connections.map((connection) => connection.deleted)).toEqual([false, true, false]);
    });

    it('says why it keeps a connection that has a job by now', async () => {
      const { connections } = await prune(['a'], 'job 8 is running on it');
      expect(connections[0]).toEqual({ ...judged[0], staysBecause: 'job 8 is running on it', deleted: false });
    });

    it('rejects an invalid input', async () => {
      const handle = await withWorker({}, async () => {
        const started = await env.client.workflow.start('prunePipelines', {
          ...{ workflowId: uniqueName('prune'), taskQueue: TASK_QUEUE, args: [{ pipelines: [], keep: 'all' }] },
        });
        return { failure: await failureOf(started) };
      });
      expect(handle.failure).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining('keep expected') });
    });
  });

  describe('runPipeline', () => {
    const applying = (applyConnection: Activities['applyConnection']): Partial<Activities> => ({
      ...NEW_PIPELINE,
      applyConnection,
    });
    const input: PipelineDocumentInput = {
      ...document,
      connection: { ...document.connection, schemaChanges: 'ignore' },
    };

    function run(applyConnection: Activities['applyConnection']) {
      return withWorker(applying(applyConnection), async () => {
        const handle = await env.client.workflow.start<typeof runPipeline>('runPipeline', {
          ...{ workflowId: uniqueName('run'), taskQueue: TASK_QUEUE, args: [input] },
        });
        const end = await handle.result().then(
          () => undefined,
          () => failureOf(handle),
        );
        return {
          failure: end,
          progress: await handle.query(pipelineProgressQuery),
          memo: (await handle.describe()).memo,
        };
      });
    }

    it('notes how the schema has drifted', async () => {
      const { progress } = await run(async () => ({
        ...{ connectionId: 'c', created: false, updated: [], schemaDrift: DRIFT },
      }));
      expect(progress.notes).toEqual([
        "The source's schema has changed since the connection was set up (schemaChanges: ignore): orders: field note removed.",
      ]);
    });

    it('records in its memo what it has created, so that a later prune recognises it', async () => {
      const { memo } = await run(async () => ({ connectionId: 'c', created: true, updated: [] }));
      expect(memo).toMatchObject({ connection: { name: 'shop → lake', id: 'c', created: true } });
      const later = await run(async () => ({ connectionId: 'c', created: false, updated: [] }));
      expect(later.memo).toMatchObject({ connection: { name: 'shop → lake', id: 'c' } });
      expect(later.memo?.['connection']).not.toHaveProperty('created');
    });

    it('fails before any sync when the document rejects a changed schema', async () => {
      const { failure, progress } = await run(async () => {
        throw ApplicationFailure.nonRetryable('The schema is no longer …', 'AirbyteConflict', { schemaDrift: DRIFT });
      });
      expect(failure).toMatchObject({ type: 'AirbyteConflict', details: [{ schemaDrift: DRIFT }] });
      expect(progress.syncWorkflowId).toBeUndefined();
    });
  });
});
