import type { Job } from '../airbyte/jobs';

/** Whether a job has this status before its first attempt. */
export function isWaiting({ status }: Pick<Job, 'status'>): boolean {
  return status === 'pending' || status === 'queued';
}

/**
 * Whether a job was cancelled before its first attempt. Airbyte does that by itself: to a job that has waited for too long,
 * and to one whose connection is changed meanwhile.
 *
 * @param polled the statuses that polls of it have shown before its end
 * @param first its status before the first poll: mostly that of the response to its trigger
 */
export function isCancelledBeforeFirstAttempt(job: Job, polled: readonly string[], first?: string): boolean {
  if (job.status !== 'cancelled' || hasStarted(job)) return false;
  if ([first ?? 'pending', ...polled].some((status) => !isWaiting({ status }))) return false;
  // Where nothing is told of attempts, as by the public API, a job counts as one that waits once a poll has shown it so: every
  // job is pending in the response to its trigger, and may run, and be cancelled by somebody, before the first poll.
  return job.noAttempts === true || polled.length > 0 || first === 'queued';
}

/** Whether a job shows that it has run, be it between two polls: an attempt, a start, or what it has moved. */
function hasStarted({ attempts, startedAt, recordsSynced = 0, recordsEmitted = 0, bytesSynced = 0 }: Job): boolean {
  return attempts.length > 0 || startedAt !== undefined || Math.max(recordsSynced, recordsEmitted, bytesSynced) > 0;
}

/**
 * Why a job does not begin, as far as Airbyte tells, for the end of a message.
 *
 * @param connectionStatus of the connection that it is to run on, where that is known
 */
export function whyNotStarted(status: string, connectionStatus: string | undefined): string {
  if (connectionStatus !== undefined && connectionStatus !== 'active') {
    return `the connection is ${connectionStatus}, and Airbyte begins nothing on it: set its status to active`;
  }
  if (status === 'queued')
    return 'Airbyte kept it queued until it has the capacity to run it: look at what else runs there';
  return `Airbyte kept it ${status}: its workers are busy, or do not run`;
}
