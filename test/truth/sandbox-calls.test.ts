/** Calls that the clients of other tools make, and that the sandbox did not have: one test a sentence of what is right. */
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SandboxOptions } from '../../sandbox/server';
import { type ApiCaller, startCaller } from '../unit/sandbox/api-caller';
import { PublicCaller } from '../unit/sandbox/public-caller';

let api: ApiCaller;
let open: PublicCaller;
afterEach(() => api?.sandbox.stop());

async function start(options: SandboxOptions = {}): Promise<void> {
  api = await startCaller(options);
  open = new PublicCaller(api.sandbox);
}

it('lists the operations of a connection', async () => {
  await start();
  const operatorConfiguration = { operatorType: 'webhook', webhook: { executionUrl: 'http://127.0.0.1/hook' } };
  const workspaceId = await api.workspaceId();
  const operation = await api.call('operations/create', { workspaceId, name: 'hook', operatorConfiguration });
  const connectionId = await api.simulatedConnection({}, { operationIds: [operation.operationId] });
  const other = await api.simulatedConnection();
  expect(await api.call('operations/list', { connectionId })).toEqual({ operations: [operation] });
  expect(await api.call('operations/list', { connectionId: other })).toEqual({ operations: [] });
});

it('shows all of a connection’s page in one call, with the streams that it does not have', async () => {
  await start();
  const sourceId = await api.createActor('source', 'Simulated', { streams: ['events', 'users'] });
  const destinationId = await api.createActor('destination', 'Simulated', {});
  const { catalog } = await api.call('sources/discover_schema', { sourceId });
  const syncCatalog = { streams: catalog.streams.slice(0, 1) };
  const created = { sourceId, destinationId, status: 'active', syncCatalog };
  const { connectionId } = await api.call('connections/create', created);
  const { job } = await api.runToEnd(connectionId);
  const page = await api.call('web_backend/connections/get', { connectionId, withRefreshedCatalog: true });
  expect(page).toMatchObject({
    source: { sourceId },
    destination: { destinationId },
    latestSyncJobStatus: 'succeeded',
    latestSyncJobCreatedAt: job.createdAt,
    isSyncing: false,
    syncCatalog: {
      streams: [
        { stream: { name: 'events' }, config: { selected: true } },
        { stream: { name: 'users' }, config: { selected: false } },
      ],
    },
    catalogDiff: { transforms: [{ transformType: 'add_stream', streamDescriptor: { name: 'users' } }] },
  });
});

it('sets the state of a connection, unless a job of it runs', async () => {
  await start();
  const connectionId = await api.simulatedConnection({ hold: true });
  const streamState = [{ streamDescriptor: { name: 'events' }, streamState: { cursor: '2026-01-01' } }];
  const connectionState = { connectionId, stateType: 'stream', streamState };
  const set = { connectionId, connectionState };
  expect(await api.call('state/create_or_update_safe', set)).toEqual(connectionState);
  expect(await api.call('state/get', { connectionId })).toEqual(connectionState);
  await api.call('connections/sync', { connectionId });
  expect((await api.request('state/create_or_update_safe', set)).status).toBe(423);
  const none = { connectionId, connectionState: { connectionId, stateType: 'not_set' } };
  expect(await api.call('state/create_or_update', none)).toEqual({ connectionId, stateType: 'not_set' });
});

it('renames a workspace, and deletes it with all that is in it', async () => {
  await start();
  const workspaceId = await api.workspaceId();
  const connectionId = await api.simulatedConnection({ hold: true });
  const { job } = await api.call('connections/sync', { connectionId });
  const renamed = await open.ask(`PATCH workspaces/${workspaceId}`, { name: 'renamed' });
  expect(renamed).toMatchObject({ status: 200, body: { workspaceId, name: 'renamed' } });
  expect((await open.ask(`DELETE workspaces/${workspaceId}`)).status).toBe(204);
  expect((await open.ask(`GET workspaces/${workspaceId}`)).status).toBe(404);
  expect(api.sandbox.store.job(job.id).status).toBe('cancelled');
  expect((await open.ask(`GET connections/${connectionId}`)).body).toMatchObject({ status: 'deprecated' });
  expect((await open.ask('GET workspaces')).body.data).toEqual([]);
});

describe('an application', () => {
  it('gets tokens for the credentials that it was created with, until it is deleted', async () => {
    await start({ auth: { kind: 'client-credentials', clientId: 'first', clientSecret: 'secret' } });
    const tokenOf = (application: { clientId: string; clientSecret: string }) =>
      api.request('applications/token', { client_id: application.clientId, client_secret: application.clientSecret });
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    const first = as((await tokenOf({ clientId: 'first', clientSecret: 'secret' })).body.access_token);
    const { body: created } = await api.request('applications/create', { name: 'second' }, first);
    const second = as((await tokenOf(created)).body.access_token);
    const { body: listed } = await api.request('applications/list', {}, second);
    expect(listed.applications).toMatchObject([{ clientId: 'first' }, created]);
    const deleted = await api.request('applications/delete', { applicationId: created.id }, first);
    expect(deleted).toMatchObject({ status: 200, body: created });
    expect((await tokenOf(created)).status).toBe(401);
  });

  it('is created, read and deleted in the public API as well', async () => {
    await start();
    const { body: created } = await open.ask('POST applications', { name: 'second' });
    expect(await open.get('GET applications')).toMatchObject({ applications: [{}, created] });
    expect(await open.get(`GET applications/${created.id}`)).toEqual(created);
    expect((await open.ask(`DELETE applications/${created.id}`)).body).toEqual(created);
    expect((await open.ask(`GET applications/${created.id}`)).status).toBe(404);
  });
});

