import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { isAirbyteId } from '../../src/contract/airbyte-id';
import { fleetDocumentSchema } from '../../src/contract/fleet-document';
import { pruneInputSchema } from '../../src/contract/pruning';
import { searchAttributeKeys as keys } from '../../src/contract/search-attribute-keys';
import { syncConnectionInputSchema } from '../../src/contract/sync-options';
import { runningSyncs } from '../../src/temporal/running-syncs';
import { registerSearchAttributes } from '../../src/temporal/search-attributes';
import { queryEquals, queryIn, quoteQueryValue } from '../../src/temporal/visibility-query';
import { runCommand } from '../integration/cli-command';
import { sharedTemporal, uniqueName } from '../support/temporal';
import { until } from '../support/until';

/** Ids that would end the text that they stand in, in one grammar of SQL or another. */
const CRAFTED = [
  "x' OR WorkflowType = 'syncConnection",
  "x\\' OR WorkflowType = 'syncConnection' OR AirbyteConnectionId = '",
  "x\\\\' OR WorkflowType = 'syncConnection",
  "x'' OR WorkflowType = 'syncConnection",
  'x" OR WorkflowType = "syncConnection',
  "\\' OR ExecutionStatus = 'Running' OR WorkflowId = '",
  'x\\',
  "'",
  '\\',
  'x` OR 1=1',
];

/** A production server with SQL visibility, where there is one to try it on: its `host:port`. */
const SQL_SERVER = process.env['TEST_TEMPORAL_SQL_ADDRESS'];

describe.each([
  ['the development server', undefined],
  ...(SQL_SERVER === undefined ? [] : [['a production server', SQL_SERVER] as const]),
])('a value in a query of %s', (_server, address) => {
  const taskQueue = uniqueName('crafted');
  /** One sync of each crafted id, and one of a decent id: none has a worker. */
  const syncs = new Map<string, WorkflowHandle>();
  let client: Client;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const connection = address === undefined ? undefined : await Connection.connect({ address });
    if (connection) {
      client = new Client({ connection });
      await registerSearchAttributes(connection, 'default');
      close = () => connection.close();
    } else {
      const shared = await sharedTemporal();
      await registerSearchAttributes(shared.connection, shared.namespace);
      ({ client, close } = shared);
    }
    for (const connectionId of ['decent', ...CRAFTED]) {
      const started = await client.workflow.start('syncConnection', {
        ...{ taskQueue, workflowId: uniqueName('sync'), args: [{ connectionId }] },
        typedSearchAttributes: [{ key: keys.connectionId, value: connectionId }],
      });
      syncs.set(connectionId, started);
    }
    await listed(queryEquals('TaskQueue', taskQueue), syncs.size);
  });
  afterAll(async () => {
    await Promise.all([...syncs.values()].map((sync) => sync.terminate()));
    await close?.();
  });

  /** The ids of the workflows that a query finds, once there are so many: Temporal lists them a little later. */
  function listed(query: string, atLeast = 0): Promise<string[]> {
    return until(async () => {
      const found: string[] = [];
      for await (const { workflowId } of client.workflow.list({ query })) found.push(workflowId);
      return found.length >= atLeast && found;
    });
  }

  it('is found by its task queue, of which each sync here is', async () => {
    expect(await listed(queryEquals('TaskQueue', taskQueue))).toHaveLength(syncs.size);
    expect(await listed(queryEquals('TaskQueue', `${taskQueue}-other`))).toEqual([]);
    expect(await listed(queryIn('TaskQueue', [taskQueue, 'other']))).toHaveLength(syncs.size);
  });

  it.each(['decent', ...CRAFTED])('finds no sync but its own: %j', async (connectionId) => {
    const own = syncs.get(connectionId)?.workflowId ?? '';
    const found = await listed(
      `${queryEquals(keys.connectionId.name, connectionId)} AND ${queryEquals('TaskQueue', taskQueue)}`,
    );
    expect(found.filter((id) => id !== own)).toEqual([]);
    if (connectionId === 'decent') expect(found).toEqual([own]);
  });

  it.each(CRAFTED)('lets nothing but its own syncs be cancelled: %j', async (connectionId) => {
    const own = syncs.get(connectionId)?.workflowId ?? '';
    const found = (await runningSyncs(client, connectionId, taskQueue)).map(({ workflowId }) => workflowId);
    expect(found.filter((id) => id !== own)).toEqual([]);
  });

  it('may have an apostrophe and is found by it, as the name of a pipeline may', async () => {
    const workflowId = `airbyte-pipeline:Bob's ${uniqueName('name')}`;
    const run = await client.workflow.start('runPipeline', { taskQueue, workflowId, args: [{}] });
    syncs.set(workflowId, run);
    expect(await listed(queryIn('WorkflowId', [workflowId]), 1)).toEqual([workflowId]);
  });
});

describe('a value for a query', () => {
  it.each(['a\nb', 'a\u0000b', 'a\u001b[2Jb'])('is rejected when it has a control character: %j', (value) => {
    expect(() => quoteQueryValue(value)).toThrow('control character');
  });
});

describe('an id of Airbyte from outside', () => {
  it.each(['default-workspace-id', '7c9e6679-7425-40de-944b-e07fc1f90ae7', 'conn_1', 'a'.repeat(200)])(
    'is taken: %s',
    (id) => {
      expect(isAirbyteId(id)).toBe(true);
      expect(syncConnectionInputSchema().safeParse({ connectionId: id }).success).toBe(true);
    },
  );

  it.each([...CRAFTED, '', 'a b', 'a\nb', 'a\u0007b', 'a\u202eb', 'a@b', 'a'.repeat(201), 'a'.repeat(100_000)])(
    'is rejected by every entry, in few words, when it cannot be one (%#)',
    (id) => {
      const rejected = [
        syncConnectionInputSchema().safeParse({ connectionId: id }),
        pruneInputSchema().safeParse({ pipelines: ['p'], keep: [id] }),
        pruneInputSchema().safeParse({ pipelines: ['p'], keep: [], confirmed: [id] }),
      ];
      for (const { success, error } of rejected) {
        expect(success).toBe(false);
        expect(error?.message.length).toBeLessThan(1_000);
      }
    },
  );

  it('is rejected by `cancel` and `sync` where no Airbyte is asked, with exit code 2 and before Temporal is', async () => {
    const env = { PATH: process.env['PATH'], TEMPORAL_ADDRESS: '127.0.0.1:1' };
    for (const command of ['cancel', 'sync']) {
      const { exitCode, stderr } = await runCommand([command, CRAFTED[1] ?? ''], env);
      expect({ command, exitCode }).toEqual({ command, exitCode: 2 });
      expect(stderr).toContain('expected the id of a connection');
    }
  });
});

describe('the name of a fleet or of a pipeline to prune', () => {
  it('has no control character', () => {
    expect(fleetDocumentSchema().safeParse({ fleet: 'a\nb', connections: ['c'] }).success).toBe(false);
    expect(pruneInputSchema().safeParse({ pipelines: ['a\u001bb'], keep: [] }).success).toBe(false);
    expect(fleetDocumentSchema().safeParse({ fleet: "Bob's", connections: ['c'] }).success).toBe(true);
  });
});
