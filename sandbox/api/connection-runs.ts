import { z } from 'zod';
import type { Job } from '../job';
import { type Connection, nameOf } from '../store';
import { type ApiCalls, type ApiContext, defineCall, uuid } from './call';
import { UncaughtError } from './errors';
import { toJobInfoRead, toJobRead } from './job-read';

const byId = z.looseObject({ connectionId: uuid });
const streamNames = z.array(z.looseObject({ streamName: z.string(), streamNamespace: z.string().nullish() }));

const reset = defineCall(byId, async ({ connectionId }, context) =>
  toJobInfoRead(await startReset(context.store.connection(connectionId), context), context.behaviour),
);

/** `connections/sync`, `reset`, `clear` and `refresh`. */
export const connectionRunCalls: ApiCalls = {
  'connections/sync': defineCall(byId, ({ connectionId }, context) =>
    toJobInfoRead(startSync(context.store.connection(connectionId), context), context.behaviour),
  ),

  'connections/reset': reset,
  // The same as a reset, and the job is of the type reset_connection as well.
  'connections/clear': reset,

  // The request is noted first; while a job runs it answers without one, and the next sync becomes the refresh.
  'connections/refresh': defineCall(
    z.looseObject({ connectionId: uuid, refreshMode: z.enum(['Truncate', 'Merge']), streams: streamNames.optional() }),
    ({ connectionId, refreshMode, streams = [] }, { store, jobs, behaviour }) => {
      const connection = store.connection(connectionId);
      const named = streams.map(({ streamName, streamNamespace }) => ({
        name: streamName,
        ...(streamNamespace === undefined || streamNamespace === null ? {} : { namespace: streamNamespace }),
      }));
      connection.pendingRefresh = { mode: refreshMode, streams: named.length > 0 ? named : streamsOf(connection) };
      const job = jobs.runningOn(connectionId) === undefined ? jobs.start(connection, 'sync') : undefined;
      if (!behaviour.has('refreshAnswersWithJob')) return { value: true };
      return job === undefined ? {} : { job: toJobRead(job, behaviour) };
    },
  ),
};

/** @throws UncaughtError, ConflictError */
export function startSync(connection: Connection, { jobs }: ApiContext): Job {
  if (connection.status !== 'active') throw new UncaughtError('Can only sync an active connection');
  return jobs.start(connection, 'sync');
}

/** A reset does not wait for what runs on the connection: it stops it. */
export async function startReset(connection: Connection, { jobs }: ApiContext): Promise<Job> {
  await jobs.cancel(connection.connectionId);
  return jobs.start(connection, 'reset_connection', streamsOf(connection));
}

function streamsOf({ catalog }: Connection) {
  return catalog.streams.map(({ stream }) => nameOf(stream));
}
