import { type Job, type JobStream, mayHaveLateCounts } from '../jobs';
import type { RawAttempt, RawJob, RawStats } from './raw-job-schemas';

type JobCounts = Pick<
  Job,
  'recordsSynced' | 'bytesSynced' | 'recordsRejected' | 'recordsEmitted' | 'streams' | 'countsMayFollow'
>;

/**
 * What a job has moved, from whichever of its counts the server shows. What nobody has counted is left out: that is not the
 * same as 0.
 *
 * @param attempts the first one first
 */
export function countJob(job: RawJob, attempts: readonly RawAttempt[]): JobCounts {
  const { summary } = job;
  const total = totalOf(job, attempts);
  const last = attempts.at(-1);
  const recordsSynced =
    summary?.recordsSynced ??
    committedOf(total, attempts) ??
    sum(attempts.map((attempt) => committedRecords(attempt) ?? (attempt === last ? shownRecords(attempt) : undefined)));
  const countsMayFollow = lateCountsOf(job, attempts, recordsSynced);
  return {
    recordsSynced,
    bytesSynced: summary?.bytesSynced ?? total?.bytesCommitted ?? bytesOfAttempts(attempts),
    recordsRejected: total?.recordsRejected ?? sum(attempts.map(({ totalStats }) => totalStats?.recordsRejected)),
    recordsEmitted: total?.recordsEmitted ?? sum(attempts.map(({ totalStats }) => totalStats?.recordsEmitted)),
    streams: countStreams(job, attempts),
    ...(countsMayFollow && { countsMayFollow }),
  };
}

/** What an attempt has moved. Some servers count what it has sent only. */
export function countAttempt(attempt: RawAttempt): Pick<Job, 'recordsSynced' | 'bytesSynced'> {
  const { totalStats, bytesSynced } = attempt;
  return {
    recordsSynced: committedRecords(attempt) ?? shownRecords(attempt),
    bytesSynced: committedBytes(attempt) ?? bytesSynced ?? totalStats?.bytesEmitted,
  };
}

/**
 * The server's own total of all attempts. It adds up the counts that it has kept, so without any of them it says 0: then it
 * has measured nothing.
 */
function totalOf({ aggregatedStats, streamAggregatedStats }: RawJob, attempts: readonly RawAttempt[]) {
  if (aggregatedStats === undefined) return undefined;
  const isMeasured =
    streamAggregatedStats?.length !== 0 ||
    numbersOf(aggregatedStats).some((count) => count > 0) ||
    attempts.some((attempt) => shownRecords(attempt) !== undefined || committedRecords(attempt) !== undefined);
  return isMeasured ? aggregatedStats : undefined;
}

/** To the server's total, records that nobody has counted as committed are 0. */
function committedOf(total: RawStats | undefined, attempts: readonly RawAttempt[]): number | undefined {
  const { recordsCommitted, recordsEmitted = 0 } = total ?? {};
  const uncounted = ({ totalStats }: RawAttempt) =>
    (totalStats?.recordsEmitted ?? 0) > 0 && totalStats?.recordsCommitted === undefined;
  return recordsCommitted === 0 && recordsEmitted > 0 && attempts.some(uncounted) ? undefined : recordsCommitted;
}

function committedRecords({ totalStats, streamStats = [] }: RawAttempt): number | undefined {
  return totalStats?.recordsCommitted ?? sum(streamStats.map(({ stats }) => stats.recordsCommitted));
}

/** For want of a count of committed records: what old servers have counted, which may be what the source has sent. */
function shownRecords({ recordsSynced, totalStats }: RawAttempt): number | undefined {
  return recordsSynced ?? totalStats?.recordsEmitted;
}

/**
 * All attempts together, as their records are added up: an attempt goes on where the one before it has stopped. Undefined
 * where the bytes of one of them are not known.
 */
