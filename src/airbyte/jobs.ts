import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import { type FailureReason, failureReasonSchema, looseRecord } from './schemas';
import { shorten } from './shorten';

/** The only statuses that end a job. Any other, also one not yet invented, means: wait. */
export const TERMINAL_STATUSES = ['succeeded', 'failed', 'cancelled'] as const;
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

export function isTerminal(status: string): status is TerminalStatus {
  return (TERMINAL_STATUSES as readonly string[]).includes(status);
}

/** Airbyte's kinds of job (`configType`) that run on a connection. `refresh` and `clear` exist since 0.63. */
export const CONNECTION_JOB_TYPES = ['sync', 'reset_connection', 'refresh', 'clear'] as const;

/** A job as every form of Airbyte's answers is read. Times are seconds since 1970, as in the Config API. */
export interface Job {
  jobId: number;
  /** The connection the job moves; left out when the server does not say. */
  connectionId?: string | undefined;
  /** Airbyte's `configType`: `sync`, `reset_connection`, `refresh`, `clear`… */
  jobType: string;
  status: string;
  createdAt?: number | undefined;
  updatedAt?: number | undefined;
  startedAt?: number | undefined;
  /** Records committed in the destination so far; left out until the server counts them. */
  recordsSynced?: number | undefined;
  bytesSynced?: number | undefined;
  recordsRejected?: number | undefined;
  attempts: JobAttempt[];
  /** Counts per stream, where the server keeps them. */
  streams?: JobStream[] | undefined;
}

export interface JobAttempt {
  /** As Airbyte counts: the first attempt is 0. */
  attemptNumber: number;
  status: string;
  recordsSynced?: number | undefined;
  bytesSynced?: number | undefined;
  createdAt?: number | undefined;
  endedAt?: number | undefined;
  /** The attempt failed, but part of its records are in the destination. */
  partialSuccess?: boolean | undefined;
  failures: JobFailure[];
  /** The last lines of the attempt's log; only `jobs/get` has them. */
  logLines?: string[] | undefined;
}

export interface JobFailure {
  /** Who failed: `source`, `destination`, `replication`, `airbyte_platform`… */
  origin?: string | undefined;
  /** Airbyte's kind of failure: `config_error`, `system_error`, `manual_cancellation`… */
  type?: string | undefined;
  /** Airbyte's words for people; the first line of its internal message when there are none. */
  message?: string | undefined;
}

export interface JobStream {
  name: string;
  namespace?: string | undefined;
  recordsSynced?: number | undefined;
  bytesSynced?: number | undefined;
  recordsRejected?: number | undefined;
}

/** Enough to see why, small enough for a workflow's history. */
const MAXIMUM_LOG_LINES = 20;
const MAXIMUM_LOG_LINE_LENGTH = 500;
const MAXIMUM_MESSAGE_LENGTH = 2_000;

const count = z.number();
const seconds = z.number();
/** A number; one that a gateway turned into a string is understood too. */
export const jobIdSchema = z.preprocess(
  (id) => (typeof id === 'string' && /^\d+$/.test(id) ? Number(id) : id),
  z.number().int().nonnegative(),
);

const statsShape = {
  recordsEmitted: count.optional(),
  bytesEmitted: count.optional(),
  recordsCommitted: count.optional(),
  bytesCommitted: count.optional(),
  recordsRejected: count.optional(),
};
const statsSchema = looseRecord(statsShape);

const attemptReadSchema = looseRecord({
  id: z.number().int(),
  status: z.string(),
  createdAt: seconds.optional(),
  endedAt: seconds.optional(),
  recordsSynced: count.optional(),
  bytesSynced: count.optional(),
  totalStats: statsSchema.optional(),
  streamStats: z
    .array(looseRecord({ streamName: z.string(), streamNamespace: z.string().optional(), stats: statsSchema }))
    .optional(),
  failureSummary: looseRecord({
    failures: z.array(failureReasonSchema).optional(),
    partialSuccess: z.boolean().optional(),
  }).optional(),
});

const logsSchema = looseRecord({
  logLines: z.array(z.string()).optional(),
  events: z.array(looseRecord({ message: z.string().optional(), level: z.string().optional() })).optional(),
});

/** `jobs/get` nests `{ attempt, logs }`, `jobs/list` gives the attempt itself. */
const attemptSchema = z.union([
  looseRecord({ attempt: attemptReadSchema, logs: logsSchema.optional() }),
  attemptReadSchema.transform((attempt) => ({ attempt, logs: undefined })),
]);

const streamStatsSchema = looseRecord({
  streamName: z.string(),
  streamNamespace: z.string().optional(),
  ...statsShape,
});

const jobReadSchema = looseRecord({
  id: jobIdSchema,
  /** A server that does not name it runs nothing but syncs. */
  configType: z.string().default('sync'),
  configId: z.string().optional(),
  status: z.string(),
  createdAt: seconds.optional(),
  updatedAt: seconds.optional(),
  startedAt: seconds.optional(),
  aggregatedStats: statsSchema.optional(),
  streamAggregatedStats: z.array(streamStatsSchema).optional(),
  summary: looseRecord({ recordsSynced: count.optional(), bytesSynced: count.optional() }).optional(),
});

type JobRead = z.infer<typeof jobReadSchema>;
type AttemptRead = z.infer<typeof attemptReadSchema>;
type AttemptInfo = z.infer<typeof attemptSchema>;

const attemptsSchema = z.array(attemptSchema).optional();

/** `{ job, attempts? }`: the answer of every call that names one job. */
export const jobInfoSchema = looseRecord({ job: jobReadSchema, attempts: attemptsSchema }).transform((info) =>
  toJob(info.job, info.attempts ?? []),
);

