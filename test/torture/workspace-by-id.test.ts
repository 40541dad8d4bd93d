import { describe, expect, it } from '@jest/globals';
import { findWorkspaces } from '../../src/reconcile/lookup/workspaces';
import { failureOf, useBench } from '../unit/activities/activity-bench';
import { notFound, Reply } from '../unit/activities/scripted-airbyte';
import { airbyte, client } from '../unit/airbyte/scripted-client';

const ID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const bench = useBench();

describe('the right id of a workspace', () => {
  it.each<[string, () => unknown, () => unknown, string]>([
    ['may list none', () => new Reply(403), () => ({ workspaceId: ID, name: 'Mine' }), 'Mine'],
    ['may list none and read none', () => new Reply(403), () => new Reply(403), ID],
    ['see an empty list', () => ({ workspaces: [] }), () => ({ workspaceId: ID, name: 'Mine' }), 'Mine'],
    ['see others only', () => ({ workspaces: [{ workspaceId: 'w', name: 'Other' }] }), () => new Reply(403), ID],
  ])('is enough for credentials that %s', async (_, list, get, name) => {
    bench().airbyte.on({ 'workspaces/list': list, 'workspaces/get': get });
    expect(await bench().run('findWorkspace', { workspace: ID })).toMatchObject({ workspaceId: ID, name });
  });

  it('is enough on the command line', async () => {
    airbyte.script = () => ({ status: 403, body: { message: 'Forbidden' } });
    expect(await findWorkspaces(client.workspaces, ID)).toEqual([{ workspaceId: ID, name: ID }]);
  });
});

describe('the id of a workspace that Airbyte does not have', () => {
  it('is rejected', async () => {
    bench().airbyte.on({ 'workspaces/list': () => ({ workspaces: [] }), 'workspaces/get': () => notFound() });
    expect(await failureOf(bench().run('findWorkspace', { workspace: ID }))).toMatchObject({ type: 'AirbyteNotFound' });
  });
});