function bytesOfAttempts(attempts: readonly RawAttempt[]): number | undefined {
  const last = attempts.at(-1);
  const counted = attempts.filter((attempt) => committedRecords(attempt) !== undefined);
  if (counted.length === 0) return last && (last.bytesSynced ?? last.totalStats?.bytesEmitted);
  const bytes = counted.map(committedBytes);
  return bytes.includes(undefined) ? undefined : sum(bytes);
}

function committedBytes({ totalStats, streamStats = [], bytesSynced }: RawAttempt): number | undefined {
  if (totalStats?.recordsCommitted === undefined) return sum(streamStats.map(({ stats }) => bytesOfStats(stats)));
  return bytesOfStats(totalStats, bytesSynced);
}

/**
 * The API shows the bytes that an attempt has sent, and seldom those that were committed.
 *
 * @param bytesSynced those of the attempt as a whole: committed ones, or in old servers those that were sent
 */
function bytesOfStats(stats: RawStats, bytesSynced?: number): number | undefined {
  const { bytesCommitted, bytesEmitted, recordsCommitted, recordsEmitted = recordsCommitted } = stats;
  if (bytesCommitted !== undefined || recordsCommitted === undefined) return bytesCommitted;
  if (recordsCommitted === 0) return 0;
  if (bytesSynced !== undefined && bytesSynced !== bytesEmitted) return bytesSynced;
  return recordsCommitted === recordsEmitted ? (bytesSynced ?? bytesEmitted) : undefined;
}

/** The server's own counts of each stream; where it shows none, what all attempts together committed of it. */
function countStreams({ streamAggregatedStats = [] }: RawJob, attempts: readonly RawAttempt[]) {
  if (streamAggregatedStats.length > 0) {
    return streamAggregatedStats.map(
      ({ streamName, streamNamespace, recordsCommitted, bytesCommitted, recordsRejected }): JobStream => ({
        name: streamName,
        namespace: streamNamespace,
        recordsSynced: recordsCommitted,
        bytesSynced: bytesCommitted,
        recordsRejected,
      }),
    );
  }
  const streams = new Map<string, JobStream>();
  for (const { streamName, streamNamespace, stats } of attempts.flatMap(({ streamStats = [] }) => streamStats)) {
    const key = JSON.stringify([streamNamespace, streamName]);
    const known = streams.get(key);
    streams.set(key, {
      name: streamName,
      namespace: streamNamespace,
      recordsSynced: sum([known?.recordsSynced, stats.recordsCommitted]),
      bytesSynced: sum([known?.bytesSynced, bytesOfStats(stats)]),
      recordsRejected: sum([known?.recordsRejected, stats.recordsRejected]),
    });
  }
  return streams.size === 0 ? undefined : [...streams.values()];
}

/**
 * What may become of the counts of a job after its end. A job without attempts, or one that failed at the check before it,
 * has moved nothing.
 */
function lateCountsOf(job: RawJob, attempts: readonly RawAttempt[], recordsSynced = -1): Job['countsMayFollow'] {
  if (!mayHaveLateCounts(job.configType, job.status)) return undefined;
  const last = attempts.at(-1);
  // Not every server tells of attempts.
  if (last === undefined) return recordsSynced > 0 ? 'may grow' : undefined;
  const failures = last.failureSummary?.failures ?? [];
  if (failures.some(({ externalMessage = '' }) => FAILED_CHECK.test(externalMessage))) return undefined;
  if (recordsSynced >= 0) return 'may grow';
  const counts = [job.aggregatedStats, job.streamAggregatedStats];
  const ofAttempts = attempts.flatMap(({ totalStats, streamStats }) => [totalStats, streamStats]);
  if ([...counts, ...ofAttempts].some((shown) => shown !== undefined)) return 'within a minute';
  return job.status === 'failed' && last.createdAt !== undefined ? 'in a moment' : undefined;
}

const FAILED_CHECK = /^Checking \S+ connection failed/i;

function numbersOf(stats: RawStats): number[] {
  return Object.values(stats).filter((count) => typeof count === 'number');
}

/** Undefined when none of them is known. */
function sum(counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, count) => total + count, 0);
}
