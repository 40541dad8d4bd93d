/** The ids of this project's workflows and schedules. */

/** The task queue of workers that are configured with no other. */
export const DEFAULT_TASK_QUEUE = 'airbyte';

/** Separates an id from its task queue. No Airbyte id contains it. */
const SEPARATOR = '@';

/**
 * One Temporal namespace may serve several Airbyte servers, each with its own task queue, and two servers may have equal ids.
 * So a workflow id ends with its task queue, unless that is the default.
 */
function appendTaskQueue(id: string, taskQueue: string): string {
  return taskQueue === DEFAULT_TASK_QUEUE ? id : `${id}${SEPARATOR}${taskQueue}`;
}

const SYNC_ID_PREFIX = 'airbyte-sync:';

/** The id of a connection's sync. Only one workflow can run under it, so two callers share one run. */
export function syncWorkflowId(connectionId: string, taskQueue: string = DEFAULT_TASK_QUEUE): string {
  return appendTaskQueue(`${SYNC_ID_PREFIX}${connectionId}`, taskQueue);
}

/** Reads the connection in a sync's workflow id, also if the id has more parts; undefined if it is not such an id. */
export function parseSyncWorkflowId(workflowId: string): { connectionId: string } | undefined {
  if (!workflowId.startsWith(SYNC_ID_PREFIX)) return undefined;
  const [connectionId = ''] = workflowId.slice(SYNC_ID_PREFIX.length).split(/[:@]/);
  return connectionId === '' ? undefined : { connectionId };
}

/** The id of a pipeline's run. */
export function pipelineWorkflowId(name: string, taskQueue: string = DEFAULT_TASK_QUEUE): string {
  return appendTaskQueue(`airbyte-pipeline:${name}`, taskQueue);
}

/** The id of a fleet's run. */
export function fleetWorkflowId(name: string, taskQueue: string = DEFAULT_TASK_QUEUE): string {
  return appendTaskQueue(`airbyte-fleet:${name}`, taskQueue);
}

const SCHEDULE_ID_PREFIX = 'airbyte-schedule:';

/** The id of the Temporal schedule that starts a connection's syncs; a connection has at most one. */
export function connectionScheduleId(connectionId: string, taskQueue: string = DEFAULT_TASK_QUEUE): string {
  return appendTaskQueue(`${SCHEDULE_ID_PREFIX}${connectionId}`, taskQueue);
}

/** The parts of a schedule's id. */
export interface ParsedScheduleId {
  connectionId: string;
  /** Left out if the id has no task queue: the schedule has the default one, or an earlier release created it. */
  taskQueue?: string;
}

/** Reads the id of a schedule; undefined if it is not a schedule of this project. */
export function parseScheduleId(scheduleId: string): ParsedScheduleId | undefined {
  if (!scheduleId.startsWith(SCHEDULE_ID_PREFIX)) return undefined;
  const [connectionId = '', ...taskQueue] = scheduleId.slice(SCHEDULE_ID_PREFIX.length).split(SEPARATOR);
  return { connectionId, ...(taskQueue.length > 0 && { taskQueue: taskQueue.join(SEPARATOR) }) };
}

const FLEET_SCHEDULE_ID_PREFIX = 'airbyte-fleet-schedule:';

/** The id of the Temporal schedule that starts a fleet; a fleet has at most one. */
export function fleetScheduleId(name: string, taskQueue: string = DEFAULT_TASK_QUEUE): string {
  return appendTaskQueue(`${FLEET_SCHEDULE_ID_PREFIX}${name}`, taskQueue);
}

/**
 * Reads the name of the fleet from the id of its schedule; undefined if it is not the schedule of a fleet.
 *
 * @param taskQueue that of the schedule. The id alone does not tell it, because the name of a fleet may contain any character
 */
export function parseFleetScheduleId(scheduleId: string, taskQueue: string): string | undefined {
  if (!scheduleId.startsWith(FLEET_SCHEDULE_ID_PREFIX)) return undefined;
  const own = scheduleId.slice(FLEET_SCHEDULE_ID_PREFIX.length);
  const ending = `${SEPARATOR}${taskQueue}`;
  return taskQueue !== DEFAULT_TASK_QUEUE && own.endsWith(ending) ? own.slice(0, -ending.length) : own;
}

/** The id of a plan. Plans change nothing, so any number of them may run in parallel. */
export function planWorkflowId(name: string, unique: string, taskQueue: string): string {
  return appendTaskQueue(`airbyte-plan:${name}:${unique}`, taskQueue);
}

/** The id of the lock that prevents two runs from creating one object. The digest is made of the object's name and workspace. */
export function creationLockId(kind: string, digest: string, taskQueue: string): string {
  return appendTaskQueue(`airbyte-create:${kind}:${digest}`, taskQueue);
}

/** The id of the workflow by which a worker checks whether another worker responds. */
export function pingWorkflowId(unique: string, taskQueue: string): string {
  return appendTaskQueue(`airbyte-ping:${unique}`, taskQueue);
}

/** The id of a workflow that finds or deletes connections that no document names any more. */
export function pruneWorkflowId(unique: string, taskQueue: string): string {
  return appendTaskQueue(`airbyte-prune:${unique}`, taskQueue);
}

/**
 * The id of a workflow that a webhook route starts after a sync. A job starts a workflow of one type once.
 *
 * @param taskQueue the task queue of the workers for this Airbyte
 */
export function routedWorkflowId(
  { connectionId, jobId }: { connectionId: string; jobId: number },
  workflow: string,
  taskQueue: string,
): string {
  return appendTaskQueue(`airbyte-synced:${connectionId}:${jobId}:${workflow}`, taskQueue);
}

/**
 * The ids that a workflow or schedule of a task queue may have: the current one, and the legacy one without the task queue,
 * which earlier releases used on every task queue and other callers may still use. An object with the legacy id may belong
 * to another task queue, so the caller must check its task queue.
 */
export function currentAndLegacyIds(
  idOf: (of: string, taskQueue: string) => string,
  of: string,
  taskQueue: string,
): [id: string, ...others: string[]] {
  const [id, legacyId] = [idOf(of, taskQueue), idOf(of, DEFAULT_TASK_QUEUE)];
  return id === legacyId ? [id] : [id, legacyId];
}

/** A workflow's id on a task queue, and the one that earlier releases would have used. */
export function withLegacyId(workflowId: string, taskQueue: string): [id: string, ...others: string[]] {
  const ending = `${SEPARATOR}${taskQueue}`;
  return workflowId.endsWith(ending) ? [workflowId, workflowId.slice(0, -ending.length)] : [workflowId];
}
