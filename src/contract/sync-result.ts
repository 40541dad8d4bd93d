import type { JobOutcome, StreamOutcome } from './job-outcome';

export interface SyncConnectionResult {
  connectionId: string;
  jobId: number;
  /** `succeeded`; or `skipped`, when another job was running and `onRunning` is `skip`. */
  status: string;
  /** Null where Airbyte has not measured it, which is not 0. */
  recordsSynced: number | null;
  bytesSynced: number | null;
  recordsRejected: number;
  /** What each stream has moved, the biggest first, at most 100; empty where Airbyte does not tell. */
  streams: StreamOutcome[];
  /** Jobs it took, at most `maximumAttempts`. */
  attempts: number;
  /** ISO 8601, where Airbyte tells. */
  startedAt: string | null;
  endedAt: string | null;
  /** Whether the job was running already, started by somebody else. */
  attached: boolean;
  /** What a person should know although the sync has succeeded; left out when there is nothing. */
  warnings?: string[];
}

/** Of a sync whose job did what was asked of it. */
export function resultOf(
  { jobId, status, recordsSynced, bytesSynced, recordsRejected, streams, startedAt, endedAt }: JobOutcome,
  { warnings, ...sync }: Pick<SyncConnectionResult, 'connectionId' | 'attempts' | 'attached'> & { warnings: string[] },
): SyncConnectionResult {
  const counts = { recordsSynced, bytesSynced, recordsRejected, streams };
  return { ...sync, jobId, status, ...counts, startedAt, endedAt, ...(warnings.length > 0 && { warnings }) };
}

/** Of a sync that has done nothing, because this job was running. */
export function skippedSync(connectionId: string, jobId: number): SyncConnectionResult {
  const counts = { recordsSynced: 0, bytesSynced: 0, recordsRejected: 0, streams: [] };
  const times = { startedAt: null, endedAt: null };
  return { connectionId, jobId, status: 'skipped', ...counts, attempts: 0, ...times, attached: false };
}
