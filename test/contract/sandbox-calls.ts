import { randomUUID } from 'node:crypto';
import type { Sandbox } from '../../sandbox/server';
import type { ShopAddress } from '../../sandbox/shop/shop';
import { type Json, RecordingCaller, type SandboxResponse } from './sandbox-caller';

/** Makes every call of the Config API, with valid and invalid input, and returns all responses. */
export async function askConfigApi(sandbox: Sandbox, shop: ShopAddress): Promise<SandboxResponse[]> {
  const caller = new RecordingCaller(sandbox);
  const { responses } = caller;
  const ask = (call: string, body: object = {}) => caller.send('POST', `/v1/${call}`, body);

  await caller.send('GET', '/v1/health');
  await caller.send('GET', '/v1/instance_configuration');
  await ask('applications/token', { client_id: 'any', client_secret: 'any' });
  await ask('workspaces/list');
  const workspaceId = [...sandbox.store.workspaces.keys()][0];
  await ask('workspaces/get', { workspaceId });
  await ask('workspaces/get', { workspaceId: randomUUID() });
  await ask('workspaces/get', {});
  const { workspaceId: second } = await ask('workspaces/create', {
    name: 'Second',
    organizationId: sandbox.store.organizationId,
    email: 'airbyte@example.com',
  });
  await ask('workspaces/update', { workspaceId: second, name: 'Renamed' });
  const webhook = { notificationType: ['slack'], slackConfiguration: { webhook: 'http://127.0.0.1:1/none' } };
  await ask('workspaces/update', { workspaceId: second, notificationSettings: { sendOnSuccess: webhook } });
  await ask('notifications/try_webhook', {
    notificationTrigger: 'sync_success',
    slackConfiguration: webhook.slackConfiguration,
  });
  await ask('workspaces/update_name', { workspaceId: second, name: 'Renamed again' });
  await ask('workspaces/delete', { workspaceId: second });
  await ask('workspaces/get', { workspaceId: second });
  const { id: applicationId } = await ask('applications/create', { name: 'another' });
  await ask('applications/list');
  await ask('applications/delete', { applicationId });

  /** The id of a source or destination that has been through all of its calls. */
  async function actor(kind: 'source' | 'destination', name: string, connectionConfiguration: object) {
    const idField = `${kind}Id`;
    const definitionField = `${kind}DefinitionId`;
    const { [`${kind}Definitions`]: definitions } = await ask(`${kind}_definitions/list_for_workspace`, {
      workspaceId,
    });
    await ask(`${kind}_definitions/list`);
    const definition = (definitions as Json[]).find((each) => each['name'] === name);
    const definitionId = definition?.[definitionField];
    await ask(`${kind}_definitions/get`, { [definitionField]: definitionId });
    await ask(`${kind}_definitions/get_for_workspace`, { [definitionField]: definitionId, workspaceId });
    await ask(`${kind}_definitions/get`, { [definitionField]: randomUUID() });
    await ask(`${kind}_definition_specifications/get`, { [definitionField]: definitionId, workspaceId });

    const proposed = { workspaceId, [definitionField]: definitionId, connectionConfiguration };
    await ask(`scheduler/${kind}s/check_connection`, proposed);
    if (kind === 'source') await ask('scheduler/sources/discover_schema', proposed);
    const create = { workspaceId, name: `${kind} ${name}`, [definitionField]: definitionId, connectionConfiguration };
    const { [idField]: id } = await ask(`${kind}s/create`, create);
    await ask(`${kind}s/create`, { ...create, connectionConfiguration: { port: 'none', check_message: 5 } });
    await ask(`${kind}s/get`, { [idField]: id });
    await ask(`${kind}s/get`, { [idField]: randomUUID() });
    await ask(`${kind}s/list`, { workspaceId });
    await ask(`${kind}s/check_connection`, { [idField]: id });
    const update = { [idField]: id, name: `${kind} ${name}`, connectionConfiguration };
    await ask(`${kind}s/check_connection_for_update`, update);
    await ask(`${kind}s/update`, update);
    return String(id);
  }

  /** A connection of all streams that the source has. */
  async function connection(sourceId: string, destinationId: string, more: object = {}) {
    const { catalog, catalogId } = await ask('sources/discover_schema', { sourceId, disable_cache: true });
    const { streams } = catalog as { streams: { stream: Json; config: Json }[] };
    const selected = streams.map(({ stream, config }) => ({ stream, config: { ...config, selected: true } }));
    const { connectionId } = await ask('connections/create', {
      sourceId,
      destinationId,
      name: `${sourceId} → ${destinationId}`,
      namespaceDefinition: 'customformat',
      namespaceFormat: 'lake',
      prefix: 'raw_',
      status: 'active',
      syncCatalog: { streams: selected },
      sourceCatalogId: catalogId,
      ...more,
    });
    return String(connectionId);
  }

  async function jobsOf(connectionId: string): Promise<void> {
    const configTypes = ['sync', 'reset_connection'];
    await ask('jobs/list', { configTypes, configId: connectionId, pagination: { pageSize: 10, rowOffset: 0 } });
    await ask('jobs/list', {
      configTypes,
      configId: connectionId,
      statuses: ['pending', 'running', 'incomplete', 'failed', 'succeeded', 'cancelled'],
      createdAtStart: new Date(0).toISOString(),
      createdAtEnd: new Date().toISOString(),
      updatedAtStart: new Date(0).toISOString(),
      updatedAtEnd: new Date().toISOString(),
      orderByField: 'updatedAt',
      orderByMethod: 'ASC',
    });
    await ask('jobs/list', { configTypes });
    await ask('jobs/list', { configTypes: ['refresh', 'clear'], configId: connectionId });
    await ask('jobs/get_last_replication_job', { connectionId });
    await ask('jobs/list_for_workspaces', { configTypes, workspaceIds: [workspaceId] });
    await ask('connections/list', { workspaceId });
    await ask('connections/status', { connectionIds: [connectionId] });
  }

  // Rows that really move.
  const { host, port, database, username, password } = shop;
  const postgres = { host, port, database, username, replication_method: { method: 'Standard' } };
  const shopSource = await actor('source', 'Postgres', { ...postgres, password });
  const lake = await actor('destination', 'S3', { s3_bucket_name: 'lake', format: { format_type: 'Parquet' } });
  const moving = await connection(shopSource, lake, { schedule: { units: 24, timeUnit: 'hours' } });
  const { job } = (await ask('connections/sync', { connectionId: moving })) as { job: { id: number } };
  await sandbox.jobs.reached(job.id, ({ status }) => ['succeeded', 'failed'].includes(status));
  await ask('jobs/get', { id: job.id });
  await ask('jobs/get_without_logs', { id: job.id });
  await jobsOf(moving);
  await ask('jobs/get_debug_info', { id: job.id });
  const state = await ask('state/get', { connectionId: moving });
  await ask('state/create_or_update', { connectionId: moving, connectionState: state });
  await ask('state/create_or_update_safe', { connectionId: moving, connectionState: state });
  await ask('web_backend/connections/get', { connectionId: moving });
  await ask('web_backend/connections/get', { connectionId: moving, withRefreshedCatalog: true });
  await ask('workspaces/get_by_connection_id', { connectionId: moving });
  const operatorConfiguration = { operatorType: 'webhook', webhook: { executionUrl: 'http://127.0.0.1/hook' } };
  const { operationId } = await ask('operations/create', { workspaceId, name: 'hook', operatorConfiguration });
  await ask('operations/get', { operationId });
  await ask('operations/update', { operationId, name: 'other hook', operatorConfiguration });
  await ask('connections/update', { connectionId: moving, operationIds: [operationId] });
  await ask('operations/list', { connectionId: moving });
  await ask('operations/delete', { operationId });
  await ask('operations/get', { operationId });

  // A check that fails, a discovery that cannot be.
  await ask('sources/update', {
    sourceId: shopSource,
    name: 'shop',
    connectionConfiguration: { ...postgres, password: '?' },
  });
  await ask('sources/check_connection', { sourceId: shopSource });
  await ask('sources/discover_schema', { sourceId: shopSource, disable_cache: true });

  // Jobs in every state.
  const pretended = await actor('source', 'Simulated', { hold: true, records: 10, bytes: 100, records_rejected: 1 });
  const nowhere = await actor('destination', 'Simulated', {});
  const simulated = await connection(pretended, nowhere, {
    scheduleType: 'cron',
    scheduleData: { cron: { cronExpression: '0 0 */6 * * ?', cronTimeZone: 'UTC' } },
  });
  await jobsOf(simulated);
  await ask('sources/discover_schema', { sourceId: pretended, connectionId: simulated, disable_cache: true });
  const { job: failing } = (await ask('connections/sync', { connectionId: simulated })) as { job: { id: number } };
  await sandbox.jobs.reached(failing.id, ({ status }) => status === 'running');
  await ask('connections/sync', { connectionId: simulated });
  const noState = { connectionId: simulated, stateType: 'not_set' };
  await ask('state/create_or_update_safe', { connectionId: simulated, connectionState: noState });
  await ask('jobs/get', { id: failing.id });
  await jobsOf(simulated);
  await sandbox.jobs.finish(failing.id, 'failed', 'The disk is full.');
  await ask('jobs/get', { id: failing.id });
  await ask('jobs/get', { id: 1_000_000 });
  await jobsOf(simulated);
  const { job: cancelled } = (await ask('connections/sync', { connectionId: simulated })) as { job: { id: number } };
  await ask('jobs/cancel', { id: cancelled.id });
  for (const call of ['connections/reset', 'connections/clear', 'connections/refresh']) {
    await ask(call, { connectionId: simulated, refreshMode: 'Truncate' });
    await sandbox.jobs.cancel(simulated);
  }
  await jobsOf(simulated);
  await ask('actor_definition_versions/get_for_destination', { destinationId: nowhere });
  const unrefreshed = await actor('destination', 'Simulated', { supports_refreshes: false });
  await ask('connections/refresh', { connectionId: await connection(pretended, unrefreshed), refreshMode: 'Merge' });

  await ask('connections/get', { connectionId: simulated });
  await ask('connections/get', { connectionId: randomUUID() });
  const tag = await ask('tags/create', { workspaceId, name: 'nightly', color: 'FF5733' });
  await ask('tags/create', { workspaceId, name: 'nightly' });
  await ask('tags/list', { workspaceId });
  // Older versions have no tags to give.
  if (tag?.['tagId'] !== undefined) {
    await ask('tags/update', { ...tag, name: 'hourly' });
    await ask('connections/update', { connectionId: simulated, tags: [tag] });
    await ask('connections/list', { workspaceId });
    await ask('tags/delete', { tagId: tag['tagId'], workspaceId });
  }
  const basic = { scheduleType: 'basic', scheduleData: { basicSchedule: { units: 6, timeUnit: 'hours' } } };
  await ask('connections/update', { connectionId: simulated, ...basic });
  await ask('connections/update', { connectionId: simulated, scheduleType: 'manual', status: 'inactive' });
  await ask('connections/sync', { connectionId: simulated });
  await ask('connections/delete', { connectionId: randomUUID() });
  await ask('connections/delete', { connectionId: simulated });
  return responses;
}
