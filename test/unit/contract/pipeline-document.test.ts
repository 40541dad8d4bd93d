import { describe, expect, it } from '@jest/globals';
import {
  cursorPath,
  type PipelineStream,
  pipelineDocumentSchema,
  primaryKeyPaths,
} from '../../../src/contract/pipeline-document';
import { toProblems } from '../../../src/contract/validation/schema-problems';
import { documentWith, typicalDocument } from './typical-document';

function problemsOf(document: unknown) {
  const checked = pipelineDocumentSchema().safeParse(document);
  return checked.success ? [] : toProblems(checked.error);
}

function withConnection(changes: Record<string, unknown>) {
  return documentWith({ connection: { ...typicalDocument().connection, ...changes } });
}

function withStream(changes: Record<string, unknown>) {
  return withConnection({ streams: [{ ...typicalDocument().connection.streams[0], ...changes }] });
}

describe('a pipeline document', () => {
  it('is kept as it is written where nothing is left out', () => {
    const document = typicalDocument();
    const { sync, ...rest } = pipelineDocumentSchema().parse(document);
    const { sync: _, ...written } = document;
    expect(rest).toEqual(written);
    expect(sync).toMatchObject(document.sync);
  });

  it('needs only names, connectors and streams', () => {
    const { source, destination, connection } = typicalDocument();
    const document = pipelineDocumentSchema().parse({
      name: 'shop',
      source,
      destination,
      connection: { streams: connection.streams },
    });
    expect(document).toEqual({
      name: 'shop',
      source,
      destination,
      connection: {
        name: 'shop → lake',
        namespaceDefinition: 'destination',
        status: 'active',
        schedule: 'manual',
        streams: connection.streams,
      },
      sync: {
        jobType: 'sync',
        onRunning: 'attach',
        timeout: '1h',
        onTimeout: 'cancel',
        maximumAttempts: 1,
        unmeasured: 'warn',
      },
    });
  });

  it('is the same after a second check, as the CLI and the workflow both make one', () => {
    const { connection, sync: _, ...rest } = typicalDocument();
    const once = pipelineDocumentSchema().parse({ ...rest, connection: { ...connection, name: undefined } });
    expect(pipelineDocumentSchema().parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });

  it('gives a schedule by Temporal the options of its sync, which it keeps when the document is applied without one', () => {
    const schedule = { every: '6h', by: 'temporal' };
    const written = { ...withConnection({ schedule }), sync: { timeout: '2h', onRunning: 'skip' } };
    const document = pipelineDocumentSchema().parse(written);
    expect(document.connection.schedule).toEqual({
      ...schedule,
      overlap: 'skip',
      catchUpWindow: '365 days',
      pauseOnFailure: false,
      sync: document.sync,
    });
    expect(document.sync).toMatchObject({ timeout: '2h', onRunning: 'skip' });
    expect(pipelineDocumentSchema().parse({ ...document, sync: false }).connection).toEqual(document.connection);
  });

  it('lets a schedule have sync options of its own', () => {
    const schedule = { every: '6h', by: 'temporal', sync: { timeout: '3h' } };
    const document = pipelineDocumentSchema().parse({ ...withConnection({ schedule }), sync: { timeout: '2h' } });
    expect(document.connection.schedule).toMatchObject({ sync: { timeout: '3h', onRunning: 'attach' } });
  });

  it('may ask for no sync', () => {
    expect(pipelineDocumentSchema().parse(documentWith({ sync: false })).sync).toBe(false);
  });

  it('may name the schema that its editor uses, which goes no further', () => {
    expect(pipelineDocumentSchema().parse(documentWith({ $schema: './pipeline.schema.json' }))).not.toHaveProperty(
      '$schema',
    );
  });

  it('lets a configuration hold whatever the connector wants', () => {
    const configuration = {
      list: [1, [true, null]],
      nested: { deep: { er: 'x' } },
      path: '${NAMESPACE}/${STREAM_NAME}',
    };
    const document = pipelineDocumentSchema().parse(
      documentWith({ source: { ...typicalDocument().source, configuration } }),
    );
    expect(document.source.configuration).toEqual(configuration);
  });

  it.each([
    ['a name that is missing', documentWith({ name: undefined }), 'name', 'is missing: expected a string (required)'],
    ['a name that is empty', documentWith({ name: ' ' }), 'name', 'must not be empty'],
    [
      'a name with blanks around it',
      documentWith({ name: ' shop' }),
      'name',
      expect.stringContaining('without blanks'),
    ],
    [
      'a name that is too long',
      documentWith({ name: 'x'.repeat(201) }),
      'name',
      expect.stringContaining('at most 200'),
    ],
    ['a name that is a number', documentWith({ name: 7 }), 'name', 'expected a string, found a number'],
    [
      'a source that is missing',
      documentWith({ source: undefined }),
      'source',
      'is missing: expected an object (required)',
    ],
    [
      'a source without settings',
      documentWith({ source: null }),
      'source',
      'is missing: expected an object (required)',
    ],
    [
      'a configuration that is a list',
      documentWith({ source: { ...typicalDocument().source, configuration: [] } }),
      'source.configuration',
      expect.stringMatching(/^expected an? .*, found a list$/),
    ],
    ['no streams', withConnection({ streams: [] }), 'connection.streams', 'expected at least one stream'],
    [
      'streams that are no list',
      withConnection({ streams: {} }),
      'connection.streams',
      'expected a list, found an object',
    ],
    [
      'an unknown sync mode',
      withStream({ syncMode: 'cdc' }),
      'connection.streams[0].syncMode',
      'expected one of full_refresh, incremental',
    ],
    [
      'an unknown destination sync mode',
      withStream({ destinationSyncMode: 'merge' }),
      'connection.streams[0].destinationSyncMode',
      'expected one of append, overwrite, append_dedup, overwrite_dedup, update, soft_delete',
    ],
    [
      'a primary key that is no list',
      withStream({ primaryKey: 'id' }),
      'connection.streams[0].primaryKey',
      expect.stringContaining('expected a list of field names ([id])'),
    ],
    [
      'a cursor that is a number',
      withStream({ cursorField: 1 }),
      'connection.streams[0].cursorField',
      expect.stringContaining('expected the name of a field'),
    ],
    [
      'an empty cursor',
      withStream({ cursorField: '' }),
      'connection.streams[0].cursorField',
      'expected the name of a field',
    ],
    ['an unknown status', withConnection({ status: 'on' }), 'connection.status', 'expected one of active, inactive'],
    [
      'an unknown namespace definition',
      withConnection({ namespaceDefinition: 'custom' }),
      'connection.namespaceDefinition',
      'expected one of source, destination, customformat',
    ],
    [
      'a custom namespace without its format',
      withConnection({ namespaceDefinition: 'customformat' }),
      'connection.namespaceFormat',
      'is missing: namespaceDefinition: customformat requires it',
    ],
    [
      'a namespace format that nothing uses',
      withConnection({ namespaceFormat: '${SOURCE_NAMESPACE}' }),
      'connection.namespaceFormat',
      expect.stringContaining('has an effect only with namespaceDefinition: customformat'),
    ],
    [
      'a schedule below a minute',
      withConnection({ schedule: { every: '5s' } }),
      'connection.schedule.every',
      expect.anything(),
    ],
    [
      'an unknown time zone',
      withConnection({ schedule: { cron: '0 3 * * *', timeZone: 'Europe/Atlantis', by: 'temporal' } }),
      'connection.schedule.timeZone',
      expect.stringContaining('is not a known time zone'),
    ],
    [
      'a cron expression of Quartz for Temporal',
      withConnection({ schedule: { cron: '0 0 12 * * ?', by: 'temporal' } }),
      'connection.schedule.cron',
      expect.stringContaining("not Quartz's"),
    ],
    ['a sync that is true', documentWith({ sync: true }), 'sync', 'expected the options of the sync, or false'],
    [
      'a timeout that is none',
      documentWith({ sync: { timeout: 'long' } }),
      'sync.timeout',
      expect.stringContaining('expected a duration'),
    ],
    [
      'a connection id among the options',
      documentWith({ sync: { connectionId: 'c' } }),
      'sync.connectionId',
      expect.anything(),
    ],
  ])('rejects %s', (_, document, path, message) => {
    expect(problemsOf(document)).toEqual([{ path, message }]);
  });

  it.each([
    [documentWith({ soruce: {} }), 'soruce', 'source'],
    [documentWith({ source: { ...typicalDocument().source, defintion: 'x' } }), 'source.defintion', 'definition'],
    [withConnection({ namespace_definition: 'x' }), 'connection.namespace_definition', 'namespaceDefinition'],
    [withStream({ cursor: 'x', sync_mode: 'incremental' }), 'connection.streams[0].sync_mode', 'syncMode'],
    [documentWith({ sync: { onrunning: 'skip' } }), 'sync.onrunning', 'onRunning'],
  ])('rejects an unknown key and says which was meant (%#)', (document, path, meant) => {
    expect(problemsOf(document)).toContainEqual({ path, message: `is not a known key; did you mean ${meant}?` });
  });

  it('says everything that is wrong', () => {
    const document = documentWith({ name: '', sync: { timeout: '0m' }, connection: { streems: [], status: 'on' } });
    expect(problemsOf(document).map(({ path }) => path)).toEqual([
      'name',
      'connection.status',
      'connection.streams',
      'connection.streems',
      'sync.timeout',
    ]);
  });

  it('rejects a stream that is a duplicate, but not one of the same name in another namespace', () => {
    const [stream] = typicalDocument().connection.streams;
    const streams = [stream, { ...stream, namespace: 'archive' }, { ...stream, namespace: 'archive' }, stream];
    expect(problemsOf(withConnection({ streams }))).toEqual([
      { path: 'connection.streams[2]', message: 'is the same stream as connection.streams[1]' },
      { path: 'connection.streams[3]', message: 'is the same stream as connection.streams[0]' },
    ]);
  });

  it('rejects literal secrets in a configuration, and shows how to write them', () => {
    const { source, destination } = typicalDocument();
    const problems = problemsOf(
      documentWith({
        source: { ...source, configuration: { tunnel: { tunnel_user_password: 'hunter2' } } },
        destination: {
          ...destination,
          configuration: { secret_access_key: 'hunter2', accounts: [{ apiKey: 'hunter2' }] },
        },
      }),
    );
    expect(problems.map(({ path }) => path)).toEqual([
      'source.configuration.tunnel.tunnel_user_password',
      'destination.configuration.secret_access_key',
      'destination.configuration.accounts[0].apiKey',
    ]);
    expect(problems[0]?.message).toContain('${env:SECRET_TUNNEL_USER_PASSWORD}');
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('rejects a whole number that has lost digits before it came, and takes the last that has not', () => {
    const configuration = { accounts: [{ id: 9_007_199_254_740_992 }], limit: Number.MAX_SAFE_INTEGER, ratio: 1e-300 };
    expect(problemsOf(documentWith({ source: { ...typicalDocument().source, configuration } }))).toEqual([
      { path: 'source.configuration.accounts[0].id', message: expect.stringContaining('write it in quotes') },
    ]);
  });

  it('rejects a malformed reference', () => {
    const configuration = { host: '${env:}', file: '${file:../etc/passwd}' };
    expect(problemsOf(documentWith({ source: { ...typicalDocument().source, configuration } }))).toEqual([
      { path: 'source.configuration.host', message: expect.stringContaining('expected ${env:SECRET_NAME}') },
      { path: 'source.configuration.file', message: expect.stringContaining('expected ${env:SECRET_NAME}') },
    ]);
  });

  it.each(['name', 'workspace'])('rejects a reference in the %s, where none resolves', (field) => {
    expect(problemsOf(documentWith({ [field]: '${env:SECRET_X}' }))).toEqual([
      { path: field, message: expect.stringContaining('only in configurations') },
    ]);
  });
});

describe('a stream', () => {
  const stream: PipelineStream = { name: 'orders', syncMode: 'incremental', destinationSyncMode: 'append' };

  it('gives Airbyte the path to its cursor', () => {
    expect(cursorPath({ ...stream, cursorField: 'updated_at' })).toEqual(['updated_at']);
    expect(cursorPath({ ...stream, cursorField: ['meta', 'updated_at'] })).toEqual(['meta', 'updated_at']);
    expect(cursorPath(stream)).toBeUndefined();
  });

  it('gives Airbyte the paths to the fields of its primary key', () => {
    expect(primaryKeyPaths({ ...stream, primaryKey: ['tenant', 'id'] })).toEqual([['tenant'], ['id']]);
    expect(primaryKeyPaths({ ...stream, primaryKey: [['account', 'id']] })).toEqual([['account', 'id']]);
    expect(primaryKeyPaths(stream)).toBeUndefined();
  });
});
