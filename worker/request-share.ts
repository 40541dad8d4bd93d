import type { AirbyteClient } from '../src/airbyte/client';
import { pollingIdentities, type TaskQueueOptions } from '../src/temporal/task-queue-workers';
import { messageOf } from '../src/text/error-message';

/** How often a worker counts the workers of its task queue. */
const COUNT_INTERVAL_MS = 5_000;

export interface RequestShareOptions extends TaskQueueOptions {
  taskQueue: string;
  /** The identity of this worker in Temporal. */
  identity: string;
  airbyte: Pick<AirbyteClient, 'limitRequests'>;
  /** The limit for all workers together; left out: no limit. */
  maxRequestsPerSecond?: number;
  logger: { warn(message: string): void };
}

/**
 * Limits this worker to its share of the requests that all workers of a task queue may send together: one of N workers sends
 * 1/N of them. While Temporal cannot list the workers, the last known share applies.
 *
 * @returns stops the counting
 */
export async function shareRequests(options: RequestShareOptions): Promise<() => void> {
  const { taskQueue, identity, airbyte, maxRequestsPerSecond, logger } = options;
  if (maxRequestsPerSecond === undefined) return () => {};
  let workers: number | undefined;
  let lastWarning: string | undefined;
  const count = async (): Promise<void> => {
    try {
      const present = new Set([...(await pollingIdentities(options, taskQueue)), identity]).size;
      if (present !== workers) airbyte.limitRequests(maxRequestsPerSecond / present);
      workers = present;
      lastWarning = undefined;
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== lastWarning) {
        logger.warn(
          `Cannot count the workers that share AIRBYTE_MAX_REQUESTS_PER_SECOND, so the last known share applies: ${reason}`,
        );
      }
      lastWarning = reason;
    }
  };
  airbyte.limitRequests(maxRequestsPerSecond);
  await count();
  const timer = setInterval(() => void count(), COUNT_INTERVAL_MS);
  return () => clearInterval(timer);
}
