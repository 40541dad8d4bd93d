import { describeMixedBuilds, MIXED_BUILDS_ADVICE } from '../src/temporal/mixed-builds';
import { describeWorkers, type TaskQueueOptions } from '../src/temporal/task-queue-workers';

/** How often a worker checks for workers of another build. */
const POLL_INTERVAL_MS = 10_000;

export interface BuildWatchOptions extends TaskQueueOptions {
  taskQueue: string;
  logger: { warn(message: string): void };
}

/**
 * Warns when workers of several builds share the task queue without versions: at the start, and again when the builds
 * change.
 *
 * @returns stops the checks
 */
export function warnOfMixedBuilds(options: BuildWatchOptions): () => void {
  const { taskQueue, logger } = options;
  let reportedBuilds = '';
  const check = async (): Promise<void> => {
    try {
      const { workers } = await describeWorkers(options, taskQueue);
      const shared = describeMixedBuilds(taskQueue, workers);
      const builds = shared?.builds.join() ?? '';
      if (shared !== undefined && builds !== reportedBuilds) logger.warn(`${shared.message} ${MIXED_BUILDS_ADVICE}`);
      reportedBuilds = builds;
    } catch {
      // The worker works even if Temporal cannot list the workers.
    }
  };
  void check();
  const timer = setInterval(() => void check(), POLL_INTERVAL_MS).unref();
  return () => clearInterval(timer);
}
