import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { FaultInput } from '../../sandbox/http/faults';
import { SHOP_CUSTOMERS, SHOP_ORDERS } from '../../sandbox/shop/shop-seed';
import type { PipelineDocument } from '../../src/contract/pipeline-document';
import type { runPipeline, SyncProgress, syncConnection } from '../../workflows';
import { parquetFilesIn, type Row, rowsOf, shopRows } from '../support/parquet';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { endOf, exampleDocument, JOB_POLL_CALL, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { until } from '../support/until';
import { startWorkerOfEnvironment } from '../support/worker-of-environment';
import { CliProcess } from './cli-command';

/**
 * Where a pipeline is when its worker is killed. Airbyte has received the call named here and not yet responded; it
 * completes the call all the same, and its response is lost.
 */
const MOMENTS: { moment: string; call: string }[] = [
  // In this order: each pipeline passes the calls of those that are listed before it.
  { moment: 'while its job runs', call: JOB_POLL_CALL },
  { moment: 'after Airbyte has received the trigger of its sync', call: 'connections/sync' },
  { moment: 'while its connection is created', call: 'connections/create' },
  { moment: 'while the source that it created is discovered', call: 'sources/discover_schema' },
  { moment: 'while its source is created', call: 'sources/create' },
  { moment: 'while its source is discovered before that', call: 'scheduler/sources/discover_schema' },
  { moment: 'while its source is checked before that', call: 'scheduler/sources/check_connection' },
];

/** A worker's death is noticed by its missing heartbeats: within a minute, and what follows takes its time. */
const NOTICED_MS = 150_000;

/** One worker process with work at each of these moments is killed; another one continues. */
describe('when a worker is killed', () => {
  let stack: Stack;
  let postgres: TestPostgres;
  let shop: { customers: Row[]; orders: Row[] };
  let stopSurvivor: (() => Promise<void>) | undefined;
  let cancelled: { connectionId: string; sync: WorkflowHandle<typeof syncConnection> };
  const pipelines = new Map<string, { document: PipelineDocument; workflow: WorkflowHandle<typeof runPipeline> }>();

  beforeAll(async () => {
    [stack, postgres] = await Promise.all([startStack({ worker: false }), startPostgres()]);
    shop = await shopRows(postgres);
    const killed = new CliProcess(['worker'], environment());
    await killed.said(/^Ready:/m);
    for (const { call } of MOMENTS) await startAndHold(call);
    cancelled = await startSync();
    killed.kill('SIGKILL');
    await killed.exited;
    await cancelled.sync.cancel();
    stack.sandbox.faults.remove();
    stopSurvivor = await startWorkerOfEnvironment(stack.temporal, environment());
  });

  afterAll(async () => {
    await stopSurvivor?.();
    await stack?.stop();
    await postgres?.stop();
  });

  const environment = () => ({
    ...stack.environment(),
    SECRET_SHOP_PASSWORD: postgres.password,
  });

  /** Starts a pipeline and waits until Airbyte has this call of it, which it holds back. */
  async function startAndHold(call: string): Promise<void> {
    const { host, port, database, username } = postgres;
    const document = await exampleDocument('postgres-to-parquet.yaml', uniqueName('crash'), {
      source: { host, port, database, username },
      destination: { s3_bucket_name: bucketOf(call) },
    });
    // Looks go on for as long as the job is waited for, so each of them is held back.
    const hold: FaultInput = { call, delayMs: 600_000, times: call === JOB_POLL_CALL ? null : 1 };
    stack.sandbox.faults.add(hold);
    const before = stack.sandbox.requests.count(call);
    pipelines.set(call, { document, workflow: await stack.startPipeline(document) });
    await stack.sandbox.requests.reached(call, before + 1);
  }

  /** Starts a sync whose job continues until it is cancelled, and waits until it is waited for. */
  async function startSync() {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    const sync = await stack.startSync({ connectionId });
    await until(async () => (await sync.query<SyncProgress>('progress')).phase === 'running');
    return { connectionId, sync };
  }

  const bucketOf = (call: string) => call.replaceAll('/', '-').replaceAll('_', '-');

  it.each(MOMENTS)(
    'another one finishes its pipeline, and nothing is done twice: $moment',
    async ({ call }) => {
      const pipeline = pipelines.get(call);
      if (!pipeline) throw new Error('No such pipeline');
      const { connectionId, sourceId, destinationId, sync } = await pipeline.workflow.result();
      expect(sync).toMatchObject({ status: 'succeeded', recordsSynced: SHOP_CUSTOMERS + SHOP_ORDERS, attached: false });

      const { store, dataDir } = stack.sandbox;
      const { name } = pipeline.document;
      const actors = [...store.actors.values()].filter((actor) => actor.name.startsWith(name));
      expect(actors.map(({ actorId }) => actorId).sort()).toEqual([sourceId, destinationId].sort());
      const connections = [...store.connections.values()].filter(({ settings }) => settings['name'] === name);
      expect(connections.map((connection) => connection.connectionId)).toEqual([connectionId]);
      expect(store.connection(connectionId).jobs.map(({ id, status }) => [id, status])).toEqual([
        [sync?.jobId, 'succeeded'],
      ]);

      const files = await parquetFilesIn(join(dataDir, bucketOf(call)));
      expect(rowsOf('customers', files)).toEqual(shop.customers);
      expect(rowsOf('orders', files)).toEqual(shop.orders);
    },
    NOTICED_MS,
  );

  it(
    'another one cancels the job of a sync that was cancelled while no worker ran',
    async () => {
      expect(await endOf(cancelled.sync)).toBe('CANCELLED');
      const { jobs } = stack.sandbox.store.connection(cancelled.connectionId);
      expect(jobs.map(({ status }) => status)).toEqual(['cancelled']);
    },
    NOTICED_MS,
  );
});
