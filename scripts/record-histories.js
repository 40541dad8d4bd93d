// Records the histories that test/replay replays. Run it (npm run record-histories) when you change a workflow on purpose, and
// review the differences. It uses a real Temporal server, a worker, and the sandbox with simulated jobs.
const { execFileSync } = require('node:child_process');
const { mkdir, writeFile } = require('node:fs/promises');
const { join } = require('node:path');
const { setTimeout } = require('node:timers/promises');
const { Client, Connection } = require('@temporalio/client');
const { NativeConnection, Runtime, DefaultLogger } = require('@temporalio/worker');
const { startSandbox } = require('temporal-airbyte-sandbox');
const { AirbyteClient, createSecretResolver, JobWatcher } = require('../dist/src/index.js');
const { findExecutable } = require('../dist/tools/executables.js');
const { startDevServer } = require('../dist/tools/dev-server.js');
const { createWorker } = require('../dist/worker/create-worker.js');

const FOLDER = join(__dirname, '..', 'test', 'replay', 'histories');
const TASK_QUEUE = 'airbyte';

/** A pipeline whose jobs take the time and have the outcome of the source's configuration. */
function pipeline(name, jobs, rest = {}) {
  return {
    name,
    source: { name: `${name}-source`, definition: 'Simulated', configuration: { jobs, ...rest.source } },
    destination: { name: `${name}-destination`, definition: 'Simulated', configuration: {} },
    connection: {
      name,
      streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }],
      ...rest.connection,
    },
    sync: rest.sync ?? {},
  };
}

const SUCCESS = { duration_ms: 200, records: 100, bytes: 1000 };
const HELD = { hold: true };

