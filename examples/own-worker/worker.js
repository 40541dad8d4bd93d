// A worker of yours that is a temporal-airbyte worker too: workflows.ts and the activity below are yours, and the plugin adds
// the rest. It runs until Ctrl-C.
//
//   node examples/own-worker/worker.js
//   temporal workflow execute --task-queue shop --type loadShop --input '{"connectionIds": ["CONNECTION_ID"]}'
//   AIRBYTE_TASK_QUEUE=shop npx temporal-airbyte sync 'My connection'
const { loadClientConnectConfig } = require('@temporalio/envconfig');
const { NativeConnection, Worker } = require('@temporalio/worker');
const { AirbytePlugin } = require('temporal-airbyte/plugin');

async function main() {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const worker = await Worker.create({
      ...{ connection, namespace, taskQueue: 'shop' },
      workflowsPath: require.resolve('./workflows.ts'),
      activities: { announce: async (text) => console.log(text) },
      plugins: [new AirbytePlugin()],
    });
    await worker.run();
  } finally {
    await connection.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
