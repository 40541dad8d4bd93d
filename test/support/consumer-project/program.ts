/**
 * A program of a user, which uses each export of the package. It is compiled and run in projects of their own, as CommonJS
 * and as ES modules. Its worker with the plugin runs workflows `from-path`, or `bundled`: then a worker with mocked activities
 * runs them too. It prints one JSON document.
 */
import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import {
  AirbyteClient,
  createSecretResolver,
  FAILURE_TYPES,
  JobWatcher,
  parsePipelineDocument,
  syncWorkflowId,
} from 'temporal-airbyte';
import { createActivities } from 'temporal-airbyte/activities';
import { airbyteService } from 'temporal-airbyte/nexus';
import { AirbytePlugin } from 'temporal-airbyte/plugin';
import { MockedAirbyte, startTestSandbox } from 'temporal-airbyte/testing';
import { runPipeline, syncConnection } from 'temporal-airbyte/workflows';

const [workflowsPath = '', workflows, connectionId = ''] = process.argv.slice(2);
const { TEMPORAL_ADDRESS: address = '', TEMPORAL_TEST_SERVER: testServer = '', AIRBYTE_URL: url = '' } = process.env;
const taskQueue = `consumer-${process.pid}`;

/** What each export is, and the names of the activities. */
function listExports(): object {
  const airbyte = new AirbyteClient({ url });
  const jobs = new JobWatcher({ airbyte, pollIntervalMs: 1_000, logger: console });
  const activities = createActivities({ airbyte, jobs, secrets: createSecretResolver() });
  const functions = [parsePipelineDocument, AirbytePlugin, runPipeline, syncConnection];
  return {
    functions: functions.map(({ name }) => name),
    activities: Object.keys(activities),
    operations: Object.keys(airbyteService.operations),
    failureType: FAILURE_TYPES[0],
    workflowId: syncWorkflowId('c', 'q'),
    testing: [MockedAirbyte.name, startTestSandbox.name],
  };
}

/** Runs the workflows of a bundle with mocked activities, on a server that skips the time which they wait. */
async function runMocked(workflowBundle: WorkflowBundle): Promise<number | null> {
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: testServer } },
  });
  try {
    const { client, nativeConnection: connection } = environment;
    const plugins = [new MockedAirbyte({ job: () => ({ recordsSynced: 12 }) })];
    const worker = await Worker.create({ connection, taskQueue, workflowBundle, plugins });
    return await worker.runUntil(
      client.workflow.execute('syncTomorrow', { taskQueue, workflowId: 'mocked', args: ['c', taskQueue] }),
    );
  } finally {
    await environment.teardown();
  }
}

/** Runs a worker with the plugin, and a workflow that syncs a connection of the Airbyte at `AIRBYTE_URL`. */
async function runPlugin(
  plugin: AirbytePlugin,
  code: { workflowsPath: string } | { workflowBundle: WorkflowBundle },
): Promise<number | null> {
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({ connection, taskQueue, plugins: [plugin], ...code });
  const { workflow } = new Client({ connection: await Connection.connect({ address }) });
  const records = await worker.runUntil(
    workflow.execute('syncNow', { taskQueue, workflowId: taskQueue, args: [connectionId, taskQueue] }),
  );
  await connection.close();
  return records;
}

async function runWorkflows(): Promise<object> {
  const plugin = new AirbytePlugin({ pollIntervalMs: 200 });
  if (workflows === 'from-path') return { synced: await runPlugin(plugin, { workflowsPath }) };
  const logger = new DefaultLogger('WARN');
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, plugins: [plugin], logger });
  return { synced: await runPlugin(plugin, { workflowBundle }), mocked: await runMocked(workflowBundle) };
}

async function main(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  process.stdout.write(`${JSON.stringify({ exports: listExports(), ...(await runWorkflows()) })}\n`);
  process.exit();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
