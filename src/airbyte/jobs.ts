import type { JobFailure } from '../contract/job-outcome';

/** The only statuses that end a job. With any other status, even an unknown one, the job goes on. */
export const TERMINAL_STATUSES = ['succeeded', 'failed', 'cancelled'] as const;
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

export function isTerminal(status: string): status is TerminalStatus {
  return (TERMINAL_STATUSES as readonly string[]).includes(status);
}

/** Airbyte's kinds of job (`configType`) that run on a connection. `refresh` and `clear` exist since 0.63. */
export const CONNECTION_JOB_TYPES = ['sync', 'reset_connection', 'refresh', 'clear'] as const;

/**
 * How the counts of a failed or cancelled job may still change: Airbyte saves the last counts up to a minute after it
 * shows the end of the job.
 *
 * - `may grow`: the server shows counts, which may be from before the end
 * - `within a minute`: the server shows no counts, but fields that will hold them
 * - `in a moment`: the server shows neither counts nor such fields, so it may not count at all
 */
export type LateCounts = 'may grow' | 'within a minute' | 'in a moment';

/** Airbyte's kinds of job whose records are counted: the other kinds remove records. */
export const COUNTED_JOB_TYPES: readonly string[] = ['sync', 'refresh'];

/** Whether the counts of a job of this type may change after it has ended with this status. */
export function mayHaveLateCounts(jobType: string, status: string): boolean {
  return COUNTED_JOB_TYPES.includes(jobType) && (status === 'failed' || status === 'cancelled');
}

/** A job, in the one form that every response is normalized to. Times are seconds since 1970, as in the Config API. */
export interface Job {
  jobId: number;
  /** The connection that the job runs on; left out if the server does not show it. */
  connectionId?: string | undefined;
  /** Airbyte's `configType`: `sync`, `reset_connection`, `refresh`, `clear`… */
  jobType: string;
  status: string;
  createdAt?: number | undefined;
  updatedAt?: number | undefined;
  startedAt?: number | undefined;
  /**
   * Records committed in the destination so far; left out if the server has not counted them, which is not the same as
   * 0.
   */
  recordsSynced?: number | undefined;
  bytesSynced?: number | undefined;
  recordsRejected?: number | undefined;
  /** Records that the source has sent, if the server shows them. */
  recordsEmitted?: number | undefined;
  bytesEmitted?: number | undefined;
  /** Set if the server shows what the source has sent while the job runs. Before it has sent something, there are no counts. */
  countsWhileRunning?: boolean | undefined;
  /** Set if the job has ended and its counts may still change. */
  countsMayFollow?: LateCounts | undefined;
  /** In the order in which they ran. */
  attempts: JobAttempt[];
  /**
   * Set if Airbyte shows that there was no attempt. Left out if it does not show attempts at all, as in the public API.
   */
  noAttempts?: boolean | undefined;
  /** Counts per stream, if the server has them. */
  streams?: JobStream[] | undefined;
}

export interface JobAttempt {
  /** Airbyte's number of the attempt: the first attempt is 0. */
  attemptNumber: number;
  /** Some old servers leave it out. */
  status?: string | undefined;
  recordsSynced?: number | undefined;
  bytesSynced?: number | undefined;
  createdAt?: number | undefined;
  endedAt?: number | undefined;
  /** Set if the attempt failed, but part of its records is in the destination. */
  partialSuccess?: boolean | undefined;
  failures: JobFailure[];
  /** The last lines of the attempt's log; only `jobs/get` has them. */
  logLines?: string[] | undefined;
}

/** A line of an attempt's log. Before 1.6, and in some later logs, there is only the message, which mostly begins with the time. */
export interface JobLogLine {
  /** Milliseconds since 1970. */
  timestamp?: number | undefined;
  level?: string | undefined;
  /** Who wrote it: `source`, `destination`, `platform`, `replication-orchestrator`. */
  source?: string | undefined;
  message: string;
}

/** An attempt of a job with its whole log. */
export interface LoggedAttempt extends JobAttempt {
  lines: JobLogLine[];
}

/** A job whose attempts have their whole logs. */
export interface LoggedJob extends Job {
  attempts: LoggedAttempt[];
}

export interface JobStream {
  name: string;
  namespace?: string | undefined;
  recordsSynced?: number | undefined;
  bytesSynced?: number | undefined;
  recordsRejected?: number | undefined;
}

/**
 * Whether a job may run on the expected connection: it may unless both connections are known and differ. After
 * Airbyte's database was restored from a backup, Airbyte gives the ids of lost jobs to new ones, so a job with a known
 * id may run on another connection.
 */
export function mayRunOn({ connectionId }: Pick<Job, 'connectionId'>, expected: string | undefined): boolean {
  return connectionId === undefined || expected === undefined || connectionId.toLowerCase() === expected.toLowerCase();
}
