import { describe, expect, it } from '@jest/globals';
import type { Catalog, CatalogStream } from '../../../src/airbyte/schemas';
import { DomainError } from '../../../src/contract/domain-error';
import type { PipelineStream } from '../../../src/contract/pipeline-document';
import { readSyncCatalog, selectStreams, toSyncCatalog } from '../../../src/reconcile/stream-selection';
import { failureOf, useBench } from '../activities/activity-bench';
import { Reply } from '../activities/scripted-airbyte';

const bench = useBench();

const columns = (...names: string[]) => ({ properties: Object.fromEntries(names.map((name) => [name, {}])) });

function stream(name: string, fields: Partial<CatalogStream['stream']> = {}): CatalogStream {
  return {
    stream: {
      name,
      namespace: 'public',
      jsonSchema: columns('id', 'name', 'updated_at'),
      supportedSyncModes: ['full_refresh', 'incremental'],
      ...fields,
    },
  };
}

const catalog = (...streams: CatalogStream[]): Catalog => ({ streams });

function want(name: string, fields: Partial<PipelineStream> = {}): PipelineStream {
  return { name, syncMode: 'incremental', destinationSyncMode: 'append', cursorField: 'updated_at', ...fields };
}

const selectOne = (from: Catalog, desired: PipelineStream, current?: Catalog) =>
  selectStreams(from, [desired], current)[0]?.selected;

/** Why a selection is rejected. */
function rejection(from: Catalog, ...desired: PipelineStream[]): string {
  try {
    selectStreams(from, desired);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(error).toMatchObject({ type: 'InvalidInput', retryable: false });
    return error.message;
  }
  return 'not refused';
}

describe('streams by pattern', () => {
  const source = catalog(stream('customers'), stream('order_items'), stream('order_notes'), stream('orders'));
  const names = (from: Catalog, ...desired: PipelineStream[]) =>
    selectStreams(from, desired).map(({ selected }) => `${selected.name} ${selected.destinationSyncMode}`);

  it('are all that the pattern fits, each with the modes of the pattern', () => {
    const selected = selectStreams(source, [want('order_*', { primaryKey: ['id'] })]).map((each) => each.selected);
    const modes = { syncMode: 'incremental', destinationSyncMode: 'append', cursorField: ['updated_at'] };
    expect(selected).toEqual([
      { name: 'order_items', namespace: 'public', ...modes, primaryKey: [['id']] },
      { name: 'order_notes', namespace: 'public', ...modes, primaryKey: [['id']] },
    ]);
  });

  it('keep the settings of a stream that is listed by its name, wherever in the list it is', () => {
    const desired = [want('*'), want('orders', { destinationSyncMode: 'overwrite' })];
    expect(names(source, ...desired)).toEqual([
      ...['customers append', 'order_items append', 'order_notes append'],
      'orders overwrite',
    ]);
  });

  it('are those of the first pattern that fits', () => {
    const desired = [want('order_i*', { destinationSyncMode: 'overwrite' }), want('order*')];
    expect(names(source, ...desired)).toEqual(['order_items overwrite', 'order_notes append', 'orders append']);
  });

  it('may be nothing but what others have taken', () => {
    expect(names(source, want('orders'), want('orders*'))).toEqual(['orders append']);
  });

  it('are of the namespaces that fit, each on its own', () => {
    const two = catalog(
      stream('orders'),
      stream('orders', { namespace: 'sales_eu' }),
      stream('orders', { namespace: 'sales_us' }),
    );
    const selected = selectStreams(two, [want('orders', { namespace: 'sales_*' })]);
    expect(selected.map(({ stream: { namespace } }) => namespace)).toEqual(['sales_eu', 'sales_us']);
  });

  it('are rejected where the pattern fits none, with the streams of the source and the path in the document', () => {
    expect(rejection(source, want('orders'), want('invoice_*'))).toBe(
      "connection.streams[1]: no stream of the source fits the pattern 'invoice_*'; it has: " +
        'public.customers, public.order_items, public.order_notes, public.orders',
    );
  });

  it('are rejected by name where one of them cannot be synced so', () => {
    const mixed = catalog(stream('order_items'), stream('order_notes', { jsonSchema: columns('id') }));
    expect(rejection(mixed, want('order_*'))).toMatch(
      /^connection\.streams\[0\]: 'order_notes' has no column 'updated_at'/,
    );
  });

  it('are one stream where the source has a stream of that very name', () => {
    expect(names(catalog(stream('a*'), stream('ab')), want('a*'))).toEqual(['a* append']);
  });
});

