import { isTerminal, type Job, type JobAttempt, type JobFailure, type JobStream } from '../airbyte/jobs';
import { isNamed } from '../contract/stream-name';

/** How a job stands: what a workflow needs of it, small enough for a history. */
export interface JobOutcome {
  jobId: number;
  status: string;
  /** Null where Airbyte has not measured it, which is not 0. */
  recordsSynced: number | null;
  bytesSynced: number | null;
  recordsRejected: number;
  /** Records that the source has sent, where Airbyte tells; left out by workers before this field. */
  recordsEmitted?: number | undefined;
  /** What each stream has moved, the one with the most records first, at most 100; empty where Airbyte does not tell. */
  streams: StreamOutcome[];
  /** How many streams there are beyond those of `streams`; left out when there are none. */
  moreStreams?: number | undefined;
  /** Airbyte's attempts of this job. */
  jobAttempts: number;
  /** It was cancelled before its first attempt: mostly by Airbyte itself. */
  notBegun?: boolean | undefined;
  /** Why it has not begun, of a job that was stopped or seen before its first attempt. */
  notBegunBecause?: string | undefined;
  /** The job that Airbyte has started in place of one that was cancelled before its first attempt. */
  successor?: { jobId: number; status: string } | undefined;
  /** ISO 8601, where Airbyte tells. */
  startedAt: string | null;
  /** ISO 8601; null while the job goes on. */
  endedAt: string | null;
  /** Whether a job that did not succeed has moved something all the same. */
  partialSuccess: boolean;
  /** Why it failed, where Airbyte gives a reason. */
  failure?: ExplainedFailure | undefined;
  /** The last lines of the last attempt's log, of a failed job. */
  logLines?: string[] | undefined;
}

export interface StreamOutcome {
  name: string;
  namespace?: string | undefined;
  /** Null where Airbyte has not measured it. */
  recordsSynced: number | null;
  bytesSynced: number | null;
  recordsRejected: number;
}

type ExplainedFailure = JobFailure & { message: string };

const MESSAGE_LIMIT = 2_000;
const LOG_LINES = 5;
const LOG_LINE_LIMIT = 500;
const STREAMS = 100;
const STREAM_NAME_LIMIT = 250;

/**
 * Reads the outcome off a job. Texts are cut to a bounded length.
 *
 * @param named streams to be told also where there are more than are told, by their names
 */
export function readOutcome(job: Job, named: readonly string[] = []): JobOutcome {
  const lastAttempt = job.attempts.at(-1);
  const logLines = lastAttempt?.logLines?.slice(-LOG_LINES).map((line) => line.slice(0, LOG_LINE_LIMIT));
  const all = (job.streams ?? []).map(readStream).sort(biggestFirst);
  const streams = all.filter((stream, index) => index < STREAMS || named.some((name) => isNamed(stream, name)));
  return {
    jobId: job.jobId,
    status: job.status,
    recordsSynced: job.recordsSynced ?? null,
    bytesSynced: job.bytesSynced ?? null,
    recordsRejected: job.recordsRejected ?? 0,
    ...(job.recordsEmitted !== undefined && { recordsEmitted: job.recordsEmitted }),
    streams,
    ...(all.length > streams.length && { moreStreams: all.length - streams.length }),
    jobAttempts: job.attempts.length,
    startedAt: isoTime(job.startedAt ?? job.createdAt),
    endedAt: isTerminal(job.status) ? isoTime(lastAttempt?.endedAt ?? job.updatedAt) : null,
    partialSuccess: job.status !== 'succeeded' && hasMovedSomething(job),
    ...(job.status === 'failed' && { failure: readFailure(lastAttempt?.failures ?? []), logLines }),
  };
}

/** Airbyte says so of an attempt; what it counts per stream has been committed in the destination. */
function hasMovedSomething({ attempts, streams = [] }: Job): boolean {
  return (
    attempts.some(({ partialSuccess }) => partialSuccess) || streams.some(({ recordsSynced = 0 }) => recordsSynced > 0)
  );
}

function readStream({ name, namespace, recordsSynced, bytesSynced, recordsRejected }: JobStream): StreamOutcome {
  return {
    name: name.slice(0, STREAM_NAME_LIMIT),
    ...(namespace !== undefined && { namespace: namespace.slice(0, STREAM_NAME_LIMIT) }),
    recordsSynced: recordsSynced ?? null,
    bytesSynced: bytesSynced ?? null,
    recordsRejected: recordsRejected ?? 0,
  };
}

function biggestFirst(one: StreamOutcome, other: StreamOutcome): number {
  return size(other.recordsSynced) - size(one.recordsSynced) || size(other.bytesSynced) - size(one.bytesSynced);
}

/** What was not measured comes last. */
function size(count: number | null): number {
  return count ?? -1;
}

/** The failure that tells most: Airbyte lists what followed from it too, and not all of them come with a reason. */
function readFailure(failures: JobAttempt['failures']): ExplainedFailure | undefined {
  const { message, ...first } = failures.find((failure) => failure.message !== undefined) ?? {};
  return message === undefined ? undefined : { ...first, message: message.slice(0, MESSAGE_LIMIT) };
}

function isoTime(epochSeconds: number | undefined): string | null {
  return epochSeconds === undefined ? null : new Date(epochSeconds * 1000).toISOString();
}
