/** A connection moves the fields that it selects and no others, and none under another name than it says. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeConnections, recordLine, streamOf } from '../support/fake-connections';
import { PublicCaller } from '../unit/sandbox/public-caller';

let folder: string;
let connections: FakeConnections;
let open: PublicCaller;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'field-selection-'));
  connections = await FakeConnections.start(folder);
  open = new PublicCaller(connections.caller.sandbox);
});
afterAll(async () => {
  await connections.stop();
  await rm(folder, { recursive: true, force: true });
});

const fields = { id: { type: 'integer' }, name: { type: 'string' }, secret: { type: 'string' } };
const witness = () => path.join(folder, 'witness');
const source = () => ({
  streams: [streamOf(fields)],
  lines: [recordLine('{"id":1,"name":"Zoë","secret":"hush","unknown":true}')],
  witness: witness(),
  raw_witness: true,
});
const pathsOf = (...names: string[]) => names.map((name) => ({ fieldPath: [name] }));
const selecting = (...names: string[]) => ({ fieldSelectionEnabled: true, selectedFields: pathsOf(...names) });
const append = { syncMode: 'full_refresh', destinationSyncMode: 'append' };

/** The columns of a bucket's only row that are not Airbyte's. */
async function onlyRow(bucket: string): Promise<Record<string, unknown>> {
  const [row, ...others] = await connections.rows(bucket);
  expect(others).toEqual([]);
  return Object.fromEntries(Object.entries(row ?? {}).filter(([name]) => !name.startsWith('_airbyte_')));
}

/** A connection of the public API, with these fields in the configuration of its stream. */
async function publicConnection(bucket: string, configuration: object) {
  const sourceId = await connections.caller.createActor('source', 'Fake', source());
  const destinationId = await connections.caller.createActor('destination', 'S3', {
    s3_bucket_name: bucket,
    format: { format_type: 'Parquet' },
  });
  const streams = [{ name: 'users', syncMode: 'full_refresh_append', ...configuration }];
  return open.ask('POST connections', { sourceId, destinationId, configurations: { streams } });
}

describe('the selected fields of a connection', () => {
  it('are all that the source is asked for and the destination gets, by the Config API', async () => {
    const connectionId = await connections.connect(source(), 'selected', { ...append, ...selecting('id', 'name') });
    expect(await connections.sync(connectionId)).toMatchObject({ status: 'succeeded', records: 1 });
    expect(await onlyRow('selected')).toEqual({ id: 1n, name: 'Zoë' });
    const { streams } = JSON.parse(await readFile(`${witness()}.catalog`, 'utf8'));
    expect(Object.keys(streams[0].stream.json_schema.properties)).toEqual(['id', 'name']);
    const { syncCatalog } = await connections.caller.call('connections/get', { connectionId });
    expect(syncCatalog.streams[0].config).toMatchObject(selecting('id', 'name'));
    expect(Object.keys(syncCatalog.streams[0].stream.jsonSchema.properties)).toEqual(['id', 'name']);
  });

  it('are all that is moved of a stream that was configured with its name alone', async () => {
    const connectionId = await connections.connect(source(), 'by-name', append);
    const streams = [{ stream: { name: 'users' }, config: { ...append, ...selecting('name') } }];
    await connections.caller.call('connections/update', { connectionId, syncCatalog: { streams } });
    await connections.sync(connectionId);
    expect(await onlyRow('by-name')).toEqual({ name: 'Zoë' });
  });

  it('are all that the source is asked for and the destination gets, by the public API', async () => {
    const { status, body } = await publicConnection('open', { selectedFields: pathsOf('id', 'secret') });
    expect(status).toBe(200);
    expect(body.configurations.streams[0].selectedFields).toEqual(pathsOf('id', 'secret'));
    await connections.sync(body.connectionId);
    expect(await onlyRow('open')).toEqual({ id: 1n, secret: 'hush' });

    const streams = [{ name: 'users', syncMode: 'full_refresh_append', selectedFields: pathsOf('name') }];
    await open.get(`PATCH connections/${body.connectionId}`, { configurations: { streams } });
    const shown = await open.get(`GET connections/${body.connectionId}`);
    expect(shown.configurations.streams[0].selectedFields).toEqual(pathsOf('name'));
  });

  it('are all fields where the selection is off', async () => {
    const off = { ...append, fieldSelectionEnabled: false, selectedFields: [] };
    await connections.sync(await connections.connect(source(), 'off', off));
    expect(await onlyRow('off')).toEqual({ id: 1n, name: 'Zoë', secret: 'hush' });
  });
});

