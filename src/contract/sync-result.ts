/** The result of `syncConnection`. */
import type { JobCounts, JobIdentity, JobOutcome, JobTimes } from './job-outcome';

export interface SyncConnectionResult extends JobIdentity, JobCounts, JobTimes {
  connectionId: string;
  /** `succeeded`; or `skipped` if another job was running and `onRunning` is `skip`. */
  status: string;
  /** How many jobs the sync ran, at most `maximumAttempts`. */
  attempts: number;
  /** Whether the sync attached to a job that another caller had started. */
  attached: boolean;
  /** Warnings although the sync succeeded; left out when there are none. */
  warnings?: string[];
}

/** The result of a sync whose job succeeded. */
export function resultOf(
  { jobId, status, recordsSynced, bytesSynced, recordsRejected, streams, startedAt, endedAt }: JobOutcome,
  { warnings, ...sync }: Pick<SyncConnectionResult, 'connectionId' | 'attempts' | 'attached'> & { warnings: string[] },
): SyncConnectionResult {
  const counts = { recordsSynced, bytesSynced, recordsRejected, streams };
  return { ...sync, jobId, status, ...counts, startedAt, endedAt, ...(warnings.length > 0 && { warnings }) };
}

/** The result of a sync that was skipped because this job was running. */
export function skippedSync(connectionId: string, jobId: number): SyncConnectionResult {
  const counts = { recordsSynced: 0, bytesSynced: 0, recordsRejected: 0, streams: [] };
  const times = { startedAt: null, endedAt: null };
  return { connectionId, jobId, status: 'skipped', ...counts, attempts: 0, ...times, attached: false };
}
