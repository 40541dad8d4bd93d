import type { WorkerDeploymentVersion } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerDeploymentOptions } from '@temporalio/worker';
import { type ActivityDependencies, createActivities } from '../../activities';
import { DEFAULT_MAXIMUM_CONCURRENT_SYNCS, DEFAULT_TASK_QUEUE } from './worker-settings';
import { workflowSource } from './workflow-bundle';

/**
 * Activities that run at once beside those of the syncs that have a place: calls, and syncs that wait for a place. So a
 * worker with all its places taken can still cancel.
 */
const OTHER_CONCURRENT_ACTIVITIES = 1_000;

/**
 * A worker waiting for its first shutdown second to pass would only delay the hand-over: whoever waits for a job or a
 * check stops at once and is taken over by another worker, while calls that change something run to their end.
 */
const SHUTDOWN_GRACE = 0;

/** `docker stop` kills after 10 seconds. What is cut off is found by its heartbeat and taken up by another worker. */
const SHUTDOWN_FORCE_MS = 8_000;

/**
 * Workflows whose state is kept in memory, about 200 KB for each. The others, which wait for their jobs, are brought back
 * from their short histories when these have ended: so ten thousand may wait.
 */
const CACHED_WORKFLOWS = 500;

/**
 * Heartbeats go out this often at most. They carry what a sync has moved so far, and bring back a cancellation; the
 * SDK's own choice, 80 % of the heartbeat time-out, shows a person nothing for most of a minute.
 */
const HEARTBEAT_EVERY_MS = 5_000;

export interface CreateWorkerOptions extends ActivityDependencies {
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
 * A worker with all workflows and activities of this project, ready to `run()`. It stops on SIGTERM, SIGINT or
 * `shutdown()`: the jobs that it waits for go on, and so does the waiting, in the next worker.
 */
export async function createWorker(options: CreateWorkerOptions): Promise<Worker> {
  const {
    connection,
    namespace,
    taskQueue = DEFAULT_TASK_QUEUE,
    airbyte,
    secrets,
    jobs,
    maxConcurrentSyncs = DEFAULT_MAXIMUM_CONCURRENT_SYNCS,
    version,
  } = options;
  return Worker.create({
    connection,
    namespace,
    taskQueue,
    ...(options.workflows ?? (await workflowSource())),
    activities: createActivities({ airbyte, secrets, jobs, maxConcurrentSyncs }),
    maxConcurrentActivityTaskExecutions: maxConcurrentSyncs + OTHER_CONCURRENT_ACTIVITIES,
    maxCachedWorkflows: CACHED_WORKFLOWS,
    maxHeartbeatThrottleInterval: HEARTBEAT_EVERY_MS,
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: SHUTDOWN_FORCE_MS,
    ...(version !== undefined && { workerDeploymentOptions: pinnedTo(version) }),
  });
}

/** A workflow ends on the version that it has begun on: an upgrade changes nothing under those that run. */
function pinnedTo(version: WorkerDeploymentVersion): WorkerDeploymentOptions {
  return { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' };
}
