import { randomUUID } from 'node:crypto';
import { simulatedDefinitions } from '../../sandbox/connectors/simulated';
import type { Sandbox } from '../../sandbox/server';
import { type Json, type Method, RecordingCaller, type SandboxResponse } from './sandbox-caller';

type Listed = { data: Json[] };

/** Makes every call of the public API, with valid and invalid input, and returns all responses. */
export async function askPublicApi(sandbox: Sandbox): Promise<SandboxResponse[]> {
  const caller = new RecordingCaller(sandbox);
  const ask = (method: Method, path: string, body?: object) => caller.send(method, `/public/v1/${path}`, body);
  const workspaceId = String([...sandbox.store.workspaces.keys()][0]);
  const everyList = `workspaceIds=${workspaceId}&limit=1&offset=1`;
  const definitionIds = Object.fromEntries(
    simulatedDefinitions.map(({ kind, definitionId }) => [kind, definitionId] as const),
  );

  await ask('GET', 'health');
  await ask('POST', 'applications/token', {
    client_id: 'any',
    client_secret: 'any',
    'grant-type': 'client_credentials',
  });
  await ask('GET', 'workspaces');
  const { workspaceId: another } = await ask('POST', 'workspaces', { name: 'Another' });
  const failure = { email: { enabled: false }, webhook: { enabled: true, url: 'http://127.0.0.1/hook' } };
  await ask('PATCH', `workspaces/${another}`, { name: 'Renamed', notifications: { failure } });
  await ask('DELETE', `workspaces/${another}`);
  await ask('GET', `workspaces/${another}`);
  const application = await ask('POST', 'applications', { name: 'another' });
  await ask('GET', 'applications');
  // Older versions have none to give.
  if (application?.['id'] !== undefined) {
    await ask('GET', `applications/${application['id']}`);
    await ask('DELETE', `applications/${application['id']}`);
    await ask('GET', `applications/${application['id']}`);
  }
  await ask('GET', 'organizations');
  await ask('GET', `users?organizationId=${sandbox.store.organizationId}`);
  await ask('GET', `workspaces?${everyList}&includeDeleted=true`);
  await ask('GET', `workspaces/${workspaceId}`);
  await ask('GET', `workspaces/${randomUUID()}`);
  await ask('GET', `connector_definitions?type=source&workspaceId=${workspaceId}`);

  async function actor(kind: 'source' | 'destination', configuration: object): Promise<string> {
    const definitions = `workspaces/${workspaceId}/definitions/${kind}s`;
    const definitionId = definitionIds[kind];
    await ask('GET', definitions);
    await ask('GET', `${definitions}/${definitionId}`);
    await ask('GET', `${definitions}/${randomUUID()}`);
    const create = { name: kind, definitionId, workspaceId, configuration };
    const id = String((await ask('POST', `${kind}s`, create))[`${kind}Id`]);
    await ask('POST', `${kind}s`, { ...create, configuration: { check_message: 5 } });
    await ask('POST', `${kind}s`, { name: kind });
    await ask('GET', `${kind}s`);
    await ask('GET', `${kind}s?${everyList}&includeDeleted=false`);
    await ask('GET', `${kind}s/${id}`);
    await ask('GET', `${kind}s/${randomUUID()}`);
    await ask('PATCH', `${kind}s/${id}`, { name: `${kind} renamed` });
    await ask('PUT', `${kind}s/${id}`, { name: kind, configuration });
    return id;
  }
  const sourceId = await actor('source', { hold: true, records: 10, bytes: 100, streams: ['events', 'users'] });
  const destinationId = await actor('destination', {});
  await ask('GET', `streams?sourceId=${sourceId}`);
  await ask('GET', `streams?sourceId=${sourceId}&destinationId=${destinationId}&ignoreCache=true`);
  await ask('GET', 'streams');

  const ends = { sourceId, destinationId };
  const stream = { name: 'events', syncMode: 'incremental_append', cursorField: ['updated_at'] };
  const { connectionId } = await ask('POST', 'connections', {
    ...ends,
    name: 'events',
    configurations: { streams: [stream, { name: 'users', syncMode: 'incremental_deduped_history' }] },
    schedule: { scheduleType: 'cron', cronExpression: '0 0 */6 * * ?' },
    namespaceDefinition: 'custom_format',
    namespaceFormat: 'lake',
    prefix: 'raw_',
    nonBreakingSchemaUpdatesBehavior: 'disable_connection',
    status: 'active',
  });
  await ask('POST', 'connections', ends);
  await ask('POST', 'connections', { ...ends, configurations: { streams: [{ ...stream, cursorField: ['nothing'] }] } });
  await ask('POST', 'connections', { ...ends, destinationId: randomUUID() });
  await ask('GET', 'connections');
  await ask('GET', `connections?${everyList}&includeDeleted=true&tagIds=${randomUUID()}`);
  await ask('GET', `connections/${connectionId}`);
  await ask('GET', `connections/${randomUUID()}`);
  await ask('PATCH', `connections/${connectionId}`, { name: 'renamed', configurations: { streams: [stream] } });
  await ask('PATCH', `connections/${connectionId}`, { schedule: { scheduleType: 'manual' } });
  const selectedFields = [{ fieldPath: ['id'] }, { fieldPath: ['updated_at'] }];
  await ask('PATCH', `connections/${connectionId}`, { configurations: { streams: [{ ...stream, selectedFields }] } });
  await ask('PATCH', `connections/${connectionId}`, {
    configurations: { streams: [{ ...stream, selectedFields: [] }] },
  });

  const tag = await ask('POST', 'tags', { workspaceId, name: 'nightly', color: 'FF5733' });
  await ask('POST', 'tags', { workspaceId, name: 'nightly', color: 'FF5733' });
  await ask('GET', 'tags');
  await ask('GET', `tags?workspaceIds=${workspaceId}`);
  await ask('GET', `tags/${randomUUID()}`);
  // Older versions have no tags to give.
  if (tag?.['tagId'] !== undefined) {
    await ask('GET', `tags/${tag['tagId']}`);
    await ask('PATCH', `tags/${tag['tagId']}`, { name: 'hourly', color: '5733FF' });
    await ask('PATCH', `connections/${connectionId}`, { tags: [tag] });
    await ask('GET', `connections?${everyList}&tagIds=${tag['tagId']}`);
    await ask('DELETE', `tags/${tag['tagId']}`);
  }

  const job = { connectionId, jobType: 'sync' };
  const { jobId } = await ask('POST', 'jobs', job);
  await sandbox.jobs.reached(Number(jobId), ({ status }) => status === 'running');
  await ask('GET', `jobs/${jobId}`);
  await ask('POST', 'jobs', job);
  await ask('POST', 'jobs', { ...job, jobType: 'refresh' });
  await ask('POST', 'jobs', { connectionId });
  await ask('DELETE', `jobs/${jobId}`);
  await ask('POST', 'jobs', { ...job, jobType: 'reset' });
  await ask('POST', 'jobs', { ...job, jobType: 'clear' });
  const time = new Date(0).toISOString();
  const filters = `createdAtStart=${time}&createdAtEnd=${time}&updatedAtStart=${time}&updatedAtEnd=${time}`;
  await ask('GET', 'jobs');
  await ask('GET', `jobs?${everyList}&${filters}&jobType=sync&status=failed&orderBy=updatedAt|DESC`);
  const { data } = (await ask('GET', `jobs?connectionId=${connectionId}&limit=100`)) as unknown as Listed;
  await ask('GET', `jobs/${data[0]?.['jobId']}`);
  await ask('GET', 'jobs/1000000');
  await ask('PATCH', `connections/${connectionId}`, { status: 'inactive' });
  await ask('POST', 'jobs', job);
  await ask('DELETE', `connections/${connectionId}`);
  await ask('DELETE', `sources/${sourceId}`);
  await ask('DELETE', `destinations/${destinationId}`);
  return caller.responses;
}
