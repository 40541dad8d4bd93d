import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../activities';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { AirbyteClient } from '../../src/airbyte/client';
import type { Catalog, Connection } from '../../src/airbyte/schemas';
import type { AppliedConnection } from '../../src/contract/connection';
import { DomainError } from '../../src/contract/domain-error';
import { type PipelineDocument, pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import type { PipelinePlan } from '../../src/contract/pipeline-plan';
import { pipelineWorkflowId } from '../../src/contract/workflow-ids';
import { toConnectionDocument } from '../../src/documents/connection-document';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { compareConnection } from '../../src/reconcile/connection-difference';
import { selectStreams, toSyncCatalog } from '../../src/reconcile/stream-selection';
import { createSecretResolver } from '../../src/secrets/secret-resolver';
import type { PipelineProgress } from '../../workflows';
import { clientWithRuns } from '../support/fake-temporal-client';
import { planPipelineDocument } from '../support/plan-pipeline-document';
import { ScriptedSchedules } from '../support/scripted-schedules';
import { failureOf, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { ScriptedAirbyte } from '../unit/airbyte/scripted-airbyte';
import { PublicCaller } from '../unit/sandbox/public-caller';

type StreamOfDocument = PipelineDocument['connection']['streams'][number];

/** A stream as the simulated source says it. */
interface SimulatedStream {
  name: string;
  namespace?: string;
  source_defined_cursor?: boolean;
  default_cursor_field?: string[];
  source_defined_primary_key?: string[][];
}

const documentOf = (name: string, source: SimulatedStream[], streams: StreamOfDocument[]): PipelineDocument =>
  pipelineDocumentSchema().parse({
    name,
    source: { name: `${name} source`, definition: 'Simulated', configuration: { streams: source } },
    destination: { name: `${name} destination`, definition: 'Simulated', configuration: {} },
    connection: { name: `${name} connection`, streams },
    sync: false,
  });

const orders = {
  name: 'orders',
  syncMode: 'incremental',
  destinationSyncMode: 'append_dedup',
  cursorField: 'updated_at',
  primaryKey: ['uuid'],
} as const satisfies Partial<StreamOfDocument>;

/** `orders` as a table that is read by a column, and after its source was switched to CDC. */
const byColumn = { name: 'orders', source_defined_primary_key: [], default_cursor_field: ['uuid'] };
const byCdc = {
  name: 'orders',
  source_defined_cursor: true,
  default_cursor_field: ['_ab_cdc_lsn'],
  source_defined_primary_key: [['id'], ['uuid']],
};

describe.each(['config', 'public'] as const)('with the %s API', (flavour) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ sandbox: { airbyteVersion: '2026-08' }, airbyte: { flavour } });
  });

  afterAll(() => stack?.stop());

  const plan = (document: PipelineDocument): Promise<PipelinePlan> => planPipelineDocument(stack, document);
  const notesOf = async ({ name }: PipelineDocument) =>
    (
      await stack.temporal.client.workflow
        .getHandle(pipelineWorkflowId(name, stack.taskQueue))
        .query<PipelineProgress>('progress')
    ).notes;
  /** What the connection syncs, as the sandbox keeps it. */
  const synced = (connectionId: string) =>
    stack.sandbox.store.connection(connectionId).catalog.streams.map(({ stream, config }) => ({
      stream: [stream.namespace, stream.name].filter(Boolean).join('.'),
      ...{ syncMode: config.syncMode, cursorField: config.cursorField, primaryKey: config.primaryKey },
    }));

  /** Applies a document, and changes its source in Airbyte as well as in the document. */
  async function afterSwitch(streams: StreamOfDocument[], to: SimulatedStream) {
    const name = uniqueName('cdc');
    const { connectionId, sourceId } = await stack.runPipeline(documentOf(name, [byColumn], streams));
    stack.sandbox.store.actor('source', sourceId).configuration = { streams: [to] };
    return { connectionId, document: documentOf(name, [to], streams) };
  }

  it('a cursor and a key that the source has come to define go before those of the document: plan shows it, apply does it, and then there is nothing to do', async () => {
    const { connectionId, document } = await afterSwitch([orders], byCdc);
    const cursorNote = expect.stringMatching(
      /^The source itself defines the cursor of orders \(_ab_cdc_lsn\)\. The document's cursorField is not used/,
    );
    const keyNote = expect.stringMatching(
      /^The source itself defines the primary key of orders \(id, uuid\)\. The document's primaryKey is not used/,
    );
    const before = await plan(document);
    expect(before).toMatchObject({
      changes: true,
      source: { action: 'leave' },
      connection: {
        streams: [
          {
            action: 'change',
            changes: [
              { field: 'cursorField', from: ['updated_at'], to: ['_ab_cdc_lsn'] },
              { field: 'primaryKey', from: [['uuid']], to: [['id'], ['uuid']] },
            ],
          },
        ],
      },
    });
    expect(before.notes).toEqual([cursorNote, keyNote]);

    await stack.runPipeline(document);
    expect(await notesOf(document)).toEqual(expect.arrayContaining([cursorNote, keyNote]));
    expect(synced(connectionId)).toMatchObject([
      { cursorField: ['_ab_cdc_lsn'], primaryKey: [['id'], ['uuid']], syncMode: 'incremental' },
    ]);

    const after = await plan(document);
    expect(after).toMatchObject({ changes: false, notes: [cursorNote, keyNote] });
    expect((await stack.runPipeline(document)).created).toMatchObject({ connection: false });
  });

  it('a document that leaves cursor and key open takes those that the source has come to define', async () => {
    const open = { name: 'orders', syncMode: 'incremental', destinationSyncMode: 'append' } as const;
    const { connectionId, document } = await afterSwitch([open], byCdc);
    // Something else changes, so that the streams are sent again.
    const changed = documentOf(document.name, [byCdc], [{ ...open, destinationSyncMode: 'append_dedup' }]);
    await stack.runPipeline(changed);
    expect(synced(connectionId)).toMatchObject([{ cursorField: ['_ab_cdc_lsn'], primaryKey: [['id'], ['uuid']] }]);
    expect(await plan(changed)).toMatchObject({ changes: false, notes: [] });
  });

  it('a source that defines its cursor without naming it is sent none', async () => {
    const untold = { ...byCdc, default_cursor_field: [] };
    const { document } = await afterSwitch([orders], untold);
    await stack.runPipeline(document);
    expect(await plan(document)).toMatchObject({
      changes: false,
      notes: [expect.stringMatching(/the cursor of orders\. /), expect.stringMatching(/the primary key of orders/)],
    });
  });

  it('a primary key on a stream that is only copied leaves a plan empty', async () => {
    const copied = { name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' } as const;
    const document = documentOf(uniqueName('copied'), [byColumn], [{ ...copied, primaryKey: ['uuid'] }]);
    await stack.runPipeline(document);
    expect(await plan(document)).toMatchObject({ changes: false });
  });

  const twoOfAName = [
    { name: 'orders', namespace: 'public' },
    { name: 'orders', namespace: 'sales' },
    { name: 'logs' },
  ];

  describe('of two streams of one name', () => {
    const inNamespace = (namespace: string, fields: Partial<StreamOfDocument> = {}): StreamOfDocument => ({
      ...{ name: 'orders', namespace, syncMode: 'full_refresh', destinationSyncMode: 'append' },
      ...fields,
    });

    it('the namespace addresses one, and a change of one leaves the other as it is', async () => {
      const name = uniqueName('namespaces');
      const incremental = { syncMode: 'incremental', cursorField: 'updated_at' } as const;
      const only = documentOf(name, twoOfAName, [inNamespace('sales', incremental)]);
      const { connectionId } = await stack.runPipeline(only);
      expect(synced(connectionId).map(({ stream }) => stream)).toEqual(['sales.orders']);

      const both = documentOf(name, twoOfAName, [inNamespace('public'), inNamespace('sales', incremental)]);
      expect((await plan(both)).connection.streams).toMatchObject([
        { namespace: 'public', action: 'add' },
        { namespace: 'sales', action: 'leave' },
      ]);
      await stack.runPipeline(both);
      expect(await plan(both)).toMatchObject({ changes: false });

      const swapped = documentOf(name, twoOfAName, [inNamespace('sales'), inNamespace('public', incremental)]);
      await stack.runPipeline(swapped);
      expect(synced(connectionId)).toMatchObject([
        { stream: 'sales.orders', syncMode: 'full_refresh' },
        { stream: 'public.orders', syncMode: 'incremental', cursorField: ['updated_at'] },
      ]);
      expect(await plan(swapped)).toMatchObject({ changes: false });
    });

    it('a name alone is ambiguous: plan and apply fail with both namespaces, and change nothing', async () => {
      const name = uniqueName('ambiguous');
      const { connectionId } = await stack.runPipeline(documentOf(name, twoOfAName, [inNamespace('sales')]));
      const { namespace: _, ...nameless } = inNamespace('');
      const ambiguous = documentOf(name, twoOfAName, [nameless]);
      for (const run of [await stack.startPipeline(ambiguous), { result: () => plan(ambiguous) }]) {
        const failure = await failureOf(run);
        expect(failure).toMatchObject({ type: 'InvalidInput' });
        expect(failure.message).toContain("'orders' is in several namespaces: public, sales");
      }
      expect(synced(connectionId).map(({ stream }) => stream)).toEqual(['sales.orders']);
    });
  });
});

