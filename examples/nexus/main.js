// Runs a workflow (workflows.ts) that syncs an Airbyte connection from another namespace, by Nexus. It shares nothing with
// the workers of temporal-airbyte except the definition of their service.
//
//   temporal-airbyte doctor --fix                                      # creates the endpoint 'airbyte' if it is missing
//   temporal operator namespace create --namespace analytics
//   TEMPORAL_NAMESPACE=analytics node examples/nexus/main.js CONNECTION_ID [ENDPOINT]
const { Client } = require('@temporalio/client');
const { loadClientConnectConfig } = require('@temporalio/envconfig');
const { NativeConnection, Worker } = require('@temporalio/worker');

const TASK_QUEUE = 'refreshing';

async function main(connectionId, endpoint = 'airbyte') {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const worker = await Worker.create({
      ...{ connection, namespace, taskQueue: TASK_QUEUE },
      workflowsPath: require.resolve('./workflows.ts'),
    });
    const { workflow } = new Client({ connection, namespace });
    const result = await worker.runUntil(() =>
      workflow.execute('refresh', {
        taskQueue: TASK_QUEUE,
        workflowId: `refresh:${connectionId}`,
        args: [{ connectionId, endpoint }],
      }),
    );
    console.log(JSON.stringify(result));
  } finally {
    await connection.close();
  }
}

const [connectionId, endpoint] = process.argv.slice(2);
main(connectionId, endpoint).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
