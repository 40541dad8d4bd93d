import { describe, expect, it } from '@jest/globals';
import { failureOf, SECRET, useBench } from './activity-bench';
import { missingCall } from './scripted-airbyte';
import { table, useScriptedConnections } from './scripted-connections';

const bench = useBench();
const airbyte = useScriptedConnections(bench);

const CHANGING = /\/(create|update|delete)$/;

/** The calls that would have changed something. */
const changing = () => bench().airbyte.requests.filter(({ call }) => CHANGING.test(call));

describe.each(['source', 'destination'] as const)('the plan of a %s', (kind) => {
  const configuration = { host: 'db', password: '${env:SECRET_DB}', tunnel: { port: 22 } };
  const desired = { pipeline: 'pipeline', workspaceId: 'w', name: 'shop', definitionId: 'postgres', configuration };
  const specification = { properties: { password: { airbyte_secret: true }, hint: { airbyte_secret: true } } };
  const plan = (changes: object = {}) =>
    bench().run(kind === 'source' ? 'planSource' : 'planDestination', { ...desired, ...changes });

  /** Airbyte has it, so configured. */
  function existing(connectionConfiguration: object, definitionId = 'postgres'): void {
    const actor = {
      [`${kind}Id`]: 'actor',
      [`${kind}DefinitionId`]: definitionId,
      name: 'shop',
      connectionConfiguration,
    };
    bench().airbyte.on({
      [`${kind}s/list`]: () => ({ [`${kind}s`]: [actor] }),
      [`${kind}_definition_specifications/get`]: () => ({ connectionSpecification: specification }),
    });
  }

  it('is to create what is not there', async () => {
    bench().airbyte.on({
      [`${kind}s/list`]: () => ({ [`${kind}s`]: [] }),
      [`${kind}_definition_specifications/get`]: () => ({ connectionSpecification: specification }),
    });
    expect(await plan()).toEqual({ action: 'create', name: 'shop', id: null, changes: [] });
    expect(changing()).toEqual([]);
  });

  it('is to leave what is as desired, apart from masked fields and fields that the connector added', async () => {
    existing({ host: 'db', password: '**********', tunnel: { port: 22, method: 'NONE' }, port: 5432 });
    expect(await plan()).toEqual({ action: 'leave', name: 'shop', id: 'actor', changes: [] });
  });

  it('is to change field by field, from what is there', async () => {
    existing({ host: 'old', password: '**********', tunnel: { port: 23 } });
    expect(await plan()).toEqual({
      action: 'change',
      name: 'shop',
      id: 'actor',
      changes: [
        { field: 'configuration.host', from: 'old', to: 'db' },
        { field: 'configuration.tunnel.port', from: 23, to: 22 },
      ],
    });
    expect(changing()).toEqual([]);
  });

  it('shows no secret, also where the server masks none', async () => {
    existing({
      host: `postgres://admin:hush-hush@old/shop`,
      password: 'shown',
      tunnel: { hint: 'by-specification', ssh_key: 'by-name', note: `quotes ${SECRET}` },
      hint: 'by-specification',
    });
    const named = { ...configuration, tunnel: ['${env:SECRET_DB}'] };
    const text = JSON.stringify(await plan({ configuration: named }));
    expect(text).toContain('configuration.host');
    for (const secret of ['hush-hush', 'shown', 'by-name', SECRET, JSON.stringify(SECRET).slice(1, -1)]) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('${env:SECRET_DB}');
  });

  it('fails where apply would: a secret that has no value, a literal one, another connector', async () => {
    existing({ host: 'old' });
    const unset = plan({ configuration: { ...configuration, password: '${env:SECRET_UNSET}' } });
    expect(await failureOf(unset)).toMatchObject({ type: 'InvalidInput' });
    const literal = plan({ configuration: { ...configuration, hint: 'as it is' } });
    expect((await failureOf(literal)).message).toContain(`${kind}.configuration.hint is a secret`);
    existing({}, 'mysql');
    expect(await failureOf(plan())).toMatchObject({ type: 'AirbyteConflict' });
  });

  // Every server lists its sources.
  if (kind === 'destination') {
    it('finds by the runs of the pipeline what a server cannot list', async () => {
      existing({});
      bench().airbyte.on({
        [`${kind}s/list`]: missingCall,
        [`${kind}s/check_connection`]: () => ({ status: 'succeeded' }),
      });
      bench().earlierMemos.push({ [kind]: { name: 'shop', id: 'noted' } });
      expect(await plan()).toMatchObject({ action: 'leave', id: 'noted' });
    });
  }
});

