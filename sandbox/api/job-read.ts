import { type Attempt, type Counts, type Job, NO_COUNTS, type StreamCounts } from '../job';
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
export function toJobInfoRead(job: Job): { job: object; attempts: object[] } {
  const attempts = job.attempts.map((attempt) => ({
    attempt: toAttemptRead(attempt, attempt.endedAtMs !== undefined),
    ...logsOf(attempt),
  }));
  return { job: toJobRead(job), attempts };
}

/** `{ job, attempts: [attempt] }`, with the counts of this moment. */
export function toJobWithAttempts(job: Job): { job: object; attempts: object[] } {
  const perStream = job.attempts.flatMap((attempt) => attempt.counts().streams);
  const streams = streamTotals(perStream);
  const aggregated = streams.reduce<Counts>((sum, stream) => plus(sum, stream), NO_COUNTS);
  return {
    job: {
      ...toJobRead(job),
      aggregatedStats: aggregated,
      streamAggregatedStats: streams.map(({ name, namespace, ...counts }) => ({
        streamName: name,
        ...(namespace === undefined ? {} : { streamNamespace: namespace }),
        ...counts,
      })),
    },
    attempts: job.attempts.map((attempt) => toAttemptRead(attempt, true)),
  };
}

/** `{ job, attempts: [{ attempt }] }`, with the counts of this moment. */
export function toJobInfoWithoutLogs(job: Job): { job: object; attempts: object[] } {
  const { job: read, attempts } = toJobWithAttempts(job);
  return { job: read, attempts: attempts.map((attempt) => ({ attempt })) };
}

function toAttemptRead(attempt: Attempt, withCounts: boolean): object {
  const { total, streams } = attempt.counts();
  const ended = attempt.endedAtMs === undefined ? {} : { endedAt: seconds(attempt.endedAtMs) };
  const partialSuccess = total.recordsCommitted > 0;
  return {
    id: attempt.attemptNumber,
    status: attempt.status,
    createdAt: seconds(attempt.createdAtMs),
    updatedAt: seconds(attempt.updatedAtMs),
    ...ended,
    ...(withCounts ? { totalStats: total, streamStats: streams.map(toStreamStats) } : {}),
    ...(attempt.endedAtMs === undefined
      ? {}
      : { recordsSynced: total.recordsCommitted, bytesSynced: total.bytesCommitted }),
    ...(attempt.failures.length === 0 ? {} : { failureSummary: { failures: attempt.failures, partialSuccess } }),
  };
}

function toStreamStats({ name, namespace, ...stats }: StreamCounts): object {
  return { streamName: name, ...(namespace === undefined ? {} : { streamNamespace: namespace }), stats };
}

function logsOf({ log }: Attempt): object {
  if (log.length === 0) return { logType: 'formatted', logs: { logLines: [] } };
  const events = log.map(({ timestamp, level, source, message }) => ({ timestamp, level, logSource: source, message }));
  return { logType: 'structured', logs: { version: '1', events } };
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

function plus(one: Counts, other: Counts): Counts {
  return {
    recordsEmitted: one.recordsEmitted + other.recordsEmitted,
    recordsCommitted: one.recordsCommitted + other.recordsCommitted,
    recordsRejected: one.recordsRejected + other.recordsRejected,
    bytesEmitted: one.bytesEmitted + other.bytesEmitted,
    bytesCommitted: one.bytesCommitted + other.bytesCommitted,
  };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
