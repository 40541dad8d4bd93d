import { randomUUID } from 'node:crypto';
import { Client, type ConnectionLike, isGrpcDeadlineError, type WorkflowHandle } from '@temporalio/client';
import { pingWorkflowId } from '../src/contract/workflow-ids';
import { withTimeout } from '../src/temporal/call-timeout';
import { describeWorkers, type TaskQueueWorker } from '../src/temporal/task-queue-workers';
import {
  airbyteOfIdentity,
  describeAirbyte,
  isSameAirbyte,
  type ServedAirbyte,
} from '../src/temporal/worker-airbyte-identity';
import { messageOf } from '../src/text/error-message';

/** How long a worker that is there takes at most to carry out a workflow that ends at once. */
const PING_TIMEOUT_MS = 4_000;
/** When a worker that has started looks again: soon for those that start together, and once after each may have polled anew. */
const RECHECK_DELAYS_MS = [1_000, 3_000, 10_000, 30_000, 75_000];

/** Another worker of the task queue serves another Airbyte. The message names both, and what to do. */
export class AirbyteMismatchError extends Error {
  override readonly name = 'AirbyteMismatchError';
}

export interface TaskQueueMember {
  namespace: string;
  taskQueue: string;
  /** The Airbyte that this worker serves. */
  served: ServedAirbyte;
  logger: { warn(message: string): void };
}

/**
 * Keeps a worker from a task queue whose workers serve another Airbyte: each sync would run in the Airbyte of the worker that
 * happens to take it. Workers tell in their identity what they serve, and Temporal tells who polls.
 */
export class AirbyteMismatchGuard {
  /** When Temporal had last seen those that serve another Airbyte and did not answer, by their identity. */
  readonly #unresponsive = new Map<string, number>();

  constructor(private readonly member: TaskQueueMember) {}

  /** @throws AirbyteMismatchError when a worker that is there serves another Airbyte */
  async beforeStart(connection: ConnectionLike): Promise<void> {
    const others = await this.#others(connection);
    if (others.length === 0) return;
    const responder = await this.#findRespondingWorker(connection);
    const other = others.find(({ identity }) => identity === responder);
    if (other) throw this.#mismatchError(other);
    for (const { identity, lastSeenMs } of others) this.#unresponsive.set(identity, lastSeenMs);
  }

  /**
   * Looks again a few times after the start: for a worker that has started at the same moment, and for one that was too busy to
   * answer before.
   *
   * @param onMismatch called once, when there is one
   * @returns ends it
   */
  whileRunning(connection: ConnectionLike, onMismatch: (error: AirbyteMismatchError) => void): () => void {
    const check = async () => {
      const isThere = ({ identity, lastSeenMs }: TaskQueueWorker) =>
        lastSeenMs > (this.#unresponsive.get(identity) ?? -1);
      const other = (await this.#others(connection)).find(isThere);
      if (!other) return;
      end();
      onMismatch(this.#mismatchError(other));
    };
    const timers = RECHECK_DELAYS_MS.map((afterMs) => setTimeout(() => void check(), afterMs).unref());
    const end = () => timers.forEach(clearTimeout);
    return end;
  }

  /** The workers of the task queue that serve another Airbyte, as far as they tell what they serve. */
  async #others(connection: ConnectionLike): Promise<TaskQueueWorker[]> {
    const { member } = this;
    try {
      const { workers } = await describeWorkers({ connection, ...member }, member.taskQueue);
      return workers.filter(({ identity }) => {
        const its = airbyteOfIdentity(identity);
        return its !== undefined && !isSameAirbyte(its, member.served);
      });
    } catch (error) {
      const reason = messageOf(error);
      member.logger.warn(`Whether other workers of the task queue serve another Airbyte is not known: ${reason}`);
      return [];
    }
  }

  /** The identity of a worker that takes up work just now; undefined when none does. */
  async #findRespondingWorker(connection: ConnectionLike): Promise<string | undefined> {
    const { namespace, taskQueue } = this.member;
    const { workflow } = new Client({ connection, namespace });
    const ping = await workflow.start('pingWorker', {
      ...{ taskQueue, workflowId: pingWorkflowId(randomUUID(), taskQueue), args: [] },
      workflowExecutionTimeout: PING_TIMEOUT_MS,
      staticSummary: 'Finds out whether the workers that Temporal shows on the task queue are still there',
    });
    try {
      await withTimeout(connection, PING_TIMEOUT_MS, () => ping.result());
    } catch (error) {
      // One that does not know this workflow has taken it up all the same.
      if (!isGrpcDeadlineError(error)) return await findPingHandler(ping);
      await ping.terminate('no worker has answered').catch(() => undefined);
    }
    return findPingHandler(ping);
  }

  #mismatchError({ identity }: TaskQueueWorker): AirbyteMismatchError {
    const { taskQueue, served } = this.member;
    const its = airbyteOfIdentity(identity);
    return new AirbyteMismatchError(
      `The worker ${identity.replace(/ airbyte=.*$/, '')} of the task queue '${taskQueue}' serves the Airbyte at ${its ? describeAirbyte(its) : 'another address'}, and this one would serve the Airbyte at ${describeAirbyte(served)}: a sync would run in either of them. ` +
        'Give each Airbyte a task queue of its own by AIRBYTE_TASK_QUEUE. If both addresses lead to one Airbyte, set AIRBYTE_NAME to the same name for all of its workers.',
    );
  }
}

async function findPingHandler(ping: WorkflowHandle): Promise<string | undefined> {
  const { events } = await ping.fetchHistory();
  // A task that was given to a worker which is gone has started, and nothing more.
  for (const { workflowTaskCompletedEventAttributes: completed, workflowTaskFailedEventAttributes: failed } of events ??
    []) {
    const { identity } = completed ?? failed ?? {};
    if (identity) return identity;
  }
  return undefined;
}
