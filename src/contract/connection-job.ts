/** What workflows know of a connection's job, and what they tell activities of it. */

import type { JobIdentity } from './job-outcome';

/** A job of a connection at the moment when Airbyte was asked for it. */
export interface JobSnapshot extends JobIdentity {
  running: boolean;
  /** Whether the job is of the requested type: a caller who requests a sync must not attach to a reset. */
  sameKind: boolean;
  /** Airbyte's `configType` when the job is of another type than requested. Workers of earlier releases leave it out. */
  jobType?: string;
  /** When the job last changed: epoch seconds of the server's clock. */
  updatedAt?: number;
  /** The URL of Airbyte's web app. Workers of earlier releases leave it out. */
  webappUrl?: string;
  /**
   * Whether the workers take over each other's waits for the job, so that no frequent heartbeat has to show that a worker is
   * alive. Workers without the plugin and those of earlier releases leave it out.
   */
  waitsAreTakenOver?: boolean;
}

/** A job that an activity reads or cancels. */
export interface JobOfConnection {
  jobId: number;
  /** The job's connection: a job that cannot be read by its id is searched in the connection's list. Workflows of earlier releases leave it out. */
  connectionId?: string;
}

/** A job to cancel. */
export interface JobToCancel extends JobOfConnection {
  /**
   * Whether to wait up to a minute for the job's last counts, as after a failed job. By default the activity waits briefly,
   * because the caller who cancels a sync is waiting for its end.
   */
  untilCounted?: boolean;
}

/** A job to wait for. */
export interface JobToWaitFor extends JobOfConnection {
  /** The job's last known change: epoch seconds of the server's clock. */
  since?: number;
  /** The job's last known status. Workflows of earlier releases leave it out. */
  status?: string;
  /** Streams whose counts the outcome must list, even if the job has too many streams to list all. */
  streams?: string[];
  /** After so many milliseconds in which nothing moves in the job, the wait ends although the job goes on. By default it does not. */
  stallTimeoutMs?: number;
}