describe('what the public API shows of a connection', () => {
  const stream = { name: 'events', syncMode: 'incremental_append', cursorField: ['updated_at'] };
  const selected = (...fields: string[]) => ({
    ...stream,
    selectedFields: fields.map((name) => ({ fieldPath: [name] })),
  });

  async function create(streams: object[]) {
    await start();
    const sourceId = await api.createActor('source', 'Simulated', {});
    const destinationId = await api.createActor('destination', 'Simulated', {});
    return open.ask('POST connections', {
      ...{ sourceId, destinationId, name: 'planned', prefix: 'raw_', configurations: { streams } },
      ...{ namespaceDefinition: 'custom_format', namespaceFormat: 'lake', status: 'inactive' },
      nonBreakingSchemaUpdatesBehavior: 'propagate_columns',
      schedule: { scheduleType: 'cron', cronExpression: '0 0 5 * * ?' },
    });
  }

  it('is what was sent and returned then, so that a second plan has nothing to change', async () => {
    const { body: created } = await create([selected('id', 'updated_at')]);
    expect(created).toMatchObject({
      ...{ name: 'planned', prefix: 'raw_', namespaceDefinition: 'custom_format', namespaceFormat: 'lake' },
      ...{ status: 'inactive', nonBreakingSchemaUpdatesBehavior: 'propagate_columns' },
      schedule: { scheduleType: 'cron', cronExpression: '0 0 5 * * ? UTC' },
      configurations: { streams: [{ ...selected('id', 'updated_at'), primaryKey: [['id']], mappers: [] }] },
    });
    const path = `connections/${created.connectionId}`;
    expect((await open.ask(`GET ${path}`)).body).toEqual(created);
    const { schedule, configurations } = created;
    expect((await open.ask(`PATCH ${path}`, { schedule, configurations })).body).toEqual(created);
  });

  it('is no selection where all fields are synced; none at all, unknown fields and a missing cursor are rejected', async () => {
    const { body: created } = await create([stream]);
    expect(created.configurations.streams).toMatchObject([{ selectedFields: [] }]);
    const change = async (...streams: object[]) => {
      const response = await open.ask(`PATCH connections/${created.connectionId}`, { configurations: { streams } });
      return [response.status, response.body.data?.message];
    };
    expect(await change(selected())).toEqual([400, expect.stringContaining('No fields selected')]);
    expect(await change(selected('id', 'updated_at', 'nothing'))).toEqual([400, expect.stringContaining('Invalid')]);
    expect(await change(selected('id', 'id', 'updated_at'))).toEqual([400, expect.stringContaining('Duplicate')]);
    expect(await change(selected('id'))).toEqual([400, expect.stringContaining('Cursor field is not selected')]);
    expect(await change(selected('updated_at'))).toEqual([200, undefined]);
  });
});

describe('a discovery for a connection', () => {
  async function connected(fields: object) {
    await start();
    const sourceId = await api.createActor('source', 'Simulated', { streams: ['events'] });
    const destinationId = await api.createActor('destination', 'Simulated', {});
    const { catalog, catalogId } = await api.call('sources/discover_schema', { sourceId });
    const created = { sourceId, destinationId, status: 'active', syncCatalog: catalog, sourceCatalogId: catalogId };
    const { connectionId } = await api.call('connections/create', { ...created, ...fields });
    const discover = () => api.call('sources/discover_schema', { sourceId, connectionId, disable_cache: true });
    const change = (streams: string[]) =>
      api.call('sources/update', { sourceId, name: 'changed', connectionConfiguration: { streams } });
    const status = async () => (await api.call('connections/get', { connectionId })).status;
    return { discover, change, status };
  }

  it('tells what has changed, and leaves the connection as it is', async () => {
    const { discover, change, status } = await connected({});
    expect(await discover()).toMatchObject({ catalogDiff: { transforms: [] }, connectionStatus: 'active' });
    await change(['users']);
    expect(await discover()).toMatchObject({
      catalogDiff: {
        transforms: [
          { transformType: 'add_stream', streamDescriptor: { name: 'users' } },
          { transformType: 'remove_stream', streamDescriptor: { name: 'events' } },
        ],
      },
      breakingChange: false,
    });
    expect(await status()).toBe('active');
  });

  it('makes a connection inactive that is to stop at any change', async () => {
    const { discover, change, status } = await connected({ nonBreakingChangesPreference: 'disable' });
    await discover();
    expect(await status()).toBe('active');
    await change(['events', 'users']);
    expect(await discover()).toMatchObject({ connectionStatus: 'inactive' });
    expect(await status()).toBe('inactive');
  });
});
