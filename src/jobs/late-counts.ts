import { setTimeout as sleep } from 'node:timers/promises';
import { AirbyteError } from '../airbyte/errors';
import type { Job } from '../airbyte/jobs';

/** Between two looks, in milliseconds: the counts of most jobs come at once, and of all that come within a minute. */
const PAUSES_MS = [0, 1_000, 2_000, 4_000, 8_000, 15_000, 20_000, 20_000];

/**
 * Waits for the counts of a job that has ended without them. Airbyte keeps what a failed or cancelled job has moved up to a
 * minute after it has shown its end, and its response to a cancel has no counts at all. A job with counts, or on a server
 * that counts nothing, is given back at once.
 *
 * @param withinMs how much time there is
 * @param pausesMs for tests
 * @returns the job with its counts, or as it was when they do not come, cannot be read, or nobody waits any more
 */
export async function readLateCounts(
  job: Job,
  read: (jobId: number) => Promise<Job>,
  { withinMs, signal, pausesMs = PAUSES_MS }: { withinMs: number; signal?: AbortSignal; pausesMs?: readonly number[] },
): Promise<Job> {
  if (job.countsMayFollow !== true) return job;
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
