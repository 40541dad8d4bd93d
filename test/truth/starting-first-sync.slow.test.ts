import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type PipelineDocument, pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import type { SyncConnectionOptions } from '../../src/contract/sync-options';
import { syncWorkflowId } from '../../src/contract/workflow-ids';
import { failureOf, JOB_POLL_CALL, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';

type OnRunning = SyncConnectionOptions['onRunning'];

describe('the first sync, which Airbyte starts by itself for a basic schedule', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ sandbox: { firstSyncs: true } });
  });
  afterAll(() => stack?.stop());

  const documentOf = (name: string, schedule: 'manual' | { every: string }, sync: false | { onRunning: OnRunning }) =>
    pipelineDocumentSchema().parse({
      ...{ name, sync },
      source: { name: `${name} source`, definition: 'Simulated', configuration: { hold: true, records: 4 } },
      destination: { name: `${name} destination`, definition: 'Simulated', configuration: {} },
      connection: {
        ...{ name, schedule },
        streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }],
      },
    });

  const jobsOf = (connectionId: string) => stack.sandbox.store.connection(connectionId).jobs;

  /** Runs a pipeline, ends the job that it waits for, and gives what came of it. */
  async function syncOf(document: PipelineDocument) {
    const pipeline = await stack.startPipeline(document);
    const { connectionId, jobId } = await waitsFor(pipeline);
    await stack.sandbox.jobs.finish(jobId);
    const { sync } = await pipeline.result();
    return { sync, jobs: jobsOf(connectionId).map(({ id }) => id) };
  }

  /** Waits until the sync of a pipeline waits for a job: the worker's polls are what makes time pass. */
  async function waitsFor(pipeline: Awaited<ReturnType<Stack['startPipeline']>>) {
    for (;;) {
      await stack.sandbox.requests.reached(JOB_POLL_CALL, stack.sandbox.requests.count(JOB_POLL_CALL) + 1);
      const { connectionId, phase } = await pipeline.query<{ connectionId?: string; phase: string }>('progress');
      if (phase !== 'sync' || connectionId === undefined) continue;
      const sync = stack.temporal.client.workflow.getHandle(syncWorkflowId(connectionId, stack.taskQueue));
      const progress = await sync.query<{ phase: string; jobId?: number }>('progress');
      if (progress.phase === 'running' && progress.jobId !== undefined) return { connectionId, jobId: progress.jobId };
    }
  }

  it.each(['fail', 'skip', 'queue', 'attach'] as const)(
    'is the one that a pipeline which has created the connection waits for, also with onRunning %s',
    async (onRunning) => {
      const { sync, jobs } = await syncOf(documentOf(uniqueName('first'), { every: '6h' }, { onRunning }));
      expect(sync).toMatchObject({ status: 'succeeded', recordsSynced: 4, attached: true });
      expect(jobs).toEqual([sync?.jobId]);
    },
  );

  it('is waited for as well by the pipeline that gives a connection its first basic schedule', async () => {
    const name = uniqueName('scheduled');
    await stack.runPipeline(documentOf(name, 'manual', false));
    const { sync, jobs } = await syncOf(documentOf(name, { every: '1h' }, { onRunning: 'fail' }));
    expect(sync).toMatchObject({ status: 'succeeded', attached: true });
    expect(jobs).toEqual([sync?.jobId]);
  });

  it.each(['fail', 'skip', 'queue'] as const)(
    'is waited for by the first run that syncs, when an earlier run has created the connection: onRunning %s',
    async (onRunning) => {
      const name = uniqueName('later');
      const { connectionId } = await stack.runPipeline(documentOf(name, { every: '6h' }, false));
      const { id } = await stack.sandbox.jobs.created(connectionId);
      const { sync, jobs } = await syncOf(documentOf(name, { every: '6h' }, { onRunning }));
      expect(sync).toMatchObject({ status: 'succeeded', attached: true, jobId: id });
      expect(jobs).toEqual([id]);
      stack.sandbox.jobs.start(stack.sandbox.store.connection(connectionId), 'sync');
      const second = await stack.startPipeline(documentOf(name, { every: '6h' }, { onRunning: 'fail' }));
      expect((await failureOf(second)).type).toBe('AirbyteConflict');
    },
  );

  it('is none where a job ran before the connection was given its schedule: onRunning says what becomes of that', async () => {
    const name = uniqueName('running');
    const { connectionId } = await stack.runPipeline(documentOf(name, 'manual', false));
    const { id } = stack.sandbox.jobs.start(stack.sandbox.store.connection(connectionId), 'sync');
    const failure = await failureOf(
      await stack.startPipeline(documentOf(name, { every: '1h' }, { onRunning: 'fail' })),
    );
    expect(failure.type).toBe('AirbyteConflict');
    expect(failure.message).toContain(`Job ${id} is already running`);
    expect(jobsOf(connectionId)).toHaveLength(1);
  });

  it('is not there for a manual schedule: the pipeline starts its own', async () => {
    const { sync, jobs } = await syncOf(documentOf(uniqueName('manual'), 'manual', { onRunning: 'fail' }));
    expect(sync).toMatchObject({ status: 'succeeded', attached: false });
    expect(jobs).toEqual([sync?.jobId]);
  });
});
