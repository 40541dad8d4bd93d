import { type Job, type JobStream, mayHaveLateCounts } from '../jobs';
import type { RawAttempt, RawJob, RawStats } from './raw-job-schemas';

type JobCounts = Pick<
  Job,
  | 'recordsSynced'
  | 'bytesSynced'
  | 'recordsRejected'
  | 'recordsEmitted'
  | 'bytesEmitted'
  | 'countsWhileRunning'
  | 'streams'
  | 'countsMayFollow'
>;

/**
 * The counts of a job, from whichever counts the server shows. A count that the server does not have is left out, which
 * is not the same as 0.
 *
 * @param attempts in the order in which they ran
 */
export function countJob(job: RawJob, attempts: readonly RawAttempt[]): JobCounts {
  const { summary } = job;
  const total = totalOf(job, attempts);
  const last = attempts.at(-1);
  const recordsSynced =
    summary?.recordsSynced ??
    committedOf(total, attempts) ??
    sum(
      attempts.map(
        (attempt) => committedRecords(attempt) ?? (attempt === last ? uncommittedRecords(attempt) : undefined),
      ),
    );
  const countsMayFollow = lateCountsOf(job, attempts, recordsSynced);
  return {
    recordsSynced,
    bytesSynced: summary?.bytesSynced ?? total?.bytesCommitted ?? bytesOfAttempts(attempts),
    recordsRejected: total?.recordsRejected ?? sum(attempts.map(({ totalStats }) => totalStats?.recordsRejected)),
    recordsEmitted: total?.recordsEmitted ?? sum(attempts.map(({ totalStats }) => totalStats?.recordsEmitted)),
    bytesEmitted: total?.bytesEmitted ?? sum(attempts.map(({ totalStats }) => totalStats?.bytesEmitted)),
    ...(showsRunningCounts(job, last) && { countsWhileRunning: true }),
    streams: countStreams(job, attempts),
    ...(countsMayFollow && { countsMayFollow }),
  };
}

/**
 * Whether the counts are those of a running job, too: since 0.63 the server adds up what its attempts have saved so far, before
 * that only lists have the counts of a running attempt.
 */
function showsRunningCounts({ aggregatedStats }: RawJob, last: RawAttempt | undefined): boolean {
  return aggregatedStats !== undefined || last?.totalStats !== undefined;
}

/** The counts of an attempt. Some servers count only what the source has sent. */
export function countAttempt(attempt: RawAttempt): Pick<Job, 'recordsSynced' | 'bytesSynced'> {
  const { totalStats, bytesSynced } = attempt;
  return {
    recordsSynced: committedRecords(attempt) ?? uncommittedRecords(attempt),
    bytesSynced: committedBytes(attempt) ?? bytesSynced ?? totalStats?.bytesEmitted,
  };
}

/**
 * The server's own total of all attempts; undefined where it has measured nothing. The server adds up the counts that
 * it has, so its total is 0 when it has none.
 */
function totalOf({ aggregatedStats, streamAggregatedStats }: RawJob, attempts: readonly RawAttempt[]) {
  if (aggregatedStats === undefined) return undefined;
  const isMeasured =
    streamAggregatedStats?.length !== 0 ||
    numbersOf(aggregatedStats).some((count) => count > 0) ||
    attempts.some((attempt) => uncommittedRecords(attempt) !== undefined || committedRecords(attempt) !== undefined);
  return isMeasured ? aggregatedStats : undefined;
}

/**
 * The committed records of the server's total; undefined where an attempt has no such count, which the total takes for
 * 0.
 */
function committedOf(total: RawStats | undefined, attempts: readonly RawAttempt[]): number | undefined {
  const { recordsCommitted, recordsEmitted = 0 } = total ?? {};
  const uncounted = ({ totalStats }: RawAttempt) =>
    (totalStats?.recordsEmitted ?? 0) > 0 && totalStats?.recordsCommitted === undefined;
  return recordsCommitted === 0 && recordsEmitted > 0 && attempts.some(uncounted) ? undefined : recordsCommitted;
}

function committedRecords({ totalStats, streamStats = [] }: RawAttempt): number | undefined {
  return totalStats?.recordsCommitted ?? sum(streamStats.map(({ stats }) => stats.recordsCommitted));
}

/** The count of an attempt without committed records. On old servers, it may be what the source has sent. */
function uncommittedRecords({ recordsSynced, totalStats }: RawAttempt): number | undefined {
  return recordsSynced ?? totalStats?.recordsEmitted;
}

/**
 * The bytes of all attempts together, because an attempt goes on where the one before it stopped. Undefined where the
 * bytes of one of them are unknown.
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
 * The committed bytes. The API mostly shows only the bytes that an attempt has sent.
 *
 * @param bytesSynced the bytes of the whole attempt: the committed ones, or on old servers the sent ones
 */
function bytesOfStats(stats: RawStats, bytesSynced?: number): number | undefined {
  const { bytesCommitted, bytesEmitted, recordsCommitted, recordsEmitted = recordsCommitted } = stats;
  if (bytesCommitted !== undefined || recordsCommitted === undefined) return bytesCommitted;
  if (recordsCommitted === 0) return 0;
  if (bytesSynced !== undefined && bytesSynced !== bytesEmitted) return bytesSynced;
  return recordsCommitted === recordsEmitted ? (bytesSynced ?? bytesEmitted) : undefined;
}

/** The server's own counts per stream; where it shows none, the sum of what all attempts have committed. */
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
 * How the counts of a job may still change after its end. A job without attempts, or one that failed at the check
 * before it, has moved nothing.
 */
function lateCountsOf(job: RawJob, attempts: readonly RawAttempt[], recordsSynced = -1): Job['countsMayFollow'] {
  if (!mayHaveLateCounts(job.configType, job.status)) return undefined;
  const last = attempts.at(-1);
  // Not every server shows attempts.
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

/** The sum of the known counts; undefined when none is known. */
function sum(counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, count) => total + count, 0);
}
