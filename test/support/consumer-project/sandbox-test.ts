/** A test of a user's workflow, with a sandbox. It prints one JSON document, and ends by itself if nothing is left that runs. */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { AirbytePlugin } from 'temporal-airbyte/plugin';
import { startTestSandbox } from 'temporal-airbyte/testing';

const [workflowsPath = ''] = process.argv.slice(2);
const { TEMPORAL_CLI: path = '' } = process.env;
const taskQueue = 'test';

async function main(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const server = { executable: { type: 'existing-path', path } } as const;
  const [environment, sandbox] = await Promise.all([
    TestWorkflowEnvironment.createLocal({ server }),
    startTestSandbox(),
  ]);
  const connectionId = await sandbox.simulatedConnection({ records: 6, duration_ms: 500 });
  const worker = await Worker.create({
    ...{ connection: environment.nativeConnection, taskQueue, workflowsPath },
    plugins: [new AirbytePlugin({ airbyte: { url: sandbox.url }, pollIntervalMs: 100 })],
  });
  const synced = await worker.runUntil(
    environment.client.workflow.execute('syncNow', { taskQueue, workflowId: 'sync', args: [connectionId, taskQueue] }),
  );
  await Promise.all([environment.teardown(), sandbox.stop()]);
  process.stdout.write(`\n${JSON.stringify({ synced })}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
