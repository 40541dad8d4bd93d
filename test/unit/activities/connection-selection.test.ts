import { beforeEach, describe, expect, it } from '@jest/globals';
import { failureOf, useBench } from './activity-bench';
import { missingCall, notFound, Reply } from './scripted-airbyte';

const bench = useBench();

const uuid = (digit: number) => `e1f7a2c0-0000-4000-8000-00000000000${digit}`;
const CRM = { connectionId: uuid(1), name: 'crm → lake', workspaceId: 'w1', status: 'active' };
const SHOP = { connectionId: uuid(2), name: 'shop → lake', workspaceId: 'w1', status: 'active' };
const PAUSED = { connectionId: uuid(3), name: 'paused → lake', workspaceId: 'w1', status: 'inactive' };
const OTHER = { connectionId: uuid(4), name: 'crm → lake', workspaceId: 'w2', status: 'active' };
const NIGHTLY = { tagId: 't1', workspaceId: 'w1', name: 'nightly', color: 'FF5733' };
const HOURLY = { tagId: 't2', workspaceId: 'w1', name: 'hourly', color: 'FF5733' };

let connections: Record<string, unknown>[];

beforeEach(() => {
  connections = [SHOP, CRM, PAUSED, OTHER];
  bench().airbyte.on({
    'workspaces/list': () => ({
      workspaces: ['w1', 'w2'].map((workspaceId) => ({ workspaceId, name: `Workspace ${workspaceId}`, slug: 'w' })),
    }),
    'connections/list': ({ workspaceId }) => ({
      connections: connections.filter((connection) => connection['workspaceId'] === workspaceId),
    }),
    'connections/get': ({ connectionId }) =>
      connections.find((connection) => connection['connectionId'] === connectionId) ?? notFound(),
    'tags/list': () => [NIGHTLY, HOURLY],
  });
});

const found = ({ connectionId, name, workspaceId }: typeof CRM) => ({ connectionId, name, workspaceId });

describe('findConnections', () => {
  const find = (...desired: string[]) => bench().run('findConnections', { connections: desired });

  it('finds by id or exact name, in the order asked for', async () => {
    expect(await find('shop → lake', CRM.connectionId, PAUSED.connectionId)).toEqual([
      found(SHOP),
      found(CRM),
      found(PAUSED),
    ]);
  });

  it('lists nothing where a few ids are all that is asked for', async () => {
    expect(await find(OTHER.connectionId, CRM.connectionId)).toEqual([found(OTHER), found(CRM)]);
    expect(bench().airbyte.bodies('connections/list')).toEqual([]);
  });

  it('names all that there are not, and some that there are', async () => {
    const failure = await failureOf(find('shop → lake', 'billing', uuid(9)));
    expect(failure).toMatchObject({ type: 'AirbyteNotFound', nonRetryable: true });
    expect(failure.message).toContain(`'billing', '${uuid(9)}'`);
    expect(failure.message).toContain("'shop → lake'");
  });

  it('names the ids of those that have one name', async () => {
    const failure = await failureOf(find('crm → lake'));
    expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: true });
    expect(failure.message).toContain(`'crm → lake': ${CRM.connectionId}, ${OTHER.connectionId}`);
  });

  it('finds ids that are no UUIDs, on a server that lists nothing', async () => {
    connections = [{ connectionId: 'connection-1', name: 'crm' }];
    bench().airbyte.on({ 'workspaces/list': () => new Reply(403), 'connections/list': () => new Reply(404) });
    expect(await find('connection-1')).toEqual([{ connectionId: 'connection-1', name: 'crm' }]);
  });

  it('is retried while Airbyte is unavailable', async () => {
    bench().airbyte.on({ 'workspaces/list': () => new Reply(503) });
    expect(await failureOf(find('shop → lake'))).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
  });
});

describe('selectConnections', () => {
  const select = (selection: { workspace?: string; namePattern?: string; tags?: string[] } = {}) =>
    bench().run('selectConnections', selection);

  it('takes the active connections of the workspace, by name', async () => {
    expect(await select()).toEqual([found(CRM), found(SHOP)]);
    expect(await select({ workspace: 'Workspace w2' })).toEqual([found(OTHER)]);
  });

  it('takes those with a name of the pattern', async () => {
    expect(await select({ namePattern: 'sh* → lake' })).toEqual([found(SHOP)]);
  });

  it('takes those that have one of the tags', async () => {
    connections = [
      { ...SHOP, tags: [NIGHTLY] },
      { ...CRM, tags: [HOURLY] },
      { ...OTHER, workspaceId: 'w1', tags: [] },
    ];
    expect(await select({ tags: ['nightly'] })).toEqual([found(SHOP)]);
    expect(await select({ tags: ['nightly', 'hourly'] })).toEqual([found(CRM), found(SHOP)]);
  });

  it('says what it searched for and which connections exist, when none fits', async () => {
    const failure = await failureOf(select({ namePattern: 'billing*' }));
    expect(failure).toMatchObject({ type: 'AirbyteNotFound', nonRetryable: true });
    expect(failure.message).toContain("'Workspace w1' has no active connection with a name of the pattern 'billing*'");
    expect(failure.message).toContain("'shop → lake', 'crm → lake'");
  });

  it('names the tags that there are not, and those that there are', async () => {
    const failure = await failureOf(select({ tags: ['nightly', 'weekly'] }));
    expect(failure).toMatchObject({ type: 'AirbyteNotFound', nonRetryable: true });
    expect(failure.message).toContain("has no tag 'weekly'. It has: 'nightly', 'hourly'.");
  });

  it('says what to do where Airbyte has no tags', async () => {
    bench().airbyte.on({ 'tags/list': missingCall });
    const failure = await failureOf(select({ tags: ['nightly'] }));
    expect(failure).toMatchObject({ type: 'AirbyteUnsupported', nonRetryable: true });
    expect(failure.message).toContain('Airbyte has tags since 1.6. Choose connections by their names instead.');
  });

  it('says what to do where Airbyte lists no connections', async () => {
    bench().airbyte.on({ 'connections/list': missingCall });
    const failure = await failureOf(select());
    expect(failure).toMatchObject({ type: 'AirbyteUnsupported', nonRetryable: true });
    expect(failure.message).toContain('List the connections of the fleet by their ids');
  });

  it('rejects more than a fleet may have', async () => {
    connections = Array.from({ length: 5_001 }, (_, place) => ({ ...CRM, connectionId: `c${place}` }));
    const failure = await failureOf(select({ namePattern: 'crm*' }));
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(failure.message).toContain('5001 connections');
  });
});
