/**
 * The worker of the plain workflow, as a process of its own. Temporal is where `TEMPORAL_*` says, Airbyte at
 * `AIRBYTE_URL`, the task queue is `AIRBYTE_TASK_QUEUE`, and the one argument is the bundle of the workflow.
 */
import { Worker } from '@temporalio/worker';
import { workerSettings } from '../../src/configuration/worker-settings';
import { connectTemporalWorker } from '../../src/temporal/worker-connection';
import { PlainAirbyte } from './plain-airbyte';
import { READY } from './ready';

async function main(): Promise<void> {
  const airbyte = new PlainAirbyte(process.env['AIRBYTE_URL'] ?? '');
  const { connection, namespace, close } = await connectTemporalWorker();
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: workerSettings().taskQueue,
    workflowBundle: { codePath: process.argv[2] ?? '' },
    activities: {
      startSync: (connectionId: string) => airbyte.startSync(connectionId),
      jobStatus: (jobId: number) => airbyte.jobStatus(jobId),
    },
  });
  process.stdout.write(`${READY} the plain worker takes work\n`);
  await worker.run();
  await close();
  await airbyte.close();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
});
