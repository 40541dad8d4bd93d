import { beforeEach, describe, expect, it } from '@jest/globals';
import { ServiceError } from '@temporalio/client';
import type { DesiredConnection } from '../../../src/contract/connection';
import { type PipelineDocumentInput, pipelineDocumentSchema } from '../../../src/contract/pipeline-document';
import { isTemporalSchedule } from '../../../src/contract/pipeline-schedule';
import { applySchedule } from '../../../src/schedules/apply-schedule';
import { failureOf, useBench } from './activity-bench';
import { type Body, DROPPED, missingCall } from './scripted-airbyte';

const bench = useBench();

type ConnectionFields = Partial<PipelineDocumentInput['connection']>;

const customers = {
  name: 'customers',
  syncMode: 'incremental',
  destinationSyncMode: 'append',
  cursorField: 'updated_at',
} as const;
const orders = { name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' } as const;

/** A connection as a checked pipeline document has it. */
function desired(fields: ConnectionFields = {}): DesiredConnection {
  const { connection } = pipelineDocumentSchema().parse({
    name: 'pipeline',
    source: { name: 'shop', definition: 'Postgres', configuration: {} },
    destination: { name: 'lake', definition: 'S3', configuration: {} },
    connection: { name: 'Shop → Lake', schedule: { every: '6h' }, streams: [customers, orders], ...fields },
  });
  return { workspaceId: 'w', sourceId: 's', destinationId: 'd', connection };
}

const discovered = ['customers', 'orders', 'logs'].map((name) => ({
  stream: {
    name,
    namespace: 'public',
    jsonSchema: { properties: { id: {}, name: {}, updated_at: {} } },
    supportedSyncModes: ['full_refresh', 'incremental'],
  },
}));

/** What Airbyte has. */
let connections: Body[];
/** Whether it says a schedule in its new form, as every Airbyte does, or in its old one only, as the user's reference. */
let saysScheduleType: boolean;

beforeEach(() => {
  connections = [];
  saysScheduleType = true;
  const find = (id: unknown) => connections.find(({ connectionId }) => connectionId === id);
  bench().airbyte.on({
    'connections/list': () => ({ connections }),
    'jobs/list': () => ({ jobs: [] }),
    'connections/get': ({ connectionId }) => find(connectionId),
    'connections/create': (body) => add(body),
    'connections/update': (body) => Object.assign(find(body['connectionId']) ?? {}, body),
    'sources/discover_schema': () => ({ catalogId: 'catalog-1', catalog: { streams: discovered } }),
  });
});

function add(body: Body): Body {
  const connection: Body = { connectionId: `connection-${connections.length + 1}`, workspaceId: 'w', ...body };
  const { schedule: basicSchedule } = connection;
  if (saysScheduleType && !connection['scheduleType']) {
    const basic = { scheduleType: 'basic', scheduleData: { basicSchedule } };
    Object.assign(connection, basicSchedule ? basic : { scheduleType: 'manual' });
  }
  connections.push(connection);
  return connection;
}

const apply = (fields: ConnectionFields = {}) => bench().run('applyConnection', desired(fields));
const updates = () => bench().airbyte.bodies('connections/update');

/** The connection as `apply()` creates it, changed by another user since. */
async function existing(fields: Body = {}) {
  await apply();
  Object.assign(connections[0] ?? {}, fields);
  bench().airbyte.requests.length = 0;
}

/** Changes how the existing connection syncs its customers. */
function resetCustomers(config: Body): Body {
  const catalog = connections[0]?.['syncCatalog'] as { streams: { config: Body }[] };
  Object.assign(catalog.streams[0]?.config ?? {}, config);
  return catalog as unknown as Body;
}

describe('a connection that is created', () => {
  it('goes from the source to the destination with the selected streams', async () => {
    const applied = { connectionId: 'connection-1', created: true, updated: [], airbyteSyncs: true };
    expect(await apply({ prefix: 'raw_' })).toEqual(applied);
    expect(bench().airbyte.bodies('connections/create')).toEqual([
      {
        sourceId: 's',
        destinationId: 'd',
        name: 'Shop → Lake',
        namespaceDefinition: 'destination',
        prefix: 'raw_',
        status: 'active',
        schedule: { units: 6, timeUnit: 'hours' },
        sourceCatalogId: 'catalog-1',
        syncCatalog: {
          streams: [
            {
              stream: discovered[0]?.stream,
              config: {
                syncMode: 'incremental',
                cursorField: ['updated_at'],
                destinationSyncMode: 'append',
                primaryKey: [],
                aliasName: 'customers',
                selected: true,
              },
            },
            {
              stream: discovered[1]?.stream,
              config: {
                syncMode: 'full_refresh',
                cursorField: [],
                destinationSyncMode: 'overwrite',
                primaryKey: [],
                aliasName: 'orders',
                selected: true,
              },
            },
          ],
        },
      },
    ]);
  });

  it('shows workflows its streams without their schemas', async () => {
    const created = await bench().run('createConnection', desired());
    expect(created).toMatchObject({
      connectionId: 'connection-1',
      created: true,
      streams: [{ name: 'customers', namespace: 'public', cursorField: ['updated_at'] }, { name: 'orders' }],
    });
    expect(JSON.stringify(created)).not.toContain('jsonSchema');
  });

  it('is created once, however often it is requested, also when the response is lost', async () => {
    bench().airbyte.on({
      'connections/create': (body) => {
        add(body);
        return DROPPED;
      },
    });
    expect(await apply()).toMatchObject({ connectionId: 'connection-1', created: true });
    expect(await bench().retry('applyConnection', desired())).toMatchObject({
      connectionId: 'connection-1',
      created: false,
    });
    expect(await bench().run('createConnection', desired())).toMatchObject({ created: false });
    expect(connections).toHaveLength(1);
  });

  it('is not created when a stream does not fit the source', async () => {
    const failure = await failureOf(apply({ streams: [{ ...orders, name: 'order' }] }));
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(connections).toEqual([]);
  });

  it('is created by a server that cannot list, and the log says so', async () => {
    bench().airbyte.on({ 'connections/list': missingCall });
    expect(await apply()).toMatchObject({ created: true });
    expect(bench().warnings()).toEqual([expect.stringContaining('lists no connections')]);
  });
});

describe('a connection of the same name', () => {
  it('is not guessed at when there are two: both ids are named', async () => {
    for (let count = 0; count < 2; count++) add({ name: 'Shop → Lake', sourceId: 's', destinationId: 'd' });
    const failure = await failureOf(apply());
    expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: true });
    expect(failure.message).toContain('connection-1, connection-2');
  });

  it('is not taken when it goes from or to somewhere else', async () => {
    add({ name: 'Shop → Lake', sourceId: 's', destinationId: 'elsewhere' });
    const failure = await failureOf(apply());
    expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: true });
    expect(failure.message).toContain('connection-1');
    expect(failure.message).toContain('from s to elsewhere, not from s to d');
  });
});

