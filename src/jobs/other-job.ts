import type { JobSnapshot } from '../contract/connection-job';
import type { SyncConnectionOptions } from '../contract/sync-options';
import { isPendingOrQueued } from './unstarted-job';

/** What a sync does about a job of its connection that it has not started. */
export type OtherJobDecision = 'attach' | 'wait' | 'skip' | 'fail';

/**
 * Decides what a sync does about a job that already runs on its connection. `attach` shares only a job of the requested
 * kind: a reset does not do what a caller of a sync asked for, so the sync waits for it and then starts its own job.
 */
export function decideOnOtherJob(
  { sameKind }: Pick<JobSnapshot, 'sameKind'>,
  onRunning: SyncConnectionOptions['onRunning'],
): OtherJobDecision {
  switch (onRunning) {
    case 'attach':
      return sameKind ? 'attach' : 'wait';
    case 'queue':
      return 'wait';
    case 'skip':
    case 'fail':
      return onRunning;
  }
}

/** The message of a sync that fails because of another job on its connection. */
export function describeOtherJob(
  other: JobSnapshot,
  { connectionId, jobType }: Pick<SyncConnectionOptions, 'connectionId' | 'jobType'>,
): string {
  const how = isPendingOrQueued(other) ? `, ${other.status}: it was there before this ${jobType}` : '';
  return `Job ${other.jobId} is already running on the connection ${connectionId}${how}.`;
}
