import { setTimeout as sleep } from 'node:timers/promises';
import { AirbyteError } from '../airbyte/errors';
import type { Job } from '../airbyte/jobs';

/** Before each look, in milliseconds. */
const PAUSES_MS: Record<NonNullable<Job['countsMayFollow']>, readonly number[]> = {
  'within a minute': [0, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 20_000],
  'in a moment': [0, 1_000, 2_000],
};

/**
 * Waits for the counts of a job that has ended without them. Airbyte keeps what a failed or cancelled job has moved up to a
 * minute after it has shown its end, and its response to a cancel has no counts at all. A job with counts, or on a server
 * that counts nothing, is given back at once.
 *
 * @param withinMs how much time there is
 * @param patience how long they are waited for; left out: as the job says
 * @param pausesMs for tests
 * @returns the job with its counts, or as it was when they do not come, cannot be read, or nobody waits any more
 */
export async function readLateCounts(
  job: Job,
  read: (jobId: number) => Promise<Job>,
  options: { withinMs: number; signal?: AbortSignal; patience?: Job['countsMayFollow']; pausesMs?: readonly number[] },
): Promise<Job> {
  if (job.countsMayFollow === undefined) return job;
  const { withinMs, signal, patience = job.countsMayFollow, pausesMs = PAUSES_MS[patience] } = options;
  const giveUpAt = performance.now() + withinMs;
  for (const pauseMs of pausesMs) {
    if (performance.now() + pauseMs >= giveUpAt) break;
    try {
      await sleep(pauseMs, undefined, { ...(signal && { signal }) });
      const again = await read(job.jobId);
      if (again.status === job.status && again.recordsSynced !== undefined) return again;
    } catch (error) {
      // The end of the job is known, and must not be lost for want of its counts.
      if (signal?.aborted) break;
      if (!(error instanceof AirbyteError)) throw error;
    }
  }
  return job;
}
