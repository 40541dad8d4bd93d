import { isTerminal, type Job, type JobAttempt, type JobStream } from '../airbyte/jobs';
import type { FailureWithMessage, JobOutcome, StreamOutcome } from '../contract/job-outcome';
import { matchesStreamName } from '../contract/stream-name';

const MESSAGE_LIMIT = 2_000;
const LOG_LINES = 5;
const LOG_LINE_LIMIT = 500;
const MAXIMUM_STREAMS = 100;
const STREAM_NAME_LIMIT = 250;

/**
 * The outcome of a job. Texts are cut to a bounded length.
 *
 * @param named the names of streams that are always included, however many others there are
 */
export function readOutcome(job: Job, named: readonly string[] = []): JobOutcome {
  const lastAttempt = job.attempts.at(-1);
  const logLines = lastAttempt?.logLines?.slice(-LOG_LINES).map((line) => line.slice(0, LOG_LINE_LIMIT));
  const all = (job.streams ?? []).map(readStream).sort(biggestFirst);
  const streams = all.filter(
    (stream, index) => index < MAXIMUM_STREAMS || named.some((name) => matchesStreamName(stream, name)),
  );
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

/** Airbyte marks attempts with a partial success. The counts of a stream are of records committed in the destination. */
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

/** Orders streams without a count last. */
function size(count: number | null): number {
  return count ?? -1;
}

/** The first failure with a message: Airbyte also lists failures that follow from it, and some have no message. */
function readFailure(failures: JobAttempt['failures']): FailureWithMessage | undefined {
  const { message, ...first } = failures.find((failure) => failure.message !== undefined) ?? {};
  return message === undefined ? undefined : { ...first, message: message.slice(0, MESSAGE_LIMIT) };
}

/** A time of Airbyte as results have it; null where Airbyte gives none. */
export function isoTime(epochSeconds: number | undefined): string | null {
  return epochSeconds === undefined ? null : new Date(epochSeconds * 1000).toISOString();
}
