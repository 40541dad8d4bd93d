/** The task queue of workers that are given no other. */
export const DEFAULT_TASK_QUEUE = 'airbyte';

/** What separates an id from the task queue behind it. No id of Airbyte's has it. */
const SEPARATOR = '@';

/**
 * One Temporal namespace may hold several Airbytes, each with a task queue of its own, and equal ids in both of them. So an
 * id carries its task queue, unless that is the default one.
 */
function appendTaskQueue(id: string, taskQueue: string): string {
  return taskQueue === DEFAULT_TASK_QUEUE ? id : `${id}${SEPARATOR}${taskQueue}`;
}

/** The id of a connection's sync: at most one runs under it, so that two starters share one run. */
export function syncWorkflowId(connectionId: string, taskQueue: string = DEFAULT_TASK_QUEUE): string {
  return appendTaskQueue(`airbyte-sync:${connectionId}`, taskQueue);
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

/** The id of the Temporal schedule that starts a connection's syncs: a connection has one at most. */
export function connectionScheduleId(connectionId: string, taskQueue: string = DEFAULT_TASK_QUEUE): string {
  return appendTaskQueue(`${SCHEDULE_ID_PREFIX}${connectionId}`, taskQueue);
}

/** What the id of a schedule tells. */
export interface ParsedScheduleId {
  connectionId: string;
  /** Left out where the id carries none: then it is the default one, or the schedule is of a release before this one. */
  taskQueue?: string;
}

/** Of which connection a schedule is, and of which task queue; undefined for one that is not of this project. */
export function parseScheduleId(scheduleId: string): ParsedScheduleId | undefined {
  if (!scheduleId.startsWith(SCHEDULE_ID_PREFIX)) return undefined;
  const [connectionId = '', ...taskQueue] = scheduleId.slice(SCHEDULE_ID_PREFIX.length).split(SEPARATOR);
  return { connectionId, ...(taskQueue.length > 0 && { taskQueue: taskQueue.join(SEPARATOR) }) };
}

/** The id of a plan. Any number of them may be made at once: they change nothing. */
export function planWorkflowId(name: string, unique: string, taskQueue: string): string {
  return appendTaskQueue(`airbyte-plan:${name}:${unique}`, taskQueue);
}

/** The id of the lock of a creation: of an object of a kind, whose name and workspace are in the digest. */
export function creationLockId(kind: string, digest: string, taskQueue: string): string {
  return appendTaskQueue(`airbyte-create:${kind}:${digest}`, taskQueue);
}

/** The id of a workflow by which a worker finds out whether another one is there. */
export function pingWorkflowId(unique: string, taskQueue: string): string {
  return appendTaskQueue(`airbyte-ping:${unique}`, taskQueue);
}

/** The id of a search for, or of a deletion of, connections that no document names any more. */
export function pruneWorkflowId(unique: string, taskQueue: string): string {
  return appendTaskQueue(`airbyte-prune:${unique}`, taskQueue);
}

/**
 * The ids under which a task queue may have something: the one of today, and the one without the task queue, which releases
 * before this one gave on every task queue and other starters may still give. What has the second one may also be of another
 * task queue: it has to be asked.
 */
export function currentAndLegacyIds(
  idOf: (of: string, taskQueue: string) => string,
  of: string,
  taskQueue: string,
): [id: string, ...others: string[]] {
  const [id, plain] = [idOf(of, taskQueue), idOf(of, DEFAULT_TASK_QUEUE)];
  return id === plain ? [id] : [id, plain];
}

/** The id of a workflow that runs on a task queue, and the one that a release before this one would have given it. */
export function withLegacyId(workflowId: string, taskQueue: string): [id: string, ...others: string[]] {
  const ending = `${SEPARATOR}${taskQueue}`;
  return workflowId.endsWith(ending) ? [workflowId, workflowId.slice(0, -ending.length)] : [workflowId];
}