/** An entry of `jobs/list`: `{ job, attempts }`, or the job itself. */
const listedJobSchema = z.union([
  jobInfoSchema,
  jobReadSchema.transform((job) => toJob(job, attemptsSchema.safeParse(job['attempts']).data ?? [])),
]);

export const jobListSchema = looseRecord({ jobs: z.array(listedJobSchema) }).transform((list) => list.jobs);

/** `{ job? }`: a job that may not exist. */
export const optionalJobSchema = looseRecord({ job: z.unknown().optional() }).transform((info, context) => {
  if (info.job === undefined) {
    return undefined;
  }
  const parsed = jobInfoSchema.safeParse(info);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      context.addIssue({ code: 'custom', message: issue.message, path: issue.path });
    }
    return z.NEVER;
  }
  return parsed.data;
});

function toJob(job: JobRead, attempts: AttemptInfo[]): Job {
  const last = attempts.at(-1)?.attempt;
  return {
    jobId: job.id,
    connectionId: job.configId,
    jobType: job.configType,
    status: job.status,
    createdAt: job.createdAt,
    updatedAt: job.updatedAt,
    startedAt: job.startedAt,
    recordsSynced:
      job.summary?.recordsSynced ??
      job.aggregatedStats?.recordsCommitted ??
      total(
        attempts,
        (attempt) => attempt.totalStats?.recordsCommitted ?? (attempt === last ? records(attempt) : undefined),
      ),
    bytesSynced:
      job.summary?.bytesSynced ??
      job.aggregatedStats?.bytesCommitted ??
      total(
        attempts,
        (attempt) => attempt.totalStats?.bytesCommitted ?? (attempt === last ? bytes(attempt) : undefined),
      ),
    recordsRejected:
      job.aggregatedStats?.recordsRejected ?? total(attempts, (attempt) => attempt.totalStats?.recordsRejected),
    attempts: attempts.map(toAttempt),
    streams: job.streamAggregatedStats?.map(toJobStream) ?? streamsOf(attempts),
  };
}

/**
 * What all attempts committed together, for servers that do not add it up themselves (`aggregatedStats`): an attempt
 * goes on where the one before it stopped. Numbers that are not of committed records count for the last attempt only.
 */
function total(attempts: AttemptInfo[], read: (attempt: AttemptRead) => number | undefined): number | undefined {
  const counts = attempts.map(({ attempt }) => read(attempt)).filter((value) => value !== undefined);
  return counts.length === 0 ? undefined : counts.reduce((sum, value) => sum + value, 0);
}

function toJobStream(stream: z.infer<typeof streamStatsSchema>): JobStream {
  return {
    name: stream.streamName,
    namespace: stream.streamNamespace,
    recordsSynced: stream.recordsCommitted,
    bytesSynced: stream.bytesCommitted,
    recordsRejected: stream.recordsRejected,
  };
}

/** What all attempts committed of each stream, for servers before 0.63, which do not add it up (`streamAggregatedStats`). */
function streamsOf(attempts: AttemptInfo[]): JobStream[] | undefined {
  const all = attempts.flatMap(({ attempt }) => attempt.streamStats ?? []);
  if (all.length === 0) return undefined;
  const streams = new Map<string, JobStream>();
  for (const { streamName, streamNamespace, stats } of all) {
    const key = JSON.stringify([streamNamespace, streamName]);
    const { recordsSynced = 0, bytesSynced = 0, recordsRejected = 0 } = streams.get(key) ?? {};
    streams.set(key, {
      name: streamName,
      namespace: streamNamespace,
      recordsSynced: recordsSynced + (stats.recordsCommitted ?? 0),
      bytesSynced: bytesSynced + (stats.bytesCommitted ?? 0),
      recordsRejected: recordsRejected + (stats.recordsRejected ?? 0),
    });
  }
  return [...streams.values()];
}

function records(attempt: AttemptRead): number | undefined {
  return attempt.totalStats?.recordsCommitted ?? attempt.recordsSynced ?? attempt.totalStats?.recordsEmitted;
}

function bytes(attempt: AttemptRead): number | undefined {
  return attempt.totalStats?.bytesCommitted ?? attempt.bytesSynced ?? attempt.totalStats?.bytesEmitted;
}

function toAttempt({ attempt, logs }: AttemptInfo): JobAttempt {
  return {
    attemptNumber: attempt.id,
    status: attempt.status,
    recordsSynced: records(attempt),
    bytesSynced: bytes(attempt),
    createdAt: attempt.createdAt,
    endedAt: attempt.endedAt,
    partialSuccess: attempt.failureSummary?.partialSuccess,
    failures: (attempt.failureSummary?.failures ?? []).map(toJobFailure),
    logLines: logs === undefined ? undefined : lastLines(logs),
  };
}

/** Airbyte's reason in the words meant for people. Never its stack trace. */
export function toJobFailure(reason: FailureReason): JobFailure {
  const message = reason.externalMessage || reason.internalMessage?.split('\n', 1)[0];
  return {
    origin: reason.failureOrigin,
    type: reason.failureType,
    message: message === undefined ? undefined : shorten(message, MAXIMUM_MESSAGE_LENGTH),
  };
}

function lastLines(logs: z.infer<typeof logsSchema>): string[] {
  const lines =
    logs.logLines ??
    logs.events?.map((event) => [event.level?.toUpperCase(), event.message].filter(Boolean).join(' ')) ??
    [];
  return lines
    .slice(-MAXIMUM_LOG_LINES)
    .map((line) => shorten(stripVTControlCharacters(line), MAXIMUM_LOG_LINE_LENGTH));
}
