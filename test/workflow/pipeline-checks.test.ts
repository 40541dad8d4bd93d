import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { Activities } from '../../activities';
import type { PipelineDocumentInput } from '../../src/contract/pipeline-document';
import { pipelineProgressQuery, type runPipeline } from '../../workflows';
import { timeSkippingTemporal, workflowBundle } from '../support/temporal';

const TASK_QUEUE = 'pipeline-checks';

const document: PipelineDocumentInput = {
  name: 'shop',
  source: { name: 'shop', definition: 'Postgres', configuration: { password: '$' + '{env:SECRET_SHOP_PASSWORD}' } },
  destination: { name: 'lake', definition: 'S3', configuration: { s3_bucket_name: 'lake' } },
  connection: { streams: [{ name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }] },
  sync: false,
};

describe('runPipeline on an Airbyte without connection checks', () => {
  let env: TestWorkflowEnvironment;
  let found: { created: boolean; updated: boolean };
  let applied: string[];

  const noChecks = async () => {
    throw ApplicationFailure.nonRetryable('The public API has no check.', 'AirbyteUnsupported');
  };
  const apply =
    (actorId: string) =>
    async ({ update }: { update?: boolean }) => {
      applied.push(update === true ? `${actorId}, sent again` : actorId);
      return { actorId, ...found };
    };
  const activities: Partial<Activities> = {
    findWorkspace: async () => ({ workspaceId: 'w', name: 'Default Workspace' }),
    findSourceDefinition: async () => ({ definitionId: 'postgres', name: 'Postgres' }),
    findDestinationDefinition: async () => ({ definitionId: 's3', name: 'S3' }),
    applySource: apply('source'),
    applyDestination: apply('destination'),
    checkSource: noChecks,
    checkDestination: noChecks,
    discoverSchema: async () => [],
    applyConnection: async () => ({ connectionId: 'connection', created: true, updated: [] }),
  };

  beforeAll(async () => {
    env = await timeSkippingTemporal();
  });
  afterAll(() => env?.teardown());
  beforeEach(() => {
    applied = [];
  });

  async function run() {
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle: await workflowBundle(),
      activities,
    });
    return worker.runUntil(async () => {
      const handle = await env.client.workflow.start<typeof runPipeline>('runPipeline', {
        workflowId: 'airbyte-pipeline:shop',
        taskQueue: TASK_QUEUE,
        args: [document],
      });
      const result = await handle.result();
      return { result, progress: await handle.query(pipelineProgressQuery) };
    });
  }

  it('continues, and notes for source and destination that they were not checked', async () => {
    found = { created: true, updated: false };
    const { result, progress } = await run();
    expect(result).toMatchObject({ connectionId: 'connection' });
    expect(progress.notes.toSorted()).toEqual([
      'The destination was not checked: this Airbyte has no call for it.',
      'The source was not checked: this Airbyte has no call for it.',
    ]);
    expect(applied.toSorted()).toEqual(['destination', 'source']);
  });

  it('sends the configuration of actors that it found again, since nothing else would show that secrets have changed', async () => {
    found = { created: false, updated: false };
    await run();
    expect(applied.toSorted()).toEqual(['destination', 'source', 'source, sent again']);
  });

  it('sends no configuration again that it has just updated', async () => {
    found = { created: false, updated: true };
    await run();
    expect(applied.toSorted()).toEqual(['destination', 'source']);
  });
});
