import type { Job } from './job';
import type { Connection } from './store';

/** What a sync becomes on account of what is pending on the connection, which is then pending no more. */
export function takePending(
  connection: Connection,
  type: 'sync' | 'reset_connection',
): Pick<Job, 'configType' | 'targets' | 'refreshMode'> | undefined {
  const { pendingReset, pendingRefresh } = connection;
  delete connection.pendingReset;
  if (type === 'sync' && pendingReset !== undefined) return { configType: 'reset_connection', targets: pendingReset };
  delete connection.pendingRefresh;
  if (type !== 'sync' || pendingRefresh === undefined) return undefined;
  return { configType: 'refresh', targets: pendingRefresh.streams, refreshMode: pendingRefresh.mode };
}
