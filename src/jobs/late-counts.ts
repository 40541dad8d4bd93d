import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions } from '../airbyte/calls';
import { AirbyteError } from '../airbyte/errors';
import type { Job, LateCounts } from '../airbyte/jobs';

/** How often, and how far apart, a job that has ended is read again for its counts. */
export interface CountsPatience {
  /** Before each read since the counts have last changed, in milliseconds. */
  pausesMs: readonly number[];
  /** After so many reads that show no other counts, those that are known are the last. */
  unchangedReads: Readonly<Record<LateCounts, number>>;
}

/** Until the counts can be taken for the last ones: 11 s without a change where there are any, a minute where there are none. */
export const DEFAULT_COUNTS_PATIENCE: CountsPatience = {
  pausesMs: [2_000, 4_000, 5_000, 19_000, 30_000],
  unchangedReads: { 'may grow': 3, 'within a minute': 5, 'in a moment': 2 },
};

/** For a caller who waits for the end of the job more than for its counts. */
export const BRIEF_COUNTS_PATIENCE: CountsPatience = {
  pausesMs: [0, 1_000],
  unchangedReads: { 'may grow': 0, 'within a minute': 2, 'in a moment': 2 },
};

/** Airbyte saves the last counts within this time after the end of a job. */
const COUNTED_WITHIN_MS = 60_000;

export interface LateCountsOptions {
  /** How much time there is. */
  withinMs: number;
  patience: CountsPatience;
  signal?: AbortSignal;
  /** The job may have ended long ago: where the server's clock says so, one read is enough. */
  mayBeOld?: boolean;
}

/**
 * Reads a job that has failed or was cancelled again until its counts can be taken for the last ones. Airbyte saves what
 * such a job has moved up to a minute after it has shown the end, and until then shows nothing, or the counts of a while
 * before. A job that succeeded is given back at once.
 *
 * @param read reads the job
 * @returns the job with its last counts, or as it was when they cannot be read or the signal is aborted
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
    // Counts that still change after that are not those of this job alone, or never end.
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
      // The end of the job is known, and must not be lost for want of its counts.
      if (signal?.aborted) return known;
      if (!(error instanceof AirbyteError)) throw error;
    }
    if (mayBeOld && hasEndedLongAgo(known, serverTimeMs)) return known;
    mayBeOld = false;
  }
}

/** A read that shows none where there were some comes from a replica that is behind. */
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
