import { setTimeout as delay } from 'node:timers/promises';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils';
import { inParallel } from '../in-parallel';
import type { SyncEnd } from './judge';
import type { StartedSync } from './stage';

const POLL_INTERVAL_MS = 1_000;
/** When nothing has ended for so long, nothing more will. */
const STALLED_AFTER_MS = 300_000;
const ASKED_AT_ONCE = 16;

/** Waits until syncs have ended, also while Temporal is away for a while. Those that do not end are given up. */
export async function endsOf(client: Client, started: readonly StartedSync[]): Promise<SyncEnd[]> {
  const ended = new Map<string, string>();
  let changedAt = performance.now();
  while (ended.size < started.length && performance.now() - changedAt < STALLED_AFTER_MS) {
    await delay(POLL_INTERVAL_MS);
    const before = ended.size;
    const open = started.filter(({ workflowId }) => !ended.has(workflowId));
    await inParallel(open, ASKED_AT_ONCE, async ({ workflowId }) => {
      const status = await statusOf(client, workflowId).catch(() => 'RUNNING');
      if (status !== 'RUNNING') ended.set(workflowId, status);
    });
    if (ended.size > before) changedAt = performance.now();
  }
  return inParallel(started, ASKED_AT_ONCE, async (sync) => {
    const status = ended.get(sync.workflowId) ?? 'RUNNING';
    return { ...sync, status, reason: status === 'FAILED' ? await reasonOf(client, sync.workflowId) : undefined };
  });
}

/** The histories of syncs, by the ids of their workflows. */
export async function historiesOf(client: Client, syncs: readonly StartedSync[]): Promise<Map<string, History>> {
  const workflowIds = [...new Set(syncs.map(({ workflowId }) => workflowId))];
  const histories = await inParallel(workflowIds, ASKED_AT_ONCE, (workflowId) =>
    client.workflow.getHandle(workflowId).fetchHistory(),
  );
  return new Map(workflowIds.map((workflowId, index) => [workflowId, histories[index] ?? {}]));
}

async function statusOf(client: Client, workflowId: string): Promise<string> {
  return (await client.workflow.getHandle(workflowId).describe()).status.name;
}

async function reasonOf(client: Client, workflowId: string): Promise<string | undefined> {
  try {
    await client.workflow.getHandle(workflowId).result();
    return undefined;
  } catch (error) {
    return error instanceof WorkflowFailedError ? error.cause?.message : String(error);
  }
}
