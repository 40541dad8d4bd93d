import { sleep } from '@temporalio/workflow';
import { executeSyncChild } from 'temporal-airbyte/workflows';

/** Waits for a day, then syncs a connection as a child workflow. */
export async function syncTomorrow(connectionId: string, taskQueue: string): Promise<number | null> {
  await sleep('1 day');
  return syncNow(connectionId, taskQueue);
}

export async function syncNow(connectionId: string, taskQueue: string): Promise<number | null> {
  const { recordsSynced } = await executeSyncChild({ connectionId, timeout: '30m' }, { taskQueue });
  return recordsSynced;
}
