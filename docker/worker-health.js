// The health check of the worker's image: does Temporal see the worker of this container ask for work? A worker that
// hangs, or has lost Temporal, is not healthy; an Airbyte that is down is no fault of the worker's, which waits for it.
const { hostname } = require('node:os');
const { pollingIdentities } = require('../dist/src/temporal/task-queue-workers.js');
const { connectTemporal } = require('../dist/src/temporal/connection.js');
const { workerSettings } = require('../dist/src/configuration/worker-settings.js');

async function main() {
  const { taskQueue } = workerSettings();
  const temporal = await connectTemporal();
  try {
    // Temporal knows a worker as `<process id>@<host name>`, with the Airbyte that it serves behind a blank, and each container has a host name of its own.
    const workers = await pollingIdentities(temporal, taskQueue);
    if (workers.some((identity) => identity.split(' ')[0].endsWith(`@${hostname()}`))) return;
    throw new Error(`Temporal sees no worker of ${hostname()} on the task queue '${taskQueue}'.`);
  } finally {
    await temporal.close();
  }
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
