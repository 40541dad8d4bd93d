import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions } from '../airbyte/calls';
import { AirbyteError } from '../airbyte/errors';
import type { Job, LateCounts } from '../airbyte/jobs';

/** How often, and at which intervals, an ended job is read again for its counts. */
export interface CountsPatience {
  /** The pauses before each read since the counts last changed, in milliseconds. */
  pausesMs: readonly number[];
  /** After so many reads without a change, the known counts are the last ones. */
  unchangedReads: Readonly<Record<LateCounts, number>>;
}

/** The counts are the last ones after 11 s without a change, or after a minute without counts. */
export const DEFAULT_COUNTS_PATIENCE: CountsPatience = {
  pausesMs: [2_000, 4_000, 5_000, 19_000, 30_000],
  unchangedReads: { 'may grow': 3, 'within a minute': 5, 'in a moment': 2 },
};

/** For a caller who needs the end of the job more than its counts. */
export const BRIEF_COUNTS_PATIENCE: CountsPatience = {
  pausesMs: [0, 1_000],
  unchangedReads: { 'may grow': 0, 'within a minute': 2, 'in a moment': 2 },
};

/** Airbyte stores the last counts within this time after the end of a job. */
const COUNTED_WITHIN_MS = 60_000;

export interface LateCountsOptions {
  /** The time limit of all reads, in milliseconds. */
  withinMs: number;
  patience: CountsPatience;
  signal?: AbortSignal;
  /** Whether the job may have ended long ago: if it has by the server's clock, one read is enough. */
  mayBeOld?: boolean;
}

/**
 * Reads a failed or cancelled job again until its counts are the last ones. Airbyte stores the counts of such a job up to a
 * minute after the end, and until then returns none, or earlier ones. A job that succeeded is returned immediately.
 *
 * @param read reads the job
 * @returns the job with its last counts, or as it was if they cannot be read or the signal is aborted
 */
export async function readLateCounts(
  job: Job,
  read: (options: CallOptions) => Promise<Job>,
  { withinMs, patience, signal, mayBeOld = false }: LateCountsOptions,
): Promise<Job> {
  const startedAt = performance.now();
  const giveUpAt = startedAt + withinMs;
  let known = job;
  for (let unchanged = 0; ; ) {
    const { countsMayFollow } = known;
    const now = performance.now();
    if (countsMayFollow === undefined || unchanged >= patience.unchangedReads[countsMayFollow]) return known;
    // Counts that still change after that are not those of this job alone.
    if (unchanged === 0 && now - startedAt >= COUNTED_WITHIN_MS) return known;
    const pauseMs = mayBeOld ? 0 : (patience.pausesMs[unchanged] ?? COUNTED_WITHIN_MS);
    if (now + pauseMs >= giveUpAt) return known;
    let serverTimeMs: number | undefined;
    const onResponse: CallOptions['onResponse'] = (timing) => {
      serverTimeMs = timing.serverTimeMs;
    };
    unchanged += 1;
    try {
      await sleep(pauseMs, undefined, { ...(signal && { signal }) });
      const again = await read({ onResponse, ...(signal && { signal }) });
      if (again.status === job.status && hasOtherCounts(again, known)) {
        known = again;
        unchanged = 0;
      }
    } catch (error) {
      // The end of the job is known, and must not be lost because its counts are not.
      if (signal?.aborted) return known;
      if (!(error instanceof AirbyteError)) throw error;
    }
    if (mayBeOld && hasEndedLongAgo(known, serverTimeMs)) return known;
    mayBeOld = false;
  }
}

/** A read without counts, after one with counts, comes from a database replica that is behind. */
function hasOtherCounts(again: Job, known: Job): boolean {
  if (again.recordsSynced === undefined) return false;
  const counts = ({ recordsSynced, bytesSynced, recordsRejected, recordsEmitted }: Job) =>
    [recordsSynced, bytesSynced, recordsRejected, recordsEmitted].join();
  return counts(again) !== counts(known);
}

function hasEndedLongAgo({ updatedAt }: Job, serverTimeMs: number | undefined): boolean {
  if (updatedAt === undefined || serverTimeMs === undefined) return false;
  return serverTimeMs - updatedAt * 1_000 > COUNTED_WITHIN_MS;
}
