import { executeChild, proxyActivities } from '@temporalio/workflow';
import { syncChildOptions, syncConnection } from 'temporal-airbyte/workflows';

const { announce } = proxyActivities<{ announce(text: string): Promise<void> }>({ startToCloseTimeout: '1m' });

/** Syncs some connections in parallel, and announces how many records they moved. */
export async function loadShop({ connectionIds }: { connectionIds: string[] }): Promise<{ recordsSynced: number }> {
  const syncs = await Promise.all(
    connectionIds.map((connectionId) =>
      executeChild(syncConnection, { ...syncChildOptions({ connectionId }), args: [{ connectionId }] }),
    ),
  );
  const recordsSynced = syncs.reduce((sum, sync) => sum + (sync.recordsSynced ?? 0), 0);
  await announce(`The shop is loaded: ${recordsSynced} records`);
  return { recordsSynced };
}
