import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AirbyteFlavour } from '../../src/airbyte/airbyte-url';
import { type PipelineDocumentInput, pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import type { PipelinePlan } from '../../src/contract/pipeline-plan';
import type { PipelineProgress } from '../../workflows';
import { type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';

type Connection = Partial<PipelineDocumentInput['connection']>;

describe.each<AirbyteFlavour>(['config', 'public'])('what earlier runs have applied, through the %s API', (flavour) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ airbyte: { flavour } });
  });
  afterAll(() => stack?.stop());

  function documentOf(name: string, configuration: Record<string, unknown> = {}, connection: Connection = {}) {
    const streams = [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' } as const];
    return pipelineDocumentSchema().parse({
      name,
      source: {
        name: `${name} source`,
        definition: 'Simulated',
        configuration: { streams: ['events'], ...configuration },
      },
      destination: { name: `${name} destination`, definition: 'Simulated', configuration: { seconds: 1 } },
      connection: { name, streams, ...connection },
      sync: false,
    });
  }
  type Document = ReturnType<typeof documentOf>;

  async function plan(document: Document): Promise<PipelinePlan> {
    const options = { taskQueue: stack.taskQueue, workflowId: uniqueName('plan'), args: [document] };
    return (await stack.temporal.client.workflow.execute('planPipeline', options)) as PipelinePlan;
  }

  async function apply(document: Document) {
    const run = await stack.startPipeline(document);
    const result = await run.result();
    return { ...result, notes: (await run.query<PipelineProgress>('progress')).notes };
  }

  /** The requests that have changed something since the last count. */
  function changing(): string[] {
    const calls = Object.keys(stack.sandbox.requests.all());
    stack.sandbox.requests.clear();
    return calls.filter((call) =>
      /\/(create|update|delete)$|^(POST|PUT|PATCH|DELETE) public\/(?!applications)/.test(call),
    );
  }

  it('is found by its id when it was renamed in Airbyte, is named again, and is not created a second time', async () => {
    const document = documentOf(uniqueName('renamed'));
    const { sourceId, destinationId, connectionId } = await apply(document);
    for (const id of [sourceId, destinationId])
      Object.assign(stack.sandbox.store.actors.get(id) ?? {}, { name: `${id} by hand` });
    const settings = stack.sandbox.store.connections.get(connectionId)?.settings ?? {};
    settings['name'] = 'by hand';
    const planned = await plan(document);
    expect(planned.source).toMatchObject({ action: 'change', id: sourceId });
    expect(planned.source.changes).toEqual([{ field: 'name', from: `${sourceId} by hand`, to: document.source.name }]);
    expect(planned.destination).toMatchObject({ action: 'change', id: destinationId });
    expect(planned.connection).toMatchObject({ action: 'change', id: connectionId });
    expect(planned.notes.filter((note) => note.includes('was renamed to'))).toHaveLength(3);
    const again = await apply(document);
    expect(again).toMatchObject({ sourceId, destinationId, connectionId });
    expect(again.created).toEqual({ source: false, destination: false, connection: false });
    expect(again.notes.filter((note) => note.includes('was renamed to'))).toHaveLength(3);
    expect(settings['name']).toBe(document.connection.name);
    expect((await plan(document)).changes).toBe(false);
  });

  it('goes back to the default where the document no longer has a field, and the plan says so once', async () => {
    const name = uniqueName('taken-out');
    await apply(documentOf(name, { seconds: 3 }, { prefix: 'raw_', schemaChanges: 'propagate' }));
    const document = documentOf(name);
    const planned = await plan(document);
    expect(planned.changes).toBe(true);
    expect(planned.source.changes).toEqual([{ field: 'configuration.seconds', from: 3 }]);
    expect(planned.connection.changes).toEqual([
      { field: 'prefix', from: 'raw_', to: '' },
      { field: 'schemaChanges', from: 'propagate', to: 'ignore' },
    ]);
    expect(planned.notes.join()).toContain('No longer in the document: configuration.seconds of the source');
    const { sourceId, connectionId } = await apply(document);
    expect(stack.sandbox.store.actors.get(sourceId)?.configuration).not.toHaveProperty('seconds');
    expect(stack.sandbox.store.connections.get(connectionId)?.settings['prefix']).toBe('');
    changing();
    const after = await plan(document);
    expect(after).toMatchObject({ changes: false, notes: [] });
    await apply(document);
    expect(changing()).toEqual([]);
  });

  it('is named where nothing is known of earlier runs and something of another name may be it', async () => {
    const name = uniqueName('twin');
    const { connectionId } = await apply(documentOf(name, { seconds: 3 }));
    const settings = stack.sandbox.store.connections.get(connectionId)?.settings ?? {};
    settings['name'] = `${name} by hand`;
    const other = { ...documentOf(name, { seconds: 3 }), name: `${name}-other` };
    const planned = await plan(other);
    expect(planned.connection.action).toBe('create');
    expect(planned.notes.join()).toContain(`There is a connection '${name} by hand' (${connectionId})`);
    const { notes } = await apply(other);
    expect(notes.join()).toContain(`There is a connection '${name} by hand' (${connectionId})`);
  });
});
