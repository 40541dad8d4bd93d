import type { AirbyteBehaviour } from '../state/airbyte-versions';
import { type Attempt, type Counts, type Job, type JobLogLine, NO_COUNTS, type StreamCounts } from '../state/job';
import { nameOf, sameStream } from '../state/stream-name';

/** A job as in the calls for a single job: without counts. Airbyte never reports when a job started. */
export function toJobRead(job: Job, behaviour: AirbyteBehaviour): object {
  const read = {
    id: job.id,
    configType: job.configType,
    configId: job.connectionId,
    enabledStreams: job.streams.map(nameOf),
    createdAt: seconds(job.createdAtMs),
    updatedAt: seconds(job.updatedAtMs),
    status: job.status,
    ...(job.configType === 'reset_connection' ? { resetConfig: { streamsToReset: job.targets } } : {}),
    ...(job.configType === 'refresh' ? { refreshConfig: { streamsToRefresh: job.targets } } : {}),
    streamAggregatedStats: [],
  };
  return behaviour.fieldsOf(read, { streamAggregatedStats: { since: '0.63.0' } });
}

/** `{ job, attempts: [{ attempt, logs }] }`, with counts only for attempts that have ended. */
export function toJobInfoRead(job: Job, behaviour: AirbyteBehaviour): { job: object; attempts: object[] } {
  const attempts = unordered(job.attempts).map((attempt) => ({
    attempt: toEndedAttemptRead(attempt),
    ...logsOf(attempt, behaviour),
  }));
  return { job: toJobRead(job, behaviour), attempts };
}

/** `{ job, attempts: [attempt] }`, with the saved counts. Only this call returns the attempts in order. */
export function toJobWithAttempts(job: Job, behaviour: AirbyteBehaviour): { job: object; attempts: object[] } {
  return {
    job: toCountedJobRead(job, behaviour),
    attempts: job.attempts.map((attempt) => toCountedAttemptRead(attempt, behaviour)),
  };
}

/** `{ job, attempts: [{ attempt }] }`, with the saved counts of the job, and those of attempts that have ended. */
export function toJobInfoWithoutLogs(job: Job, behaviour: AirbyteBehaviour): { job: object; attempts: object[] } {
  const withoutLines = behaviour.has('structuredLogs') ? {} : { logs: { logLines: [] } };
  const attempts = unordered(job.attempts).map((attempt) => ({
    attempt: toEndedAttemptRead(attempt),
    ...withoutLines,
  }));
  return { job: toCountedJobRead(job, behaviour), attempts };
}

/** The saved counts of a job. */
export function totalCounts(job: Job): Counts {
  return sumOf(streamTotals(job));
}

/** Airbyte reads the attempts of a single job without an order; newest first is one of the possible orders. */
function unordered(attempts: readonly Attempt[]): Attempt[] {
  return attempts.toReversed();
}

function toCountedJobRead(job: Job, behaviour: AirbyteBehaviour): object {
  const streams = streamTotals(job);
  const counts = {
    aggregatedStats: toStats(sumOf(streams), behaviour),
    streamAggregatedStats: streams.map(({ name, namespace, ...counts }) => ({
      streamName: name,
      ...(namespace === undefined ? {} : { streamNamespace: namespace }),
      ...toStats(counts, behaviour),
    })),
  };
  return {
    ...toJobRead(job, behaviour),
    ...behaviour.fieldsOf(counts, { aggregatedStats: { since: '0.63.0' }, streamAggregatedStats: { since: '0.63.0' } }),
  };
}

/**
 * An attempt with the counts of its result, which a running attempt does not have. They name streams without a
 * namespace.
 */
function toEndedAttemptRead(attempt: Attempt): object {
  const { total, streams } = attempt.counts();
  if (attempt.endedAtMs === undefined || total === undefined) return toAttemptRead(attempt);
  return {
    ...toAttemptRead(attempt),
    totalStats: toAttemptStats(total),
    streamStats: streams.map(({ name, ...counts }) => ({ streamName: name, stats: toAttemptStats(counts) })),
  };
}

