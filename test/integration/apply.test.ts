import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type PipelineDocument,
  type PipelineDocumentInput,
  pipelineDocumentSchema,
} from '../../src/contract/pipeline-document';
import type { PipelineResult } from '../../src/contract/pipeline-result';
import { planPipelineDocument } from '../support/plan-pipeline-document';
import { failureOf, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';

type Connection = PipelineDocumentInput['connection'];
type Stream = Connection['streams'][number];

const stream = (name: string, fields: Partial<Stream> = {}): Stream => ({
  ...{ name, syncMode: 'full_refresh', destinationSyncMode: 'append' },
  ...fields,
});

const name = uniqueName('apply');
const STREAMS = ['events', 'errors', 'orders'];

/** What a test changes of the document that was applied before. */
interface Change {
  source?: Record<string, unknown>;
  destination?: Record<string, unknown>;
  connection?: Partial<Connection>;
  document?: Partial<PipelineDocumentInput>;
}

function documentWith({ source, destination, connection, document }: Change = {}): PipelineDocument {
  const configuration = { streams: STREAMS, records: 1, api_key: '${env:SECRET_KEY}', ...source };
  return pipelineDocumentSchema().parse({
    name,
    source: { name: `${name} source`, definition: 'Simulated', configuration },
    destination: { name: `${name} lake`, definition: 'Simulated', configuration: { ...destination } },
    connection: { name, streams: [stream('events')], ...connection },
    sync: false,
    ...document,
  });
}

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  Object.assign(stack.secrets, { SECRET_KEY: 'the key', SECRET_OTHER_KEY: 'the other key' });
  await stack.runPipeline(documentWith());
});

afterAll(() => stack?.stop());

const total = ({ create, change, delete: deleted }: PipelineResult['applied']['counts']) => create + change + deleted;

describe('after an apply that changed', () => {
  const incremental = { syncMode: 'incremental', cursorField: 'updated_at' } as const;
  const changes: [what: string, change: Change][] = [
    ['a field of the source', { source: { records: 2 } }],
    ['a new field of the source, which is gone afterwards', { source: { bytes: 10 } }],
    ['a nested field of the source', { source: { jobs: [{ records: 3 }] } }],
    ['the streams that the source has', { source: { streams: [...STREAMS, 'more'] } }],
    ['a field of the destination, which is gone afterwards', { destination: { supports_refreshes: true } }],
    ['both, source and destination', { source: { records: 4 }, destination: { supports_refreshes: false } }],
    ['the prefix', { connection: { prefix: 'raw_' } }],
    ['the prefix to another one', { connection: { prefix: 'cooked_' } }],
    ['the namespace to that of the source', { connection: { namespaceDefinition: 'source' } }],
    [
      'the namespace to one of its own',
      { connection: { namespaceDefinition: 'customformat', namespaceFormat: 'lake_${SOURCE_NAMESPACE}' } },
    ],
    ['the status', { connection: { status: 'inactive' } }],
    ['the schedule to one of Airbyte', { connection: { schedule: { every: '6h' } } }],
    [
      'the schedule to a cron expression',
      { connection: { schedule: { cron: '0 0 3 * * ?', timeZone: 'Europe/Paris' } } },
    ],
    ['the schedule to one of Temporal', { connection: { schedule: { every: '365 days', by: 'temporal' } } }],
    [
      'the schedule of Temporal, for an inactive connection',
      { connection: { status: 'inactive', schedule: { every: '300 days', by: 'temporal', jitter: '1m' } } },
    ],
    ['the policy for schema changes', { connection: { schemaChanges: 'propagate' } }],
    [
      'a stream that it adds, and that is gone afterwards',
      { connection: { streams: [stream('events'), stream('errors')] } },
    ],
    ['a stream for another one', { connection: { streams: [stream('orders')] } }],
    ['how a stream is read', { connection: { streams: [stream('events', incremental)] } }],
    ['how a stream is written', { connection: { streams: [stream('events', { destinationSyncMode: 'overwrite' })] } }],
    [
      'the cursor and the key of a stream',
      {
        connection: {
          streams: [stream('events', { syncMode: 'incremental', cursorField: 'id', primaryKey: ['id'] })],
        },
      },
    ],
    ['a stream for a pattern', { connection: { streams: [stream('e*')] } }],
    [
      'everything at the same time',
      { source: { records: 5 }, connection: { prefix: 'x_', schedule: { every: '1h' } } },
    ],
  ];

  it.each(changes)('%s, plan has nothing to do', async (_what, change) => {
    const document = documentWith(change);
    const { applied: changed } = await stack.runPipeline(document);
    expect(total(changed.counts)).toBeGreaterThan(0);
    expect(await planPipelineDocument(stack, document)).toMatchObject({ changes: false });
  });

  it('what was planned, the run says the same, and then nothing is changed', async () => {
    const document = documentWith({ source: { records: 6, api_key: '${env:SECRET_OTHER_KEY}' } });
    const { source, counts } = await planPipelineDocument(stack, document);
    const { applied: changed } = await stack.runPipeline(document);
    expect(changed).toMatchObject({ source, counts });
    expect(JSON.stringify(changed)).not.toContain('the other key');
    expect(total((await stack.runPipeline(document)).applied.counts)).toBe(0);
  });

  it('what was renamed in Airbyte, it has its name again', async () => {
    const document = documentWith();
    const { sourceId, connectionId } = await stack.runPipeline(document);
    const { connectionConfiguration } = await stack.caller.call('sources/get', { sourceId });
    await stack.caller.call('sources/update', { sourceId, name: `${name} by hand`, connectionConfiguration });
    await stack.caller.call('connections/update', { connectionId, name: `${name} by hand` });
    const { applied: changed } = await stack.runPipeline(document);
    expect(changed.counts).toEqual({ create: 0, change: 2, delete: 0 });
    expect(changed.source.changes).toEqual([{ field: 'name', from: `${name} by hand`, to: `${name} source` }]);
    expect(await planPipelineDocument(stack, document)).toMatchObject({ changes: false });
  });
});

