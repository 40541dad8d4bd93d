import { stripVTControlCharacters } from 'node:util';
import { z } from 'zod';
import type { JobFailure } from '../../contract/job-outcome';
import { shorten } from '../../text/shorten';
import type { Job, JobAttempt, JobLogLine, LoggedJob } from '../jobs';
import { type FailureReason, looseRecord } from '../schemas';
import { countAttempt, countJob } from './job-counts';
import { type AttemptInfo, attemptsSchema, type RawJob, type RawLogs, rawJobSchema } from './raw-job-schemas';

/** Enough to show why an attempt failed, and small enough for a workflow's history. */
const MAXIMUM_LOG_LINES = 20;
const MAXIMUM_LOG_LINE_LENGTH = 500;
const MAXIMUM_MESSAGE_LENGTH = 2_000;

/** `{ job, attempts? }`: the response to every call about one job. */
export const jobInfoSchema = looseRecord({ job: rawJobSchema, attempts: attemptsSchema }).transform((info) =>
  toJob(info.job, info.attempts),
);

/** The response of `jobs/get` with the whole logs of all attempts. */
export const loggedJobSchema = looseRecord({ job: rawJobSchema, attempts: attemptsSchema }).transform(
  ({ job, attempts = [] }): LoggedJob => ({
    ...toJob(job, attempts),
    attempts: attempts.map((info, index) => ({ ...toAttempt(info, index), lines: allLines(info.logs) })),
  }),
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

function toJob(job: RawJob, attemptInfos: AttemptInfo[] | undefined): Job {
  const attempts = attemptInfos ?? [];
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
    ...(attemptInfos?.length === 0 && { noAttempts: true }),
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
 * Airbyte's generic messages: about a check before a sync that failed, or about a connector or a part of Airbyte that
 * broke. Then only the internal message has the reason.
 */
const GENERIC_MESSAGE =
  /^(Checking \S+ connection failed\b|Something went wrong (within|during|in) |An unknown failure occurred|An internal Airbyte error has occurred)/i;

/** Airbyte's reason from its message for users, followed by the connector's own where the first is generic. */
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

/** The first line only, because a stack trace follows it. */
function firstLineOf(text: string | undefined): string | undefined {
  return text?.trim().split('\n', 1)[0]?.trim() || undefined;
}

/** Removes ` - please review this connection's configuration to prevent future syncs from failing`. */
function withoutAdvice(message: string): string {
  return message.replace(/ - please review .*$/s, '').replace(/[.:\s]+$/, '');
}

function allLines({ logLines = [], events = [] }: RawLogs = {}): JobLogLine[] {
  return [
    ...logLines.map((line) => ({ message: stripVTControlCharacters(line) })),
    ...events.map(({ timestamp, level, logSource, message = '', stackTrace }) => ({
      ...{ timestamp, level, source: logSource },
      message: stripVTControlCharacters([message, stackTrace].filter(Boolean).join('\n')),
    })),
  ];
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
