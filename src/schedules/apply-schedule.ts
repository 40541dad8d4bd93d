import {
  ScheduleAlreadyRunning,
  type ScheduleClient,
  type ScheduleDescription,
  ScheduleNotFoundError,
} from '@temporalio/client';
import type { AppliedSchedule } from '../contract/applied-schedule';
import { DomainError } from '../contract/domain-error';
import type { PlannedSchedule } from '../contract/pipeline-plan';
import { connectionScheduleId, currentAndLegacyIds } from '../contract/workflow-ids';
import { GRPC_STATUS, grpcErrorOf } from '../temporal/grpc-status';
import {
  type DesiredSchedule,
  differences,
  normalizeSchedule,
  readSchedule,
  toScheduleDefinition,
} from './schedule-definition';

/** Whether a schedule is paused, and the note that stands beside it: why, as a rule. */
export interface ScheduleState {
  paused: boolean;
  note?: string | undefined;
}

/**
 * The schedule that starts a connection's syncs on a task queue, or undefined when it has none in Temporal. One that starts
 * them on another task queue is of another Airbyte, where a connection may have the same id.
 */
export async function describeSchedule(
  schedules: ScheduleClient,
  connectionId: string,
  taskQueue: string,
): Promise<ScheduleDescription | undefined> {
  for (const id of currentAndLegacyIds(connectionScheduleId, connectionId, taskQueue)) {
    const found = await describeById(schedules, id);
    if (found?.action.taskQueue === taskQueue) return found;
  }
  return undefined;
}

async function describeById(schedules: ScheduleClient, scheduleId: string): Promise<ScheduleDescription | undefined> {
  try {
    return await schedules.getHandle(scheduleId).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

/** @throws DomainError `AirbyteConflict` when a schedule of another task queue has the id */
async function requireUnusedId(schedules: ScheduleClient, scheduleId: string, taskQueue: string): Promise<void> {
  const its = (await describeById(schedules, scheduleId))?.action.taskQueue;
  if (its === undefined || its === taskQueue) return;
  throw new DomainError(
    'AirbyteConflict',
    `The schedule id ${scheduleId} is in use by a schedule of the task queue '${its}', whose workers may serve another Airbyte. Delete it with AIRBYTE_TASK_QUEUE=${its}, and apply the document there again: it gets an id with its task queue.`,
  );
}

/**
 * Brings a schedule about: creates it, changes what is not as wanted, or leaves it as it is.
 *
 * @param nextState what the state is to be, given the one that is there; left out: what there is stays
 * @param applying called before a schedule is created or updated
 */
export async function applySchedule(
  schedules: ScheduleClient,
  wanted: DesiredSchedule,
  nextState: (state?: ScheduleState) => ScheduleState = (state = { paused: false }) => state,
  applying: (applied: AppliedSchedule) => void = () => undefined,
): Promise<AppliedSchedule> {
  const { connection, taskQueue } = wanted;
  const definition = toScheduleDefinition(wanted);
  for (;;) {
    const existing = await describeSchedule(schedules, connection.connectionId, taskQueue);
    const scheduleId = existing?.scheduleId ?? connectionScheduleId(connection.connectionId, taskQueue);
    if (existing) {
      const state = nextState(existing.state);
      const changed = differences(readSchedule(existing), normalizeSchedule(wanted)).map(({ field }) => field);
      if (existing.state.paused !== state.paused) changed.push(state.paused ? 'paused' : 'resumed');
      if (changed.length === 0) return { scheduleId, outcome: 'unchanged', changed };
      // Somebody may have paused or resumed it since it was described.
      const update = ({ state: latest }: Pick<ScheduleDescription, 'state'>) => ({
        ...definition,
        state: { ...latest, ...toState(nextState(latest)) },
      });
      const applied: AppliedSchedule = { scheduleId, outcome: 'updated', changed };
      applying(applied);
      await schedules.getHandle(scheduleId).update(update);
      return applied;
    }
    const applied: AppliedSchedule = { scheduleId, outcome: 'created', changed: [] };
    await requireUnusedId(schedules, scheduleId, taskQueue);
    applying(applied);
    try {
      // The memo tells in lists what only a description tells otherwise.
      await schedules.create({ scheduleId, ...definition, memo: { taskQueue }, state: toState(nextState()) });
      return applied;
    } catch (error) {
      // Somebody else has created it since.
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
  }
}

/** What {@link applySchedule} would do. It changes nothing. */
export async function planSchedule(
  schedules: ScheduleClient,
  wanted: DesiredSchedule,
  nextState: (state?: ScheduleState) => ScheduleState,
): Promise<PlannedSchedule> {
  const { connectionId } = wanted.connection;
  const existing = await describeSchedule(schedules, connectionId, wanted.taskQueue);
  if (existing === undefined) {
    await requireUnusedId(schedules, connectionScheduleId(connectionId, wanted.taskQueue), wanted.taskQueue);
    return { action: 'create', id: null, changes: [] };
  }
  const changes = differences(readSchedule(existing), normalizeSchedule(wanted));
  const { paused } = nextState(existing.state);
  if (existing.state.paused !== paused) changes.push({ field: 'paused', from: existing.state.paused, to: paused });
  return { action: changes.length > 0 ? 'change' : 'leave', id: existing.scheduleId, changes };
}

function toState({ paused, note }: ScheduleState): { paused: boolean; note?: string } {
  return { paused, ...(note !== undefined && { note }) };
}

/** The id of a connection's schedule if a pipeline document has made it, and not somebody by hand. */
export async function findPipelineSchedule(
  schedules: ScheduleClient,
  connectionId: string,
  taskQueue: string,
): Promise<string | undefined> {
  const existing = await describeSchedule(schedules, connectionId, taskQueue).catch((error: unknown) => {
    // Who may not look at schedules, or has a server without them, has made none.
    const code = grpcErrorOf(error)?.code;
    if (code === GRPC_STATUS.PERMISSION_DENIED || code === GRPC_STATUS.UNIMPLEMENTED) return undefined;
    throw error;
  });
  return existing === undefined || readSchedule(existing).pipeline === undefined ? undefined : existing.scheduleId;
}

/**
 * Deletes the schedule of a connection if a pipeline document has made it. One that was made by hand stays.
 *
 * @param removing called with its id before it is deleted
 * @returns the id of what was deleted; undefined when there was nothing to delete
 */
export async function removePipelineSchedule(
  schedules: ScheduleClient,
  connectionId: string,
  taskQueue: string,
  removing?: (scheduleId: string) => void,
): Promise<string | undefined> {
  const scheduleId = await findPipelineSchedule(schedules, connectionId, taskQueue);
  if (scheduleId === undefined) return undefined;
  removing?.(scheduleId);
  try {
    await schedules.getHandle(scheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  return scheduleId;
}
