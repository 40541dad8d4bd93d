// Runs a workflow of yours (workflows.ts) that syncs an Airbyte connection as a child workflow. Your worker needs no access to
// Airbyte, because a temporal-airbyte worker runs the sync, on its own task queue.
//
//   node examples/child-workflow/main.js CONNECTION_ID
const { Client } = require('@temporalio/client');
const { loadClientConnectConfig } = require('@temporalio/envconfig');
const { NativeConnection, Worker } = require('@temporalio/worker');

const TASK_QUEUE = 'reports';

async function main(connectionId) {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const worker = await Worker.create({
      ...{ connection, namespace, taskQueue: TASK_QUEUE },
      workflowsPath: require.resolve('./workflows.ts'),
    });
    const { workflow } = new Client({ connection, namespace });
    const report = await worker.runUntil(() =>
      workflow.execute('refreshReport', {
        taskQueue: TASK_QUEUE,
        workflowId: `report:${connectionId}`,
        args: [{ connectionId, airbyteTaskQueue: process.env.AIRBYTE_TASK_QUEUE || 'airbyte' }],
      }),
    );
    console.log(JSON.stringify(report));
  } finally {
    await connection.close();
  }
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
