/** A job of a connection, at the moment it was seen. */
export interface JobSnapshot {
  jobId: number;
  status: string;
  running: boolean;
  /** Whether it is of the kind that was asked for: nobody who wants a sync is served by a reset. */
  sameKind: boolean;
  /** Airbyte's `configType` of a job that is of another kind. Left out by workers before this field. */
  jobType?: string;
  /** The server's epoch seconds of the job's last change. */
  updatedAt?: number;
  /** Where people open Airbyte's web app. Left out by workers before this field. */
  webappUrl?: string;
}

/** A job to be acted on. */
export interface JobOfConnection {
  jobId: number;
  /** The connection that it runs on: a job that is not found by its id is looked for there. Left out by workers before. */
  connectionId?: string;
}

/** A job to cancel. */
export interface JobToCancel extends JobOfConnection {
  /**
   * Wait for its last counts, up to a minute, as for a job that failed. Default: briefly, since a caller who cancels a job
   * waits for its end.
   */
  untilCounted?: boolean;
}

/** A job to wait for. */
export interface JobToWaitFor extends JobOfConnection {
  /** The server's epoch seconds of the job's last change that is known. */
  since?: number;
  /** How it was seen last. Left out by workflows before this field. */
  status?: string;
  /** Streams whose counts are wanted, however many others the job has. */
  streams?: string[];
}
