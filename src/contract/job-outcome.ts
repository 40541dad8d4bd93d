/** What workflows know of a job's state and counts, as an activity returns it. */

/** A job and its status in Airbyte. */
export interface JobIdentity {
  jobId: number;
  status: string;
}

/** What a job or a stream has moved. */
export interface MovedCounts {
  /** Null if Airbyte has not measured it, which is not the same as 0. */
  recordsSynced: number | null;
  bytesSynced: number | null;
}

export interface StreamOutcome extends MovedCounts {
  name: string;
  namespace?: string | undefined;
  recordsRejected: number;
}

/** The counts of a job, in total and per stream. */
export interface JobCounts extends MovedCounts {
  recordsRejected: number;
  /** The counts of at most 100 streams, the one with the most records first; empty if Airbyte does not report them. */
  streams: StreamOutcome[];
}

export interface JobTimes {
  /** ISO 8601; null if Airbyte does not report it. */
  startedAt: string | null;
  /** ISO 8601; null while the job runs. */
  endedAt: string | null;
}

export interface JobFailure {
  /** The part that failed: `source`, `destination`, `replication`, `airbyte_platform`… */
  origin?: string | undefined;
  /** Airbyte's kind of failure: `config_error`, `system_error`, `manual_cancellation`… */
  type?: string | undefined;
  /** Airbyte's external message; if it is missing or generic, the first line of the internal message. */
  message?: string | undefined;
}

/** The state of a job: what a workflow needs of it, small enough for a workflow's history. */
export interface JobOutcome extends JobIdentity, JobCounts, JobTimes {
  /** The records that the source has sent, if Airbyte reports them. Workers of earlier releases leave it out. */
  recordsEmitted?: number | undefined;
  /** How many further streams there are; left out when `streams` has all of them. */
  moreStreams?: number | undefined;
  /** Airbyte's attempts of this job. */
  jobAttempts: number;
  /** The job was cancelled before its first attempt, in most cases by Airbyte itself. */
  notBegun?: boolean | undefined;
  /** Why the job had not begun when it was cancelled or read before its first attempt. */
  notBegunBecause?: string | undefined;
  /** The job that Airbyte has started instead of one that it cancelled before its first attempt. */
  successor?: JobIdentity | undefined;
  /** Since when nothing has moved in the job, if it has stalled: ISO 8601. */
  stalledSince?: string | undefined;
  /** Whether a job that did not succeed has moved some data. */
  partialSuccess: boolean;
  /** Why the job failed, if Airbyte reports a reason. */
  failure?: FailureWithMessage | undefined;
  /** The last lines of the log of a failed job's last attempt. */
  logLines?: string[] | undefined;
}

export type FailureWithMessage = JobFailure & { message: string };
