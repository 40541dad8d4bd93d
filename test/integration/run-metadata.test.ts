/** What the UI reads of a run: its texts, its queries and where it stands, from a real server. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import { JOB_POLL_CALL, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { activitySummaries, metadataOf } from '../support/workflow-metadata';

describe('a run as the UI reads it', () => {
  let stack: Stack;
  let pipeline: WorkflowHandle;
  let sync: WorkflowHandle;
  const name = uniqueName('shop');

  beforeAll(async () => {
    stack = await startStack();
    const document = pipelineDocumentSchema().parse({
      name,
      source: { name: `${name}-source`, definition: 'Simulated', configuration: { duration_ms: 1_000, records: 500 } },
      destination: { name: `${name}-lake`, definition: 'Simulated', configuration: {} },
      connection: { streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }] },
    });
    pipeline = await stack.startPipeline(document);
    const { connectionId } = (await pipeline.result()) as { connectionId: string };
    sync = stack.temporal.client.workflow.getHandle(`airbyte-sync:${connectionId}@${stack.taskQueue}`);
  });
  afterAll(() => stack?.stop());

  it('says of every activity of a pipeline what it is for', async () => {
    expect(await activitySummaries(pipeline)).toEqual([
      ['findWorkspace', 'Find the workspace'],
      ['findSourceDefinition', 'Find the source definition Simulated'],
      ['findDestinationDefinition', 'Find the destination definition Simulated'],
      ['planSource', `Compare the source ${name}-source`],
      ['planDestination', `Compare the destination ${name}-lake`],
      ['checkSourceConfiguration', `Check the source ${name}-source`],
      ['checkDestinationConfiguration', `Check the destination ${name}-lake`],
      ['prepareConnection', `Discover the streams of the source ${name}-source`],
      ['applySource', `Set up the source ${name}-source`],
      ['applyDestination', `Set up the destination ${name}-lake`],
      ['applyConnection', expect.stringMatching(`^Set up the connection ${name}`)],
    ]);
  });

  it('says of every activity of a sync what it is for', async () => {
    expect((await activitySummaries(sync)).map(([, summary]) => summary)).toEqual([
      'Find the newest job of the connection',
      'Start the sync',
      expect.stringMatching(/^Wait for job \d+$/),
    ]);
  });

  it('has for a summary the name of the connection, and for details its id, its page in Airbyte and its options', async () => {
    const { connectionId } = (await pipeline.result()) as { connectionId: string };
    const { staticSummary, staticDetails } = await sync.describe().then(async (description) => ({
      staticSummary: await description.staticSummary(),
      staticDetails: await description.staticDetails(),
    }));
    expect(staticSummary).toMatch(`${name}-source`);
    expect(staticDetails).toContain(connectionId);
    expect(staticDetails).toContain(`/workspaces/${await stack.caller.workspaceId()}/connections/${connectionId}`);
    expect(staticDetails).toContain('`timeout: 1h`');
  });

  it('shows how it ended, and links a pipeline to its sync', async () => {
    expect((await metadataOf(sync)).currentDetails).toMatch(/^\| events \|\s+500 \|/m);
    const { currentDetails } = await metadataOf(pipeline);
    expect(currentDetails).toMatch(/^\*\*Done\*\*/);
    expect(currentDetails).toContain(`](namespaces/default/workflows/${encodeURIComponent(sync.workflowId)})`);
    expect(currentDetails).toContain('**Moved**: 500 records');
  });

  it('describes what its query returns', async () => {
    for (const workflow of [pipeline, sync]) {
      const { queryDefinitions } = (await metadataOf(workflow)).definition;
      const progress = queryDefinitions.find((query) => query.name === 'progress');
      expect(progress?.description).toMatch(/^How the (pipeline|sync) stands/);
    }
  });

  it('shows in its stack where it waits, in the words of the workflow', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    stack.sandbox.requests.clear();
    const waiting = await stack.startSync({ connectionId });
    const { id } = await stack.sandbox.jobs.created(connectionId);
    await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
    const callStack = await waiting.query<string>('__stack_trace');
    expect(callStack).toContain('waitUntilEnded');
    await stack.sandbox.jobs.finish(id);
    await waiting.result();
  });
});
