import { z } from 'zod';
import type { Connection } from '../store';
import { type ApiCalls, type ApiContext, defineCall, uuid } from './call';
import { UncaughtError } from './errors';
import { toJobInfoRead, toJobRead } from './job-read';

const byId = z.looseObject({ connectionId: uuid });
const streamNames = z.array(z.looseObject({ streamName: z.string(), streamNamespace: z.string().nullish() }));

/** `connections/sync`, `reset`, `clear` and `refresh`. */
export const connectionRunCalls: ApiCalls = {
  'connections/sync': defineCall(byId, ({ connectionId }, { store, jobs }) => {
    const connection = store.connection(connectionId);
    if (connection.status !== 'active') throw new UncaughtError('Can only sync an active connection');
    return toJobInfoRead(jobs.start(connection, 'sync'));
  }),

  'connections/reset': defineCall(byId, ({ connectionId }, context) =>
    reset(context.store.connection(connectionId), context),
  ),
  // The same as a reset, and the job is of the type reset_connection as well.
  'connections/clear': defineCall(byId, ({ connectionId }, context) =>
    reset(context.store.connection(connectionId), context),
  ),

  // The request is noted first; while a job runs it answers without one, and the next sync becomes the refresh.
  'connections/refresh': defineCall(
    z.looseObject({ connectionId: uuid, refreshMode: z.enum(['Truncate', 'Merge']), streams: streamNames.optional() }),
    ({ connectionId, refreshMode, streams = [] }, { store, jobs }) => {
      const connection = store.connection(connectionId);
      const named = streams.map(({ streamName, streamNamespace }) => ({
        name: streamName,
        ...(streamNamespace === undefined || streamNamespace === null ? {} : { namespace: streamNamespace }),
      }));
      connection.pendingRefresh = { mode: refreshMode, streams: named.length > 0 ? named : streamsOf(connection) };
      if (jobs.runningOn(connectionId) !== undefined) return {};
      return { job: toJobRead(jobs.start(connection, 'sync')) };
    },
  ),
};

/** A reset does not wait for what runs on the connection: it stops it. */
async function reset(connection: Connection, { jobs }: ApiContext): Promise<object> {
  await jobs.cancel(connection.connectionId);
  return toJobInfoRead(jobs.start(connection, 'reset_connection', streamsOf(connection)));
}

function streamsOf({ catalog }: Connection) {
  return catalog.streams.map(({ stream }) => ({
    name: stream.name,
    ...(stream.namespace === undefined ? {} : { namespace: stream.namespace }),
  }));
}
