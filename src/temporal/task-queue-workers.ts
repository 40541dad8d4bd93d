import { type ConnectionLike, isGrpcServiceError } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { withTimeout } from './call-timeout';
import { GRPC_STATUS } from './grpc-status';

/** Values of `temporal.api.enums.v1.TaskQueueType`. */
const WORKFLOW_TASK_QUEUE = 1;
/** Of `temporal.api.enums.v1.WorkerVersioningMode`. */
const VERSIONED = 2;

/** A worker asks anew about once a minute; who has not asked for longer than this is gone. */
const POLLER_ALIVE_MS = 2 * 60_000;
const DESCRIBE_TIMEOUT_MS = 5_000;

/** The partitions of a task queue on a server that has its defaults. */
const DEFAULT_PARTITIONS = 4;

export interface TaskQueueOptions {
  connection: Pick<ConnectionLike, 'workflowService' | 'withDeadline'>;
  namespace: string;
}

/** One worker, as Temporal has seen it on a task queue lately. */
export interface TaskQueueWorker {
  /** How the worker calls itself. */
  identity: string;
  /** Tells its workflow code from another: the SDK's version and the hash of the bundle, unless the worker was given one. */
  buildId: string | undefined;
  /** The Worker Deployment Version that it is of; undefined: of none. */
  version: WorkerDeploymentVersion | undefined;
  /** When Temporal has last seen it poll, by its clock; milliseconds since 1970. */
  lastSeenMs: number;
}

/** Who asks for work on a task queue, as Temporal has seen them lately. */
export interface TaskQueueWorkers {
  workers: TaskQueueWorker[];
  /** The version that what is started now goes to; undefined: the workers without a version. */
  current: WorkerDeploymentVersion | undefined;
}

type Description = Awaited<ReturnType<ConnectionLike['workflowService']['describeTaskQueue']>>;
type Poller = NonNullable<Description['pollers']>[number];

/**
 * Reads who polls a task queue. A production server spreads a task queue over several partitions, and describes each of
 * them alone: a worker polls some of them at a time, so all of them are asked.
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
    // A partition that the server does not have is described as one that nobody polls.
    return [taskQueue, ...[...Array(DEFAULT_PARTITIONS).keys()].slice(1).map((index) => `/_sys/${taskQueue}/${index}`)];
  }
}

/** Whoever may describe a task queue need not be allowed to list its partitions, or the server lacks the call. */
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

/** A worker polls several partitions; when it did so last is what counts. */
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

/** The identities of the workers that ask for work on a task queue. */
export async function pollingIdentities(options: TaskQueueOptions, taskQueue: string): Promise<string[]> {
  const { workers } = await describeWorkers(options, taskQueue);
  return [...new Set(workers.map(({ identity }) => identity))];
}
