import { describe, expect, it } from '@jest/globals';
import { useBench } from '../unit/activities/activity-bench';
import type { Body } from '../unit/activities/scripted-airbyte';
import { useScriptedConnections } from '../unit/activities/scripted-connections';

type Apply = ReturnType<typeof useScriptedConnections> extends () => { apply(fields: infer F): unknown } ? F : never;
type Fields = NonNullable<Apply>;
type StreamConfig = { syncMode: string; cursorField?: string[]; primaryKey?: string[][] };

const bench = useBench();
const airbyte = useScriptedConnections(bench);

const stream = (fields: object = {}) => ({
  ...({ name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' } as const),
  ...fields,
});
const incremental = (fields: object = {}) =>
  stream({
    syncMode: 'incremental',
    destinationSyncMode: 'append_dedup',
    cursorField: 'id',
    primaryKey: ['id'],
    ...fields,
  });

/** Lets Airbyte keep the connections otherwise than they were sent. */
function keeping(change: (connection: Body) => Body): void {
  const { connections } = airbyte();
  const find = (id: unknown) => connections.find(({ connectionId }) => connectionId === id) ?? {};
  bench().airbyte.on({
    'connections/create': (body) => {
      const connection = change({ connectionId: 'connection-1', scheduleType: 'manual', ...body });
      connections.push(connection);
      return connection;
    },
    'connections/update': (body) => {
      const connection = find(body['connectionId']);
      for (const key of Object.keys(connection))
        if (!(key in change({ ...connection, ...body }))) delete connection[key];
      return Object.assign(connection, change({ ...connection, ...body }));
    },
  });
}

/** Such a server, by what it does with the catalog. */
const ofStreams = (change: (config: StreamConfig, stream: Body) => [object, object]) => (connection: Body) => {
  const { streams } = connection['syncCatalog'] as { streams: { config: StreamConfig; stream: Body }[] };
  const stored = streams.map(({ config, stream }) => {
    const [changedConfig, changedStream] = change(config, stream);
    return { config: { ...config, ...changedConfig }, stream: { ...stream, ...changedStream } };
  });
  return { ...connection, syncCatalog: { streams: stored } };
};

/** What a run notes of what it has applied, for the runs after it. */
async function applyAndNote(fields: Fields) {
  const { connectionId, unkept, updated, created } = await airbyte().apply(fields);
  bench().earlierMemos.unshift({ connection: { name: 'Shop → Lake', id: connectionId, ...(unkept && { unkept }) } });
  return { updated, created };
}

const without =
  (...names: string[]) =>
  (connection: Body): Body =>
    Object.fromEntries(Object.entries(connection).filter(([name]) => !names.includes(name)));

const SERVERS: [what: string, keeps: (connection: Body) => Body, fields: Fields, real: Fields][] = [
  ['keeps all as it is', (it) => it, { streams: [incremental()], prefix: 'x_' }, { streams: [stream()], prefix: 'x_' }],
  [
    'keeps no primary key of a full refresh',
    ofStreams(({ syncMode }) => [syncMode === 'full_refresh' ? { primaryKey: [] } : {}, {}]),
    { streams: [stream({ destinationSyncMode: 'overwrite_dedup', primaryKey: ['id'] })] },
    { streams: [stream({ destinationSyncMode: 'append' })] },
  ],
  [
    'keeps no primary key of a full refresh, of which none is used',
    ofStreams(() => [{ primaryKey: [] }, {}]),
    { streams: [stream({ primaryKey: ['id'] })] },
    { streams: [stream({ destinationSyncMode: 'append' })] },
  ],
  [
    'gives the fields of a key in another order',
    ofStreams(({ primaryKey = [] }) => [{ primaryKey: [...primaryKey].reverse() }, {}]),
    { streams: [incremental({ primaryKey: ['id', 'total'] })] },
    { streams: [incremental({ primaryKey: ['total'] })] },
  ],
  [
    'has nulls for what is not set',
    ofStreams(() => [{ aliasName: null, selectedFields: null }, { sourceDefinedCursor: null }]),
    { streams: [incremental()] },
    { streams: [incremental({ cursorField: 'total' })] },
  ],
  [
    'has an empty text for a namespace',
    ofStreams(() => [{}, { namespace: '' }]),
    { streams: [stream({ namespace: 'public' })] },
    { streams: [stream({ destinationSyncMode: 'append' })] },
  ],
  [
    'leaves out an empty prefix',
    without('prefix'),
    { streams: [stream()], prefix: '' },
    { streams: [stream()], status: 'inactive' },
  ],
  [
    'does not tell namespace and status',
    without('namespaceDefinition', 'status'),
    { streams: [stream()], namespaceDefinition: 'source' },
    { streams: [stream()], prefix: 'x_' },
  ],
  [
    'has no preference for changes of a schema',
    without('nonBreakingChangesPreference'),
    { streams: [stream()], schemaChanges: 'propagate' },
    { streams: [stream()], schemaChanges: 'propagate', prefix: 'x_' },
  ],
  [
    'shortens a prefix',
    (it) => ({ ...it, prefix: String(it['prefix']).slice(0, 3) }),
    { streams: [stream()], prefix: 'longer_' },
    { streams: [stream()], prefix: 'another_' },
  ],
  [
    'spells a unit of time in capitals, as one',
    (it) => ({
      ...it,
      ...(it['schedule'] || it['scheduleData']
        ? { scheduleType: 'basic', scheduleData: { basicSchedule: { units: '24', timeUnit: 'HOUR' } }, schedule: null }
        : {}),
    }),
    { streams: [stream()], schedule: { every: '1 day' } },
    { streams: [stream()], schedule: { every: '2 days' } },
  ],
  [
    'writes a cron expression in its own way',
    (it) => ({
      ...it,
      ...(it['scheduleData']
        ? { scheduleData: { cron: { cronExpression: '0  0 0/6 ? * MON-FRI *', cronTimeZone: 'Etc/UTC' } } }
        : {}),
    }),
    { streams: [stream()], schedule: { cron: '0 0 */6 ? * 2-6', timeZone: 'UTC' } },
    { streams: [stream()], schedule: { cron: '0 0 */8 ? * 2-6', timeZone: 'UTC' } },
  ],
];

describe.each(SERVERS)('of a connection of a server that %s', (_, keeps, fields, real) => {
  it('the plan is empty after an apply, a further apply changes nothing, and a real difference is seen', async () => {
    keeping(keeps);
    expect(await applyAndNote(fields)).toEqual({ created: true, updated: [] });
    expect((await airbyte().plan(fields)).connection).toMatchObject({ action: 'leave', changes: [] });
    expect(await applyAndNote(fields)).toEqual({ created: false, updated: [] });
    expect(airbyte().updates()).toEqual([]);
    expect((await airbyte().plan(fields)).connection.action).toBe('leave');
    expect((await airbyte().plan(real)).connection.action).toBe('change');
    expect((await applyAndNote(real)).updated).not.toEqual([]);
    expect((await airbyte().plan(real)).connection.action).toBe('leave');
  });
});

describe('of a connection that another user has changed', () => {
  it('the plan shows the change, however often the same document was applied before', async () => {
    const fields: Fields = { streams: [stream()], prefix: 'x_' };
    await applyAndNote(fields);
    await applyAndNote(fields);
    Object.assign(airbyte().connections[0] ?? {}, { prefix: 'y_' });
    expect((await airbyte().plan(fields)).connection.changes).toEqual([{ field: 'prefix', from: 'y_', to: 'x_' }]);
  });
});

describe.each(['source', 'destination'] as const)('of a %s', (kind) => {
  const [applying, planning] =
    kind === 'source' ? (['applySource', 'planSource'] as const) : (['applyDestination', 'planDestination'] as const);
  const configuration = {
    ...{
      host: 'db',
      port: 5432,
      schemas: ['b', 'a'],
      start: null,
      tags: [],
      note: '',
      tunnel: { method: 'NONE', key: null },
    },
    password: '${env:SECRET_DB}',
  };
  let stored: Body[] = [];

  function keepingActors(change: (configuration: Body) => Body): void {
    stored = [];
    bench().airbyte.on({
      [`${kind}s/list`]: () => ({ [`${kind}s`]: stored }),
      [`${kind}s/get`]: () => stored[0] ?? {},
      [`${kind}_definition_specifications/get`]: () => ({ connectionSpecification: {} }),
      [`${kind}s/create`]: (body) => {
        stored.push({
          ...body,
          [`${kind}Id`]: 'actor',
          connectionConfiguration: change(body['connectionConfiguration'] as Body),
        });
        return stored[0] ?? {};
      },
      [`${kind}s/update`]: (body) =>
        Object.assign(stored[0] ?? {}, body, {
          connectionConfiguration: change(body['connectionConfiguration'] as Body),
        }),
    });
  }

  it.each<[string, (configuration: Body) => Body]>([
    ['keeps all as it is', (it) => it],
    ['masks secrets and adds defaults', (it) => ({ ...it, password: '**********', ssl: true })],
    [
      'leaves out what says nothing',
      (it) => ({ host: it['host'], port: it['port'], schemas: it['schemas'], tunnel: { method: 'NONE' } }),
    ],
    ['has nulls for what says nothing', (it) => ({ ...it, tags: null, note: null, more: null })],
    ['sorts lists', (it) => ({ ...it, schemas: [...(it['schemas'] as string[])].sort() })],
    ['makes texts of numbers', (it) => ({ ...it, port: String(it['port']) })],
  ])('whose server %s, the plan is empty after an apply, and a real difference is seen', async (_, change) => {
    keepingActors(change);
    const desired = { workspaceId: 'w', name: 'shop', definitionId: 'postgres', configuration };
    const apply = async (more: object = {}) => {
      const { actorId, unkept, ...rest } = await bench().run(applying, {
        ...desired,
        configuration: { ...configuration, ...more },
      });
      bench().earlierMemos.unshift({ [kind]: { name: 'shop', id: actorId, ...(unkept && { unkept }) } });
      return rest;
    };
    const plan = (more: object = {}) =>
      bench().run(planning, { ...desired, configuration: { ...configuration, ...more }, pipeline: 'p' });
    await apply();
    expect(await plan()).toMatchObject({ action: 'leave', changes: [] });
    expect(await apply()).toMatchObject({ created: false, updated: false });
    expect(bench().airbyte.bodies(`${kind}s/update`)).toEqual([]);
    expect(await plan({ port: 5433 })).toMatchObject({ action: 'change' });
    expect(await apply({ port: 5433 })).toMatchObject({ updated: true });
    expect(await plan({ port: 5433 })).toMatchObject({ action: 'leave' });
    expect(await plan({ schemas: ['a', 'c'], port: 5433 })).toMatchObject({ action: 'change' });
  });
});
