import type { TemporalSchedule } from './temporal-schedule';

/** A schedule as a pipeline wants it. */
export interface PipelineScheduleInput {
  /** The name of the pipeline. */
  pipeline: string;
  connectionId: string;
  connectionName: string;
  workspaceId: string;
  /** Whether the connection is active: Airbyte starts nothing on one that is not, so its schedule is paused. */
  active: boolean;
  schedule: TemporalSchedule;
  /** Where the scheduled syncs run. */
  taskQueue: string;
}

/** What came of a schedule that somebody wants. */
export interface AppliedSchedule {
  scheduleId: string;
  outcome: 'created' | 'updated' | 'unchanged';
  /** The fields that were changed, in the words of a pipeline document. */
  changed: string[];
}
