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
  /** Left out while nothing was counted: that is not 0. */
  total?: Counts;
  streams: StreamCounts[];
}

/** Of an attempt that has saved no counts. */
export const UNMEASURED: AttemptCounts = { streams: [] };

/** Why an attempt failed, in Airbyte's words. */
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
  /** The counts that it has saved, while it runs as well. */
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
  /** The streams that a reset or refresh is about. */
  targets: StreamName[];
  refreshMode?: string;
  /** One of Airbyte's job statuses; any other string when a test sets one not yet invented. */
  status: string;
  createdAtMs: number;
  /** Set at every change of status. */
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
