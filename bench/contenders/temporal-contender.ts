import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { WORKER_READY } from '../../cli/commands/worker';
import { withoutOwnVariables } from '../../cli/demo/demo-processes';
import { CLI_ENTRY } from '../../cli/demo/entry-points';
import { DEFAULT_TASK_QUEUE, syncWorkflowId } from '../../src/contract/workflow-ids';
import { connectTemporal } from '../../src/temporal/connection';
import { type DevServer, startDevServer } from '../../tools/dev-server';
import { freePort } from '../../tools/free-ports';
import { SupervisedProcess } from '../../tools/supervised-process';
import { writeWorkflowBundle } from '../../worker/workflow-bundle';
import { usageDuring } from '../process-usage';
import { Telemetry } from '../telemetry';
import { countActions } from '../temporal-actions';
import { startWorkflows, type WorkflowToRun, whenClosed } from '../workflow-runs';
import type { ContenderRun, SyncsToRun } from './contender';
import { READY } from './ready';

const PLAIN_WORKFLOWS = join(__dirname, 'plain-workflow.js');
const PLAIN_BUNDLE = join(__dirname, 'plain-workflow-bundle.js');
const PLAIN_WORKER = join(__dirname, 'plain-worker.js');

/** A worker process and the workflow type that it runs. */
interface TemporalContender {
  workflowType: string;
  workflowOf(connectionId: string, pollIntervalMs: number): WorkflowToRun;
  worker: { script: string; args: string[]; readyLine: string };
  /** Airbyte notifies the worker when jobs have ended. */
  webhooks?: true;
  /** The worker exports traces, and something reads its metrics. */
  telemetry?: true;
}

const OURS: TemporalContender = {
  workflowType: 'syncConnection',
  workflowOf: (connectionId) => ({ workflowId: syncWorkflowId(connectionId), args: [{ connectionId }] }),
  worker: { script: CLI_ENTRY, args: ['worker'], readyLine: WORKER_READY },
};

const PUSH: TemporalContender = { ...OURS, webhooks: true };

const TELEMETRY: TemporalContender = { ...OURS, telemetry: true };

const PLAIN: TemporalContender = {
  workflowType: 'plainSync',
  workflowOf: (connectionId, pollIntervalMs) => ({
    workflowId: `plain-sync:${connectionId}`,
    args: [connectionId, pollIntervalMs],
  }),
  worker: { script: PLAIN_WORKER, args: [PLAIN_BUNDLE], readyLine: READY },
};

/** What the Dockerfile sets for a worker: how the C library returns memory. */
const IMAGE_VARIABLES = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '131072' };

/** This project's worker and its `syncConnection`. */
export function runOurs(syncs: SyncsToRun): Promise<ContenderRun> {
  return runOnTemporal(OURS, syncs);
}

/** The same, notified by Airbyte's webhooks. */
export function runPush(syncs: SyncsToRun): Promise<ContenderRun> {
  return runOnTemporal(PUSH, syncs);
}

/** The same, with metrics and traces. */
export function runTelemetry(syncs: SyncsToRun): Promise<ContenderRun> {
  return runOnTemporal(TELEMETRY, syncs);
}

/** The workflow as everybody writes it. */
export async function runPlain(syncs: SyncsToRun): Promise<ContenderRun> {
  // Made ahead, as ours is: no worker's figures have a bundler's memory in them.
  await writeWorkflowBundle({ workflowsPath: PLAIN_WORKFLOWS, bundlePath: PLAIN_BUNDLE });
  return runOnTemporal(PLAIN, syncs);
}

async function runOnTemporal(contender: TemporalContender, syncs: SyncsToRun): Promise<ContenderRun> {
  const server = await startDevServer({ onProgress: (message) => process.stderr.write(`${message}\n`) });
  try {
    const telemetry = contender.telemetry && (await Telemetry.open());
    try {
      return await runOnServer(contender, syncs, server, telemetry);
    } finally {
      await telemetry?.close();
    }
  } finally {
    await server.stop();
  }
}

async function runOnServer(
  contender: TemporalContender,
  syncs: SyncsToRun,
  server: DevServer,
  telemetry: Telemetry | undefined,
): Promise<ContenderRun> {
  const { workflowType, workflowOf, webhooks } = contender;
  const { script, args, readyLine } = contender.worker;
  const env = {
    ...server.environment(withoutOwnVariables(process.env)),
    ...IMAGE_VARIABLES,
    AIRBYTE_URL: syncs.airbyteUrl,
    AIRBYTE_POLL_INTERVAL: `${syncs.pollIntervalMs}ms`,
    // All of them concurrently, also where they are more than a worker runs by default.
    AIRBYTE_MAX_CONCURRENT_SYNCS: String(syncs.connectionIds.length),
    ...(webhooks && (await webhookVariables())),
    ...telemetry?.environment,
  };
  const worker = new SupervisedProcess({
    name: `The worker of ${workflowType}`,
    file: process.execPath,
    args: [script, ...args],
    env,
    logFile: join(syncs.folder, 'worker.log'),
  });
  const temporal = await connectTemporal({ env: server.environment({}) });
  try {
    await worker.waitForLine((line) => line.startsWith(readyLine));
    if (webhooks) await installWebhooks(env, syncs.folder);
    telemetry?.startScraping();
    const { connectionIds, pollIntervalMs } = syncs;
    const workflows = connectionIds.map((connectionId) => workflowOf(connectionId, pollIntervalMs));
    const connectionOf = new Map(workflows.map(({ workflowId }, index) => [workflowId, connectionIds[index]]));
    const startedAtMs = Date.now();
    const { result: closed, usage } = await usageDuring(worker, async () => {
      await startWorkflows(temporal.client, workflowType, DEFAULT_TASK_QUEUE, workflows);
      return whenClosed(temporal.client, DEFAULT_TASK_QUEUE, workflows.length);
    });
    const ended = closed.map(({ workflowId, status, closedAtMs, events }) => ({
      connectionId: connectionOf.get(workflowId) ?? '',
      succeeded: status === 'COMPLETED',
      endedAtMs: closedAtMs,
      events,
    }));
    const scrapes = await telemetry?.stopScraping();
    const actions = await countActions(server.metricsUrl, server.namespace);
    return { startedAtMs, ended, usage, actions, ...(scrapes && { scrapes }) };
  } finally {
    await temporal.close();
    await worker.stop();
  }
}

async function webhookVariables(): Promise<NodeJS.ProcessEnv> {
  const port = await freePort();
  return {
    AIRBYTE_WEBHOOK_PORT: String(port),
    AIRBYTE_WEBHOOK_URL: `http://127.0.0.1:${port}`,
    AIRBYTE_WEBHOOK_SECRET: randomBytes(16).toString('hex'),
  };
}

async function installWebhooks(env: NodeJS.ProcessEnv, folder: string): Promise<void> {
  const install = new SupervisedProcess({
    name: 'The installation of the webhooks',
    file: process.execPath,
    args: [CLI_ENTRY, 'webhook', 'install'],
    env,
    logFile: join(folder, 'webhook-install.log'),
  });
  const { code } = await install.exited;
  if (code !== 0) throw new Error(`The webhooks were not installed:\n${install.outputTail}`);
}
