import { InvalidEnvironmentError } from '../airbyte/environment';
import { messageOf } from '../error-message';
import { durationMs } from '../pipeline/duration';

/** The task queue of `AIRBYTE_TASK_QUEUE` when that is not set. */
export const DEFAULT_TASK_QUEUE = 'airbyte';

const DEFAULT_POLL_INTERVAL = '2s';

export interface WorkerSettings {
  taskQueue: string;
  /** Time between two looks at Airbyte for the jobs that are waited for, in milliseconds. */
  pollIntervalMs: number;
}

/**
 * Reads `AIRBYTE_TASK_QUEUE` and `AIRBYTE_POLL_INTERVAL`. A variable that is empty counts as not set.
 *
 * @throws InvalidEnvironmentError
 */
export function workerSettings(env: NodeJS.ProcessEnv = process.env): WorkerSettings {
  const pollInterval = env['AIRBYTE_POLL_INTERVAL'] || DEFAULT_POLL_INTERVAL;
  try {
    return { taskQueue: env['AIRBYTE_TASK_QUEUE'] || DEFAULT_TASK_QUEUE, pollIntervalMs: durationMs(pollInterval) };
  } catch (error) {
    throw new InvalidEnvironmentError('AIRBYTE_POLL_INTERVAL', `cannot be used: ${messageOf(error)}.`);
  }
}
