import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toConnectionDocument } from '../../src/documents/connection-document';
import { runCommand } from '../integration/cli-command';
import { type CliStack, startCliStack } from '../integration/cli-stack';
import { failureOf, useBench } from '../unit/activities/activity-bench';
import { table, useScriptedConnections } from '../unit/activities/scripted-connections';

describe('the plan of a connection whose stream is gone from the source', () => {
  const bench = useBench();
  const airbyte = useScriptedConnections(bench);
  const streams = [table('customers'), table('orders')];

  it('is reported as a change of that stream, with its path in the document, together with all other changes', async () => {
    await airbyte().apply({ streams });
    delete airbyte().tables['orders'];
    const { connection, notes } = await airbyte().plan({ streams, prefix: 'x_' });
    expect(connection).toMatchObject({ action: 'change', changes: [{ field: 'prefix', to: 'x_' }] });
    expect(connection.streams).toMatchObject([
      { name: 'customers', action: 'leave' },
      { name: 'orders', action: 'change', changes: [{ field: 'schema', to: 'no longer in the source' }] },
    ]);
    expect(notes).toEqual([expect.stringContaining("connection.streams[1]: 'orders' is no longer in the source")]);
  });

  it('is to remove it where the document no longer has it', async () => {
    await airbyte().apply({ streams });
    delete airbyte().tables['orders'];
    const { connection, notes } = await airbyte().plan({ streams: [table('customers')] });
    expect(connection.streams).toMatchObject([{ action: 'leave' }, { name: 'orders', action: 'remove' }]);
    expect(notes).toEqual([]);
  });

  it('fails for a stream that neither the source nor the connection has', async () => {
    await airbyte().apply({ streams });
    const failure = await failureOf(airbyte().plan({ streams: [table('nothing')] }));
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(failure.message).toContain('connection.streams[0]');
  });
});

describe('the document of a connection', () => {
  const actor = { name: 'shop', definition: 'Postgres', configuration: {} };
  const stream = (name: string) => ({
    stream: { name, namespace: 'public' },
    config: { syncMode: 'full_refresh', destinationSyncMode: 'append' },
  });
  const documentOf = (synced: string[], there: string[] | undefined) =>
    toConnectionDocument({
      connection: { connectionId: 'c', name: 'c', syncCatalog: { streams: synced.map(stream) } },
      ...{ source: actor, destination: actor },
      ...(there && { schema: { streams: there.map(stream) } }),
    });

  it('leaves out what the source no longer has, with a note', () => {
    const { document, notes } = documentOf(['orders', 'gone'], ['orders', 'other']);
    expect(document['connection']).toMatchObject({ streams: [{ name: 'orders' }] });
    expect(notes).toEqual([expect.stringContaining('No longer in the source: public.gone')]);
  });

  it.each([undefined, ['orders', 'gone']])('has all where the source has them or is not known: %j', (there) => {
    const { document, notes } = documentOf(['orders', 'gone'], there);
    expect(document['connection']).toMatchObject({ streams: [{ name: 'orders' }, { name: 'gone' }] });
    expect(notes).toEqual([]);
  });
});

describe('import', () => {
  let stack: CliStack;
  beforeAll(async () => {
    stack = await startCliStack();
  });
  afterAll(() => stack?.stop());

  it('reports a missing stream on stderr and in the document, and the plan of its document succeeds', async () => {
    const { caller, env, folder } = stack;
    const sourceId = await caller.createActor('source', 'Simulated', { streams: ['events', 'errors'] });
    const destinationId = await caller.createActor('destination', 'Simulated', {});
    const { catalog } = await caller.call('sources/discover_schema', { sourceId });
    const { connectionId } = await caller.call('connections/create', {
      ...{ sourceId, destinationId, name: 'By hand', status: 'active', syncCatalog: catalog },
    });
    const source = await caller.call('sources/get', { sourceId });
    await caller.call('sources/update', {
      ...{ sourceId, name: source.name, connectionConfiguration: { streams: ['events'] } },
    });
    const file = join(folder, 'by-hand.yaml');
    const imported = await runCommand(['import', connectionId, '--output', file], env);
    expect(imported).toMatchObject({ exitCode: 0 });
    expect(imported.stderr).toContain('No longer in the source: errors');
    const text = await readFile(file, 'utf8');
    expect(text).toContain('# No longer in the source: errors');
    const planned = await runCommand(['plan', file, '--detailed-exitcode'], env);
    expect(planned).toMatchObject({ exitCode: 2 });
    expect(planned.stdout).toContain('remove stream errors');
  });
});
