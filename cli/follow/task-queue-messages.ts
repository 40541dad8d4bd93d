import { sleep } from '../../src/async/sleep';
import type { TemporalClient } from '../../src/temporal/connection';
import { liveIdentities } from '../../src/temporal/worker-presence';
import type { Output } from '../render/output';

/** What the user reads when no worker polls the task queue. */
export function noWorkerMessage(taskQueue: string): string {
  return `no worker polls the task queue '${taskQueue}'. Start one in another terminal: temporal-airbyte worker`;
}

/** How often the workers are listed during a wait. */
const LIST_INTERVAL_MS = 5_000;

export interface WorkersNeeded {
  output: Output;
  temporal: TemporalClient;
  taskQueue: string;
  /** What else the user can do. */
  advice?: string;
}

/** Notes that a workflow does not progress because no worker polls its task queue. @returns whether it does not */
export async function noteIfNoWorker({ output, temporal, taskQueue, advice }: WorkersNeeded): Promise<boolean> {
  if ((await liveIdentities(temporal, taskQueue)).length > 0) return false;
  output.note([`Waiting: ${noWorkerMessage(taskQueue)}`, advice].filter(Boolean).join('. '));
  return true;
}

/**
 * Waits for something that workers of a task queue do, and notes once when there are none.
 *
 * @throws Error with which the awaited rejects
 */
export async function whileNotingLackOfWorkers<T>(needed: WorkersNeeded, awaited: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const noting = noteLackOfWorkers(needed, ended.signal);
  try {
    return await awaited;
  } finally {
    ended.abort();
    await noting;
  }
}

async function noteLackOfWorkers(needed: WorkersNeeded, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    // If Temporal does not respond, the awaited fails with a better error.
    if (await noteIfNoWorker(needed).catch(() => false)) return;
    await sleep(LIST_INTERVAL_MS, ended);
  }
}

/** What the user reads when a workflow of another task queue has the id that the new one would have. */
export function describeOtherTaskQueue({ workflowId, taskQueue }: { workflowId: string; taskQueue: string }): string {
  return `The workflow id ${workflowId} is in use by a run of the task queue '${taskQueue}', whose workers may serve another Airbyte, so this command does not follow it.`;
}
