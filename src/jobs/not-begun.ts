import type { Job } from '../airbyte/jobs';

/** Whether a job has this status before its first attempt. */
export function isWaiting({ status }: Pick<Job, 'status'>): boolean {
  return status === 'pending' || status === 'queued';
}

/**
 * Whether a job was cancelled before its first attempt. Airbyte does that by itself: to a job that has been queued for too
 * long, and to one whose connection is changed meanwhile.
 *
 * @param seen the statuses that were seen of it while it was waited for, the last one last
 */
export function isCancelledUnbegun(
  { status, attempts, noAttempts = false, recordsSynced = 0 }: Job,
  seen: readonly string[],
): boolean {
  if (status !== 'cancelled' || attempts.length > 0 || recordsSynced > 0) return false;
  if (seen.some((status) => !isWaiting({ status }))) return false;
  // The public API tells of no attempts: what is queued until it is cancelled has had none.
  return noAttempts || seen.at(-1) === 'queued';
}
