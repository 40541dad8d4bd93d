import type { WorkerDeploymentVersion } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerDeploymentOptions } from '@temporalio/worker';
import { DEFAULT_TASK_QUEUE } from '../src/contract/workflow-ids';
import { encryptionKeysFromEnvironment } from '../src/encryption/encryption-keys';
import { AirbytePlugin, type AirbytePluginOptions } from './airbyte-plugin';
import type { Tracing } from './tracing/tracing';
import { type WorkflowSource, workflowSource } from './workflow-bundle';

/**
 * With a grace time the worker would only wait before it cancels its activities. Activities that wait for a job or a check stop
 * immediately and another worker takes them over, while calls that change something run to their end.
 */
const SHUTDOWN_GRACE_MS = 0;

/** `docker stop` kills after 10 seconds. Activities that are cut off miss their heartbeat, and another worker retries them. */
const SHUTDOWN_FORCE_MS = 8_000;

/**
 * How many workflows stay in memory, at some 100 KB each. Further ones are rebuilt from their short histories when their jobs
 * have ended, which costs a quarter more processor time but lets ten thousand syncs wait.
 */
const MAXIMUM_CACHED_WORKFLOWS = 1_000;

export interface CreateWorkerOptions extends Omit<AirbytePluginOptions, 'registerSearchAttributes'> {
  connection: NativeConnection;
  namespace: string;
  /** `airbyte` when left out. */
  taskQueue?: string;
  /** The Worker Deployment Version of the worker; left out: it is not versioned. */
  version?: WorkerDeploymentVersion;
  /** The source of the workflow code; default: this project's workflows. */
  workflows?: WorkflowSource;
  /** Records what the worker does; left out: nothing is recorded. */
  tracing?: Tracing | undefined;
}

/**
 * Creates a worker with the activities, workflows and Nexus service of this project, ready to `run()`. The search attributes
 * must be registered already. It stops on SIGTERM, SIGINT or `shutdown()`: its jobs continue, and another worker waits for
 * them.
 */
export async function createWorker(options: CreateWorkerOptions): Promise<Worker> {
  const { connection, namespace, taskQueue = DEFAULT_TASK_QUEUE, version, tracing, ...parts } = options;
  const encrypts = encryptionKeysFromEnvironment(parts.env) !== undefined;
  const { workflows = tracing && (await workflowSource({ encrypts, isTraced: true })), ...pluginOptions } = parts;
  return Worker.create({
    connection,
    namespace,
    taskQueue,
    ...workflows,
    ...(tracing && {
      interceptors: { ...tracing.worker.interceptors, ...workflows?.interceptors },
      sinks: tracing.worker.sinks,
    }),
    maxCachedWorkflows: MAXIMUM_CACHED_WORKFLOWS,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    shutdownForceTime: SHUTDOWN_FORCE_MS,
    ...(version !== undefined && { workerDeploymentOptions: pinnedTo(version) }),
    plugins: [new AirbytePlugin({ ...pluginOptions, registerSearchAttributes: false })],
  });
}

/** Pins a workflow to the version that it started on, so that an upgrade does not affect running workflows. */
function pinnedTo(version: WorkerDeploymentVersion): WorkerDeploymentOptions {
  return { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' };
}
