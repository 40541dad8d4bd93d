import { describe, expect, it } from '@jest/globals';
import { failureOf, useBench } from './activity-bench';
import { table, useScriptedConnections } from './scripted-connections';

const bench = useBench();
const airbyte = useScriptedConnections(bench);

const named = { streams: [table('customers'), table('orders')] };

/** The shop's owner changes the tables: one column more, one of another type. */
function changeOrders(): void {
  airbyte().tables['orders'] = { id: 'integer', total: 'number', discount: 'number' };
}

const DRIFT = {
  changes: [
    { stream: 'public.orders', kind: 'field added', field: 'discount', to: 'number' },
    { stream: 'public.orders', kind: 'type changed', field: 'total', from: 'integer', to: 'number' },
  ],
  moreChanges: 0,
};

describe('a connection of streams by pattern', () => {
  it('syncs what the pattern fits, and is left as it is while that stays the same', async () => {
    await airbyte().apply();
    expect(airbyte().synced()).toEqual(['customers', 'orders']);
    expect(await airbyte().apply()).toMatchObject({ created: false, updated: [] });
  });

  it('adds a stream that is new in the source, and removes one that is gone', async () => {
    await airbyte().apply();
    airbyte().tables = { orders: { id: 'integer', total: 'integer' }, returns: { id: 'integer' } };
    expect(await airbyte().apply()).toMatchObject({ updated: ['streams'] });
    expect(airbyte().synced()).toEqual(['orders', 'returns']);
  });

  it('is not changed when the pattern fits nothing any more', async () => {
    await airbyte().apply({ streams: [table('order*')] });
    airbyte().tables = { customers: { id: 'integer' } };
    const failure = await failureOf(airbyte().apply({ streams: [table('order*')] }));
    expect(failure).toMatchObject({ type: 'InvalidInput', message: expect.stringContaining("'order*'") });
    expect(airbyte().updates()).toEqual([]);
  });
});

describe('schemaChanges', () => {
  it.each([
    ['ignore', 'ignore'],
    ['propagate', 'propagate_columns'],
    ['fail', 'disable'],
  ] as const)('%s is sent to Airbyte as %s', async (schemaChanges, nonBreakingChangesPreference) => {
    await airbyte().apply({ ...named, schemaChanges });
    expect(airbyte().connections[0]).toMatchObject({ nonBreakingChangesPreference });
    expect(await airbyte().apply({ ...named, schemaChanges })).toMatchObject({ updated: [] });
  });

  it('is changed in Airbyte when the document changes it', async () => {
    await airbyte().apply({ ...named, schemaChanges: 'ignore' });
    expect(await airbyte().apply({ ...named, schemaChanges: 'fail' })).toMatchObject({ updated: ['schemaChanges'] });
    expect(airbyte().updates()).toMatchObject([{ nonBreakingChangesPreference: 'disable' }]);
  });

  it('left out, changes nothing and asks the source for nothing', async () => {
    await airbyte().apply(named);
    expect(airbyte().connections[0]).not.toHaveProperty('nonBreakingChangesPreference');
    changeOrders();
    bench().airbyte.requests.length = 0;
    const applied = await airbyte().apply(named);
    expect(applied).toEqual({ connectionId: 'connection-1', created: false, updated: [] });
    expect(bench().airbyte.bodies('sources/discover_schema')).toEqual([]);
  });

  it('ignore reports the drift, and changes nothing', async () => {
    await airbyte().apply({ ...named, schemaChanges: 'ignore' });
    changeOrders();
    const applied = await airbyte().apply({ ...named, schemaChanges: 'ignore' });
    expect(applied).toMatchObject({ updated: [], schemaDrift: DRIFT });
    expect(airbyte().updates()).toEqual([]);
  });

  it('propagate takes the drift over, once', async () => {
    await airbyte().apply({ ...named, schemaChanges: 'propagate' });
    changeOrders();
    const applied = await airbyte().apply({ ...named, schemaChanges: 'propagate' });
    expect(applied).toMatchObject({ updated: ['streams'], schemaDrift: DRIFT });
    const again = await airbyte().apply({ ...named, schemaChanges: 'propagate' });
    expect(again).toEqual({ connectionId: 'connection-1', created: false, updated: [] });
  });

  it('fail fails with the drift in the message and in the details, and changes nothing', async () => {
    await airbyte().apply({ ...named, schemaChanges: 'fail' });
    changeOrders();
    const failure = await failureOf(airbyte().apply({ ...named, schemaChanges: 'fail', status: 'inactive' }));
    expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: true, details: [{ schemaDrift: DRIFT }] });
    expect(failure.message).toContain('public.orders: field discount added (number)');
    expect(failure.message).toContain('schemaChanges: propagate');
    expect(airbyte().updates()).toEqual([]);
  });

  it('fail does not take a stream in that only a pattern fits, but one that is listed by its name', async () => {
    await airbyte().apply({ schemaChanges: 'fail' });
    airbyte().tables['returns'] = { id: 'integer' };
    const failure = await failureOf(airbyte().apply({ schemaChanges: 'fail' }));
    expect(failure.message).toContain('public.returns: new in the source');
    await airbyte().apply({ schemaChanges: 'fail', streams: [table('*'), table('returns')] });
    expect(airbyte().synced()).toContain('returns');
  });

  it('fail allows a document to remove a stream that is gone from the source', async () => {
    await airbyte().apply({ ...named, schemaChanges: 'fail' });
    airbyte().tables = { customers: { id: 'integer' } };
    const applied = await airbyte().apply({ streams: [table('customers')], schemaChanges: 'fail' });
    expect(applied).toMatchObject({ updated: ['streams'] });
  });
});
