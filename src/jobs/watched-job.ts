import { isTerminal, type Job, mayRunOn } from '../airbyte/jobs';
import type { RecheckableJob } from './job-rechecks';

/** A job to watch. */
export interface WatchedJob {
  jobId: number;
  /** The connection on which it runs, if known: a job that is not found by its id is searched for among its jobs. */
  connectionId?: string | undefined;
  /** The job's last known `updatedAt` (the server's epoch seconds): earlier changes are not of interest. */
  since?: number | undefined;
}

/** A watched job, with all its waiters. */
export interface WatchEntry extends RecheckableJob {
  /** The server's epoch seconds of the job's last known change when the watch began, if known. */
  since: number | undefined;
  waiters: Set<Waiter>;
}

export interface Waiter {
  onChange: (job: Job) => void;
  /** Called with each read of a job that has not ended. */
  onRead?: ((job: Job) => void) | undefined;
  /** How often the waiter asks for a read of the job, in milliseconds. */
  readEveryMs?: number | undefined;
  resolve: (job: Job) => void;
  reject: (error: unknown) => void;
}

/** The newest of the server's times (epoch seconds) at which the job's state is known; 0 if there is none. */
export function lastSeen({ since, last }: WatchEntry): number {
  return Math.max(since ?? 0, last?.updatedAt ?? 0);
}

/** Records a state of a job, and passes it to all waiters. */
export function deliver(watched: WatchEntry, job: Job): void {
  if (!mayRunOn(job, watched.connectionId)) {
    // Another job has the id of ours. A read of our job on its own shows what has become of it.
    watched.unread = true;
    return;
  }
  if (isStale(job, watched.last)) return;
  const { last } = watched;
  const counts = ({ recordsSynced, recordsEmitted }: Job) => [recordsSynced, recordsEmitted].join();
  const changed = last === undefined || job.status !== last.status || counts(job) !== counts(last);
  watched.last = job;
  watched.connectionId ??= job.connectionId;
  watched.missingSince = undefined;
  for (const waiter of [...watched.waiters]) {
    if (!isTerminal(job.status)) waiter.onRead?.(job);
    if (changed) waiter.onChange(job);
    if (isTerminal(job.status)) waiter.resolve(job);
  }
}

/** Adapts how often a job is read to what its waiters ask for. */
export function applyReadRequests(watched: WatchEntry): void {
  const asked = [...watched.waiters].flatMap(({ readEveryMs }) => readEveryMs ?? []);
  watched.readEveryMs = asked.length === 0 ? undefined : Math.min(...asked);
}

/**
 * Whether `job` is older than `last`: requests overlap, and the feed reads the same seconds twice. A job that has ended never
 * counts as older, since a clock of Airbyte's may be wrong.
 */
function isStale(job: Job, last: Job | undefined): boolean {
  if (isTerminal(job.status)) return false;
  return job.updatedAt !== undefined && last?.updatedAt !== undefined && job.updatedAt < last.updatedAt;
}