describe('an existing connection', () => {
  it('is left as it is when it is as wanted', async () => {
    await existing();
    expect(await apply()).toEqual({ connectionId: 'connection-1', created: false, updated: [] });
    expect(bench().airbyte.requests.map(({ call }) => call)).toEqual(['connections/list', 'sources/discover_schema']);
  });

  it('is compared without the source where the document names no cursor and no key', async () => {
    await apply({ streams: [orders] });
    bench().airbyte.requests.length = 0;
    expect(await apply({ streams: [orders] })).toMatchObject({ created: false, updated: [] });
    expect(bench().airbyte.requests.map(({ call }) => call)).toEqual(['connections/list']);
  });

  it.each([
    ['24h', { units: 1, timeUnit: 'days' }],
    ['1 day', { units: 24, timeUnit: 'hours' }],
    ['90m', { units: 90, timeUnit: 'minutes' }],
  ])('has the schedule %s also when Airbyte says it in other words', async (every, basicSchedule) => {
    await existing({ scheduleType: 'basic', scheduleData: { basicSchedule }, schedule: basicSchedule });
    expect(await apply({ schedule: { every } })).toMatchObject({ updated: [] });
  });

  it('is left as it is where the pipeline leaves it open', async () => {
    await existing({ prefix: 'raw_', geography: 'eu' });
    resetCustomers({ primaryKey: [['id']], aliasName: 'clients' });
    expect(await apply()).toMatchObject({ updated: [] });
  });

  it('is left as it is when it knows more streams, which it does not sync', async () => {
    await existing();
    const catalog = connections[0]?.['syncCatalog'] as { streams: unknown[] };
    catalog.streams.push({ ...discovered[2], config: { syncMode: 'full_refresh', selected: false } });
    expect(await apply()).toMatchObject({ updated: [] });
  });

  it.each<[string, ConnectionFields, string[]]>([
    ['its schedule', { schedule: { every: '12h' } }, ['schedule']],
    ['its schedule, from basic to cron', { schedule: { cron: '0 0 */6 * * ?' } }, ['schedule']],
    ['its schedule, to manual', { schedule: 'manual' }, ['schedule']],
    ['its status', { status: 'inactive' }, ['status']],
    ['its prefix', { prefix: 'raw_' }, ['prefix']],
    ['its namespace', { namespaceDefinition: 'source' }, ['namespaceDefinition']],
    ['a stream more', { streams: [customers, orders, { ...orders, name: 'logs' }] }, ['streams']],
    ['a stream less', { streams: [customers] }, ['streams']],
    ['another stream', { streams: [customers, { ...orders, name: 'logs' }] }, ['streams']],
    ['the mode of a stream', { streams: [customers, { ...orders, destinationSyncMode: 'append' }] }, ['streams']],
    ['the cursor of a stream', { streams: [{ ...customers, cursorField: 'id' }, orders] }, ['streams']],
    ['the key of a stream', { streams: [{ ...customers, primaryKey: ['id'] }, orders] }, ['streams']],
    [
      'several things',
      { status: 'inactive', schedule: 'manual', streams: [orders] },
      ['status', 'schedule', 'streams'],
    ],
  ])('is updated when the pipeline changes %s, once', async (_, fields, updated) => {
    await existing();
    const applied = { connectionId: 'connection-1', created: false, updated };
    // A new basic schedule starts a sync by itself.
    const syncs = JSON.stringify(fields.schedule)?.includes('every') ? { airbyteSyncs: true } : {};
    expect(await apply(fields)).toEqual({ ...applied, ...syncs });
    expect(updates()).toHaveLength(1);
    expect(await apply(fields)).toMatchObject({ updated: [] });
  });

  it('is updated when another user has changed it', async () => {
    await existing({ status: 'inactive' });
    resetCustomers({ syncMode: 'full_refresh' });
    expect(await apply()).toMatchObject({ updated: ['status', 'streams'] });
    expect(connections[0]).toMatchObject({ status: 'active' });
  });

  it('keeps what was set elsewhere for a stream when another one comes', async () => {
    await existing();
    const mappers = [{ type: 'hashing', mapperConfiguration: { targetField: 'name' } }];
    resetCustomers({ mappers, fieldSelectionEnabled: true, selectedFields: [{ fieldPath: ['id'] }] });
    await apply({ streams: [customers, orders, { ...orders, name: 'logs' }] });
    expect(updates()[0]).toMatchObject({
      syncCatalog: {
        streams: [
          { stream: { name: 'customers' }, config: { mappers, fieldSelectionEnabled: true } },
          { stream: { name: 'orders' } },
          { stream: { name: 'logs' } },
        ],
      },
    });
  });

  it('keeps its streams when only something else changes', async () => {
    await existing();
    await apply({ status: 'inactive' });
    expect(updates()[0]).not.toHaveProperty('syncCatalog');
    expect(updates()[0]).not.toHaveProperty('scheduleData');
    expect(bench().airbyte.bodies('sources/discover_schema')).toEqual([{ sourceId: 's' }]);
  });

  it('is sent whole to a server that replaces the whole', async () => {
    saysScheduleType = false;
    await existing({ tags: ['kept'] });
    await apply({ status: 'inactive' });
    expect(updates()[0]).toMatchObject({
      tags: ['kept'],
      sourceId: 's',
      status: 'inactive',
      schedule: { units: 6, timeUnit: 'hours' },
      syncCatalog: { streams: [{ stream: { name: 'customers' } }, { stream: { name: 'orders' } }] },
    });
  });
});

