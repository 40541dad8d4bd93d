import type { Job } from '../airbyte/jobs';

/** Whether a job has a status that comes before its first attempt. */
export function isPendingOrQueued({ status }: Pick<Job, 'status'>): boolean {
  return status === 'pending' || status === 'queued';
}

/**
 * Whether a job was cancelled before its first attempt. Airbyte does that by itself to a job that was queued for too long, and
 * to a job whose connection is changed meanwhile.
 *
 * @param polledStatuses those that polls have returned before the job's end
 * @param firstStatus the status before the first poll, mostly that of the trigger's response
 */
export function isCancelledBeforeFirstAttempt(
  job: Job,
  polledStatuses: readonly string[],
  firstStatus?: string,
): boolean {
  if (job.status !== 'cancelled' || hasStarted(job)) return false;
  const statuses = [firstStatus ?? 'pending', ...polledStatuses];
  if (statuses.some((status) => !isPendingOrQueued({ status }))) return false;
  // The public API returns no attempts. Every job is pending in the response to its trigger, and may run and be cancelled
  // before the first poll. So without attempts, a job counts as unstarted only if a poll has returned such a status.
  return job.noAttempts === true || polledStatuses.length > 0 || firstStatus === 'queued';
}

/** Whether a job has run, possibly between two polls: it has an attempt, a start time, or counts. */
function hasStarted({ attempts, startedAt, recordsSynced = 0, recordsEmitted = 0, bytesSynced = 0 }: Job): boolean {
  return attempts.length > 0 || startedAt !== undefined || Math.max(recordsSynced, recordsEmitted, bytesSynced) > 0;
}
