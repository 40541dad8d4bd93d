import { z } from 'zod';
import { type JobFilter, listJobs } from '../jobs/job-list';
import type { AirbyteBehaviour } from '../state/airbyte-versions';
import { InvalidInputError, UncaughtError } from '../state/errors';
import type { Job } from '../state/job';
import { type ApiCalls, defineCall, time, uuid } from './call';
import { toRead as toDefinitionRead } from './definitions';
import { toJobInfoRead, toJobInfoWithoutLogs, toJobRead, toJobWithAttempts } from './job-read';

const byId = z.looseObject({ id: z.int() });

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

const JOB_TYPES = [
  ...['check_connection_source', 'check_connection_destination', 'discover_schema', 'get_spec'],
  ...['sync', 'reset_connection', 'refresh', 'clear'],
];
const JOB_STATUSES = ['pending', 'queued', 'running', 'incomplete', 'failed', 'succeeded', 'cancelled'];

/** `jobs/…` */
export const jobCalls: ApiCalls = {
  'jobs/get': defineCall(byId, ({ id }, { store, behaviour }) => toJobInfoRead(store.job(id), behaviour)),

  'jobs/get_without_logs': defineCall(byId, ({ id }, { store, behaviour }) =>
    toJobInfoWithoutLogs(store.job(id), behaviour),
  ),

  'jobs/list': defineCall(listRequest, (request, { store, behaviour, pageLimit }) => {
    assertKnown(request, behaviour);
    const filters = behaviour.has('jobFilters');
    if (!filters && request.configId === undefined) {
      throw new UncaughtError('configId cannot be null.', 'java.lang.NullPointerException');
    }
    const { orderByMethod } = request;
    const unordered = orderByMethod === undefined && behaviour.has('directedOrder') ? { orderByField: undefined } : {};
    const found = listJobs(store, filters ? { ...request, ...unordered } : typesAndConnection(request));
    const page = pageOf(found, request, behaviour.has('wholePages')).slice(0, pageLimit);
    return { jobs: page.map((job) => toJobWithAttempts(job, behaviour)), totalJobCount: found.length };
  }),

  'jobs/list_for_workspaces': defineCall(listForWorkspacesRequest, (request, { store, behaviour, pageLimit }) => {
    assertKnown(request, behaviour);
    const page = pageOf(listJobs(store, request), request, false).slice(0, pageLimit);
    // As in Airbyte, this is the number of jobs on this page, not of all jobs.
    return { jobs: page.map((job) => toJobWithAttempts(job, behaviour)), totalJobCount: page.length };
  }),

  // Cancels whatever job runs on the job's connection, even if it is another one, and responds once that has stopped.
  'jobs/cancel': defineCall(byId, async ({ id }, { store, jobs, behaviour }) => {
    const job = store.job(id);
    await jobs.cancelAsAirbyte(job.connectionId);
    return toJobInfoRead(job, behaviour);
  }),

  // A cancelled job does not count as the last one.
  'jobs/get_last_replication_job': defineCall(
    z.looseObject({ connectionId: uuid }),
    ({ connectionId }, { store, behaviour }) => {
      const last = store.connections.get(connectionId)?.jobs.findLast(({ status }) => status !== 'cancelled');
      return last === undefined ? {} : { job: toJobRead(last, behaviour) };
    },
  ),

  'jobs/get_debug_info': defineCall(byId, ({ id }, { store, definitions, behaviour, jobs }) => {
    const job = store.job(id);
    const connection = store.connection(job.connectionId);
    const definitionOf = (kind: 'source' | 'destination', actorId: string) => {
      const actor = store.actors.get(actorId);
      return actor === undefined ? undefined : toDefinitionRead(definitions.get(kind, actor.definitionId), behaviour);
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
      attempts: toJobInfoRead(job, behaviour).attempts,
      workflowState: { running: jobs.runningOn(job.connectionId) !== undefined },
    };
  }),
};

/** Only the job types and statuses of this version are valid filters. */
function assertKnown({ configTypes, statuses = [] }: ListRequest, behaviour: AirbyteBehaviour): void {
  const strangeTypes = configTypes.filter((type) => !JOB_TYPES.includes(type) || !behaviour.hasJobType(type));
  const strangeStatuses = statuses.filter((each) => !JOB_STATUSES.includes(each) || !behaviour.hasJobStatus(each));
  if (strangeTypes.length + strangeStatuses.length > 0) {
    throw new InvalidInputError([
      ...strangeTypes.map((type) => ({ propertyPath: 'configTypes', message: `Unexpected value '${type}'` })),
      ...strangeStatuses.map((status) => ({ propertyPath: 'statuses', message: `Unexpected value '${status}'` })),
    ]);
  }
  if (configTypes.length === 0) throw new UncaughtError('Must include at least one configType.');
}

/** The only filters in 0.50: the types, the connection and the page. */
function typesAndConnection({ configTypes, configId }: ListRequest): JobFilter {
  return { configTypes, configId };
}

/** @param roundsDown whether the offset is rounded down to a whole page, as in `jobs/list` since 1.0 */
function pageOf(jobs: Job[], { pagination, includingJobId }: Partial<ListRequest>, roundsDown: boolean): Job[] {
  const size = pagination?.pageSize ?? DEFAULT_PAGE_SIZE;
  if (includingJobId !== undefined) {
    const index = jobs.findIndex(({ id }) => id === includingJobId);
    return jobs.slice(0, Math.ceil((index + 1) / size) * size);
  }
  const offset = pagination?.rowOffset ?? 0;
  const start = roundsDown ? offset - (offset % size) : offset;
  return jobs.slice(start, start + size);
}
