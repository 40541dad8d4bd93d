import { z } from 'zod';
import type { Job } from '../job';
import type { Store } from '../store';
import { type ApiCalls, defineCall, uuid } from './call';
import { toRead as toDefinitionRead } from './definitions';
import { UncaughtError } from './errors';
import { toJobInfoRead, toJobInfoWithoutLogs, toJobRead, toJobWithAttempts } from './job-read';

const byId = z.looseObject({ id: z.int() });
const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const list = {
  configTypes: z.array(z.string()),
  configId: z.string().optional(),
  pagination: z.looseObject({ pageSize: z.int().nullish(), rowOffset: z.int().nullish() }).optional(),
  statuses: z.array(z.string()).optional(),
  createdAtStart: time.optional(),
  createdAtEnd: time.optional(),
  updatedAtStart: time.optional(),
  updatedAtEnd: time.optional(),
  orderByField: z.enum(['createdAt', 'updatedAt']).optional(),
  orderByMethod: z.enum(['ASC', 'DESC']).optional(),
};
const listRequest = z.looseObject({ ...list, includingJobId: z.int().optional() });
const listForWorkspacesRequest = z.looseObject({ ...list, workspaceIds: z.array(uuid).optional() });

type ListRequest = z.output<typeof listRequest>;

const DEFAULT_PAGE_SIZE = 200;

/** `jobs/…` */
export const jobCalls: ApiCalls = {
  'jobs/get': defineCall(byId, ({ id }, { store }) => toJobInfoRead(store.job(id))),

  'jobs/get_without_logs': defineCall(byId, ({ id }, { store }) => toJobInfoWithoutLogs(store.job(id))),

  'jobs/list': defineCall(listRequest, (request, { store, behaviour }) => {
    if (!behaviour.listsJobsOfAllConnections && request.configId === undefined) {
      throw new UncaughtError('configId cannot be null.', 'java.lang.NullPointerException');
    }
    const found = listJobs(store, behaviour.listsJobsOfAllConnections ? request : withoutTimes(request));
    return { jobs: pageOf(found, request).map(toJobWithAttempts), totalJobCount: found.length };
  }),

  'jobs/list_for_workspaces': defineCall(listForWorkspacesRequest, (request, { store }) => {
    const { workspaceIds } = request;
    const found = listJobs(store, request).filter(
      (job) => workspaceIds === undefined || workspaceIds.includes(store.connection(job.connectionId).workspaceId),
    );
    const page = pageOf(found, request);
    // Airbyte counts this page here, not all there are.
    return { jobs: page.map(toJobWithAttempts), totalJobCount: page.length };
  }),

  // Stops whatever runs on the job's connection, be it this job or another one, and answers when that has stopped.
  'jobs/cancel': defineCall(byId, async ({ id }, { store, jobs }) => {
    const job = store.job(id);
    await jobs.cancel(job.connectionId);
    return toJobInfoRead(job);
  }),

  // A cancelled job does not count as the last one.
  'jobs/get_last_replication_job': defineCall(z.looseObject({ connectionId: uuid }), ({ connectionId }, { store }) => {
    const last = store.connections.get(connectionId)?.jobs.findLast(({ status }) => status !== 'cancelled');
    return last === undefined ? {} : { job: toJobRead(last) };
  }),

  'jobs/get_debug_info': defineCall(byId, ({ id }, { store, definitions, behaviour, jobs }) => {
    const job = store.job(id);
    const connection = store.connection(job.connectionId);
    const definitionOf = (kind: 'source' | 'destination', actorId: string) => {
      const actor = store.actors.get(actorId);
      return actor === undefined ? undefined : toDefinitionRead(definitions.get(kind, actor.definitionId));
    };
    return {
      job: {
        id,
        configType: job.configType,
        configId: job.connectionId,
        status: job.status,
        airbyteVersion: behaviour.version,
        sourceDefinition: definitionOf('source', connection.sourceId),
        destinationDefinition: definitionOf('destination', connection.destinationId),
      },
      attempts: toJobInfoRead(job).attempts,
      workflowState: { running: jobs.runningOn(job.connectionId) !== undefined },
    };
  }),
};

/** All jobs that a request asks for, in its order: the newest first, if it does not say. */
function listJobs(store: Store, request: ListRequest): Job[] {
  if (request.configTypes.length === 0) throw new UncaughtError('Must include at least one configType.');
  const types = new Set(request.configTypes);
  const statuses =
    request.statuses === undefined || request.statuses.length === 0 ? undefined : new Set(request.statuses);
  const found = [...store.jobs.values()].filter(
    (job) =>
      types.has(job.configType) &&
      (request.configId === undefined || job.connectionId === request.configId) &&
      (statuses === undefined || statuses.has(job.status)) &&
      between(job.createdAtMs, request.createdAtStart, request.createdAtEnd) &&
      between(job.updatedAtMs, request.updatedAtStart, request.updatedAtEnd),
  );
  const timeOf = request.orderByField === 'updatedAt' ? (job: Job) => job.updatedAtMs : (job: Job) => job.createdAtMs;
  const ascending = request.orderByField !== undefined && request.orderByMethod === 'ASC';
  found.sort((one, other) => timeOf(one) - timeOf(other) || one.id - other.id);
  return ascending ? found : found.reverse();
}

/** Both ends belong to it. */
function between(time: number, start = 0, end = Number.POSITIVE_INFINITY): boolean {
  return time >= start && time <= end;
}

function withoutTimes({
  createdAtStart,
  createdAtEnd,
  updatedAtStart,
  updatedAtEnd,
  ...request
}: ListRequest): ListRequest {
  return request;
}

function pageOf(jobs: Job[], { pagination, includingJobId }: Partial<ListRequest>): Job[] {
  const size = pagination?.pageSize ?? DEFAULT_PAGE_SIZE;
  if (includingJobId !== undefined) {
    const index = jobs.findIndex(({ id }) => id === includingJobId);
    return jobs.slice(0, Math.ceil((index + 1) / size) * size);
  }
  const offset = pagination?.rowOffset ?? 0;
  return jobs.slice(offset, offset + size);
}
