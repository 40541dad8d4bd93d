import { z } from 'zod';
import { listJobs as jobsThat } from '../../jobs/job-list';
import { InvalidInputError } from '../../state/errors';
import { isTerminal, type Job } from '../../state/job';
import { time, uuid } from '../call';
import { startReset, startSync } from '../connection-runs';
import { seconds, totalCounts } from '../job-read';
import { Problem } from '../problems';
import { definePublicCall, type PublicCall, uuids } from './call';
import { pageQuery, toPage } from './pages';

/** The Config API's type for each job type. A clear has the type reset_connection as well. */
const CONFIG_TYPES = { sync: 'sync', reset: 'reset_connection', clear: 'clear', refresh: 'refresh' } as const;

const jobType = z.enum(['sync', 'reset', 'clear', 'refresh']);

export const createJob: PublicCall = definePublicCall(
  { body: z.looseObject({ connectionId: uuid, jobType }) },
  async ({ body }, context) => {
    const connection = context.store.connection(body.connectionId);
    switch (body.jobType) {
      case 'sync':
        return toJobRead(startSync(connection, context));
      case 'reset':
      case 'clear':
        return toJobRead(await startReset(connection, context));
      case 'refresh':
        throw new Problem('unprocessable-entity', { message: 'Refreshes are not supported in the public API' });
    }
  },
);

const listQuery = z.object({
  ...pageQuery,
  connectionId: uuid.optional(),
  workspaceIds: uuids.default([]),
  jobType: jobType.optional(),
  status: z.enum(['pending', 'queued', 'running', 'incomplete', 'failed', 'succeeded', 'cancelled']).optional(),
  createdAtStart: time.optional(),
  createdAtEnd: time.optional(),
  updatedAtStart: time.optional(),
  updatedAtEnd: time.optional(),
  orderBy: z.string().optional(),
});

export const listJobs: PublicCall = definePublicCall({ query: listQuery }, ({ query, url }, { store, behaviour }) => {
  const { connectionId, workspaceIds, jobType, status, orderBy, limit, offset, ...times } = query;
  if (status !== undefined && !behaviour.hasJobStatus(status)) {
    throw new InvalidInputError([{ propertyPath: 'status', message: `Unexpected value '${status}'` }]);
  }
  const found = jobsThat(store, {
    ...times,
    ...orderOf(orderBy),
    configTypes: jobType === undefined ? Object.values(CONFIG_TYPES) : [CONFIG_TYPES[jobType]],
    statuses: status === undefined ? [] : [status],
    // The workspaces are ignored if the request names a connection.
    ...(connectionId === undefined
      ? { workspaceIds: workspaceIds.length === 0 ? undefined : workspaceIds }
      : { configId: connectionId }),
  });
  const filters = { jobType, ...(connectionId === undefined ? { workspaceIds } : { connectionId }) };
  return toPage(found, { limit, offset }, { url, filters, toRead: toCountedJobRead });
});

/** Parses an order such as `updatedAt|DESC`. Default: oldest first. @throws Problem */
function orderOf(orderBy: string | undefined) {
  if (orderBy === undefined) return { orderByField: 'createdAt', orderByMethod: 'ASC' } as const;
  const [, field, method] = /(createdAt|updatedAt)\|(ASC|DESC)/.exec(orderBy) ?? [];
  if (field === undefined)
    throw new Problem('bad-request', { message: `Invalid order by clause provided: ${orderBy}` });
  const orderByField = field === 'updatedAt' ? 'updatedAt' : 'createdAt';
  return { orderByField, orderByMethod: method === 'ASC' ? 'ASC' : 'DESC' } as const;
}

export const getJob: PublicCall = definePublicCall({}, ({ numericId }, { store }) =>
  toCountedJobRead(store.job(numericId('jobId'))),
);

/** Cancels whatever job runs on the job's connection, and responds once that has stopped. */
export const cancelJob: PublicCall = definePublicCall({}, async ({ numericId }, { store, jobs }) => {
  const job = store.job(numericId('jobId'));
  await jobs.cancelAsAirbyte(job.connectionId);
  return toJobRead(job);
});

/** A job as in the list and in `GET jobs/{jobId}`: with its counts so far. */
function toCountedJobRead(job: Job): object {
  const { bytesCommitted, recordsCommitted } = totalCounts(job);
  return { ...toJobRead(job), bytesSynced: bytesCommitted, rowsSynced: recordsCommitted };
}

function toJobRead(job: Job): object {
  const createdAt = seconds(job.createdAtMs);
  const updatedAt = seconds(job.updatedAtMs);
  return {
    jobId: job.id,
    status: job.status,
    jobType: job.configType === 'reset_connection' ? 'reset' : job.configType,
    startTime: toJavaTime(createdAt),
    connectionId: job.connectionId,
    ...(isTerminal(job) ? { lastUpdatedAt: toJavaTime(updatedAt) } : {}),
    ...(job.status === 'pending' ? {} : { duration: toJavaDuration(updatedAt - createdAt) }),
  };
}

/** Formats a time as Java's `OffsetDateTime` does: without the seconds if they are zero. */
function toJavaTime(secondsSince1970: number): string {
  return new Date(secondsSince1970 * 1000).toISOString().replace(/(?::00)?\.000Z$/, 'Z');
}

/** Formats a duration as Java's `Duration` does: `PT1H2M3S`, `PT0S`. */
function toJavaDuration(total: number): string {
  const parts = [
    [Math.floor(total / 3600), 'H'],
    [Math.floor(total / 60) % 60, 'M'],
    [total % 60, 'S'],
  ] as const;
  return `PT${parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count}${unit}`])).join('') || '0S'}`;
}
