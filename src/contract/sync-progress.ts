import { defineQuery } from '@temporalio/workflow';
import type { JobSnapshot } from './connection-job';
import type { JobOutcome } from './job-outcome';
import type { RunFailure } from './run-failure';

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
  /** Once the run has ended: `done`, `failed` or `cancelled`. */
  phase: 'starting' | 'queued' | 'running' | 'cancelling' | 'retrying' | 'done' | 'failed' | 'cancelled';
  attempt: number;
  maximumAttempts: number;
  /** What a person should know of a sync although it succeeds. */
  warnings?: string[] | undefined;
  /** Why the attempt before this one failed. */
  lastFailure?: string;
  /** Why the run has ended otherwise than wanted. */
  failure?: RunFailure;
}

/**
 * The status of a job in the progress and in the search attributes: `running` until it has ended. Airbyte responds to a
 * trigger while the job is still pending, and the workflow is told of nothing between then and the end, which would cost
 * events. What Airbyte calls the job meanwhile is in the heartbeat of the pending `waitForJob`.
 */
export function statusOf({ running, status }: Pick<JobSnapshot, 'running' | 'status'>): string {
  return running ? 'running' : status;
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
  warnings: undefined,
} as const satisfies IfKnown<AttemptJob> & Pick<SyncProgress, 'warnings'>;

/**
 * How a sync stands. The counts are those of its job once that has ended; what it has moved so far is in the heartbeat of
 * the pending `waitForJob`.
 */
export const syncProgressQuery = defineQuery<SyncProgress>('progress');
