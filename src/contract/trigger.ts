/** What the activities that start jobs take and give. */
import type { JobSnapshot } from './connection-job';
import type { StartableJobType } from './job-types';

/** Which job to start. */
export interface TriggerInput {
  connectionId: string;
  jobType: StartableJobType;
  /** The connection's newest job before this trigger; null when there was none. The started job has a higher id. */
  lastJobId: number | null;
}

/** A job to start. */
export interface TriggerRequest extends TriggerInput {
  /**
   * Whether the trigger may return a job of the same kind that another caller has started since the last job was recorded,
   * even if that job has succeeded before our request can be sent: it read the source after the sync was requested.
   *
   * @default false
   */
  joins?: boolean;
}

/** A trigger that was abandoned, whose job is searched for. */
export interface AbandonedTrigger extends TriggerInput {
  /** Whether its request may have been in flight at that moment. @default false */
  underWay?: boolean;
}

/** The job that a trigger has led to. */
export interface TriggeredSync {
  job: JobSnapshot;
  /** False when another caller has started the job. */
  started: boolean;
}

/** Among the details of a trigger's failure: no attempt has started a job, and none will appear later. */
export interface NothingStarted {
  nothingStarted: true;
}
