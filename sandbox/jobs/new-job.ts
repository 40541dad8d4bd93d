import type { Job, JobStream } from '../state/job';
import type { Connection } from '../state/resources';
import type { StreamName } from '../state/stream-name';

/**
 * Creates a job of a connection. A sync of a connection with a pending reset becomes that reset; otherwise, with a
 * pending refresh, it becomes that refresh. The reset or refresh is then no longer pending.
 */
export function newJob(
  connection: Connection,
  type: 'sync' | 'reset_connection',
  { id, resetStreams }: { id: number; resetStreams: StreamName[] },
): Job {
  const now = Date.now();
  return {
    id,
    connectionId: connection.connectionId,
    streams: selectedStreams(connection),
    ...(takePending(connection, type) ?? { configType: type, targets: resetStreams }),
    status: 'pending',
    createdAtMs: now,
    updatedAtMs: now,
    attempts: [],
  };
}

function takePending(
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

function selectedStreams(connection: Connection): JobStream[] {
  return connection.catalog.streams
    .filter(({ config }) => config.selected !== false)
    .map(({ stream, config }) => ({
      name: stream.name,
      syncMode: config.syncMode,
      ...(stream.namespace === undefined ? {} : { namespace: stream.namespace }),
    }));
}
