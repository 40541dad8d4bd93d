import { randomUUID } from 'node:crypto';
import { Client, type ConnectionLike, isGrpcDeadlineError, type WorkflowHandle } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { pingWorkflowId } from '../src/contract/workflow-ids';
import { withTimeout } from '../src/temporal/call-timeout';
import { describeWorkers, type TaskQueueWorker } from '../src/temporal/task-queue-workers';
import { messageOf } from '../src/text/error-message';
import {
  airbyteOfIdentity,
  describeAirbyte,
  identityWithoutAirbyte,
  isSameAirbyte,
  type ServedAirbyte,
} from './airbyte-identity';

/** How long a live worker needs at most to run a workflow that ends immediately. */
const PING_TIMEOUT_MS = 4_000;
/** When a running worker checks again: soon, for workers that started at the same time, and once after every worker has polled again. */
const RECHECK_DELAYS_MS = [1_000, 3_000, 10_000, 30_000, 75_000];

/** Another worker of the task queue serves another Airbyte. The message names both and says what to do. */
export class AirbyteMismatchError extends Error {
  override readonly name = 'AirbyteMismatchError';
}

export interface TaskQueueMember {
  namespace: string;
  taskQueue: string;
  dataConverter: DataConverter;
  /** The Airbyte that this worker serves. */
  served: ServedAirbyte;
  logger: { warn(message: string): void };
}

/**
 * Keeps a worker off a task queue whose workers serve another Airbyte: each sync would run in the Airbyte of whichever worker
 * takes it. A worker's identity names the Airbyte that it serves, and Temporal lists the identities that poll.
 */
export class AirbyteMismatchGuard {
  /** Workers for another Airbyte that did not respond: when Temporal last saw each of them, by identity. */
  readonly #unresponsive = new Map<string, number>();

  constructor(private readonly member: TaskQueueMember) {}

  /** @throws AirbyteMismatchError when a live worker serves another Airbyte */
  async beforeStart(connection: ConnectionLike): Promise<void> {
    const others = await this.#others(connection);
    if (others.length === 0) return;
    const responder = await this.#findRespondingWorker(connection);
    const other = others.find(({ identity }) => identity === responder);
    if (other) throw this.#mismatchError(other);
    for (const { identity, lastSeenMs } of others) this.#unresponsive.set(identity, lastSeenMs);
  }

  /**
   * Checks again a few times after the start, for a worker that started at the same moment and for one that was too busy to
   * respond before.
   *
   * @param onMismatch called once, with the mismatch if there is one
   * @returns stops the checks
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

  /** The workers of the task queue whose identity names another Airbyte. */
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
      member.logger.warn(`Cannot check whether other workers of the task queue serve another Airbyte: ${reason}`);
      return [];
    }
  }

  /** Runs a workflow to find a live worker, and returns its identity; undefined when no worker responds. */
  async #findRespondingWorker(connection: ConnectionLike): Promise<string | undefined> {
    const { namespace, taskQueue, dataConverter } = this.member;
    const { workflow } = new Client({ connection, namespace, dataConverter });
    const ping = await workflow.start('pingWorker', {
      ...{ taskQueue, workflowId: pingWorkflowId(randomUUID(), taskQueue), args: [] },
      workflowExecutionTimeout: PING_TIMEOUT_MS,
      staticSummary: 'Checks whether the workers that Temporal lists on the task queue are still running',
    });
    try {
      await withTimeout(connection, PING_TIMEOUT_MS, () => ping.result());
    } catch (error) {
      // A worker that does not know this workflow has taken its task too.
      if (!isGrpcDeadlineError(error)) return await findPingHandler(ping);
      await ping.terminate('no worker has responded').catch(() => undefined);
    }
    return findPingHandler(ping);
  }

  #mismatchError({ identity }: TaskQueueWorker): AirbyteMismatchError {
    const { taskQueue, served } = this.member;
    const its = airbyteOfIdentity(identity);
    return new AirbyteMismatchError(
      `The worker ${identityWithoutAirbyte(identity)} of the task queue '${taskQueue}' serves the Airbyte at ${its ? describeAirbyte(its) : 'another address'}, but this worker would serve the Airbyte at ${describeAirbyte(served)}: a sync would run in either of them. ` +
        'Give each Airbyte its own task queue with AIRBYTE_TASK_QUEUE. If both addresses lead to the same Airbyte, set AIRBYTE_NAME to the same name for all its workers.',
    );
  }
}

async function findPingHandler(ping: WorkflowHandle): Promise<string | undefined> {
  const { events } = await ping.fetchHistory();
  // A task that Temporal gave to a dead worker has a started event and nothing after it.
  for (const { workflowTaskCompletedEventAttributes: completed, workflowTaskFailedEventAttributes: failed } of events ??
    []) {
    const { identity } = completed ?? failed ?? {};
    if (identity) return identity;
  }
  return undefined;
}
