/** Creates, updates, plans and deletes the schedule in Temporal that starts a connection's syncs, or a fleet. */
import {
  ScheduleAlreadyRunning,
  type ScheduleClient,
  type ScheduleDescription,
  ScheduleNotFoundError,
} from '@temporalio/client';
import type { AppliedSchedule } from '../contract/applied-schedule';
import { DomainError } from '../contract/domain-error';
import type { PlannedSchedule } from '../contract/pipeline-plan';
import { GRPC_STATUS, grpcErrorOf } from '../temporal/grpc-status';
import {
  type DesiredSchedule,
  diffSchedules,
  normalizeDescription,
  normalizeSchedule,
  type Scheduled,
  scheduledOf,
  scheduleIdsOf,
  toScheduleDefinition,
} from './schedule-definition';

/** Whether a schedule is paused, and the schedule's note, which usually says why. */
export interface ScheduleState {
  paused: boolean;
  note?: string | undefined;
}

/**
 * Describes the schedule that starts a connection's syncs, or a fleet, on a task queue; undefined if Temporal has none. A schedule of
 * another task queue belongs to another Airbyte, in which a connection may have the same id.
 */
export async function describeSchedule(
  schedules: ScheduleClient,
  scheduled: Scheduled,
  taskQueue: string,
): Promise<ScheduleDescription | undefined> {
  for (const id of scheduleIdsOf(scheduled, taskQueue)) {
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
    `The schedule id ${scheduleId} belongs to a schedule of the task queue '${its}', whose workers may serve another Airbyte. Delete that schedule with AIRBYTE_TASK_QUEUE=${its}, and apply its document there again: the new schedule gets an id with its task queue.`,
  );
}

/**
 * Creates a schedule, or updates it if it differs from the desired one.
 *
 * @param nextState returns the desired state for the current one, which is undefined for a new schedule. If left out, the
 *   current state stays
 * @param onApply is called before the schedule is created or updated
 */
export async function applySchedule(
  schedules: ScheduleClient,
  desired: DesiredSchedule,
  nextState: (state?: ScheduleState) => ScheduleState = keepState,
  onApply: (applied: AppliedSchedule) => void = () => undefined,
): Promise<AppliedSchedule> {
  const { taskQueue } = desired;
  const scheduled = scheduledOf(desired);
  const [ownId] = scheduleIdsOf(scheduled, taskQueue);
  const definition = toScheduleDefinition(desired);
  for (;;) {
    const existing = await describeSchedule(schedules, scheduled, taskQueue);
    const scheduleId = existing?.scheduleId ?? ownId;
    if (existing) {
      const state = nextState(existing.state);
      const changes = diffSchedules(normalizeDescription(existing), normalizeSchedule(desired));
      const changed = changes.map(({ field }) => field);
      if (existing.state.paused !== state.paused) {
        changed.push(state.paused ? 'paused' : 'resumed');
        changes.push({ field: 'paused', from: existing.state.paused, to: state.paused });
      }
      if (changed.length === 0) return { scheduleId, outcome: 'unchanged', changed };
      // An operator may have paused or resumed the schedule since it was described.
      const update = ({ state: latest }: Pick<ScheduleDescription, 'state'>) => ({
        ...definition,
        state: { ...latest, ...toState(nextState(latest)) },
      });
      const applied: AppliedSchedule = { scheduleId, outcome: 'updated', changed, changes };
      onApply(applied);
      await schedules.getHandle(scheduleId).update(update);
      return applied;
    }
    const applied: AppliedSchedule = { scheduleId, outcome: 'created', changed: [] };
    await requireUnusedId(schedules, scheduleId, taskQueue);
    onApply(applied);
    try {
      // Lists of schedules contain the memo, but not the task queue.
      await schedules.create({ scheduleId, ...definition, memo: { taskQueue }, state: toState(nextState()) });
      return applied;
    } catch (error) {
      // Another run has created the schedule meanwhile.
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
  }
}

/** Returns what {@link applySchedule} would do, and changes nothing. */
export async function planSchedule(
  schedules: ScheduleClient,
  desired: DesiredSchedule,
  nextState: (state?: ScheduleState) => ScheduleState = keepState,
): Promise<PlannedSchedule> {
  const { taskQueue } = desired;
  const scheduled = scheduledOf(desired);
  const existing = await describeSchedule(schedules, scheduled, taskQueue);
  if (existing === undefined) {
    await requireUnusedId(schedules, scheduleIdsOf(scheduled, taskQueue)[0], taskQueue);
    return { action: 'create', id: null, changes: [] };
  }
  const changes = diffSchedules(normalizeDescription(existing), normalizeSchedule(desired));
  const { paused } = nextState(existing.state);
  if (existing.state.paused !== paused) changes.push({ field: 'paused', from: existing.state.paused, to: paused });
  return { action: changes.length > 0 ? 'change' : 'leave', id: existing.scheduleId, changes };
}

function keepState(state: ScheduleState = { paused: false }): ScheduleState {
  return state;
}

function toState({ paused, note }: ScheduleState): { paused: boolean; note?: string } {
  return { paused, ...(note !== undefined && { note }) };
}

/** The id of a schedule, if a document has created it and not a user. */
export async function findDocumentSchedule(
  schedules: ScheduleClient,
  scheduled: Scheduled,
  taskQueue: string,
): Promise<string | undefined> {
  const existing = await describeSchedule(schedules, scheduled, taskQueue).catch((error: unknown) => {
    // A worker or command that may not read schedules, or whose server has none, has created none.
    const code = grpcErrorOf(error)?.code;
    if (code === GRPC_STATUS.PERMISSION_DENIED || code === GRPC_STATUS.UNIMPLEMENTED) return undefined;
    throw error;
  });
  if (existing === undefined) return undefined;
  const { pipeline, fleet } = normalizeDescription(existing);
  return pipeline === undefined && fleet === undefined ? undefined : existing.scheduleId;
}

/**
 * Deletes a schedule if a document has created it. A schedule that a user has created stays.
 *
 * @param onRemove is called with the schedule's id before it is deleted
 * @returns the id of the deleted schedule; undefined if there was none
 */
export async function removeDocumentSchedule(
  schedules: ScheduleClient,
  scheduled: Scheduled,
  taskQueue: string,
  onRemove?: (scheduleId: string) => void,
): Promise<string | undefined> {
  const scheduleId = await findDocumentSchedule(schedules, scheduled, taskQueue);
  if (scheduleId === undefined) return undefined;
  onRemove?.(scheduleId);
  try {
    await schedules.getHandle(scheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
  return scheduleId;
}
