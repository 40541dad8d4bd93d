import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { Activities } from '../../activities';
import type { PipelineDocumentInput } from '../../src/contract/pipeline-document';
import { pipelineProgressQuery, type runPipeline } from '../../workflows';
import { timeSkippingTemporal, workflowBundle } from '../support/temporal';
import { NEW_PIPELINE } from './scripted-pipeline';

const TASK_QUEUE = 'run-pipeline';

const document: PipelineDocumentInput = {
  name: 'shop',
  source: { name: 'shop', definition: 'Postgres', configuration: {} },
  destination: { name: 'lake', definition: 'S3', configuration: {} },
  connection: { streams: [{ name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }] },
};

describe('runPipeline', () => {
  let env: TestWorkflowEnvironment;
  let respondToDestination: () => void = () => undefined;
  const destinationResponded = new Promise<void>((resolve) => {
    respondToDestination = resolve;
  });

  const activities: Partial<Activities> = {
    ...NEW_PIPELINE,
    applySource: async () => {
      throw ApplicationFailure.nonRetryable('The password has no value.', 'InvalidInput');
    },
    applyDestination: async () => {
      await destinationResponded;
      return { actorId: 'destination-1', created: true, updated: false };
    },
  };

  beforeAll(async () => {
    env = await timeSkippingTemporal();
  });
  afterAll(() => env?.teardown());

  it('records the actor that it has created also when the other one could not be created', async () => {
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle: await workflowBundle(),
      activities,
    });
    await worker.runUntil(async () => {
      const handle = await env.client.workflow.start<typeof runPipeline>('runPipeline', {
        workflowId: 'airbyte-pipeline:shop',
        taskQueue: TASK_QUEUE,
        args: [document],
      });
      const sourceFailed = async () => {
        const { events } = await handle.fetchHistory();
        return events?.some(({ activityTaskFailedEventAttributes: failed }) => failed);
      };
      while (!(await sourceFailed()));
      // The workflow responds to the query after it has seen the failure.
      await handle.query(pipelineProgressQuery);
      respondToDestination();
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
      expect((await handle.describe()).memo).toEqual({
        destination: { name: 'lake', id: 'destination-1', created: true, changedAt: expect.any(String) },
      });
    });
  });
});