describe('a connection that Temporal is to schedule', () => {
  const byTemporal = { every: '6h', by: 'temporal' } as const;
  const ID = 'airbyte-schedule:connection-1';

  /** The schedule that an earlier run of the pipeline has made, or, without its name, that a user has made by hand. */
  async function scheduled(pipeline?: string) {
    const { schedule } = desired({ schedule: byTemporal }).connection;
    if (!isTemporalSchedule(schedule)) throw new Error('is not by Temporal');
    const connection = { connectionId: 'connection-1' };
    await applySchedule(bench().schedules.client, { connection, schedule, taskQueue: 'airbyte', pipeline });
  }

  it('has a manual schedule in Airbyte', async () => {
    await apply({ schedule: byTemporal });
    expect(connections[0]).toMatchObject({ scheduleType: 'manual' });
    expect(await apply({ schedule: byTemporal })).toMatchObject({ updated: [] });
  });

  it('is set to manual when Airbyte has scheduled it before', async () => {
    await existing();
    expect(await apply({ schedule: byTemporal })).toMatchObject({ updated: ['schedule'] });
    expect(updates()[0]).toMatchObject({ scheduleType: 'manual' });
  });

  it.each<ConnectionFields>([{ schedule: { every: '6h' } }, { schedule: 'manual' }])(
    'has no Temporal schedule any more before it has %j',
    async (fields) => {
      await apply({ schedule: byTemporal });
      await scheduled('shop');
      let existedAtUpdate: boolean | undefined;
      bench().airbyte.on({
        'connections/update': () => {
          existedAtUpdate = bench().schedules.stored.has(ID);
          return connections[0];
        },
      });
      expect(await apply(fields)).toMatchObject({ removedSchedule: ID });
      expect(bench().schedules.stored.size).toBe(0);
      expect(existedAtUpdate).not.toBe(true);
      expect(await apply(fields)).not.toHaveProperty('removedSchedule');
    },
  );

  it('keeps a Temporal schedule that a user has made by hand', async () => {
    await existing();
    await scheduled();
    expect(await apply({ schedule: 'manual' })).not.toHaveProperty('removedSchedule');
    expect(bench().schedules.stored.size).toBe(1);
  });

  it.each([7, 12])('is set up also where a worker may keep no schedules: gRPC status %d', async (code) => {
    await existing();
    bench().schedules.onDescribe = () => {
      const cause = Object.assign(new Error('no'), { code, details: 'no', metadata: {} });
      throw new ServiceError('Failed to describe schedule', { cause });
    };
    expect(await apply()).toMatchObject({ connectionId: 'connection-1', updated: [] });
  });
});