const dedup = {
  syncMode: 'incremental',
  destinationSyncMode: 'append_dedup',
  cursorField: ['name'],
  primaryKey: [['id']],
};

describe('what cannot be moved so is rejected with its reason', () => {
  it.each([
    ['a selection without fields', { ...append, fieldSelectionEnabled: true }, 'no selected fields provided'],
    ['a field without a path', { ...append, ...selecting(), selectedFields: [{}] }, 'path cannot be empty'],
    ['a nested field', { ...append, ...selecting(), selectedFields: [{ fieldPath: ['a', 'b'] }] }, 'Nested field'],
    ['a cursor that is left out', { ...dedup, ...selecting('id') }, 'Cursor field cannot be de-selected'],
    ['a key that is left out', { ...dedup, ...selecting('name') }, 'Primary key field cannot be de-selected'],
    ['mappers', { ...append, mappers: [{ type: 'hashing' }] }, 'does not support mappers'],
    ['hashed fields', { ...append, hashedFields: pathsOf('name') }, 'does not support mappers'],
  ])('by the Config API: %s', async (_title, config, reason) => {
    await expect(connections.connect(source(), 'refused', config)).rejects.toThrow(reason);
  });

  it('with the reason also where a server of 2.0 has none in its other errors', async () => {
    const bare = await FakeConnections.start(folder, { airbyteVersion: '2.0.0' });
    try {
      const mapped = { ...append, mappers: [{ type: 'hashing' }] };
      await expect(bare.connect(source(), 'refused', mapped)).rejects.toThrow('does not support mappers');
    } finally {
      await bare.stop();
    }
  });

  it('by an update through the Config API, which then changes nothing', async () => {
    const connectionId = await connections.connect(source(), 'kept', append);
    const { syncCatalog } = await connections.caller.call('connections/get', { connectionId });
    syncCatalog.streams[0].config.mappers = [{ type: 'hashing' }];
    const response = await connections.caller.request('connections/update', {
      connectionId,
      prefix: 'new_',
      syncCatalog,
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(response.body)).toContain('does not support mappers');
    expect((await connections.caller.call('connections/get', { connectionId })).prefix).toBeUndefined();
  });

  const openDedup = { syncMode: 'incremental_append', cursorField: ['name'] };
  it.each([
    ['no field', { selectedFields: [] }, 'No fields selected for stream users'],
    ['an unknown field', { selectedFields: pathsOf('nope') }, 'Invalid fields selected for stream users'],
    ['a field twice', { selectedFields: pathsOf('id', 'id') }, 'Duplicate fields selected'],
    ['a nested field', { selectedFields: [{ fieldPath: ['a', 'b'] }] }, 'Nested field selection not supported'],
    ['a field without a path', { selectedFields: [{ fieldPath: [] }] }, 'path cannot be empty'],
    ['a cursor that is left out', { ...openDedup, selectedFields: pathsOf('id') }, 'Cursor field is not selected'],
    ['mappers', { mappers: [{ type: 'hashing' }] }, 'does not support mappers'],
  ])('by the public API: %s', async (_title, configuration, reason) => {
    const { status, body } = await publicConnection('refused', configuration);
    expect({ status, body: JSON.stringify(body) }).toEqual({ status: 400, body: expect.stringContaining(reason) });
  });
});
