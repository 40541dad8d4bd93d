import type { JobFailure } from '../contract/job-outcome';

/** The only statuses that end a job. Any other, also one not yet invented, means: wait. */
export const TERMINAL_STATUSES = ['succeeded', 'failed', 'cancelled'] as const;
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

export function isTerminal(status: string): status is TerminalStatus {
  return (TERMINAL_STATUSES as readonly string[]).includes(status);
}

/** Airbyte's kinds of job (`configType`) that run on a connection. `refresh` and `clear` exist since 0.63. */
export const CONNECTION_JOB_TYPES = ['sync', 'reset_connection', 'refresh', 'clear'] as const;

/**
 * What may become of the counts of a job that has failed or was cancelled: Airbyte saves the last ones up to a minute after
 * it has shown the end.
 *
 * - `may grow`: it shows counts, which may be those of a while before the end
 * - `within a minute`: it shows none, on a server that shows where they would be
 * - `in a moment`: it shows none, and nothing tells that this server counts
 */
export type LateCounts = 'may grow' | 'within a minute' | 'in a moment';

/** Airbyte's kinds of job whose records are counted: the others take records away. */
const COUNTED_JOB_TYPES: readonly string[] = ['sync', 'refresh'];

/** Whether the counts of such a job may change after it has ended so. */
export function mayHaveLateCounts(jobType: string, status: string): boolean {
  return COUNTED_JOB_TYPES.includes(jobType) && (status === 'failed' || status === 'cancelled');
}

/** A job as every form of Airbyte's answers is read. Times are seconds since 1970, as in the Config API. */
export interface Job {
  jobId: number;
  /** The connection the job moves; left out when the server does not say. */
  connectionId?: string | undefined;
  /** Airbyte's `configType`: `sync`, `reset_connection`, `refresh`, `clear`… */
  jobType: string;
  status: string;
  createdAt?: number | undefined;
  updatedAt?: number | undefined;
  startedAt?: number | undefined;
  /** Records committed in the destination so far; left out where the server has not counted them, which is not 0. */
  recordsSynced?: number | undefined;
  bytesSynced?: number | undefined;
  recordsRejected?: number | undefined;
  /** Records that the source has sent, where the server tells. */
  recordsEmitted?: number | undefined;
  /** The job has ended, and its counts may still change. */
  countsMayFollow?: LateCounts | undefined;
  /** The first one first. */
  attempts: JobAttempt[];
  /** Airbyte tells that there was no attempt. Left out where it tells nothing of attempts, as in the public API. */
  noAttempts?: boolean | undefined;
  /** Counts per stream, where the server keeps them. */
  streams?: JobStream[] | undefined;
}

export interface JobAttempt {
  /** As Airbyte counts: the first attempt is 0. */
  attemptNumber: number;
  /** Left out by some servers of old. */
  status?: string | undefined;
  recordsSynced?: number | undefined;
  bytesSynced?: number | undefined;
  createdAt?: number | undefined;
  endedAt?: number | undefined;
  /** The attempt failed, but part of its records are in the destination. */
  partialSuccess?: boolean | undefined;
  failures: JobFailure[];
  /** The last lines of the attempt's log; only `jobs/get` has them. */
  logLines?: string[] | undefined;
}

export interface JobStream {
  name: string;
  namespace?: string | undefined;
  recordsSynced?: number | undefined;
  bytesSynced?: number | undefined;
  recordsRejected?: number | undefined;
}

/**
 * Whether a job can be one of a connection. After its database was restored from a backup, Airbyte gives the ids of lost jobs
 * to new ones: a job with the id of ours may run on another connection. It can be where the server does not tell which
 * connection that is, or the caller does not know.
 */
export function mayRunOn({ connectionId }: Pick<Job, 'connectionId'>, wanted: string | undefined): boolean {
  return connectionId === undefined || wanted === undefined || connectionId.toLowerCase() === wanted.toLowerCase();
}
