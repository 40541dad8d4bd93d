import type { ConnectionLike } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';

/** Values of `temporal.api.enums.v1.TaskQueueType`. */
const WORKFLOW_TASK_QUEUE = 1;
/** Of `temporal.api.enums.v1.WorkerVersioningMode`. */
const VERSIONED = 2;

/** A worker asks anew about once a minute; who has not asked for longer than this is gone. */
const POLLER_ALIVE_MS = 2 * 60_000;
const RPC_TIMEOUT_MS = 5_000;

export interface TaskQueueOptions {
  connection: Pick<ConnectionLike, 'workflowService' | 'withDeadline'>;
  namespace: string;
}

/** Who asks for work on a task queue, as Temporal has seen them lately. */
export interface TaskQueueWorkers {
  /** How the workers call themselves. */
  identities: string[];
  /** The Worker Deployment Versions that some of them are of. */
  versions: WorkerDeploymentVersion[];
  /** Whether some of them are of no version. */
  unversioned: boolean;
  /** The version that what is started now goes to; undefined: the workers without a version. */
  current: WorkerDeploymentVersion | undefined;
}

export async function describeWorkers(
  { connection, namespace }: TaskQueueOptions,
  taskQueue: string,
): Promise<TaskQueueWorkers> {
  const { pollers, versioningInfo } = await connection.withDeadline(Date.now() + RPC_TIMEOUT_MS, () =>
    connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: WORKFLOW_TASK_QUEUE,
    }),
  );
  const oldest = Date.now() - POLLER_ALIVE_MS;
  const alive = (pollers ?? []).filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= oldest);
  const versions = new Map<string, WorkerDeploymentVersion>();
  let unversioned = false;
  for (const { deploymentOptions } of alive) {
    const version = deploymentOptions?.workerVersioningMode === VERSIONED ? versionOf(deploymentOptions) : undefined;
    if (version) versions.set(`${version.deploymentName} ${version.buildId}`, version);
    else unversioned = true;
  }
  return {
    identities: alive.map(({ identity }) => identity ?? 'unknown'),
    versions: [...versions.values()],
    unversioned,
    current: versionOf(versioningInfo?.currentDeploymentVersion),
  };
}

function versionOf(version?: { deploymentName?: string | null; buildId?: string | null } | null) {
  if (!version?.deploymentName || !version.buildId) return undefined;
  return { deploymentName: version.deploymentName, buildId: version.buildId };
}

/** The identities of the workers that ask for work on a task queue. */
export async function workersPolling(options: TaskQueueOptions, taskQueue: string): Promise<string[]> {
  return (await describeWorkers(options, taskQueue)).identities;
}
