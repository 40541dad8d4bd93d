import type { StreamName } from './stream-name';

export interface Counts {
  recordsEmitted: number;
  recordsCommitted: number;
  recordsRejected: number;
  bytesEmitted: number;
  bytesCommitted: number;
}

export interface StreamCounts extends StreamName, Counts {}

export interface AttemptCounts {
  /** Absent while nothing was counted, which is not the same as 0. */
  total?: Counts;
  streams: StreamCounts[];
}

/** The counts of an attempt that has saved none yet. */
export const UNMEASURED: AttemptCounts = { streams: [] };

/** Why an attempt failed, in the terms of Airbyte's failure reasons. */
export interface JobFailure {
  failureOrigin?: string;
  failureType: string;
  externalMessage: string;
  internalMessage?: string;
  /** Milliseconds since 1970. */
  timestamp: number;
}

export interface JobLogLine {
  /** Milliseconds since 1970. */
  timestamp: number;
  level: string;
  source: string;
  message: string;
}

export interface Attempt {
  attemptNumber: number;
  status: 'running' | 'failed' | 'succeeded';
  createdAtMs: number;
  updatedAtMs: number;
  endedAtMs?: number;
  /** The counts that the attempt has saved so far, also while it runs. */
  counts: () => AttemptCounts;
  failures: JobFailure[];
  log: JobLogLine[];
}

export type JobConfigType = 'sync' | 'reset_connection' | 'refresh';

export interface JobStream extends StreamName {
  syncMode: string;
}

/** One run of a connection. */
export interface Job {
  id: number;
  configType: JobConfigType;
  connectionId: string;
  /** The streams that were selected when the job was created. */
  streams: JobStream[];
  /** The streams that a reset or refresh applies to. */
  targets: StreamName[];
  refreshMode?: string;
  /** One of Airbyte's job statuses, or any other string if a test sets a status that does not exist yet. */
  status: string;
  createdAtMs: number;
  /** The time of the last status change. */
  updatedAtMs: number;
  startedAtMs?: number;
  endedAtMs?: number;
  attempts: Attempt[];
}

export const TERMINAL_STATUSES: readonly string[] = ['succeeded', 'failed', 'cancelled'];

export function isTerminal(job: Job): boolean {
  return TERMINAL_STATUSES.includes(job.status);
}

export const NO_COUNTS: Counts = {
  recordsEmitted: 0,
  recordsCommitted: 0,
  recordsRejected: 0,
  bytesEmitted: 0,
  bytesCommitted: 0,
};
