import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AirbyteFlavour, publicApiUrl } from '../../src/airbyte/airbyte-url';
import { type PipelineDocument, pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import { type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { startWorkerOfEnvironment } from '../support/worker-of-environment';

/** How many pipelines are applied in parallel. */
const APPLIES = 4;
/** How long Airbyte takes to create something: long enough for every other run to ask meanwhile. */
const CREATION_MS = 2_000;

describe.each<AirbyteFlavour>(['config', 'public'])('through the %s API', (flavour) => {
  let stack: Stack;
  let stopSecondWorker: (() => Promise<void>) | undefined;
  const calls =
    flavour === 'config'
      ? ['sources/create', 'destinations/create', 'connections/create']
      : ['POST public/sources', 'POST public/destinations', 'POST public/connections'];

  beforeAll(async () => {
    stack = await startStack({ airbyte: { flavour } });
    const { sandbox, taskQueue, temporal } = stack;
    const url = flavour === 'public' ? publicApiUrl(sandbox.url) : sandbox.url;
    stopSecondWorker = await startWorkerOfEnvironment(temporal, { AIRBYTE_URL: url, AIRBYTE_TASK_QUEUE: taskQueue });
  });
  afterAll(async () => {
    await stopSecondWorker?.();
    await stack?.stop();
  });

  /** Applies documents in parallel, and gives the ids that each run has found or created. */
  async function applyAll(documents: readonly PipelineDocument[]) {
    return Promise.all(documents.map((document) => stack.runPipeline(document)));
  }

  it('creates one source and one destination for pipelines that share them and are applied in parallel, while a creation takes long', async () => {
    for (const call of calls) stack.sandbox.faults.add({ call, times: null, delayMs: CREATION_MS });
    const shared = uniqueName('shared');
    const documents = Array.from({ length: APPLIES }, (_, index) => documentOf(shared, `${shared}-${index}`));
    const results = await applyAll(documents);
    stack.sandbox.faults.remove();
    expect(new Set(results.map(({ sourceId }) => sourceId)).size).toBe(1);
    expect(new Set(results.map(({ destinationId }) => destinationId)).size).toBe(1);
    expect(namesOf(stack, shared)).toEqual({ source: 1, destination: 1, connections: APPLIES });
    expect(results.filter(({ created }) => created.source)).toHaveLength(1);
  });

  it('creates one connection for pipelines of different names whose connection has one name', async () => {
    const shared = uniqueName('shared');
    for (const call of calls) stack.sandbox.faults.add({ call, times: null, delayMs: CREATION_MS });
    const documents = ['one', 'two', 'three'].map((name) => ({
      ...documentOf(shared, shared),
      name: `${shared}-${name}`,
    }));
    const results = await applyAll(documents);
    stack.sandbox.faults.remove();
    expect(new Set(results.map(({ connectionId }) => connectionId)).size).toBe(1);
    expect(namesOf(stack, shared)).toEqual({ source: 1, destination: 1, connections: 1 });
  });

  it('creates one of each when the responses to the creations are lost', async () => {
    const shared = uniqueName('shared');
    for (const call of calls) stack.sandbox.faults.add({ call, times: 1, delayMs: CREATION_MS, drop: 'after' });
    await applyAll(['one', 'two', 'three'].map((name) => documentOf(shared, `${shared}-${name}`)));
    stack.sandbox.faults.remove();
    expect(namesOf(stack, shared)).toEqual({ source: 1, destination: 1, connections: 3 });
  });

  it('leaves no lock behind', async () => {
    const query = "WorkflowType = 'creationLock' AND ExecutionStatus = 'Running'";
    const running = stack.temporal.client.workflow.list({ query: `${query} AND TaskQueue = '${stack.taskQueue}'` });
    for await (const { workflowId } of running) {
      // The last release may still be on its way.
      await stack.temporal.client.workflow.getHandle(workflowId).result();
    }
  });
});

function documentOf(actors: string, name: string): PipelineDocument {
  return pipelineDocumentSchema().parse({
    name,
    source: { name: `${actors} source`, definition: 'Simulated', configuration: { streams: ['events'] } },
    destination: { name: `${actors} destination`, definition: 'Simulated', configuration: {} },
    connection: { name, streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }] },
    sync: false,
  });
}

/** How many of each Airbyte has whose names begin with a text. */
function namesOf({ sandbox: { store } }: Stack, start: string) {
  const actors = [...store.actors.values()].filter(({ name }) => name.startsWith(start));
  const connections = [...store.connections.values()].filter(({ settings }) =>
    String(settings['name']).startsWith(start),
  );
  return {
    source: actors.filter(({ kind }) => kind === 'source').length,
    destination: actors.filter(({ kind }) => kind === 'destination').length,
    connections: connections.length,
  };
}
