import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import { type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';

const DATABASE = { message: 'Failed to access database. Check the server logs for more information' };
const NOT_READY = {
  ...{ status: 409, title: 'actor-not-ready' },
  type: 'https://reference.airbyte.com/reference/errors#409-actor-not-ready',
  detail: 'The source or destination is not ready. Complete connector setup first.',
};

describe('a pipeline', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.stop());

  const documentOf = (name: string) =>
    pipelineDocumentSchema().parse({
      name,
      source: { name: `${name} source`, definition: 'Simulated', configuration: { records: 4 } },
      destination: { name: `${name} destination`, definition: 'Simulated', configuration: {} },
      connection: {
        name,
        streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }],
      },
    });

  it.each([
    [
      'before',
      ['sources/list', 'scheduler/destinations/check_connection', 'connections/list', 'jobs/list', 'connections/sync'],
    ],
    ['after', ['sources/create', 'connections/create', 'connections/sync']],
  ])('survives a 409 for a database error that comes %s the effect of a call', async (moment, calls) => {
    stack.sandbox.faults.remove();
    for (const call of calls) {
      stack.sandbox.faults.add({ call, status: 409, body: DATABASE, effect: moment === 'after' });
    }
    const name = uniqueName(moment);
    const { connectionId, sync, created } = await stack.runPipeline(documentOf(name));
    expect(sync).toMatchObject({ status: 'succeeded', recordsSynced: 4, attached: false, attempts: 1 });
    expect(created).toEqual({ source: true, destination: true, connection: true });
    expect(stack.sandbox.store.connection(connectionId).jobs).toHaveLength(1);
    expect(stack.sandbox.faults.list().every(({ struck }) => struck === 1)).toBe(true);
    const { store } = stack.sandbox;
    expect([...store.actors.values()].filter((actor) => actor.name.startsWith(name))).toHaveLength(2);
    expect([...store.connections.values()].filter(({ settings }) => settings['name'] === name)).toHaveLength(1);
  });

  it('waits for a source whose set-up has not ended when its schema is discovered', async () => {
    stack.sandbox.faults.remove();
    stack.sandbox.faults.add({ call: 'sources/discover_schema', status: 409, body: NOT_READY, times: 2 });
    const { sync } = await stack.runPipeline(documentOf(uniqueName('unready')));
    expect(sync).toMatchObject({ status: 'succeeded' });
    expect(stack.sandbox.faults.list()).toMatchObject([{ struck: 2 }]);
  });
});
