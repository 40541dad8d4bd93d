/** What a connector writes is read with care: what cannot be right fails the sync in the source's name. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readMessage } from '../../sandbox/connectors/message-reader';
import { ConnectorError } from '../../sandbox/connectors/protocol';
import { FakeConnections, recordLine, statusLine, streamOf } from '../support/fake-connections';

let folder: string;
let connections: FakeConnections;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'connector-messages-'));
  connections = await FakeConnections.start(folder);
});
afterAll(async () => {
  await connections.stop();
  await rm(folder, { recursive: true, force: true });
});

const append = { syncMode: 'full_refresh', destinationSyncMode: 'append' };
const replace = { syncMode: 'full_refresh', destinationSyncMode: 'overwrite' };

describe('a message that is not as the protocol has it', () => {
  it.each([
    ['a record without a stream', '{"type":"RECORD","record":{"data":{},"emitted_at":1}}', 'record.stream'],
    ['a record without its data', '{"type":"RECORD","record":{"stream":"users","emitted_at":1}}', 'record.data'],
    ['a record whose data is a list', recordLine('[1]'), 'record.data: must be an object'],
    ['a record without a time', '{"type":"RECORD","record":{"stream":"users","data":{}}}', 'record.emitted_at'],
    ['a record out of all time', recordLine('{}').replace('1700000000000', '1e300'), 'record.emitted_at'],
    ['a record that is not there', '{"type":"RECORD"}', 'record'],
    ['a state of a stream that is not named', '{"type":"STATE","state":{"type":"STREAM"}}', 'state.stream'],
    ['a state of an unknown type', '{"type":"STATE","state":{"type":"TABLE"}}', 'state.type'],
    ['a state without anything', '{"type":"STATE","state":{}}', 'state.data'],
    [
      'a global state without streams',
      '{"type":"STATE","state":{"type":"GLOBAL","global":{}}}',
      'state.global.stream_states',
    ],
    [
      'a trace of an error without a reason',
      '{"type":"TRACE","trace":{"type":"ERROR","error":{}}}',
      'trace.error.message',
    ],
    ['a status that there is not', statusLine('HALF'), 'trace.stream_status.status'],
    ['a type in small letters', '{"type":"record","record":{}}', 'type: must be RECORD'],
    ['a number that JSON has not', recordLine('{"id":NaN}'), 'not one JSON object'],
    ['an infinite number', recordLine('{"id":-Infinity}'), 'not one JSON object'],
    ['two messages on one line', recordLine('{"id":1}') + recordLine('{"id":2}'), 'not one JSON object'],
  ])('is rejected with the line and the field: %s', (_title, line, field) => {
    const read = () => readMessage(line, { position: 'line 3 of fake read', mask: (text) => text });
    expect(read).toThrow(ConnectorError);
    expect(read).toThrow('line 3 of fake read');
    expect(read).toThrow(field);
    expect(read).toThrow(line.slice(0, 30));
  });

  it('fails the sync in the name of the source, with the line and the field', async () => {
    const line = '{"type":"RECORD","record":{"stream":"users","emitted_at":1}}';
    const lines = [recordLine('{"id":1}'), '', line, recordLine('{"id":3}')];
    const { status, failure } = await connections.sync(await connections.connect({ lines }, 'malformed', append));
    expect({ status, failureOrigin: failure?.failureOrigin }).toEqual({ status: 'failed', failureOrigin: 'source' });
    expect(failure?.externalMessage).toContain('line 3 of');
    expect(failure?.externalMessage).toContain('record.data');
    expect(failure?.externalMessage).toContain(line.slice(0, 30));
  });

  it('shows only the beginning of a long line, and no secret', async () => {
    const lines = [`{"type":"RECORD","record":{"note":"hush-hush","data":"${'x'.repeat(5_000)}"}}`];
    const connectionId = await connections.connect({ lines, token: 'hush-hush' }, 'long', append);
    const { failure } = await connections.sync(connectionId);
    expect(failure?.externalMessage).toContain('"note":"**********"');
    expect(failure?.externalMessage.length).toBeLessThan(500);
  });

  it.each([
    ['where the shown part ends', `{"type":"RECORD","record":{"note":"${'x'.repeat(70)}`, 'hush-hush-and-more', '"}}'],
    ['where it is no JSON any more', '{"type":"RECORD","record":{"note":"a', 'hush-hush-and-more', 'b" nope'],
  ])('shows no part of a secret that stands %s', async (_title, before, secret, after) => {
    const source = { lines: [`${before}${secret}${after}`], token: secret };
    const { failure, log } = await connections.sync(await connections.connect(source, 'hidden', append));
    expect(failure?.failureOrigin).toBe('source');
    expect(JSON.stringify(failure) + log).not.toContain('hush');
  });

  it('leaves what was there before a full refresh', async () => {
    const connectionId = await connections.connect({ lines: [recordLine('{"id":1}')] }, 'kept', replace);
    await connections.sync(connectionId);
    const { sourceId } = await connections.caller.call('connections/get', { connectionId });
    const connectionConfiguration = { lines: [recordLine('{"id":2}'), '{"type":"RECORD"}'] };
    await connections.caller.call('sources/update', { sourceId, name: 'broken', connectionConfiguration });
    expect((await connections.sync(connectionId)).status).toBe('failed');
    expect((await connections.rows('kept')).map(({ id }) => id)).toEqual([1n]);
  });

  it('is less of a reason than how the connector ended in the middle of it', async () => {
    const connectionId = await connections.connect({ mode: 'cut', part: '{"type":"RECORD","rec' }, 'cut', append);
    const { failure } = await connections.sync(connectionId);
    expect(failure?.externalMessage).toMatch(/ended with exit code 3/);
  });

  it('is the result of a check, and of a discovery', async () => {
    const { caller } = connections;
    const sourceId = await caller.createActor('source', 'Fake', { mode: 'malformed' });
    expect(await caller.call('sources/check_connection', { sourceId })).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('connectionStatus.status'),
    });
    const discovered = await caller.request('sources/discover_schema', { sourceId });
    expect(JSON.stringify(discovered.body)).toContain('catalog.streams.0.json_schema');
  });

  it('is a log when it is none of a known type, or a log itself', async () => {
    const logs = ['{"type":"DESTINATION_CATALOG"}', '{"level":"info"}', 'just words', '{"type":"LOG","log":{}}'];
    const lines = [...logs, recordLine('{"id":1}')];
    const { status, log } = await connections.sync(await connections.connect({ lines }, 'unknown', append));
    expect(status).toBe('succeeded');
    expect(log).toContain('a message of the unknown type DESTINATION_CATALOG is ignored');
    expect(log).toContain('just words');
  });
});

describe('a stream that the source leaves INCOMPLETE', () => {
  it('fails the sync although the source ends with exit code 0', async () => {
    const lines = [statusLine('STARTED'), recordLine('{"id":1}'), statusLine('INCOMPLETE')];
    const connectionId = await connections.connect({ lines }, 'incomplete', append);
    const { status, failure } = await connections.sync(connectionId);
    expect(status).toBe('failed');
    expect(failure).toMatchObject({ failureOrigin: 'source', failureType: 'transient_error' });
    expect(failure?.externalMessage).toContain('did not send all of users');
  });

  it('is complete when the source says so after all', async () => {
    const lines = [statusLine('INCOMPLETE'), recordLine('{"id":1}'), statusLine('COMPLETE')];
    const connectionId = await connections.connect({ lines }, 'completed', append);
    expect((await connections.sync(connectionId)).status).toBe('succeeded');
  });
});

describe('a configuration that the connector sends in a CONTROL message', () => {
  const shown = async (sourceId: string) =>
    (await connections.caller.call('sources/get', { sourceId })).connectionConfiguration;

  it('is saved by a sync for the next one, shown with its secrets masked, and contained in no log', async () => {
    const witness = path.join(folder, 'renewed-witness');
    const lines = [JSON.stringify({ type: 'LOG', log: { level: 'INFO', message: 'now with renewed-token' } })];
    const source = { lines, token: 'first-token', renewed: 'renewed-token', witness, raw_witness: true };
    const connectionId = await connections.connect({ ...source, renewed: undefined }, 'renewed', append);
    const { sourceId } = await connections.caller.call('connections/get', { connectionId });
    await connections.caller.call('sources/update', { sourceId, name: 'renewing', connectionConfiguration: source });
    const { status, log } = await connections.sync(connectionId);
    expect(status).toBe('succeeded');
    expect(log).not.toContain('renewed-token');
    expect(await shown(sourceId)).toMatchObject({ token: '**********', lines });
    await connections.sync(connectionId);
    expect(JSON.parse(await readFile(`${witness}.config`, 'utf8'))).toMatchObject({ token: 'renewed-token' });
  });

  it.each([
    ['a check', 'sources/check_connection'],
    ['a discovery', 'sources/discover_schema'],
  ])('is kept by %s', async (_title, call) => {
    const { caller } = connections;
    const witness = path.join(folder, 'renewed-at-once');
    const configuration = { token: 'first-token', renewed: 'renewed-token', witness, raw_witness: true };
    const sourceId = await caller.createActor('source', 'Fake', configuration);
    const { jobInfo } = await caller.call(call, { sourceId });
    expect(jobInfo.connectorConfigurationUpdated).toBe(true);
    expect(await shown(sourceId)).not.toHaveProperty('renewed');
    const after = await caller.call('sources/check_connection', { sourceId });
    expect(after.jobInfo.connectorConfigurationUpdated).toBe(false);
    expect(JSON.parse(await readFile(`${witness}.config`, 'utf8'))).toMatchObject({ token: 'renewed-token' });
  });

  it('is dropped with a reason when the specification forbids it, and the sync continues', async () => {
    const connectionId = await connections.connect({ lines: [recordLine('{"id":1}')] }, 'forbidden', append);
    const { sourceId } = await connections.caller.call('connections/get', { connectionId });
    const connectionConfiguration = { lines: [recordLine('{"id":1}')], renewed: 7 };
    await connections.caller.call('sources/update', { sourceId, name: 'forbidden', connectionConfiguration });
    const { status, log } = await connections.sync(connectionId);
    expect(status).toBe('succeeded');
    expect(log).toContain('could not be saved');
    expect(await shown(sourceId)).toMatchObject({ renewed: 7 });
  });
});

describe('what the source itself has changed in a record', () => {
  it('stands in _airbyte_meta, with what the destination changes', async () => {
    const changes = [{ field: 'note', change: 'TRUNCATED', reason: 'SOURCE_FIELD_SIZE_LIMITATION' }];
    const lines = [recordLine('{"id":"x","note":"cut"}', 'users', `,"meta":${JSON.stringify({ changes })}`)];
    const streams = [streamOf({ id: { type: 'integer' }, note: { type: 'string' } })];
    await connections.sync(await connections.connect({ lines, streams }, 'changes', append));
    const [row] = await connections.rows('changes');
    const nulled = { field: 'id', change: 'NULLED', reason: 'DESTINATION_SERIALIZATION_ERROR' };
    expect(row?.['_airbyte_meta']).toEqual({ changes: [...changes, nulled] });
  });
});
