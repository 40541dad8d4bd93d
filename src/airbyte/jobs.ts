import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { JobFailure } from '../contract/job-outcome';
import { shorten } from '../text/shorten';
import { countAttempt, countJob } from './job-counts';
import { type AttemptInfo, attemptsSchema, type RawJob, type RawLogs, rawJobSchema } from './raw-job-schemas';
import { type FailureReason, looseRecord } from './schemas';

/** The only statuses that end a job. Any other, also one not yet invented, means: wait. */
export const TERMINAL_STATUSES = ['succeeded', 'failed', 'cancelled'] as const;
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

export function isTerminal(status: string): status is TerminalStatus {
  return (TERMINAL_STATUSES as readonly string[]).includes(status);
}

/** Airbyte's kinds of job (`configType`) that run on a connection. `refresh` and `clear` exist since 0.63. */
export const CONNECTION_JOB_TYPES = ['sync', 'reset_connection', 'refresh', 'clear'] as const;

/**
 * What may become of the counts of a job that has failed or was cancelled: Airbyte saves the last ones up to a minute after
 * it has shown the end.
 *
 * - `may grow`: it shows counts, which may be those of a while before the end
 * - `within a minute`: it shows none, on a server that shows where they would be
 * - `in a moment`: it shows none, and nothing tells that this server counts
 */
export type LateCounts = 'may grow' | 'within a minute' | 'in a moment';

/** Airbyte's kinds of job whose records are counted: the others take records away. */
const COUNTED_JOB_TYPES: readonly string[] = ['sync', 'refresh'];

/** Whether the counts of such a job may change after it has ended so. */
export function mayHaveLateCounts(jobType: string, status: string): boolean {
  return COUNTED_JOB_TYPES.includes(jobType) && (status === 'failed' || status === 'cancelled');
}

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
  /** Records committed in the destination so far; left out where the server has not counted them, which is not 0. */
  recordsSynced?: number | undefined;
  bytesSynced?: number | undefined;
  recordsRejected?: number | undefined;
  /** Records that the source has sent, where the server tells. */
  recordsEmitted?: number | undefined;
  /** The job has ended, and its counts may still change. */
  countsMayFollow?: LateCounts | undefined;
  /** The first one first. */
  attempts: JobAttempt[];
  /** Airbyte tells that there was no attempt. Left out where it tells nothing of attempts, as in the public API. */
  noAttempts?: boolean | undefined;
  /** Counts per stream, where the server keeps them. */
  streams?: JobStream[] | undefined;
}

export interface JobAttempt {
  /** As Airbyte counts: the first attempt is 0. */
  attemptNumber: number;
  /** Left out by some servers of old. */
  status?: string | undefined;
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

/** `{ job, attempts? }`: the answer of every call that names one job. */
export const jobInfoSchema = looseRecord({ job: rawJobSchema, attempts: attemptsSchema }).transform((info) =>
  toJob(info.job, info.attempts),
);

/** An entry of `jobs/list`: `{ job, attempts }`, or the job itself. */
export const listedJobSchema = z.union([
  jobInfoSchema,
  rawJobSchema.transform((job) => toJob(job, attemptsSchema.safeParse(job['attempts']).data)),
]);

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

function toJob(job: RawJob, told: AttemptInfo[] | undefined): Job {
  const attempts = told ?? [];
  return {
    jobId: job.id,
    connectionId: job.configId,
    jobType: job.configType,
    status: job.status,
    createdAt: job.createdAt,
    updatedAt: job.updatedAt,
    startedAt: job.startedAt,
    ...countJob(
      job,
      attempts.map(({ attempt }) => attempt),
    ),
    attempts: attempts.map(toAttempt),
    ...(told?.length === 0 && { noAttempts: true }),
  };
}

function toAttempt({ attempt, logs }: AttemptInfo, index: number): JobAttempt {
  return {
    attemptNumber: attempt.id ?? index,
    status: attempt.status,
    ...countAttempt(attempt),
    createdAt: attempt.createdAt,
    endedAt: attempt.endedAt,
    partialSuccess: attempt.failureSummary?.partialSuccess,
    failures: (attempt.failureSummary?.failures ?? []).map(toJobFailure),
    logLines: logs === undefined ? undefined : lastLines(logs),
  };
}

/**
 * What Airbyte itself says where somebody else knows more: of a check before a sync, or of a connector or a part of Airbyte
 * that broke. The reason is in the internal message only.
 */
const GENERIC_MESSAGE =
  /^(Checking \S+ connection failed\b|Something went wrong (within|during|in) |An unknown failure occurred|An internal Airbyte error has occurred)/i;

/** Airbyte's reason in the words meant for people, with the connector's own behind those that would say nothing. */
export function toJobFailure(reason: FailureReason): JobFailure {
  const internal = firstLineOf(reason.internalMessage);
  const external = reason.externalMessage || undefined;
  const isGeneric = external !== undefined && GENERIC_MESSAGE.test(external);
  const message = isGeneric && internal ? `${withoutAdvice(external)}: ${internal}` : (external ?? internal);
  return {
    origin: reason.failureOrigin,
    type: reason.failureType,
    message: message === undefined ? undefined : shorten(message, MAXIMUM_MESSAGE_LENGTH),
  };
}

/** Never the stack trace behind it. */
function firstLineOf(text: string | undefined): string | undefined {
  return text?.trim().split('\n', 1)[0]?.trim() || undefined;
}

/** ` - please review this connection's configuration to prevent future syncs from failing` */
function withoutAdvice(message: string): string {
  return message.replace(/ - please review .*$/s, '').replace(/[.:\s]+$/, '');
}

function lastLines(logs: RawLogs): string[] {
  const lines =
    logs.logLines ??
    logs.events?.map((event) => [event.level?.toUpperCase(), event.message].filter(Boolean).join(' ')) ??
    [];
  return lines
    .slice(-MAXIMUM_LOG_LINES)
    .map((line) => shorten(stripVTControlCharacters(line), MAXIMUM_LOG_LINE_LENGTH));
}