describe('a selected stream', () => {
  it('is synced as the pipeline says', () => {
    const desired = want('orders', { destinationSyncMode: 'append_dedup', primaryKey: ['id'] });
    expect(selectOne(catalog(stream('customers'), stream('orders')), desired)).toEqual({
      name: 'orders',
      namespace: 'public',
      syncMode: 'incremental',
      destinationSyncMode: 'append_dedup',
      cursorField: ['updated_at'],
      primaryKey: [['id']],
    });
  });

  it('has no cursor when all of it is read each time', () => {
    const desired = want('orders', { syncMode: 'full_refresh' });
    expect(selectOne(catalog(stream('orders')), desired)).toMatchObject({ syncMode: 'full_refresh', cursorField: [] });
  });

  it("has the source's own cursor and key where the pipeline leaves them open", () => {
    const from = catalog(stream('orders', { defaultCursorField: ['id'], sourceDefinedPrimaryKey: [['id']] }));
    const { cursorField, ...desired } = want('orders', { destinationSyncMode: 'append_dedup' });
    expect(selectOne(from, desired)).toMatchObject({ cursorField: ['id'], primaryKey: [['id']] });
  });

  it('needs no cursor where the source defines it', () => {
    const { cursorField, ...desired } = want('orders');
    expect(selectOne(catalog(stream('orders', { sourceDefinedCursor: true })), desired)).toMatchObject({
      cursorField: [],
    });
  });

  it('may have a nested cursor and a nested key', () => {
    const from = catalog(stream('orders', { jsonSchema: columns('meta') }));
    const desired = want('orders', { cursorField: ['meta', 'at'], primaryKey: [['meta', 'id']] });
    expect(selectOne(from, desired)).toMatchObject({ cursorField: ['meta', 'at'], primaryKey: [['meta', 'id']] });
  });

  it.each([
    ['the other is elsewhere', 'sales', catalog(stream('orders'), stream('orders', { namespace: 'sales' }))],
    ['the other has none', 'public', catalog(stream('orders', { namespace: undefined }), stream('orders'))],
  ])('is distinguished by its namespace from another of its name, when %s', (_, namespace, from) => {
    expect(selectOne(from, want('orders', { namespace }))).toMatchObject({ namespace });
  });

  it('needs no namespace in the pipeline when there is only one of the name', () => {
    expect(selectOne(catalog(stream('orders')), want('orders'))).toMatchObject({ namespace: 'public' });
  });
});

describe("a catalog as sparse as the user's reference shows it", () => {
  const sparse = catalog({
    stream: { name: 'customers', supportedSyncModes: ['full_refresh', 'incremental'] },
    config: { syncMode: 'incremental', cursorField: ['updated_at'], destinationSyncMode: 'append' },
  });

  it('rejects nothing for what it leaves out', () => {
    const desired = want('customers', { namespace: 'public', cursorField: 'changed', primaryKey: ['key'] });
    expect(selectOne(sparse, desired)).toMatchObject({
      namespace: 'public',
      cursorField: ['changed'],
      primaryKey: [['key']],
    });
    expect(selectOne(catalog({ stream: { name: 'customers' } }), want('customers'))).toMatchObject({
      name: 'customers',
    });
  });

  it('gives the cursor it suggests where the pipeline leaves it open', () => {
    const { cursorField, ...desired } = want('customers');
    expect(selectOne(sparse, desired)).toMatchObject({ cursorField: ['updated_at'] });
  });

  it('is completed with the namespace of the pipeline', () => {
    const [configured] = selectStreams(sparse, [want('customers', { namespace: 'public' })]);
    expect(configured?.stream).toMatchObject({ name: 'customers', namespace: 'public' });
  });
});

describe('a selection that does not fit', () => {
  const from = catalog(
    stream('customers'),
    stream('logs', { supportedSyncModes: ['full_refresh'], namespace: 'audit' }),
    stream('orders'),
    stream('orders', { namespace: 'sales' }),
  );

  it.each([
    ['has no such stream', want('order'), "no stream 'order'; it has: public.customers, audit.logs, public.orders"],
    ['has it elsewhere', want('customers', { namespace: 'sales' }), "no stream 'sales.customers'"],
    ['has several of the name', want('orders'), "'orders' is in several namespaces: public, sales"],
    ['does not support the mode', want('logs'), "'logs' cannot be synced incremental; it supports: full_refresh"],
    [
      'has no such cursor',
      want('customers', { cursorField: 'at' }),
      "no column 'at' (its cursorField); columns: id, name",
    ],
    ['has no such key', want('customers', { primaryKey: ['key'] }), "no column 'key' (its primaryKey); columns: id"],
    [
      'needs a key',
      want('customers', { destinationSyncMode: 'append_dedup' }),
      "'customers' is synced append_dedup and needs a primaryKey",
    ],
  ])('reports the actual streams and columns when the source %s', (_, desired, message) => {
    const refused = rejection(from, desired);
    expect(refused).toContain('connection.streams[0]: ');
    expect(refused).toContain(message);
  });

  it('says that a cursor is needed', () => {
    const { cursorField, ...desired } = want('customers');
    expect(rejection(from, desired)).toContain(
      "'customers' is incremental and needs a cursorField; columns: id, name, updated_at",
    );
  });

  it('names all streams that do not fit in one error', () => {
    const refused = rejection(from, want('customers'), want('nobody'), want('logs')).split('\n');
    expect(refused).toEqual([
      expect.stringContaining('connection.streams[1]: '),
      expect.stringContaining('connection.streams[2]: '),
    ]);
  });

  it('lists no more names than a user reads', () => {
    const many = catalog(...Array.from({ length: 5_000 }, (_, index) => stream(`table_${index}`)));
    const refused = rejection(many, want('nobody'));
    expect(refused).toContain('… and 4,980 more');
    expect(refused.length).toBeLessThan(1_000);
  });
});