describe('a failed apply has changed nothing in Airbyte', () => {
  /** Everything that an apply could change. */
  const snapshot = () => {
    const { actors, connections } = stack.sandbox.store;
    return JSON.stringify([
      [...actors.values()],
      [...connections.values()].map(({ settings, ...rest }) => [settings, rest.status]),
    ]);
  };
  /** A change that alone would be applied, to show that it is not when the rest of the document fails. */
  const good = { source: { records: 100 }, destination: { supports_refreshes: true }, connection: { prefix: 'new_' } };
  const another = (fields: Partial<PipelineDocumentInput> = {}): Change => {
    const other = uniqueName('new');
    return {
      document: {
        name: other,
        source: { name: `${other} source`, definition: 'Simulated', configuration: { streams: STREAMS } },
        destination: { name: `${other} lake`, definition: 'Simulated', configuration: {} },
        connection: { name: other, streams: [stream('events')] },
        ...fields,
      },
    };
  };

  beforeAll(async () => {
    await stack.runPipeline(documentWith());
    const other = another();
    await stack.runPipeline(
      documentWith({
        document: { ...other.document, connection: { name: `${name} taken`, streams: [stream('events')] } },
      }),
    );
    for (const _ of [1, 2]) await stack.caller.createActor('destination', 'Simulated', {}, `${name} twice`);
  });

  const broken: [why: string, change: Change, type: string, message: RegExp][] = [
    [
      'the source fails its check',
      { ...good, source: { check_message: 'no route' } },
      'AirbyteCheckFailed',
      /no route/,
    ],
    [
      'the destination fails its check',
      { ...good, destination: { check_message: 'no bucket' } },
      'AirbyteCheckFailed',
      /no bucket/,
    ],
    ['the source is no valid one', { ...good, source: { records: 'many' } }, 'AirbyteInvalidRequest', /records/],
    [
      'the destination is no valid one',
      { ...good, destination: { check_message: 5 } },
      'AirbyteInvalidRequest',
      /check_message/,
    ],
    ['the source has no such stream', { ...good, connection: { streams: [stream('evnts')] } }, 'InvalidInput', /evnts/],
    [
      'no stream matches a pattern',
      { ...good, connection: { streams: [stream('x*')] } },
      'InvalidInput',
      /connection\.streams\[0\]/,
    ],
    ['the changed source would lack a stream', { ...good, source: { streams: ['orders'] } }, 'InvalidInput', /events/],
    [
      'a stream has no such cursor',
      { ...good, connection: { streams: [stream('events', { syncMode: 'incremental', cursorField: 'nope' })] } },
      'InvalidInput',
      /nope/,
    ],
    ['a secret has no value', { ...good, source: { api_key: '${env:SECRET_UNSET}' } }, 'InvalidInput', /SECRET_UNSET/],
    [
      'a connection between others has the name',
      { ...good, connection: { name: `${name} taken` } },
      'AirbyteConflict',
      /taken/,
    ],
    [
      'two destinations have the name',
      {
        document: { destination: { name: `${name} twice`, definition: 'Simulated', configuration: {} } },
        source: good.source,
      },
      'AirbyteConflict',
      /twice/,
    ],
    [
      'the schema has changed, and must not',
      {
        ...good,
        source: { streams: [{ name: 'events', default_cursor_field: ['changed_at'] }, 'errors', 'orders'] },
        connection: { schemaChanges: 'fail' },
      },
      'AirbyteConflict',
      /schema/,
    ],
    [
      'there is no such connector',
      another({ source: { name: 'x', definition: 'No such', configuration: {} } }),
      'AirbyteNotFound',
      /No such/,
    ],
    [
      'the destination of a new pipeline fails its check',
      another({
        destination: { name: uniqueName('lake'), definition: 'Simulated', configuration: { check_message: 'no' } },
      }),
      'AirbyteCheckFailed',
      /no/,
    ],
    [
      'the source of a new pipeline has no such stream',
      another({ connection: { streams: [stream('nothing')] } }),
      'InvalidInput',
      /nothing/,
    ],
    [
      'another pipeline manages the source',
      another({ source: documentWith({ source: { records: 7 } }).source }),
      'AirbyteConflict',
      /--take-over/,
    ],
  ];

  it.each(broken)('when %s', async (_why, change, type, message) => {
    const document = documentWith(change);
    const before = snapshot();
    const failure = await failureOf(await stack.startPipeline(document));
    expect(failure).toMatchObject({ type, message: expect.stringMatching(message) });
    expect(snapshot()).toBe(before);
  });
});

