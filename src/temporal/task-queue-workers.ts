/** Reads which workers poll a task queue. */
import { type ConnectionLike, isGrpcServiceError } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { withTimeout } from './call-timeout';
import { GRPC_STATUS } from './grpc-status';

/** Values of `temporal.api.enums.v1.TaskQueueType`. */
const WORKFLOW_TASK_QUEUE = 1;
/** A value of `temporal.api.enums.v1.WorkerVersioningMode`. */
const VERSIONED = 2;

/** A worker polls again about once a minute; one that has not polled for longer than this has stopped. */
const POLLER_ALIVE_MS = 2 * 60_000;
const DESCRIBE_TIMEOUT_MS = 5_000;

/** How many partitions a task queue has by default. */
const DEFAULT_PARTITIONS = 4;

export interface TaskQueueOptions {
  connection: Pick<ConnectionLike, 'workflowService' | 'withDeadline'>;
  namespace: string;
}

/** A worker that has recently polled a task queue. */
export interface TaskQueueWorker {
  /** The worker's identity. */
  identity: string;
  /** Identifies its workflow code: the SDK's version and the hash of the bundle, unless the worker is configured with an id. */
  buildId: string | undefined;
  /** Its Worker Deployment Version; undefined if it has none. */
  version: WorkerDeploymentVersion | undefined;
  /** When it last polled, by the server's clock, in milliseconds since 1970. */
  lastSeenMs: number;
}

/** The workers that have recently polled a task queue. */
export interface TaskQueueWorkers {
  workers: TaskQueueWorker[];
  /** The version that gets new workflows; undefined if the unversioned workers get them. */
  current: WorkerDeploymentVersion | undefined;
}

type Description = Awaited<ReturnType<ConnectionLike['workflowService']['describeTaskQueue']>>;
type Poller = NonNullable<Description['pollers']>[number];

/**
 * Reads which workers poll a task queue. A production server divides a task queue into partitions and describes each
 * separately. A worker polls only some partitions at a time, so the function reads all of them.
 */
export async function describeWorkers(options: TaskQueueOptions, taskQueue: string): Promise<TaskQueueWorkers> {
  const { connection, namespace } = options;
  return withTimeout(connection, DESCRIBE_TIMEOUT_MS, async () => {
    const partitions = await partitionsOf(options, taskQueue);
    const descriptions = await Promise.all(
      partitions.map((name) =>
        connection.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name },
          taskQueueType: WORKFLOW_TASK_QUEUE,
        }),
      ),
    );
    const oldest = Date.now() - POLLER_ALIVE_MS;
    const alive = descriptions.flatMap(({ pollers }) => pollers ?? []).filter((poller) => lastSeen(poller) >= oldest);
    return {
      workers: deduplicateWorkers(alive.map(toWorker)),
      current: versionOf(descriptions[0]?.versioningInfo?.currentDeploymentVersion),
    };
  });
}

/** The names of a task queue's partitions; the first is the task queue's own name. */
async function partitionsOf({ connection, namespace }: TaskQueueOptions, taskQueue: string): Promise<string[]> {
  try {
    const { workflowTaskQueuePartitions } = await connection.workflowService.listTaskQueuePartitions({
      namespace,
      taskQueue: { name: taskQueue },
    });
    const names = (workflowTaskQueuePartitions ?? []).flatMap(({ key }) => key || []);
    return [taskQueue, ...names.filter((name) => name !== taskQueue)];
  } catch (error) {
    if (!isGrpcServiceError(error) || !LIST_REJECTED_CODES.has(error.code)) throw error;
    // The server describes a partition that does not exist as one without workers.
    return [taskQueue, ...[...Array(DEFAULT_PARTITIONS).keys()].slice(1).map((index) => `/_sys/${taskQueue}/${index}`)];
  }
}

/** A client that may describe a task queue may lack the permission to list its partitions, or the server lacks the call. */
const LIST_REJECTED_CODES: ReadonlySet<number> = new Set([GRPC_STATUS.UNIMPLEMENTED, GRPC_STATUS.PERMISSION_DENIED]);

function lastSeen({ lastAccessTime }: Poller): number {
  return Number(lastAccessTime?.seconds ?? 0) * 1000;
}

function toWorker(poller: Poller): TaskQueueWorker {
  const { identity, deploymentOptions, workerVersionCapabilities } = poller;
  const isVersioned = deploymentOptions?.workerVersioningMode === VERSIONED;
  return {
    identity: identity || 'unknown',
    buildId: deploymentOptions?.buildId || workerVersionCapabilities?.buildId || undefined,
    version: isVersioned ? versionOf(deploymentOptions) : undefined,
    lastSeenMs: lastSeen(poller),
  };
}

/** A worker polls several partitions; its last poll of any of them counts. */
function deduplicateWorkers(workers: readonly TaskQueueWorker[]): TaskQueueWorker[] {
  const each = new Map<string, TaskQueueWorker>();
  for (const worker of workers) {
    const key = JSON.stringify({ ...worker, lastSeenMs: undefined });
    const lastSeenMs = Math.max(worker.lastSeenMs, each.get(key)?.lastSeenMs ?? 0);
    each.set(key, { ...worker, lastSeenMs });
  }
  return [...each.values()];
}

function versionOf(version?: { deploymentName?: string | null; buildId?: string | null } | null) {
  if (!version?.deploymentName || !version.buildId) return undefined;
  return { deploymentName: version.deploymentName, buildId: version.buildId };
}

/** The identities of the workers that poll a task queue. */
export async function pollingIdentities(options: TaskQueueOptions, taskQueue: string): Promise<string[]> {
  const { workers } = await describeWorkers(options, taskQueue);
  return [...new Set(workers.map(({ identity }) => identity))];
}
