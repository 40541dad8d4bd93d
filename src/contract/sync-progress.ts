/** What the query `progress` of a sync returns. */
import { defineQuery } from '@temporalio/workflow';
import type { JobSnapshot } from './connection-job';
import type { JobOutcome } from './job-outcome';
import type { RunFailure } from './run-failure';

/** The fields of the progress that describe the job of an attempt, in the order in which the query returns them. */
const ATTEMPT_JOB_FIELDS = [
  'jobId',
  'status',
  'attached',
  'recordsSynced',
  'bytesSynced',
  'recordsRejected',
  'streams',
  'moreStreams',
  'startedAt',
  'endedAt',
] as const;

/** The job of an attempt; its counts and times are known after it has ended. */
type AttemptJob = Pick<JobOutcome & { attached: boolean }, (typeof ATTEMPT_JOB_FIELDS)[number]>;

type IfKnown<T> = { [Field in keyof T]?: T[Field] | undefined };

export interface SyncProgress extends IfKnown<AttemptJob> {
  connectionId: string;
  /** The URL of the connection in Airbyte's web app, as soon as it is known. */
  connectionUrl?: string;
  /** After the run has ended: `done`, `failed` or `cancelled`. */
  phase: 'starting' | 'queued' | 'running' | 'cancelling' | 'retrying' | 'done' | 'failed' | 'cancelled';
  attempt: number;
  maximumAttempts: number;
  /** Warnings about a sync that has succeeded. */
  warnings?: string[] | undefined;
  /** Why the previous attempt failed. */
  lastFailure?: string;
  /** Why the run failed or was cancelled. */
  failure?: RunFailure;
}

/**
 * The status of a job in the progress and in the search attributes: `running` until it has ended. Airbyte responds to a
 * trigger while the job is still pending, and the workflow hears of no status between then and the end, because each would
 * add events to its history. The heartbeat of the pending `waitForJob` has Airbyte's own status.
 */
export function statusOf({ running, status }: Pick<JobSnapshot, 'running' | 'status'>): string {
  return running ? 'running' : status;
}

/** The fields of the progress before an attempt has a job. */
export const NO_JOB = Object.fromEntries(
  [...ATTEMPT_JOB_FIELDS, 'warnings'].map((field) => [field, undefined]),
) as Record<keyof AttemptJob | 'warnings', undefined>;

/**
 * Returns the progress of a sync. It has counts after the job has ended; the counts of a running job are in the heartbeat of
 * the pending `waitForJob`.
 */
export const syncProgressQuery = defineQuery<SyncProgress>('progress');