/** Checks pass, and then Airbyte rejects what they cannot check: the saving itself. */
describe('an apply that Airbyte rejects while it saves', () => {
  const REASON = 'the database is read-only';
  const other = uniqueName('rejected');
  const changed: Change = {
    source: { records: 200 },
    destination: { supports_refreshes: true },
    connection: { prefix: 'rejected_', schedule: { every: '2h' } },
  };
  const created: Change = {
    document: {
      name: other,
      source: { name: `${other} source`, definition: 'Simulated', configuration: { streams: STREAMS } },
      destination: { name: `${other} lake`, definition: 'Simulated', configuration: {} },
      connection: { name: other, streams: [stream('events')] },
    },
  };
  const source = `changed the source '${name} source' (configuration.records)`;
  const destination = `changed the destination '${name} lake' (configuration.supports_refreshes)`;

  afterEach(() => {
    stack.sandbox.faults.remove();
  });

  /** The objects that differ between two states of Airbyte, by their names. */
  const state = () => {
    const { actors, connections } = stack.sandbox.store;
    const all = [...actors.values(), ...[...connections.values()].map(({ settings }) => settings)];
    return new Map(all.map((object) => [object.name, JSON.stringify(object)]));
  };

  it.each<[call: string, change: Change, says: string[], differing: string[]]>([
    ['sources/update', changed, [destination], [`${name} lake`]],
    ['destinations/update', changed, [source], [`${name} source`]],
    ['connections/update', changed, [source, destination], [`${name} source`, `${name} lake`]],
    [
      'connections/create',
      created,
      [`created the source '${other} source'`, `created the destination '${other} lake'`],
      [`${other} source`, `${other} lake`],
    ],
  ])('in %s says what stays changed, and the next run continues from there', async (call, change, says, differing) => {
    await stack.runPipeline(documentWith({ connection: { schedule: { every: '365 days', by: 'temporal' } } }));
    const before = state();
    stack.sandbox.faults.add({ call, status: 400, body: { message: REASON }, times: null });
    const document = documentWith(change);
    const failure = await failureOf(await stack.startPipeline(document));
    expect(failure).toMatchObject({ type: 'AirbyteInvalidRequest', message: expect.stringContaining(REASON) });
    const [done = ''] =
      /^The run failed after it had (.*), and put nothing back: /.exec(failure.message)?.slice(1) ?? [];
    const removed = call === 'connections/update' ? [expect.stringMatching(/^deleted the schedule in Temporal '/)] : [];
    expect(done.split(', ')).toHaveLength(says.length + removed.length);
    expect(done.split(', ')).toEqual(expect.arrayContaining([...says, ...removed]));
    expect(
      [...state()]
        .filter(([object, text]) => before.get(object) !== text)
        .map(([object]) => object)
        .toSorted(),
    ).toEqual(differing.toSorted());
    stack.sandbox.faults.remove();
    await stack.runPipeline(document);
    expect(await planPipelineDocument(stack, document)).toMatchObject({ changes: false });
  });
});

describe('two documents that share a source', () => {
  it('change it only when they take it over', async () => {
    const [first, second] = [uniqueName('first'), uniqueName('second')];
    const shared = (pipeline: string, records: number, fields: Partial<PipelineDocumentInput> = {}) =>
      pipelineDocumentSchema().parse({
        name: pipeline,
        source: { name: `${first} source`, definition: 'Simulated', configuration: { streams: STREAMS, records } },
        destination: { name: `${first} lake`, definition: 'Simulated', configuration: {} },
        connection: { name: pipeline, streams: [stream('events')] },
        sync: false,
        ...fields,
      });
    await stack.runPipeline(shared(first, 1));
    // What both want alike is shared.
    await stack.runPipeline(shared(second, 1));
    const plan = await planPipelineDocument(stack, shared(second, 2));
    expect(plan.source).toMatchObject({ action: 'change', managedBy: first });
    expect(plan.notes).toContainEqual(expect.stringContaining(`the pipeline '${first}' manages it`));
    expect(await failureOf(await stack.startPipeline(shared(second, 2)))).toMatchObject({ type: 'AirbyteConflict' });

    const { applied: changed } = await stack.runPipeline(shared(second, 2, { takeOver: true }));
    expect(changed.source).toMatchObject({ action: 'change', changes: [{ field: 'configuration.records' }] });
    // The second one manages it now, and may change it again.
    await stack.runPipeline(shared(second, 3));
    const refused = await failureOf(await stack.startPipeline(shared(first, 1)));
    expect(refused).toMatchObject({ type: 'AirbyteConflict', details: [{ managedBy: second }] });
  });
});
