import { describe, expect, it } from '@jest/globals';
import { failureOf, useBench } from './activity-bench';
import { missingCall, notFound, Reply } from './scripted-airbyte';

const bench = useBench();

const workspace = (workspaceId: string, name: string) => ({ workspaceId, name, slug: name });
const listing = (...workspaces: object[]) => bench().airbyte.on({ 'workspaces/list': () => ({ workspaces }) });
const find = (workspace?: string) => bench().run('findWorkspace', workspace === undefined ? {} : { workspace });
/** With where people open the Airbyte that it is in. */
const found = (workspaceId: string, name: string) => ({ workspaceId, name, webappUrl: bench().webappUrl });

describe('findWorkspace', () => {
  it('takes the only one when none is named', async () => {
    listing(workspace('default-workspace-id', 'default'));
    expect(await find()).toEqual(found('default-workspace-id', 'default'));
    expect(bench().warnings()).toEqual([]);
  });

  it('takes the first of several when none is named, and the log says which', async () => {
    listing(workspace('w1', 'One'), workspace('w2', 'Two'));
    expect(await find()).toMatchObject({ workspaceId: 'w1' });
    expect(bench().warnings()).toEqual(['No workspace is named: taking the first of 2']);
  });

  it('finds one by its id or its exact name', async () => {
    listing(workspace('w1', 'One'), workspace('w2', 'w1'), workspace('w3', 'Three'));
    expect(await find('w1')).toEqual(found('w1', 'One'));
    expect(await find('Three')).toEqual(found('w3', 'Three'));
  });

  it('names those that there are when none is called that', async () => {
    listing(workspace('w1', 'One'), workspace('w2', 'Two'));
    const failure = await failureOf(find('one'));
    expect(failure).toMatchObject({ type: 'AirbyteNotFound', nonRetryable: true });
    expect(failure.message).toContain("'One', 'Two'");
  });

  it('names the ids of two of the same name', async () => {
    listing(workspace('w1', 'One'), workspace('w2', 'One'));
    const failure = await failureOf(find('One'));
    expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: true });
    expect(failure.message).toContain('w1, w2');
  });

  it('says so when there is none to be seen', async () => {
    listing();
    expect(await failureOf(find())).toMatchObject({ type: 'AirbyteNotFound' });
  });

  it('asks for the one that is named where these credentials may list none', async () => {
    bench().airbyte.on({
      'workspaces/list': () => new Reply(403),
      'workspaces/get': ({ workspaceId }) => (workspaceId === 'w1' ? workspace('w1', 'One') : notFound()),
    });
    expect(await find('w1')).toEqual(found('w1', 'One'));
    expect(await failureOf(find('w2'))).toMatchObject({ type: 'AirbyteNotFound' });
    expect(await failureOf(find())).toMatchObject({ type: 'AirbyteUnauthorized' });
  });

  it('is retried while Airbyte is unavailable', async () => {
    bench().airbyte.on({ 'workspaces/list': () => new Reply(503), 'workspaces/get': () => workspace('w1', 'One') });
    expect(await failureOf(find('w1'))).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
  });
});

describe('the other activities of workspaces', () => {
  it('give what the API gives, and only the id and the name', async () => {
    bench().airbyte.on({ 'workspaces/get': () => ({ ...workspace('w1', 'One'), email: 'someone@example.com' }) });
    listing(workspace('w1', 'One'));
    expect(await bench().run('getWorkspace', { workspaceId: 'w1' })).toEqual({ workspaceId: 'w1', name: 'One' });
    expect(await bench().run('listWorkspaces', undefined)).toEqual([{ workspaceId: 'w1', name: 'One' }]);
  });
});

describe('checkHealth', () => {
  it('says whether Airbyte responds, also where it has no call for that', async () => {
    bench().airbyte.on({ health: () => ({ available: true }) });
    expect(await bench().run('checkHealth', undefined)).toEqual({ available: true });
    bench().airbyte.on({ health: missingCall });
    listing();
    expect(await bench().run('checkHealth', undefined)).toEqual({ available: true });
  });
});
