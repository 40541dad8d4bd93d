import type { AirbyteBehaviour } from '../airbyte-versions';
import { type Attempt, type Counts, type Job, type JobLogLine, NO_COUNTS, type StreamCounts } from '../job';
import { type StreamName, sameStream } from '../store';

/**
 * A job as the API shows it. Airbyte's answers about one job (`jobs/get`, `connections/sync`) have no aggregated
 * statistics, and counts only for attempts that ended; its lists have both.
 */
export function toJobRead(job: Job): object {
  return {
    id: job.id,
    configType: job.configType,
    configId: job.connectionId,
    enabledStreams: job.streams,
    createdAt: seconds(job.createdAtMs),
    updatedAt: seconds(job.updatedAtMs),
    ...(job.startedAtMs === undefined ? {} : { startedAt: seconds(job.startedAtMs) }),
    status: job.status,
    ...(job.configType === 'reset_connection' ? { resetConfig: { streamsToReset: job.targets } } : {}),
    ...(job.configType === 'refresh' ? { refreshConfig: { streamsToRefresh: job.targets } } : {}),
  };
}

/** `{ job, attempts: [{ attempt, logs }] }` */
export function toJobInfoRead(job: Job, behaviour: AirbyteBehaviour): { job: object; attempts: object[] } {
  const attempts = job.attempts.map((attempt) => ({
    attempt: toAttemptRead(attempt, behaviour, attempt.endedAtMs !== undefined),
    ...logsOf(attempt, behaviour),
  }));
  return { job: toJobRead(job), attempts };
}

/** `{ job, attempts: [attempt] }`, with the counts of this moment. */
export function toJobWithAttempts(job: Job, behaviour: AirbyteBehaviour): { job: object; attempts: object[] } {
  const streams = streamTotals(job.attempts.flatMap((attempt) => attempt.counts().streams));
  const read = {
    ...toJobRead(job),
    aggregatedStats: toStats(sumOf(streams), behaviour),
    streamAggregatedStats: streams.map(({ name, namespace, ...counts }) => ({
      streamName: name,
      ...(namespace === undefined ? {} : { streamNamespace: namespace }),
      ...toStats(counts, behaviour),
    })),
  };
  return {
    job: behaviour.fieldsOf(read, {
      aggregatedStats: { since: '0.63.0' },
      streamAggregatedStats: { since: '0.63.0' },
    }),
    attempts: job.attempts.map((attempt) => toAttemptRead(attempt, behaviour, true)),
  };
}

/** `{ job, attempts: [{ attempt }] }`, with the counts of this moment. */
export function toJobInfoWithoutLogs(job: Job, behaviour: AirbyteBehaviour): { job: object; attempts: object[] } {
  const { job: read, attempts } = toJobWithAttempts(job, behaviour);
  const withoutLines = behaviour.has('structuredLogs') ? {} : { logs: { logLines: [] } };
  return { job: read, attempts: attempts.map((attempt) => ({ attempt, ...withoutLines })) };
}

/** What all attempts of a job moved, at this moment. */
export function totalCounts(job: Job): Counts {
  return sumOf(job.attempts.flatMap((attempt) => attempt.counts().streams));
}

function toAttemptRead(attempt: Attempt, behaviour: AirbyteBehaviour, withCounts: boolean): object {
  const { total, streams } = attempt.counts();
  const ended = attempt.endedAtMs === undefined ? {} : { endedAt: seconds(attempt.endedAtMs) };
  const partialSuccess = total.recordsCommitted > 0;
  return {
    id: attempt.attemptNumber,
    status: attempt.status,
    createdAt: seconds(attempt.createdAtMs),
    updatedAt: seconds(attempt.updatedAtMs),
    ...ended,
    ...(withCounts
      ? {
          totalStats: toStats(total, behaviour),
          streamStats: streams.map(({ name, namespace, ...counts }) => ({
            streamName: name,
            ...(namespace === undefined ? {} : { streamNamespace: namespace }),
            stats: toStats(counts, behaviour),
          })),
        }
      : {}),
    ...(attempt.endedAtMs === undefined
      ? {}
      : { recordsSynced: total.recordsCommitted, bytesSynced: total.bytesCommitted }),
    ...(attempt.failures.length === 0 ? {} : { failureSummary: { failures: attempt.failures, partialSuccess } }),
  };
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

/** The attempts' counts of each stream, added up. */
function streamTotals(all: readonly StreamCounts[]): StreamCounts[] {
  const totals: StreamCounts[] = [];
  for (const stream of all) {
    const index = totals.findIndex((known) => sameStream(known, stream));
    const known = totals[index];
    if (known === undefined) totals.push(stream);
    else totals[index] = { ...nameOf(stream), ...plus(known, stream) };
  }
  return totals;
}

function nameOf({ name, namespace }: StreamName): StreamName {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
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

/** The Config API's times are in seconds. */
export function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