describe("Airbyte's public API", () => {
  it('rejects another cursor, and another key, than the source defines', async () => {
    const stack = await startStack({ sandbox: { airbyteVersion: '2026-08' }, worker: false });
    const caller = new PublicCaller(stack.sandbox);
    const sourceId = await caller.createActor('source', 'Simulated', { streams: [byCdc] });
    const destinationId = await caller.createActor('destination', 'Simulated', {});
    const create = (fields: object) => {
      const streams = [{ name: 'orders', syncMode: 'incremental_deduped_history', ...fields }];
      return caller.ask('POST connections', { sourceId, destinationId, configurations: { streams } });
    };
    expect(await create({ cursorField: ['updated_at'] })).toMatchObject({
      status: 400,
      body: { data: { message: expect.stringContaining('is already defined by source for stream: orders') } },
    });
    expect(await create({ primaryKey: [['uuid']] })).toMatchObject({
      status: 400,
      body: { data: { message: expect.stringContaining('is already pre-defined') } },
    });
    expect((await create({ cursorField: ['_ab_cdc_lsn'], primaryKey: [['id'], ['uuid']] })).status).toBe(200);
    await stack.stop();
  });

  it('before 1.8 cannot tell two streams of one name apart, and the failure says so', async () => {
    const stack = await startStack({ sandbox: { airbyteVersion: '1.6.0' }, airbyte: { flavour: 'public' } });
    const source = [
      { name: 'orders', namespace: 'public' },
      { name: 'orders', namespace: 'sales' },
    ];
    const stream = {
      name: 'orders',
      namespace: 'sales',
      syncMode: 'full_refresh',
      destinationSyncMode: 'append',
    } as const;
    const failure = await failureOf(await stack.startPipeline(documentOf(uniqueName('old'), source, [stream])));
    expect(failure).toMatchObject({ type: 'InvalidInput' });
    expect(failure.message).toContain("has 2 streams 'orders', and this API does not say their namespaces");
    await stack.stop();
  });
});