async function main() {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const temporal = await startDevServer({ onProgress: (line) => process.stderr.write(`${line}\n`) });
  const temporalCli = await findExecutable('temporal');
  const sandbox = await startSandbox();
  const connection = await NativeConnection.connect({ address: temporal.address });
  const client = new Client({ connection: await Connection.connect({ address: temporal.address }) });
  const airbyte = new AirbyteClient({ url: sandbox.url });
  const jobs = new JobWatcher({ airbyte, pollIntervalMs: 100, logger: { info() {}, warn() {} } });
  const worker = await createWorker({
    ...{ connection, namespace: 'default', taskQueue: TASK_QUEUE },
    ...{ airbyte, jobs, secrets: createSecretResolver() },
  });
  const running = worker.run();

  const start = (type, workflowId, input) =>
    client.workflow.start(type, { workflowId, taskQueue: TASK_QUEUE, args: input === undefined ? [] : [input] });
  const connect = async (name, simulated) => {
    const document = { ...pipeline(name, simulated), sync: false };
    const { connectionId } = await (await start('runPipeline', `apply-${name}`, document)).result();
    return connectionId;
  };
  const startSync = (connectionId, options = {}, suffix = '') =>
    start('syncConnection', `airbyte-sync:${connectionId}${suffix}`, { connectionId, ...options });
  const jobOf = async (connectionId) => (await sandbox.jobs.created(connectionId, 0)).id;

  /** Waits until the workflow has ended in any way, and writes its history. */
  const record = async (name, handle) => {
    const end = await handle.result().then(
      () => 'completed',
      (error) => error.cause?.type ?? error.cause?.constructor.name,
    );
    const { runId } = await handle.describe();
    const show = ['workflow', 'show', '--address', temporal.address, '--output', 'json'];
    const shown = execFileSync(temporalCli, [...show, '--workflow-id', handle.workflowId, '--run-id', runId]);
    const history = JSON.parse(shown.toString(), withoutMachine);
    await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(history, null, 1)}\n`);
    process.stdout.write(`${name}: ${end}, ${history.events.length} events\n`);
  };

  await mkdir(FOLDER, { recursive: true });
  try {
    // Airbyte responds that it is not available yet.
    sandbox.faults.add({ call: 'health', status: 200, body: { available: false } });
    await record('check-succeeded', await start('checkAirbyte', 'check-succeeded'));
    const unauthorized = sandbox.faults.add({ call: '*', status: 401, times: null });
    await record('check-failed', await start('checkAirbyte', 'check-failed'));
    sandbox.faults.remove(unauthorized.faultId);

    await record('sync-succeeded', await startSync(await connect('succeeds', [SUCCESS])));

    const failing = [{ duration_ms: 100, outcome: 'failed', failure_type: 'transient_error' }, SUCCESS];
    await record('sync-retried', await startSync(await connect('retried', failing), { maximumAttempts: 2 }));

    const broken = [{ duration_ms: 100, outcome: 'failed', failure_type: 'config_error' }];
    await record('sync-failed', await startSync(await connect('fails', broken), { maximumAttempts: 2 }));

    const cancelled = await connect('cancelled', [HELD]);
    const cancelling = await startSync(cancelled);
    await reached(cancelling, 'running');
    await cancelling.cancel();
    await record('sync-cancelled', cancelling);

    const refusing = await connect('refusing', [HELD]);
    const refused = await startSync(refusing);
    await reached(refused, 'running');
    sandbox.faults.add({ call: 'jobs/cancel', status: 403 });
    await refused.cancel();
    await record('sync-cancel-refused', refused);

    const queueing = await connect('queueing', [HELD]);
    await startSync(queueing);
    await jobOf(queueing);
    const leaving = await startSync(queueing, { onRunning: 'queue' }, ':queue');
    await reached(leaving, 'queued');
    await leaving.cancel();
    await record('sync-cancelled-in-queue', leaving);

    const late = await connect('late', [HELD]);
    await record('sync-timed-out', await startSync(late, { timeout: '2s' }));

    const stalling = await connect('stalling', [{ ...SUCCESS, stalls_after_ms: 100 }, SUCCESS]);
    await record('sync-stalled', await startSync(stalling, { stallTimeout: '1s', maximumAttempts: 2 }));

    // Airbyte starts the job, and the response is lost until the sync's timeout.
    const unheard = await connect('unheard', [HELD]);
    const slow = { call: 'connections/sync', effect: true, delayMs: 4_000, status: 503 };
    sandbox.faults.add(slow);
    await record('sync-given-up', await startSync(unheard, { timeout: '2s' }));

    await record('sync-not-found', await startSync('00000000-0000-4000-8000-000000000000'));

    const cleared = await connect('cleared', [SUCCESS]);
    await record('sync-cleared', await startSync(cleared, { jobType: 'clear', minimumRecords: 1 }));

    const shared = await connect('shared', [HELD, SUCCESS]);
    const first = await startSync(shared);
    const jobId = await jobOf(shared);
    await record('sync-skipped', await startSync(shared, { onRunning: 'skip' }, ':skip'));
    const attached = await startSync(shared, {}, ':attach');
    const queued = await startSync(shared, { onRunning: 'queue' }, ':queue');
    await reached(attached, 'running');
    await reached(queued, 'queued');
    await sandbox.jobs.finish(jobId, 'succeeded');
    await first.result();
    await record('sync-attached', attached);
    await record('sync-queued', queued);

    const document = pipeline('whole', [SUCCESS, SUCCESS]);
    await record('pipeline-created', await start('runPipeline', 'airbyte-pipeline:whole', document));
    await record('pipeline-unchanged', await start('runPipeline', 'airbyte-pipeline:whole', document));
    const byTemporal = { schedule: { every: '365 days', by: 'temporal' } };
    const scheduled = pipeline('scheduled', [SUCCESS], { connection: byTemporal, sync: false });
    await record('pipeline-scheduled', await start('runPipeline', 'airbyte-pipeline:scheduled', scheduled));
    const unchecked = pipeline('refused', [SUCCESS], { source: { check_message: 'the password is wrong' } });
    await record('pipeline-check-failed', await start('runPipeline', 'airbyte-pipeline:refused', unchecked));

    await connect('shop', [SUCCESS]);
    await connect('orders', [SUCCESS]);
    await connect('crm', broken);
    await connect('held', [HELD]);
    const startFleet = (name, fleet) => start('syncFleet', `airbyte-fleet:${name}`, { name, ...fleet });
    const ordered = ['shop', { connection: 'orders', dependsOn: 'shop' }];
    await record('fleet-succeeded', await startFleet('succeeds', { connections: ordered }));
    const dependent = { connections: ['crm', ...ordered], dependsOn: { orders: 'crm' } };
    await record('fleet-failed', await startFleet('fails', dependent));
    const selecting = await startFleet('cancelled', { select: { namePattern: 'h*d' }, dependsOn: {} });
    await jobOf(connectionOf(sandbox, 'held'));
    await selecting.cancel();
    await record('fleet-cancelled', selecting);
  } finally {
    worker.shutdown();
    await running;
    await client.connection.close();
    await connection.close();
    await airbyte.close();
    await sandbox.stop();
    await temporal.stop();
  }
}

/** The id of a connection by its name. */
function connectionOf({ store }, name) {
  return [...store.connections.values()].find(({ settings }) => settings.name === name).connectionId;
}

/** Waits until the progress of a sync reports a phase. */
async function reached(handle, phase) {
  while ((await handle.query('progress')).phase !== phase) await setTimeout(50);
}

/** Removes stack traces and the identity of the worker, which a replay does not read. */
function withoutMachine(key, value) {
  if (key === 'stackTrace') return undefined;
  return typeof value === 'string' ? value.replace(/^\d+@[\w.-]+/, 'recorder') : value;
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
