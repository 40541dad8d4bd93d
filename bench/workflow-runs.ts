import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { inParallel } from './in-parallel';

const STARTS_AT_ONCE = 64;
const POLL_INTERVAL_MS = 1_000;
/** When nothing has closed for so long, nothing more will. Where jobs are held, nothing closes until all syncs wait. */
const STALLED_AFTER_MS = 1_800_000;

export interface WorkflowToRun {
  workflowId: string;
  args: unknown[];
}

export interface ClosedWorkflow {
  workflowId: string;
  /** `COMPLETED`, `FAILED` … */
  status: string;
  /** By Temporal's clock, in milliseconds since 1970. */
  closedAtMs: number;
  /** Events of its history. */
  events: number;
}

/** Starts workflows of one type as fast as the server takes them. */
export async function startWorkflows(
  client: Client,
  type: string,
  taskQueue: string,
  workflows: readonly WorkflowToRun[],
): Promise<void> {
  await inParallel(workflows, STARTS_AT_ONCE, (workflow) => client.workflow.start(type, { ...workflow, taskQueue }));
}

/**
 * Waits until so many workflows of a task queue have closed.
 *
 * @returns those that have closed; when nothing has closed for some minutes, it stops waiting for the others
 */
export async function whenClosed(client: Client, taskQueue: string, desired: number): Promise<ClosedWorkflow[]> {
  const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus != 'Running'`;
  let closed = 0;
  for (let changedAt = Date.now(); closed < desired; ) {
    await delay(POLL_INTERVAL_MS);
    const { count } = await client.workflow.count(query);
    if (count !== closed) changedAt = Date.now();
    if (Date.now() - changedAt > STALLED_AFTER_MS) break;
    closed = count;
  }
  const found: ClosedWorkflow[] = [];
  for await (const { workflowId, status, closeTime, historyLength } of client.workflow.list({ query })) {
    const closedAtMs = closeTime?.getTime() ?? Number.NaN;
    found.push({ workflowId, status: status.name, closedAtMs, events: historyLength });
  }
  return found;
}