describe('updateConnection', () => {
  it("changes the schedule as the user's reference does: the whole object, with other units", async () => {
    saysScheduleType = false;
    await existing();
    await bench().run('updateConnection', { connectionId: 'connection-1', schedule: { every: '12h' } });
    expect(updates()[0]).toEqual({ ...connections[0], schedule: { units: 12, timeUnit: 'hours' } });
    expect(updates()[0]).not.toHaveProperty('scheduleType');
  });

  it('changes what it is given and nothing else', async () => {
    await existing();
    const changed = await bench().run('updateConnection', { connectionId: 'connection-1', status: 'inactive' });
    expect(changed).toMatchObject({ status: 'inactive', name: 'Shop → Lake', sourceId: 's', destinationId: 'd' });
    expect(updates()).toEqual([{ connectionId: 'connection-1', status: 'inactive' }]);
  });

  it.each([{ every: '90s' }, { every: 'often' }, { cron: '*/5 * * * *' }, { every: '6h', by: 'temporal' }])(
    'refuses a schedule that Airbyte does not have: %j',
    async (schedule) => {
      await existing();
      const update = bench().run('updateConnection', { connectionId: 'connection-1', schedule: schedule as never });
      expect(await failureOf(update)).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
      expect(updates()).toEqual([]);
    },
  );
});

describe('the other activities of connections', () => {
  it('give what the API gives, without schemas', async () => {
    await existing();
    const summary = {
      connectionId: 'connection-1',
      name: 'Shop → Lake',
      status: 'active',
      sourceId: 's',
      destinationId: 'd',
    };
    expect(await bench().run('listConnections', { workspaceId: 'w' })).toEqual([summary]);
    const got = await bench().run('getConnection', { connectionId: 'connection-1' });
    expect(got).toMatchObject({ ...summary, streams: [{ name: 'customers' }, { name: 'orders' }] });
    expect(JSON.stringify(got)).not.toContain('jsonSchema');
  });
});
