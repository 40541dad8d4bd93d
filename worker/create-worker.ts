import type { WorkerDeploymentVersion } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerDeploymentOptions } from '@temporalio/worker';
import { DEFAULT_TASK_QUEUE } from '../src/contract/workflow-ids';
import { AirbytePlugin, type AirbytePluginOptions } from './airbyte-plugin';

import type { workflowSource } from './workflow-bundle';

/**
 * A worker waiting for its first shutdown second to pass would only delay the hand-over: whoever waits for a job or a
 * check stops at once and is taken over by another worker, while calls that change something run to their end.
 */
const SHUTDOWN_GRACE_MS = 0;

/** `docker stop` kills after 10 seconds. What is cut off is found by its heartbeat and taken up by another worker. */
const SHUTDOWN_FORCE_MS = 8_000;

/**
 * Workflows whose state is kept in memory, some 100 KB for each. The others, which wait for their jobs, are brought back
 * from their short histories when these have ended, at a fourth more processor time: so ten thousand may wait.
 */
const MAXIMUM_CACHED_WORKFLOWS = 1_000;

export interface CreateWorkerOptions extends Omit<AirbytePluginOptions, 'registerSearchAttributes'> {
  connection: NativeConnection;
  namespace: string;
  /** `airbyte` when left out. */
  taskQueue?: string;
  /** The Worker Deployment Version that the worker is of; left out: it is not versioned. */
  version?: WorkerDeploymentVersion;
  /** Where the workflows come from; this project's own when left out. */
  workflows?: Awaited<ReturnType<typeof workflowSource>>;
}

/**
 * A worker with all that this project has and nothing else, ready to `run()`; the search attributes have to be registered
 * already. It stops on SIGTERM, SIGINT or `shutdown()`: the jobs that it waits for go on, and so does the waiting, in the
 * next worker.
 */
export async function createWorker(options: CreateWorkerOptions): Promise<Worker> {
  const { connection, namespace, taskQueue = DEFAULT_TASK_QUEUE, version, workflows, ...parts } = options;
  return Worker.create({
    connection,
    namespace,
    taskQueue,
    ...workflows,
    maxCachedWorkflows: MAXIMUM_CACHED_WORKFLOWS,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    shutdownForceTime: SHUTDOWN_FORCE_MS,
    ...(version !== undefined && { workerDeploymentOptions: pinnedTo(version) }),
    plugins: [new AirbytePlugin({ ...parts, registerSearchAttributes: false })],
  });
}

/** A workflow ends on the version that it has begun on: an upgrade changes nothing under those that run. */
function pinnedTo(version: WorkerDeploymentVersion): WorkerDeploymentOptions {
  return { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' };
}
