import type { ConnectionLike } from '@temporalio/client';

/** Values of `temporal.api.enums.v1.TaskQueueType`. */
const WORKFLOW_TASK_QUEUE = 1;

/** A worker asks anew about once a minute; who has not asked for longer than this is gone. */
const POLLER_ALIVE_MS = 2 * 60_000;
const RPC_TIMEOUT_MS = 5_000;

export interface TaskQueueOptions {
  connection: Pick<ConnectionLike, 'workflowService' | 'withDeadline'>;
  namespace: string;
}

/** The identities of the workers that ask for work on a task queue, as Temporal has seen them lately. */
export async function workersPolling(
  { connection, namespace }: TaskQueueOptions,
  taskQueue: string,
): Promise<string[]> {
  const { pollers } = await connection.withDeadline(Date.now() + RPC_TIMEOUT_MS, () =>
    connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: WORKFLOW_TASK_QUEUE,
    }),
  );
  const oldest = Date.now() - POLLER_ALIVE_MS;
  return (pollers ?? [])
    .filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= oldest)
    .map(({ identity }) => identity ?? 'unknown');
}
