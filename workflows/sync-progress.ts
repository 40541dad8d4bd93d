import { defineQuery } from '@temporalio/workflow';
import type { JobOutcome } from '../src/jobs/job-outcome';
import type { RunFailure } from './failures';

/** What is known of the job of an attempt: its counts and times once it has ended. */
type AttemptJob = Pick<
  JobOutcome,
  | 'jobId'
  | 'status'
  | 'recordsSynced'
  | 'bytesSynced'
  | 'recordsRejected'
  | 'streams'
  | 'moreStreams'
  | 'startedAt'
  | 'endedAt'
> & { attached: boolean };

type IfKnown<T> = { [Field in keyof T]?: T[Field] | undefined };

export interface SyncProgress extends IfKnown<AttemptJob> {
  connectionId: string;
  /** The connection's page in Airbyte's web app, once it is known. */
  connectionUrl?: string;
  phase: 'starting' | 'queued' | 'running' | 'cancelling' | 'retrying' | 'done';
  attempt: number;
  maximumAttempts: number;
  /** Why the attempt before this one failed. */
  lastFailure?: string;
  /** Why the run has ended otherwise than wanted; `phase` is where it stood then. */
  failure?: RunFailure;
}

/** Before an attempt has a job. */
export const NO_JOB = {
  jobId: undefined,
  status: undefined,
  attached: undefined,
  recordsSynced: undefined,
  bytesSynced: undefined,
  recordsRejected: undefined,
  streams: undefined,
  moreStreams: undefined,
  startedAt: undefined,
  endedAt: undefined,
} as const satisfies IfKnown<AttemptJob>;

/**
 * How a sync stands. The counts are those of its job once that has ended; what it has moved so far is in the heartbeat of
 * the pending `waitForJob`.
 */
export const syncProgressQuery = defineQuery<SyncProgress>('progress');