describe('a connection whose streams Airbyte gives without their namespaces', () => {
  const source = (...namespaces: string[]): Catalog => ({
    streams: namespaces.map((namespace) => ({ stream: { name: 'orders', namespace } })),
  });
  const desired = (namespace: string | undefined, syncMode: 'full_refresh' | 'incremental' = 'full_refresh') => ({
    ...{
      name: 'orders',
      ...(namespace !== undefined && { namespace }),
      syncMode,
      destinationSyncMode: 'append' as const,
    },
    ...(syncMode === 'incremental' && { cursorField: 'updated_at' }),
  });
  const current = (...configs: Record<string, unknown>[]): Catalog => ({
    streams: configs.map((config) => ({
      stream: { name: 'orders' },
      config: { syncMode: 'full_refresh', destinationSyncMode: 'append', selected: true, ...config },
    })),
  });
  const changesOf = (connection: Catalog, streams: StreamOfDocument[], of: Catalog) => {
    const existing: Connection = { connectionId: 'c', namespaceDefinition: 'destination', status: 'active' };
    const document = documentOf('p', [], streams).connection;
    const settings = { ...existing, name: document.name, syncCatalog: connection };
    return compareConnection({ normalizeSchedule: (schedule) => schedule }, settings, document, of).streams;
  };

  it('is as the document wants it when the only one of the name is', () => {
    for (const namespace of [undefined, 'public']) {
      expect(changesOf(current({}), [desired(namespace)], source('public'))).toMatchObject([{ action: 'leave' }]);
    }
  });

  it('has each of two of one name matched once, first by what it is like', () => {
    const streams = [desired('public'), desired('sales', 'incremental')];
    const like = current({ syncMode: 'incremental', cursorField: ['updated_at'] }, {});
    expect(changesOf(like, streams, source('public', 'sales'))).toMatchObject([
      { action: 'leave' },
      { action: 'leave' },
    ]);
    expect(changesOf(current({}), streams, source('public', 'sales'))).toMatchObject([
      { action: 'leave' },
      { action: 'add' },
    ]);
  });

  it('is sent each stream with the namespace of the source, and with the settings of no other one', () => {
    const unlike = current({ cursorField: ['a'], includeFiles: true }, { cursorField: ['b'] });
    const selected = selectStreams(source('public', 'sales'), [desired('public'), desired('sales')], unlike);
    expect(toSyncCatalog(selected).streams).toMatchObject([
      { stream: { namespace: 'public' }, config: { cursorField: [] } },
      { stream: { namespace: 'sales' }, config: { cursorField: [] } },
    ]);
    expect(JSON.stringify(selected)).not.toContain('includeFiles');
  });

  it('is not changed where fields of one of two are hashed, since it is not known of which', () => {
    const hashed = current({ mappers: [{ type: 'hashing' }] }, {});
    const change = () => selectStreams(source('public', 'sales'), [desired('public'), desired('sales')], hashed);
    expect(change).toThrow(DomainError);
    expect(change).toThrow(/does not say the namespace of the connection's stream 'orders'/);
  });

  it('is imported with a note that the namespaces are missing', () => {
    const actor = { name: 'a', definition: 'd', configuration: {} };
    const connection = { connectionId: 'c', name: 'c', syncCatalog: current({}, {}) };
    const { notes } = toConnectionDocument({ connection, source: actor, destination: actor });
    expect(notes).toEqual([expect.stringContaining('Several streams have the name orders')]);
  });
});

/** A public API that never says the namespaces of a connection's streams: the sandbox's, without them. */
async function withoutNamespaces(sandbox: Sandbox): Promise<ScriptedAirbyte> {
  return ScriptedAirbyte.start(({ method, path, body }) => async (response) => {
    const target = new URL(path, sandbox.url);
    const sent = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const upstream = await fetch(target, sent);
    const text = await upstream.text();
    const hides = target.pathname.includes('/connections');
    response.writeHead(upstream.status, { 'content-type': upstream.headers.get('content-type') ?? 'application/json' });
    response.end(hides ? text.replaceAll(/"namespace":"[^"]*",/g, '') : text);
  });
}

describe("a public API that says the namespaces of the source's streams, and not those of a connection's", () => {
  let sandbox: Sandbox;
  let proxy: ScriptedAirbyte;
  let client: AirbyteClient;

  beforeAll(async () => {
    sandbox = await startSandbox({ airbyteVersion: '2026-08' });
    proxy = await withoutNamespaces(sandbox);
    client = new AirbyteClient({ url: `${proxy.origin}/api/public/v1` });
  });

  afterAll(async () => {
    await client?.close();
    await proxy?.stop();
    await sandbox?.stop();
  });

  it('has both streams of a name applied and planned without mixing them up', async () => {
    const caller = new PublicCaller(sandbox);
    const streams = [
      { name: 'orders', namespace: 'public' },
      { name: 'orders', namespace: 'sales' },
    ];
    const sourceId = await caller.createActor('source', 'Simulated', { streams });
    const destinationId = await caller.createActor('destination', 'Simulated', {});
    const jobs = new JobWatcher({ airbyte: client, pollIntervalMs: 1, logger: { info: () => {}, warn: () => {} } });
    const activities = createActivities({ airbyte: client, jobs, secrets: createSecretResolver({ env: {} }) });
    const environment = () =>
      new MockActivityEnvironment(
        {},
        { logger: new DefaultLogger('ERROR'), client: clientWithRuns([], new ScriptedSchedules().client, {}) },
      );
    const ids = { workspaceId: await caller.workspaceId(), sourceId, destinationId };
    const copied = { name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'append' } as const;
    const byTime = { ...copied, syncMode: 'incremental', cursorField: 'updated_at' } as const;
    const apply = async (desired: StreamOfDocument[]) => {
      const { connection } = documentOf('p', [], desired);
      const applying = () => activities.applyConnection({ ...ids, connection });
      const applied: AppliedConnection = await environment().run(applying);
      const planning = () => activities.planConnection({ ...ids, connection, pipeline: 'p', sourceChanges: false });
      const plan: Awaited<ReturnType<typeof planning>> = await environment().run(planning);
      const stored = sandbox.store.connection(applied.connectionId).catalog.streams;
      return {
        streams: stored.map(({ stream, config }) => `${stream.namespace}.${stream.name} ${config.syncMode}`),
        afterwards: plan.connection.action,
        notes: plan.notes,
      };
    };
    expect(
      await apply([
        { ...copied, namespace: 'public' },
        { ...byTime, namespace: 'sales' },
      ]),
    ).toEqual({
      streams: ['public.orders full_refresh', 'sales.orders incremental'],
      afterwards: 'leave',
      notes: [expect.stringContaining("does not say the namespaces of the connection's streams orders")],
    });
    expect(
      await apply([
        { ...copied, namespace: 'public' },
        { ...copied, namespace: 'sales' },
      ]),
    ).toEqual({
      streams: ['public.orders full_refresh', 'sales.orders full_refresh'],
      afterwards: 'leave',
      notes: [expect.any(String)],
    });
    expect(await apply([{ ...copied, namespace: 'sales' }])).toEqual({
      streams: ['sales.orders full_refresh'],
      afterwards: 'leave',
      notes: [],
    });
  });
});

describe('a document that means one stream twice', () => {
  it('is rejected, with its paths in the document', () => {
    const catalog = { streams: [{ stream: { name: 'orders', namespace: 'public' } }] };
    const stream = { name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'append' } as const;
    expect(() => selectStreams(catalog, [stream, { ...stream, namespace: 'public' }])).toThrow(
      "connection.streams[1]: 'public.orders' is the same stream as connection.streams[0]",
    );
  });
});
