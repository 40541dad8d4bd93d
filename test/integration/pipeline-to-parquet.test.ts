import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SHOP_CHANGED, SHOP_CHANGES, SHOP_CUSTOMERS, SHOP_ORDERS } from '../../sandbox/shop/shop-seed';
import type { PipelineDocument } from '../../src/contract/pipeline-document';
import { pipelineWorkflowId } from '../../src/contract/workflow-ids';
import type { PipelineProgress, PipelineResult } from '../../workflows';
import { parquetFilesIn, rowsOf, shopRows, type WrittenFile } from '../support/parquet';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { exampleDocument, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';

/** One pipeline through its life: each test continues where the one before has left it. */
describe('the pipeline of the README', () => {
  const bucket = 'lake';
  let stack: Stack;
  let postgres: TestPostgres;
  let document: PipelineDocument;
  let first: PipelineResult;
  let earlier: WrittenFile[];

  beforeAll(async () => {
    [stack, postgres] = await Promise.all([startStack(), startPostgres()]);
    stack.secrets['SECRET_SHOP_PASSWORD'] = postgres.password;
    const { host, port, database, username } = postgres;
    document = await exampleDocument('postgres-to-parquet.yaml', uniqueName('readme'), {
      source: { host, port, database, username },
      destination: { s3_bucket_name: bucket },
    });
  });

  afterAll(async () => {
    await stack?.stop();
    await postgres?.stop();
  });

  beforeEach(() => stack.sandbox.requests.clear());

  const files = () => parquetFilesIn(join(stack.sandbox.dataDir, bucket));
  const newFiles = async () => (await files()).filter(({ path }) => !earlier.some((file) => file.path === path));
  const createCalls = () => Object.keys(stack.sandbox.requests.all()).filter((call) => call.endsWith('/create'));

  it('creates what is missing and moves every row', async () => {
    first = await stack.runPipeline(document);
    expect(first).toMatchObject({
      workspaceId: await stack.caller.workspaceId(),
      created: { source: true, destination: true, connection: true },
      streams: [
        { name: 'customers', namespace: 'public', cursorField: ['updated_at'], primaryKey: [['id']] },
        { name: 'orders', namespace: 'public', cursorField: ['updated_at'], primaryKey: [['id']] },
      ],
      sync: {
        connectionId: first.connectionId,
        status: 'succeeded',
        recordsSynced: SHOP_CUSTOMERS + SHOP_ORDERS,
        recordsRejected: 0,
        attempts: 1,
        attached: false,
      },
    });
    expect(first.sync?.bytesSynced).toBeGreaterThan(0);
    expect(createCalls().sort()).toEqual(['connections/create', 'destinations/create', 'sources/create']);
  });

  it('leaves files whose rows, types included, are those of the database', async () => {
    earlier = await files();
    const { customers, orders } = await shopRows(postgres);
    expect(rowsOf('customers', earlier)).toEqual(customers);
    expect(rowsOf('orders', earlier)).toEqual(orders);
  });

  it('sends Airbyte the schedule, the cursors and the keys of the document', async () => {
    const connection = await stack.caller.call('connections/get', { connectionId: first.connectionId });
    expect(connection).toMatchObject({
      name: document.connection.name,
      status: 'active',
      namespaceDefinition: 'destination',
      scheduleType: 'basic',
      scheduleData: { basicSchedule: { units: 6, timeUnit: 'hours' } },
    });
    const selected = connection.syncCatalog.streams.filter(
      ({ config }: { config: { selected: boolean } }) => config.selected,
    );
    expect(selected).toHaveLength(2);
    for (const { config } of selected) {
      expect(config).toMatchObject({
        syncMode: 'incremental',
        destinationSyncMode: 'append',
        cursorField: ['updated_at'],
        primaryKey: [['id']],
      });
    }
  });

  it('responds to the query `progress` with the result, also after its end', async () => {
    const workflow = stack.temporal.client.workflow.getHandle(pipelineWorkflowId(document.name, stack.taskQueue));
    expect(await workflow.query<PipelineProgress>('progress')).toMatchObject({
      phase: 'done',
      connectionId: first.connectionId,
      syncWorkflowId: `airbyte-sync:${first.connectionId}@${stack.taskQueue}`,
    });
  });

  it('creates nothing the second time and syncs the same connection, which has nothing new', async () => {
    const second = await stack.runPipeline(document);
    const { sourceId, destinationId, connectionId } = first;
    expect(second).toMatchObject({
      ...{ sourceId, destinationId, connectionId },
      created: { source: false, destination: false, connection: false },
      sync: { status: 'succeeded', recordsSynced: 0, attached: false },
    });
    expect(createCalls()).toEqual([]);
    expect(stack.sandbox.requests.all()).not.toHaveProperty('connections/update');
    expect(stack.sandbox.requests.all()).not.toHaveProperty('sources/update');
    expect(await newFiles()).toEqual([]);
  });

  it('moves the rows that have changed, and no others', async () => {
    const before = await shopRows(postgres);
    await postgres.query(SHOP_CHANGES);
    const after = await shopRows(postgres);
    const third = await stack.runPipeline(document);
    expect(third.sync?.recordsSynced).toBe(SHOP_CHANGED.customers + SHOP_CHANGED.orders);
    const written = await newFiles();
    for (const stream of ['customers', 'orders'] as const) {
      const old = new Set(before[stream].map(({ updated_at }) => updated_at));
      const changed = after[stream].filter(({ updated_at }) => !old.has(updated_at));
      expect(changed).toHaveLength(SHOP_CHANGED[stream]);
      expect(rowsOf(stream, written)).toEqual(changed);
    }
  });

  it('makes the connection what the document says when the document has changed', async () => {
    const { connection } = document;
    const [customers] = connection.streams;
    if (!customers) throw new Error('The document has no streams');
    const changed = { ...document, connection: { ...connection, schedule: { every: '1 day' }, streams: [customers] } };
    const result = await stack.runPipeline(changed);
    expect(result).toMatchObject({ connectionId: first.connectionId, created: { connection: false } });
    expect(result.streams.map(({ name }) => name)).toEqual(['customers']);
    const read = await stack.caller.call('connections/get', { connectionId: first.connectionId });
    expect(read.scheduleData.basicSchedule).toEqual({ units: 1, timeUnit: 'days' });
  });

  it('syncs nothing when the document says so', async () => {
    const result = await stack.runPipeline({ ...document, sync: false });
    expect(result.sync).toBeNull();
    expect(stack.sandbox.requests.count('connections/sync')).toBe(0);
  });
});
