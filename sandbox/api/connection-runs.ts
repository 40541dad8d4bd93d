import { z } from 'zod';
import { UncaughtError } from '../state/errors';
import type { Job } from '../state/job';
import type { Connection } from '../state/resources';
import { nameOf } from '../state/stream-name';
import { type ApiCalls, type ApiContext, defineCall, uuid } from './call';
import { supportsRefreshes } from './definition-versions';
import { toJobInfoRead, toJobRead } from './job-read';

const byId = z.looseObject({ connectionId: uuid });
const streamNames = z.array(z.looseObject({ streamName: z.string(), streamNamespace: z.string().nullish() }));

const reset = defineCall(byId, async ({ connectionId }, context) =>
  toJobInfoRead(await startReset(context.store.connection(connectionId), context), context.behaviour),
);

/** `connections/sync`, `reset`, `clear` and `refresh`. */
export const connectionRunCalls: ApiCalls = {
  'connections/sync': defineCall(byId, async ({ connectionId }, context) => {
    const job = startSync(context.store.connection(connectionId), context);
    // If a sync is queued already, Airbyte waits until that one starts and returns it.
    await context.jobs.reached(job.id, ({ status }) => status !== 'queued');
    return toJobInfoRead(job, context.behaviour);
  }),

  'connections/reset': reset,
  // In Airbyte this is the same as a reset, including the job type reset_connection.
  'connections/clear': reset,

  // The refresh becomes pending first. If a job is running, the response contains no job, and the next sync becomes the
  // refresh. If the destination does not support refreshes, nothing becomes pending, and since 1.6 the response is the
  // same.
  'connections/refresh': defineCall(
    z.looseObject({ connectionId: uuid, refreshMode: z.enum(['Truncate', 'Merge']), streams: streamNames.optional() }),
    ({ connectionId, refreshMode, streams = [] }, context) => {
      const { store, jobs, behaviour } = context;
      const connection = store.connection(connectionId);
      if (!supportsRefreshes(connection.destinationId, context)) {
        return behaviour.has('refreshReturnsJob') ? {} : { value: false };
      }
      const named = streams.map(({ streamName, streamNamespace }) => ({
        name: streamName,
        ...(streamNamespace === undefined || streamNamespace === null ? {} : { namespace: streamNamespace }),
      }));
      connection.pendingRefresh = { mode: refreshMode, streams: named.length > 0 ? named : streamsOf(connection) };
      const job = jobs.runningOn(connectionId) === undefined ? jobs.start(connection, 'sync') : undefined;
      if (!behaviour.has('refreshReturnsJob')) return { value: true };
      return job === undefined ? {} : { job: toJobRead(job, behaviour) };
    },
  ),
};

/** Starts a sync, or returns the one that is queued already. @throws UncaughtError, ConflictError */
export function startSync(connection: Connection, { jobs }: ApiContext): Job {
  if (connection.status !== 'active') throw new UncaughtError('Can only sync an active connection');
  return jobs.queuedOn(connection.connectionId) ?? jobs.start(connection, 'sync');
}

/** Starts a reset. It stops the job that runs on the connection instead of waiting for it. */
export async function startReset(connection: Connection, { jobs }: ApiContext): Promise<Job> {
  await jobs.cancel(connection.connectionId);
  return jobs.start(connection, 'reset_connection', streamsOf(connection));
}

function streamsOf({ catalog }: Connection) {
  return catalog.streams.map(({ stream }) => nameOf(stream));
}
