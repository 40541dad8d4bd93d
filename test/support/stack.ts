/** Everything a sync passes through, in one process: Temporal, a worker of this project, and the sandbox as its Airbyte. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/server';
import type { AirbyteTimings } from '../../src/airbyte/airbyte-timings';
import { type AirbyteFlavour, publicApiUrl } from '../../src/airbyte/airbyte-url';
import type { AirbyteAuth } from '../../src/airbyte/auth';
import { AirbyteClient, type AirbyteClientOptions } from '../../src/airbyte/client';
import { type PipelineDocument, pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import type { SyncConnectionInput } from '../../src/contract/sync-options';
import { pipelineWorkflowId, syncWorkflowId } from '../../src/contract/workflow-ids';
import { parsePipelineDocument } from '../../src/documents/parse-document';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { createSecretResolver } from '../../src/secrets/secret-resolver';
import { createWorker } from '../../worker/create-worker';
import type { PipelineResult, runPipeline, syncConnection } from '../../workflows';
import { ApiCaller } from '../unit/sandbox/api-caller';
import { FAST_COUNT_POLLS } from './fast-count-polls';
import { type SharedTemporal, sharedTemporal, uniqueName, workflowBundle } from './temporal';

/** The sandbox starts a job immediately, and a test has no minutes to wait for retries. */
const FAST_TIMINGS: AirbyteTimings = {
  jobStartTimeoutMs: 3_000,
  gatewayErrorTimeoutMs: 3_000,
  airbyteErrorTimeoutMs: 500,
  jobRetryDelaysMs: [500, 500],
};

/** What a waiting worker asks Airbyte, again and again. */
export const JOB_POLL_CALL = 'jobs/get_without_logs';

export interface StackOptions {
  /** The Temporal server. Default: the one that test files share. */
  temporal?: () => Promise<SharedTemporal>;
  sandbox?: SandboxOptions;
  /** The folder that `${file:…}` resolves from. */
  secretDirectory?: string;
  /** Default: one of its own. */
  taskQueue?: string;
  /** False: the test starts workers of its own. */
  worker?: boolean;
  /** Through which of its APIs the worker speaks to Airbyte, and how it signs in. Default: the Config API, not at all. */
  airbyte?: { flavour?: AirbyteFlavour; auth?: AirbyteAuth };
  /** How long the worker waits for Airbyte's responses. */
  timeoutsMs?: AirbyteClientOptions['timeoutsMs'];
  /** How long the worker gives Airbyte, where that is not as long as in production. */
  timings?: Partial<AirbyteTimings>;
}

export interface Stack {
  temporal: SharedTemporal;
  sandbox: Sandbox;
  /** Calls the sandbox directly, without the worker. */
  caller: ApiCaller;
  taskQueue: string;
  /** Where the worker resolves `${env:…}`; a test changes it as an operator would. */
  secrets: NodeJS.ProcessEnv;
  /** The environment of another worker, or of a shell: its Temporal, Airbyte and task queue are those of the stack. */
  environment(): NodeJS.ProcessEnv;
  startPipeline(document: PipelineDocument): Promise<WorkflowHandle<typeof runPipeline>>;
  runPipeline(document: PipelineDocument): Promise<PipelineResult>;
  /** @param workflowId left out: the one that all starters of this connection share */
  startSync(input: SyncConnectionInput, workflowId?: string): Promise<WorkflowHandle<typeof syncConnection>>;
  stop(): Promise<void>;
}

