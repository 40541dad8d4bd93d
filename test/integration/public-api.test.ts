import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SHOP_CUSTOMERS, SHOP_ORDERS } from '../../sandbox/shop/shop-seed';
import type { PipelineDocument } from '../../src/contract/pipeline-document';
import { pipelineWorkflowId } from '../../src/contract/workflow-ids';
import type { PipelineProgress, PipelineResult } from '../../workflows';
import { parquetFilesIn, rowsOf, shopRows } from '../support/parquet';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { exampleDocument, failureOf, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';

const CREDENTIALS = { clientId: 'worker', clientSecret: 'a-secret-of-the-worker' };

/** One pipeline through its life, as on Airbyte Cloud: each test continues where the one before has left it. */
describe('a pipeline through the public API, with client credentials', () => {
  let stack: Stack;
  let postgres: TestPostgres;
  let document: PipelineDocument;
  let first: PipelineResult;

  beforeAll(async () => {
    [stack, postgres] = await Promise.all([
      startStack({
        // Tokens that end within the test.
        sandbox: {
          airbyteVersion: '2026-08',
          auth: { kind: 'client-credentials', ...CREDENTIALS, tokenLifetimeMs: 1_000 },
        },
        airbyte: { flavour: 'public', auth: { kind: 'clientCredentials', ...CREDENTIALS } },
      }),
      startPostgres(),
    ]);
    stack.secrets['SECRET_SHOP_PASSWORD'] = postgres.password;
    const { host, port, database, username } = postgres;
    document = await exampleDocument('postgres-to-parquet.yaml', uniqueName('public'), {
      source: { host, port, database, username },
    });
  });

  afterAll(async () => {
    await stack?.stop();
    await postgres?.stop();
  });

  const progressOf = ({ name }: PipelineDocument) =>
    stack.temporal.client.workflow
      .getHandle(pipelineWorkflowId(name, stack.taskQueue))
      .query<PipelineProgress>('progress');

  it('creates what is missing and moves every row', async () => {
    first = await stack.runPipeline(document);
    expect(first).toMatchObject({
      created: { source: true, destination: true, connection: true },
      streams: [
        { name: 'customers', namespace: 'public', cursorField: ['updated_at'], primaryKey: [['id']] },
        { name: 'orders', namespace: 'public', cursorField: ['updated_at'], primaryKey: [['id']] },
      ],
      sync: { status: 'succeeded', recordsSynced: SHOP_CUSTOMERS + SHOP_ORDERS, attached: false },
    });
    const files = await parquetFilesIn(join(stack.sandbox.dataDir, 'lake'));
    expect(rowsOf('customers', files)).toEqual((await shopRows(postgres)).customers);
    const asked = Object.keys(stack.sandbox.requests.all());
    expect(asked).toContain('public/streams');
    expect(asked.filter((call) => !call.startsWith('public/'))).toEqual([]);
  });

  it('notes that neither side was checked', async () => {
    expect((await progressOf(document)).notes.toSorted()).toEqual([
      'The destination was not checked: this Airbyte has no call for it.',
      'The source was not checked: this Airbyte has no call for it.',
    ]);
  });

  it('keeps the schedule as the cron expression that means the same', () => {
    expect(stack.sandbox.store.connection(first.connectionId).settings).toMatchObject({
      scheduleType: 'cron',
      scheduleData: { cron: { cronExpression: '0 0 */6 * * ?', cronTimeZone: 'UTC' } },
    });
  });

  it('creates and changes nothing the second time', async () => {
    const { requests, store } = stack.sandbox;
    requests.clear();
    const { sourceId, destinationId, connectionId } = first;
    expect(await stack.runPipeline(document)).toMatchObject({
      ...{ sourceId, destinationId, connectionId },
      created: { source: false, destination: false, connection: false },
      sync: { connectionId, status: 'succeeded', recordsSynced: 0 },
    });
    expect([store.actors.size, store.connections.size]).toEqual([2, 1]);
    // A connection is found in the list; by its id it would only be changed.
    expect(requests.count('public/connections/{connectionId}')).toBe(0);
  });

  it('puts a rotated password into the source, although nothing else has changed', async () => {
    const source = stack.sandbox.store.actor('source', first.sourceId);
    source.configuration['password'] = 'the-password-before';
    expect(await stack.runPipeline({ ...document, sync: false })).toMatchObject({ created: { source: false } });
    expect(source.configuration['password']).toBe(postgres.password);
  });

  it("fails with the database's own message where the source cannot be reached", async () => {
    stack.secrets['SECRET_SHOP_PASSWORD'] = 'not-the-password';
    const failure = await failureOf(await stack.startPipeline(document));
    stack.secrets['SECRET_SHOP_PASSWORD'] = postgres.password;
    expect(failure.type).toBe('AirbyteInvalidRequest');
    expect(failure.message).toContain(`password authentication failed for user "${postgres.username}"`);
    expect(failure.message).not.toContain('not-the-password');
  });

  it('changes what the document changes, and only that', async () => {
    const changed = { ...document, connection: { ...document.connection, schedule: { every: '1d' } } };
    await stack.runPipeline({ ...changed, sync: false });
    stack.sandbox.requests.clear();
    expect(stack.sandbox.store.connection(first.connectionId)).toMatchObject({
      status: 'active',
      settings: { scheduleData: { cron: { cronExpression: '0 0 0 * * ?' } } },
    });
    await stack.runPipeline({ ...changed, sync: false });
    expect(stack.sandbox.requests.count('public/connections/{connectionId}')).toBe(0);
  });

  it('rejects an interval that no cron expression means, with what to do', async () => {
    const odd = { ...document, connection: { ...document.connection, schedule: { every: '5h' } } };
    const failure = await failureOf(await stack.startPipeline({ ...odd, sync: false }));
    expect(failure.type).toBe('AirbyteInvalidRequest');
    expect(failure.message).toContain('no cron expression means every 5 hours');
    expect(failure.message).not.toContain('Tried');
  });

  it('clears, and does not refresh', async () => {
    const { connectionId } = first;
    const clearing = await stack.startSync({ connectionId, jobType: 'clear' }, uniqueName('clear'));
    expect(await clearing.result()).toMatchObject({ status: 'succeeded' });
    const refreshing = await stack.startSync({ connectionId, jobType: 'refresh' }, uniqueName('refresh'));
    const failure = await failureOf(refreshing);
    expect(failure.type).toBe('AirbyteUnsupported');
    expect(failure.message).toContain('Use clear, then sync.');
  });
});
