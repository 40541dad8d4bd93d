import type { Client } from '@temporalio/client';
import type { WorkflowRun } from '../src/temporal/pending-waits';

/**
 * After this time, a workflow's next step goes to any worker if the one that has the workflow in its memory has not taken it: it
 * may be dead, and a cancel must reach Airbyte in about two seconds. The other worker replays the history, which is short. With
 * the SDK's default it waits for up to 10 seconds.
 */
export const STICKY_TIMEOUT_MS = 1_500;

/** How many next steps a worker takes in a second, on a small machine and when it has to replay the workflows first. */
const STEPS_PER_SECOND = 50;

/** Estimates how many next steps a worker has not taken yet, of workflows whose waits have ended. */
export class NextSteps {
  #left = 0;
  #countedAt = 0;

  /**
   * Counts the end of a wait.
   *
   * @returns whether the worker takes its workflow's next step so late that {@link STICKY_TIMEOUT_MS} may have passed: after more
   *   than a second
   */
  add(): boolean {
    const now = performance.now();
    const taken = ((now - this.#countedAt) * STEPS_PER_SECOND) / 1_000;
    this.#left = Math.max(0, this.#left - taken) + 1;
    this.#countedAt = now;
    return this.#left > STEPS_PER_SECOND;
  }
}

/**
 * Lets any worker take the next step of the workflow, this one among them. Otherwise Temporal first keeps it for the worker that
 * has the workflow in its memory, and when that is late, the history has two more events.
 */
export async function offerNextStepToAll({ workflowService, options }: Client, run: WorkflowRun): Promise<void> {
  const { namespace } = options;
  // If that fails, nothing but two events is lost; and when Temporal is not available, the end of the wait is sent again anyway.
  await workflowService.resetStickyTaskQueue({ namespace, execution: run }).catch(() => undefined);
}
