/** What a user writes with the types of each export of the package. It is only compiled. */
import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { createNexusServiceClient, executeChild, proxyActivities, startChild } from '@temporalio/workflow';
import { AirbyteClient, createSecretResolver, JobWatcher } from 'temporal-airbyte';
import { type Activities, createActivities } from 'temporal-airbyte/activities';
import { airbyteService } from 'temporal-airbyte/nexus';
import { AirbytePlugin } from 'temporal-airbyte/plugin';
import { runPipeline, type SyncConnectionResult, syncConnection, syncFleet } from 'temporal-airbyte/workflows';

export async function worker(): Promise<Worker> {
  const airbyte = new AirbyteClient({ url: 'http://localhost:8001/api/v1' });
  const jobs = new JobWatcher({ airbyte, pollIntervalMs: 2_000, logger: console });
  const activities: Activities = createActivities({ airbyte, jobs, secrets: createSecretResolver() });
  await Worker.create({ taskQueue: 'other', activities });
  return Worker.create({ taskQueue: 'mine', workflowsPath: 'x', plugins: [new AirbytePlugin({ airbyte, jobs })] });
}

export async function workflow(connectionId: string): Promise<SyncConnectionResult> {
  const nexus = createNexusServiceClient({ endpoint: 'airbyte', service: airbyteService });
  await nexus.executeOperation('sync', { connectionId, timeout: '30m' });
  const child = await startChild(syncFleet, { args: [{ connections: [connectionId] }] });
  await child.result();
  await proxyActivities<Activities>({ startToCloseTimeout: '1m' }).getConnection({ connectionId });
  return executeChild(syncConnection, { workflowId: 'x', args: [{ connectionId }] });
}

export async function start(client: Client): Promise<string | undefined> {
  const stream = { name: 'a', syncMode: 'full_refresh', destinationSyncMode: 'append' } as const;
  const handle = await client.workflow.start(runPipeline, {
    taskQueue: 'airbyte',
    workflowId: 'x',
    args: [
      {
        name: 'shop',
        source: { name: 's', definition: 'Postgres', configuration: {} },
        destination: { name: 'd', definition: 'S3', configuration: {} },
        connection: { streams: [stream] },
      },
    ],
  });
  return (await handle.result()).sync?.status;
}

export async function readChangeUpdate(airbyte: AirbyteClient, id: string): Promise<void> {
  const connection = await airbyte.connections.get(id);
  if (connection.schedule) connection.schedule.units = 12;
  await airbyte.connections.update(connection);
}
