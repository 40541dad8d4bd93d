/** What the activity that applies a pipeline's schedule takes and gives. */
import type { FieldChange } from './pipeline-plan';
import type { TemporalSchedule } from './temporal-schedule';

/** The schedule that a pipeline document asks for. */
export interface PipelineScheduleInput {
  /** The name of the pipeline. */
  pipeline: string;
  connectionId: string;
  connectionName: string;
  workspaceId: string;
  /** Whether the connection is active. Airbyte starts no job on an inactive connection, so its schedule is paused. */
  active: boolean;
  schedule: TemporalSchedule;
  /** The task queue of the scheduled syncs. */
  taskQueue: string;
}

/** The result of applying a schedule. */
export interface AppliedSchedule {
  scheduleId: string;
  outcome: 'created' | 'updated' | 'unchanged';
  /** The changed fields, as a pipeline document names them. */
  changed: string[];
  /** The changes, field by field; left out where there are none. */
  changes?: FieldChange[];
}