describe('the plan of a connection', () => {
  it('is to create it with the streams that the source has', async () => {
    expect(await airbyte().plan()).toEqual({
      connection: {
        ...{ action: 'create', name: 'Shop → Lake', id: null, changes: [] },
        streams: ['customers', 'orders'].map((name) => ({ name, namespace: 'public', action: 'add', changes: [] })),
      },
      notes: [],
    });
    expect(changing()).toEqual([]);
  });

  it('leaves the streams to apply where there is no source yet', async () => {
    const { connection, notes } = await airbyte().plan({}, { sourceId: null });
    expect(connection).toMatchObject({ action: 'create', streams: null });
    expect(notes).toEqual([expect.stringContaining('the source does not exist yet')]);
  });

  it('is to leave what apply would leave', async () => {
    await airbyte().apply();
    const { connection } = await airbyte().plan();
    expect(connection).toMatchObject({ action: 'leave', id: 'connection-1', changes: [] });
    expect(connection.streams?.map(({ action }) => action)).toEqual(['leave', 'leave']);
  });

  it('is to change what apply would change, and says from what to what', async () => {
    await airbyte().apply({ streams: [table('customers'), table('orders')] });
    bench().airbyte.requests.length = 0;
    const fields: Parameters<ReturnType<typeof airbyte>['plan']>[0] = {
      status: 'inactive',
      schedule: { every: '6h' },
      streams: [{ ...table('orders'), destinationSyncMode: 'append' }],
    };
    const { connection } = await airbyte().plan(fields);
    expect(connection).toMatchObject({
      action: 'change',
      changes: [
        { field: 'status', from: 'active', to: 'inactive' },
        { field: 'schedule', from: 'manual', to: { every: '6h' } },
      ],
      streams: [
        {
          name: 'orders',
          action: 'change',
          changes: [{ field: 'destinationSyncMode', from: 'overwrite', to: 'append' }],
        },
        { name: 'customers', action: 'remove', changes: [] },
      ],
    });
    expect(changing()).toEqual([]);
    expect(await airbyte().apply(fields)).toMatchObject({ updated: ['status', 'schedule', 'streams'] });
    expect((await airbyte().plan(fields)).connection).toMatchObject({ action: 'leave' });
  });

  it('shows how the schema has drifted, whatever the document says of it', async () => {
    await airbyte().apply();
    airbyte().tables['orders'] = { id: 'integer' };
    const drift = { changes: [{ stream: 'public.orders', kind: 'field removed', field: 'total' }], moreChanges: 0 };
    expect(await airbyte().plan()).toMatchObject({ connection: { action: 'leave', schemaDrift: drift }, notes: [] });
    const propagated = await airbyte().plan({ schemaChanges: 'propagate' });
    expect(propagated.connection.streams).toMatchObject([
      { action: 'leave' },
      { action: 'change', changes: [{ field: 'schema' }] },
    ]);
    const failing = await airbyte().plan({ schemaChanges: 'fail' });
    expect(failing.notes).toEqual([expect.stringMatching(/^apply would fail\..*field total removed/)]);
  });

  it('asks the source itself, not what Airbyte remembers of it', async () => {
    await airbyte().plan();
    expect(bench().airbyte.bodies('sources/discover_schema')).toEqual([{ sourceId: 's', disable_cache: true }]);
  });

  describe('of a source that is to be created or changed', () => {
    const source = { name: 'shop', definitionId: 'postgres', configuration: { password: '${env:SECRET_DB}' } };
    const ofConfiguration = 'scheduler/sources/discover_schema';
    const changed = { sourceChanges: true, source };

    it('has the streams that the source has with its new configuration', async () => {
      bench().airbyte.on({ [ofConfiguration]: () => ({ catalog: { streams: [{ stream: { name: 'invoices' } }] } }) });
      const { connection, notes } = await airbyte().plan({}, { sourceId: null, source });
      expect(connection).toMatchObject({ action: 'create', streams: [{ name: 'invoices', action: 'add' }] });
      expect(notes).toEqual([]);
      await airbyte().plan({}, changed);
      const sent = { workspaceId: 'w', sourceDefinitionId: 'postgres', connectionConfiguration: { password: SECRET } };
      expect(bench().airbyte.bodies(ofConfiguration)).toEqual([sent, { ...sent, sourceId: 's' }]);
      expect(bench().airbyte.bodies('sources/discover_schema')).toEqual([]);
    });

    it('goes without streams where the new configuration cannot be read', async () => {
      await airbyte().apply();
      const failureReason = { failureType: 'config_error', externalMessage: `wrong host: ${SECRET}` };
      bench().airbyte.on({ [ofConfiguration]: () => ({ jobInfo: { succeeded: false, failureReason } }) });
      const { connection, notes } = await airbyte().plan({}, changed);
      expect(connection).toMatchObject({ action: 'leave', streams: null });
      expect(notes).toEqual([expect.stringMatching(/^The streams could not be planned.*wrong host/)]);
      expect(notes[0]).not.toContain(SECRET);
    });

    it('has the present streams where Airbyte reads only what is saved', async () => {
      await airbyte().apply();
      const { connection, notes } = await airbyte().plan({}, changed);
      expect(connection.streams?.map(({ action }) => action)).toEqual(['leave', 'leave']);
      expect(notes).toEqual([expect.stringContaining('as it is now')]);
      const prepared = await airbyte().prepare({}, changed);
      expect(prepared).toMatchObject({ planned: { action: 'leave', streams: null }, selected: null });
    });

    it('asks a source only once that breaks before it has changed', async () => {
      await airbyte().apply();
      const failureReason = { failureType: 'config_error', externalMessage: 'lost' };
      bench().airbyte.on({ 'sources/discover_schema': () => ({ jobInfo: { succeeded: false, failureReason } }) });
      const before = bench().airbyte.bodies('sources/discover_schema').length;
      const { connection, notes } = await airbyte().plan({}, changed);
      expect(connection).toMatchObject({ action: 'leave', streams: null });
      expect(notes).toEqual([expect.stringMatching(/^The streams could not be planned.*lost/)]);
      expect(bench().airbyte.bodies('sources/discover_schema')).toHaveLength(before + 1);
      expect(await failureOf(airbyte().plan())).toMatchObject({ type: 'AirbyteInvalidRequest' });
    });
  });

  it('is prepared with only what changes of the streams, and with all that are selected', async () => {
    await airbyte().apply({ streams: [table('customers'), table('orders')] });
    const { planned, selected } = await airbyte().prepare({ streams: [table('orders')] });
    expect(planned).toMatchObject({
      action: 'change',
      streams: [{ name: 'customers', action: 'remove' }],
      moreStreams: { leave: 1 },
    });
    expect(selected?.streams.map(({ name }) => name)).toEqual(['orders']);
    expect(await failureOf(airbyte().prepare({ streams: [table('nothing')] }))).toMatchObject({ type: 'InvalidInput' });
    airbyte().tables['customers'] = { id: 'string' };
    const drifted = airbyte().prepare({ schemaChanges: 'fail' });
    expect(await failureOf(drifted)).toMatchObject({ type: 'AirbyteConflict' });
  });

  it('fails where apply would: a pattern that fits nothing, a connection of another source', async () => {
    const pattern = await failureOf(airbyte().plan({ streams: [table('invoice_*')] }));
    expect(pattern).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining('connection.streams[0]') });
    await airbyte().apply();
    const other = await failureOf(airbyte().plan({}, { sourceId: null }));
    expect(other).toMatchObject({ type: 'AirbyteConflict', message: expect.stringContaining('a new source') });
  });
});
