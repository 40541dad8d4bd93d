import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../activities';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { AirbyteClient } from '../../src/airbyte/client';
import { type PipelineDocumentInput, pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { createSecretResolver } from '../../src/secrets/secret-resolver';
import { clientWithRuns } from '../support/fake-temporal-client';
import { FAST_COUNT_POLLS } from '../support/fast-count-polls';
import { describeWithDocuments } from '../support/openapi';
import { type RecordedCall, startRecordingProxy } from '../support/recording-server';
import { startReferenceServer } from '../support/reference-server';
import { ScriptedSchedules } from '../support/scripted-schedules';
import { learnUnsupportedEndpoints } from '../support/unsupported-endpoints';
import { nameOf, objections } from './request-objections';

type DesiredConnection = PipelineDocumentInput['connection'];

/** An Airbyte with a source and a destination to connect. */
interface Target {
  url: string;
  /** What was sent to it, where it is one that the documents describe. */
  recorded?: RecordedCall[];
  sourceId: string;
  destinationId: string;
  stop(): Promise<void>;
}

const STREAMS = [{ name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }] as const;

/** Connections are changed in two ways: today's Airbyte takes a patch, the reference the whole as it was read. */
describe.each([
  ['as Airbyte 2.0.0', () => sandboxTarget('2.0.0')],
  ['as Airbyte 1.6.0', () => sandboxTarget('1.6.0')],
  ['as Airbyte 0.50.0', () => sandboxTarget('0.50.0')],
  ['as the reference, which keeps what it does not know', () => referenceTarget('kept')],
  ['as the reference, which drops what it does not know', () => referenceTarget('dropped')],
] as const)('a connection %s', (name, start) => {
  let target: Target;
  let airbyte: AirbyteClient;
  let activities: ReturnType<typeof createActivities>;
  beforeAll(async () => {
    target = await start();
    airbyte = new AirbyteClient({ url: target.url });
    if (name.includes('reference')) await learnUnsupportedEndpoints(airbyte);
    const jobs = new JobWatcher({ airbyte, pollIntervalMs: 20, countsPatience: FAST_COUNT_POLLS });
    activities = createActivities({ airbyte, jobs, secrets: createSecretResolver({ env: {} }) });
  });
  afterAll(async () => {
    await airbyte.close();
    await target.stop();
  });

  const activity = new MockActivityEnvironment(
    {},
    { logger: new DefaultLogger('ERROR'), client: clientWithRuns([], new ScriptedSchedules().client) },
  );
  let count = 0;
  async function create(changes: Partial<DesiredConnection> = {}): Promise<string> {
    const { sourceId, destinationId } = target;
    const { connection } = pipelineDocumentSchema().parse({
      name: 'pipeline',
      source: { name: 'source', definition: 'x', configuration: {} },
      destination: { name: 'destination', definition: 'x', configuration: {} },
      connection: { name: `connection ${++count}`, schedule: { every: '24h' }, streams: [...STREAMS], ...changes },
    });
    const wanted = { workspaceId: await workspace(), sourceId, destinationId, connection };
    const created: { connectionId: string } = await activity.run(activities.createConnection, wanted);
    return created.connectionId;
  }
  const workspace = async () => (await airbyte.workspaces.list())[0]?.workspaceId ?? '';
  const update = (connectionId: string, changes: object) =>
    activity.run(activities.updateConnection, { connectionId, ...changes });

  test('gets another basic schedule and keeps the rest', async () => {
    const connectionId = await create();
    const before = await airbyte.connections.get(connectionId);
    await update(connectionId, { schedule: { every: '6h' } });
    const after = await airbyte.connections.get(connectionId);
    expect(after.schedule).toEqual({ units: 6, timeUnit: 'hours' });
    const { schedule: _old, scheduleData: _oldData, ...kept } = before;
    expect(after).toMatchObject(kept);
  });

  test('gets a schedule where it had none, and loses it again', async () => {
    const connectionId = await create({ schedule: 'manual' });
    expect((await airbyte.connections.get(connectionId)).schedule).toBeUndefined();
    await update(connectionId, { schedule: { every: '6h' } });
    expect((await airbyte.connections.get(connectionId)).schedule).toEqual({ units: 6, timeUnit: 'hours' });
    await update(connectionId, { schedule: 'manual' });
    expect((await airbyte.connections.get(connectionId)).schedule).toBeUndefined();
  });

  test('gets another status and keeps its schedule and its streams', async () => {
    const connectionId = await create();
    const before = await airbyte.connections.get(connectionId);
    await update(connectionId, { status: 'inactive' });
    expect(await airbyte.connections.get(connectionId)).toEqual({ ...before, status: 'inactive' });
  });

  // The reference is no version of Airbyte's: no document describes what it is sent.
  if (!name.startsWith('as Airbyte')) return;
  describeWithDocuments('is created and changed with requests', () => {
    test('that the documents of every version allow', async () => {
      await create({ schedule: { cron: '0 0 */6 * * ?', timeZone: 'UTC' }, prefix: 'raw_' });
      const sent = target.recorded?.filter((call) => nameOf(call).includes('/connections/')) ?? [];
      expect(sent.map(nameOf)).toEqual(
        expect.arrayContaining(['POST /v1/connections/create', 'POST /v1/connections/update']),
      );
      for (const call of sent) expect([nameOf(call), objections(call)]).toEqual([nameOf(call), {}]);
    });
  });
});

async function sandboxTarget(airbyteVersion: '2.0.0' | '1.6.0' | '0.50.0'): Promise<Target> {
  const sandbox: Sandbox = await startSandbox({ airbyteVersion });
  const airbyte = new AirbyteClient({ url: sandbox.url });
  const [workspaceId = ''] = sandbox.store.workspaces.keys();
  const idOf = (all: { name: string; definitionId: string }[]) =>
    all.find(({ name }) => name === 'Simulated')?.definitionId ?? '';
  const actor = { workspaceId, name: 'simulated' };
  const { sourceId } = await airbyte.sources.create({
    ...actor,
    sourceDefinitionId: idOf(await airbyte.sourceDefinitions.list(workspaceId)),
    connectionConfiguration: { streams: ['orders'] },
  });
  const { destinationId } = await airbyte.destinations.create({
    ...actor,
    destinationDefinitionId: idOf(await airbyte.destinationDefinitions.list(workspaceId)),
    connectionConfiguration: {},
  });
  await airbyte.close();
  const proxy = await startRecordingProxy(new URL(sandbox.url).origin);
  return {
    url: `${proxy.origin}/api/v1`,
    recorded: proxy.recorded,
    sourceId,
    destinationId,
    async stop() {
      await proxy.stop();
      await sandbox.stop();
    },
  };
}

async function referenceTarget(unknownFields: 'kept' | 'dropped'): Promise<Target> {
  const server = await startReferenceServer({ unknownFields });
  const airbyte = new AirbyteClient({ url: server.url });
  const actor = { workspaceId: 'default-workspace-id', name: 'simulated', connectionConfiguration: {} };
  const { sourceId } = await airbyte.sources.create({ ...actor, sourceDefinitionId: 'postgres-definition-id' });
  const { destinationId } = await airbyte.destinations.create({
    ...actor,
    destinationDefinitionId: 's3-definition-id',
  });
  await airbyte.close();
  return { url: server.url, sourceId, destinationId, stop: () => server.stop() };
}
