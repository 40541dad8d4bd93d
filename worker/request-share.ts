import type { AirbyteClient } from '../src/airbyte/client';
import { pollingIdentities, type TaskQueueOptions } from '../src/temporal/task-queue-workers';
import { messageOf } from '../src/text/error-message';

/** How soon a worker that came or went shows in what the others may send. */
const COUNT_INTERVAL_MS = 5_000;

export interface RequestShareOptions extends TaskQueueOptions {
  taskQueue: string;
  /** How this worker calls itself at Temporal. */
  identity: string;
  airbyte: Pick<AirbyteClient, 'limitRequests'>;
  /** Of all workers together; left out: no limit. */
  maxRequestsPerSecond?: number;
  logger: { warn(message: string): void };
}

/**
 * Keeps this worker to its part of the requests that all workers of a task queue may send together: one of N workers
 * sends an N-th of them. Where Temporal does not tell who they are, what was last known holds.
 *
 * @returns ends it
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
        logger.warn(`Cannot count the workers that share AIRBYTE_MAX_REQUESTS_PER_SECOND, going on: ${reason}`);
      }
      lastWarning = reason;
    }
  };
  airbyte.limitRequests(maxRequestsPerSecond);
  await count();
  const timer = setInterval(() => void count(), COUNT_INTERVAL_MS);
  return () => clearInterval(timer);
}
