/** The id of a connection's sync: at most one runs under it, so that two starters share one run. */
export function syncWorkflowId(connectionId: string): string {
  return `airbyte-sync:${connectionId}`;
}

/** The id of a pipeline's run. */
export function pipelineWorkflowId(name: string): string {
  return `airbyte-pipeline:${name}`;
}

const SCHEDULE_ID_PREFIX = 'airbyte-schedule:';

/** The id of the Temporal schedule that starts a connection's syncs: a connection has one at most. */
export function connectionScheduleId(connectionId: string): string {
  return `${SCHEDULE_ID_PREFIX}${connectionId}`;
}

/** Of which connection a schedule is; undefined for one that is not of this project. */
export function connectionOfScheduleId(scheduleId: string): string | undefined {
  return scheduleId.startsWith(SCHEDULE_ID_PREFIX) ? scheduleId.slice(SCHEDULE_ID_PREFIX.length) : undefined;
}

/** The id of a plan. Any number of them may be made at once: they change nothing. */
export function planWorkflowId(name: string, unique: string): string {
  return `airbyte-plan:${name}:${unique}`;
}

/** The id of a search for, or of a deletion of, connections that no document names any more. */
export function pruneWorkflowId(unique: string): string {
  return `airbyte-prune:${unique}`;
}

/** The id of a fleet's run. */
export function fleetWorkflowId(name: string): string {
  return `airbyte-fleet:${name}`;
}