/** Starts a stack. Its task queue is its own. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const connect = options.temporal ?? sharedTemporal;
  const [temporal, sandbox] = await Promise.all([connect(), startSandbox(options.sandbox)]);
  const { client } = temporal;
  const taskQueue = options.taskQueue ?? uniqueName('stack');
  const secrets: NodeJS.ProcessEnv = {};
  const resolver = createSecretResolver({
    env: secrets,
    ...(options.secretDirectory !== undefined && { directory: options.secretDirectory }),
  });
  const airbyte = new AirbyteClient({
    url: options.airbyte?.flavour === 'public' ? publicApiUrl(sandbox.url) : sandbox.url,
    ...(options.airbyte?.auth !== undefined && { auth: options.airbyte.auth }),
    ...(options.timeoutsMs !== undefined && { timeoutsMs: options.timeoutsMs }),
  });
  const stopWorker =
    options.worker === false ? undefined : await startWorker(temporal, airbyte, taskQueue, resolver, options.timings);

  const startPipeline = (document: PipelineDocument) =>
    client.workflow.start<typeof runPipeline>('runPipeline', {
      taskQueue,
      workflowId: pipelineWorkflowId(document.name, taskQueue),
      args: [document],
    });
  return {
    ...{ temporal, sandbox, taskQueue, secrets, startPipeline },
    caller: new ApiCaller(sandbox),
    environment: () =>
      temporal.environment({
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        AIRBYTE_URL: sandbox.url,
        AIRBYTE_TASK_QUEUE: taskQueue,
        AIRBYTE_POLL_INTERVAL: '50ms',
      }),
    runPipeline: async (document) => (await startPipeline(document)).result(),
    startSync: (input, workflowId = syncWorkflowId(input.connectionId, taskQueue)) =>
      client.workflow.start<typeof syncConnection>('syncConnection', { taskQueue, workflowId, args: [input] }),
    async stop() {
      await stopWorker?.();
      await airbyte.close();
      await sandbox.stop();
      await temporal.close();
    },
  };
}

async function startWorker(
  temporal: SharedTemporal,
  airbyte: AirbyteClient,
  taskQueue: string,
  secrets: ReturnType<typeof createSecretResolver>,
  timings: Partial<AirbyteTimings> = {},
): Promise<() => Promise<void>> {
  const worker = await createWorker({
    connection: temporal.nativeConnection,
    namespace: temporal.namespace,
    taskQueue,
    airbyte,
    secrets,
    timings: { ...FAST_TIMINGS, ...timings },
    jobs: new JobWatcher({
      airbyte,
      pollIntervalMs: 20,
      countsPatience: FAST_COUNT_POLLS,
      logger: { info: () => {}, warn: () => {} },
    }),
    workflows: { workflowBundle: await workflowBundle() },
  });
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
  };
}

/** The failure that a workflow ended with. */
export async function failureOf(workflow: { result(): Promise<unknown> }): Promise<ApplicationFailure> {
  const error = await workflow.result().then(
    (result) => result,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}

/** How a workflow ended that did not succeed: `FAILED`, `CANCELLED` … */
export async function endOf(workflow: WorkflowHandle): Promise<string> {
  await workflow.result().catch(() => undefined);
  return (await workflow.describe()).status.name;
}

/** What a test says differently from an example. Each field replaces, configurations are merged. */
export interface DocumentChanges {
  source?: Record<string, unknown>;
  destination?: Record<string, unknown>;
  sync?: PipelineDocument['sync'];
}

/**
 * One of the documents in `examples/`, with addresses of the test's own, and with names that no other test has.
 *
 * @param name unique; the names of everything that the document creates begin with it
 */
export async function exampleDocument(
  file: string,
  name: string,
  changes: DocumentChanges = {},
): Promise<PipelineDocument> {
  const text = await readFile(join(__dirname, '../../examples', file), 'utf8');
  const { source, destination, connection, ...rest } = parsePipelineDocument(text, file);
  return pipelineDocumentSchema().parse({
    ...rest,
    name,
    source: changed(source, `${name} source`, changes.source),
    destination: changed(destination, `${name} destination`, changes.destination),
    connection: { ...connection, name },
    ...(changes.sync !== undefined && { sync: changes.sync }),
  });
}

function changed(actor: PipelineDocument['source'], name: string, configuration: Record<string, unknown> = {}) {
  return { ...actor, name, configuration: { ...actor.configuration, ...configuration } };
}
