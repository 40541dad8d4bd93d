export interface JobFailure {
  /** Who failed: `source`, `destination`, `replication`, `airbyte_platform`… */
  origin?: string | undefined;
  /** Airbyte's kind of failure: `config_error`, `system_error`, `manual_cancellation`… */
  type?: string | undefined;
  /** Airbyte's words for people; where they are none, or say nothing, the first line of its internal message. */
  message?: string | undefined;
}

/** How a job stands: what a workflow needs of it, small enough for a history. */
export interface JobOutcome {
  jobId: number;
  status: string;
  /** Null where Airbyte has not measured it, which is not 0. */
  recordsSynced: number | null;
  bytesSynced: number | null;
  recordsRejected: number;
  /** Records that the source has sent, where Airbyte tells; left out by workers before this field. */
  recordsEmitted?: number | undefined;
  /** What each stream has moved, the one with the most records first, at most 100; empty where Airbyte does not tell. */
  streams: StreamOutcome[];
  /** How many streams there are beyond those of `streams`; left out when there are none. */
  moreStreams?: number | undefined;
  /** Airbyte's attempts of this job. */
  jobAttempts: number;
  /** It was cancelled before its first attempt: mostly by Airbyte itself. */
  notBegun?: boolean | undefined;
  /** Why it has not begun, of a job that was stopped or seen before its first attempt. */
  notBegunBecause?: string | undefined;
  /** The job that Airbyte has started in place of one that was cancelled before its first attempt. */
  successor?: { jobId: number; status: string } | undefined;
  /** ISO 8601, where Airbyte tells. */
  startedAt: string | null;
  /** ISO 8601; null while the job goes on. */
  endedAt: string | null;
  /** Whether a job that did not succeed has moved something all the same. */
  partialSuccess: boolean;
  /** Why it failed, where Airbyte gives a reason. */
  failure?: FailureWithMessage | undefined;
  /** The last lines of the last attempt's log, of a failed job. */
  logLines?: string[] | undefined;
}

export interface StreamOutcome {
  name: string;
  namespace?: string | undefined;
  /** Null where Airbyte has not measured it. */
  recordsSynced: number | null;
  bytesSynced: number | null;
  recordsRejected: number;
}

export type FailureWithMessage = JobFailure & { message: string };
