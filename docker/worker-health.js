// The health check of the worker's image: it passes if Temporal has recently seen the worker of this container poll for tasks.
// A worker that hangs or has lost its connection fails it. An Airbyte that is down does not matter, because the worker waits.
const { hostname } = require('node:os');
const { pollingIdentities } = require('../dist/src/temporal/task-queue-workers.js');
const { connectTemporal } = require('../dist/src/temporal/connection.js');
const { workerSettings } = require('../dist/src/configuration/worker-settings.js');

async function main() {
  const { taskQueue } = workerSettings();
  const temporal = await connectTemporal();
  try {
    // A worker's identity is `<process id>@<host name>#<its start> <its Airbyte>`, and each container has a host name of its own.
    const workers = await pollingIdentities(temporal, taskQueue);
    if (workers.some((identity) => identity.split(/[ #]/)[0].endsWith(`@${hostname()}`))) return;
    throw new Error(`Temporal sees no worker of ${hostname()} on the task queue '${taskQueue}'.`);
  } finally {
    await temporal.close();
  }
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