describe('the catalog of a connection', () => {
  const from = catalog(stream('orders'));

  it('has the streams of the source, and how each is synced', () => {
    expect(toSyncCatalog(selectStreams(from, [want('orders', { primaryKey: ['id'] })]))).toEqual({
      streams: [
        {
          stream: from.streams[0]?.stream,
          config: {
            syncMode: 'incremental',
            destinationSyncMode: 'append',
            cursorField: ['updated_at'],
            primaryKey: [['id']],
            aliasName: 'orders',
            selected: true,
          },
        },
      ],
    });
  });

  it('keeps what was set elsewhere, and what the pipeline leaves open', () => {
    const hashed = [{ type: 'hashing', mapperConfiguration: { targetField: 'name' } }];
    const current = catalog({
      ...stream('orders'),
      config: {
        syncMode: 'full_refresh',
        cursorField: ['id'],
        primaryKey: [['name']],
        selected: false,
        mappers: hashed,
      },
    });
    const { cursorField, ...desired } = want('orders');
    expect(toSyncCatalog(selectStreams(from, [desired], current)).streams[0]?.config).toEqual({
      syncMode: 'incremental',
      destinationSyncMode: 'append',
      cursorField: ['id'],
      primaryKey: [['name']],
      aliasName: 'orders',
      selected: true,
      mappers: hashed,
    });
  });

  it('is read as what is synced: not what is not selected, and all of it where the server does not say', () => {
    const { stream: orders } = stream('orders');
    const read = readSyncCatalog(
      catalog(
        { stream: { name: 'a' }, config: { selected: false } },
        { stream: { name: 'b' } },
        { stream: orders, config: { syncMode: 'incremental', selected: true, cursorField: ['id'] } },
      ),
    );
    expect(read).toEqual([
      { name: 'b', syncMode: 'full_refresh', destinationSyncMode: 'append', cursorField: [], primaryKey: [] },
      {
        name: 'orders',
        namespace: 'public',
        syncMode: 'incremental',
        destinationSyncMode: 'append',
        cursorField: ['id'],
        primaryKey: [],
      },
    ]);
    expect(readSyncCatalog(undefined)).toEqual([]);
  });
});

describe('discoverSchema', () => {
  const discover = () => bench().run('discoverSchema', { sourceId: 's', streams: [want('orders')] });

  it('asks the source itself, and shows workflows no schemas', async () => {
    const jsonSchema = columns(...Array.from({ length: 50_000 }, (_, index) => `column_${index}`), 'updated_at');
    bench().airbyte.on({ 'sources/discover_schema': () => ({ catalog: catalog(stream('orders', { jsonSchema })) }) });
    expect(JSON.stringify(await discover()).length).toBeLessThan(500);
    expect(bench().airbyte.bodies('sources/discover_schema')).toEqual([{ sourceId: 's', disable_cache: true }]);
  });

  it.each([
    ['config_error', 1],
    ['system_error', 3],
  ])('fails with a non-retryable error and the reason of the connector (%s)', async (failureType, discoveries) => {
    const failureReason = { failureType, externalMessage: 'could not open the schema' };
    bench().airbyte.on({ 'sources/discover_schema': () => ({ jobInfo: { succeeded: false, failureReason } }) });
    const failure = await failureOf(discover());
    expect(failure).toMatchObject({ type: 'AirbyteInvalidRequest', nonRetryable: true });
    expect(failure.message).toContain('could not open the schema');
    expect(bench().airbyte.bodies('sources/discover_schema')).toHaveLength(discoveries);
  });

  it('is retried when a gateway gave up waiting', async () => {
    bench().airbyte.on({ 'sources/discover_schema': () => new Reply(504) });
    expect(await failureOf(discover())).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
  });
});