/** An attempt with the counts that it has saved. */
function toCountedAttemptRead(attempt: Attempt, behaviour: AirbyteBehaviour): object {
  const { total, streams } = attempt.counts();
  if (total === undefined) return toAttemptRead(attempt);
  const rejected = ({ recordsRejected }: Counts) => (behaviour.has('rejectedRecords') ? { recordsRejected } : {});
  return {
    ...toAttemptRead(attempt),
    totalStats: { ...toAttemptStats(total), ...rejected(total) },
    streamStats: streams.map(({ name, namespace, ...counts }) => ({
      streamName: name,
      ...(namespace === undefined ? {} : { streamNamespace: namespace }),
      stats: { ...toAttemptStats(counts), ...rejected(counts) },
    })),
  };
}

function toAttemptRead(attempt: Attempt): object {
  const { total } = attempt.counts();
  const partialSuccess = (total?.recordsCommitted ?? 0) > 0;
  return {
    id: attempt.attemptNumber,
    status: attempt.status,
    createdAt: seconds(attempt.createdAtMs),
    updatedAt: seconds(attempt.updatedAtMs),
    ...(attempt.endedAtMs === undefined
      ? {}
      : {
          endedAt: seconds(attempt.endedAtMs),
          ...(total && { recordsSynced: total.recordsCommitted, bytesSynced: total.bytesCommitted }),
        }),
    ...(attempt.failures.length === 0 ? {} : { failureSummary: { failures: attempt.failures, partialSuccess } }),
  };
}

/** Attempt statistics have no field for committed bytes; the attempt's `bytesSynced` carries them. */
function toAttemptStats({ recordsEmitted, recordsCommitted, bytesEmitted }: Counts): object {
  return { recordsEmitted, bytesEmitted, recordsCommitted };
}

function toStats({ recordsRejected, ...counts }: Counts, behaviour: AirbyteBehaviour): object {
  return behaviour.has('rejectedRecords') ? { ...counts, recordsRejected } : counts;
}

function logsOf({ log }: Attempt, behaviour: AirbyteBehaviour): object {
  if (!behaviour.has('structuredLogs')) return { logs: { logLines: log.map(toLogLine) } };
  if (log.length === 0) return { logType: 'formatted', logs: { logLines: [] } };
  const events = log.map(({ timestamp, level, source, message }) => ({ timestamp, level, logSource: source, message }));
  return { logType: 'structured', logs: { version: '1', events } };
}

function toLogLine({ timestamp, level, source, message }: JobLogLine): string {
  return `${new Date(timestamp).toISOString()} ${source} > ${level.toUpperCase()} ${message}`;
}

/**
 * What the attempts moved of each stream: their sum if each attempt continues where the previous one stopped, or only
 * the last attempt's counts if each starts from the beginning.
 */
function streamTotals({ attempts, streams }: Job): StreamCounts[] {
  const totals: StreamCounts[] = [];
  for (const counts of attempts.flatMap((attempt) => attempt.counts().streams)) {
    const index = totals.findIndex((known) => sameStream(known, counts));
    const known = totals[index];
    const startsAnew = streams.find((stream) => sameStream(stream, counts))?.syncMode === 'full_refresh';
    if (known === undefined) totals.push(counts);
    else totals[index] = startsAnew ? counts : { ...nameOf(counts), ...plus(known, counts) };
  }
  return totals;
}

function sumOf(counts: readonly Counts[]): Counts {
  return counts.reduce<Counts>(plus, NO_COUNTS);
}

function plus(one: Counts, other: Counts): Counts {
  return {
    recordsEmitted: one.recordsEmitted + other.recordsEmitted,
    recordsCommitted: one.recordsCommitted + other.recordsCommitted,
    recordsRejected: one.recordsRejected + other.recordsRejected,
    bytesEmitted: one.bytesEmitted + other.bytesEmitted,
    bytesCommitted: one.bytesCommitted + other.bytesCommitted,
  };
}

/** The Config API reports times in seconds. */
export function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
