import { isTerminal, type Job, mayRunOn } from '../airbyte/jobs';
import type { RecheckableJob } from './job-rechecks';

/** A job to wait for. */
export interface WatchedJob {
  jobId: number;
  /** The connection that it runs on, if known: a job that is not found by its id is looked for among its jobs. */
  connectionId?: string | undefined;
  /** The job's `updatedAt` when it was last seen (the server's epoch seconds): changes before it are not of interest. */
  since?: number | undefined;
}

/** A job that is waited for, and all who do. */
export interface WatchEntry extends RecheckableJob {
  /** The server's epoch seconds of its last change when it began to be watched, where they are known. */
  since: number | undefined;
  waiters: Set<Waiter>;
}

export interface Waiter {
  onChange: (job: Job) => void;
  resolve: (job: Job) => void;
  reject: (error: unknown) => void;
}

/** The newest of the server's times (epoch seconds) at which the job's state is known; 0 without any. */
export function lastSeen({ since, last }: WatchEntry): number {
  return Math.max(since ?? 0, last?.updatedAt ?? 0);
}

/** Notes a state of a job that was read, and tells all who wait for it. */
export function deliver(watched: WatchEntry, job: Job): void {
  if (!mayRunOn(job, watched.connectionId)) {
    // A job that was given the id of ours. Reading ours on its own tells what has become of it.
    watched.unread = true;
    return;
  }
  if (isStale(job, watched.last)) return;
  const changed = job.status !== watched.last?.status || job.recordsSynced !== watched.last?.recordsSynced;
  watched.last = job;
  watched.connectionId ??= job.connectionId;
  watched.missingSince = undefined;
  const waiters = [...watched.waiters];
  if (changed) for (const waiter of waiters) waiter.onChange(job);
  if (isTerminal(job.status)) for (const waiter of waiters) waiter.resolve(job);
}

/**
 * Whether `job` was read before `last`: requests overlap, and the feed reads the same seconds twice. A job that has ended
 * stays so, whatever its time says: the clocks of Airbyte's pods differ, and are set.
 */
function isStale(job: Job, last: Job | undefined): boolean {
  if (isTerminal(job.status)) return false;
  return job.updatedAt !== undefined && last?.updatedAt !== undefined && job.updatedAt < last.updatedAt;
}
