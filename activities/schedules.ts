import { getClient, log } from '@temporalio/activity';
import type { AppliedSchedule, PipelineScheduleInput } from '../src/contract/applied-schedule';
import { DomainError } from '../src/contract/domain-error';
import type { PlannedSchedule } from '../src/contract/pipeline-plan';
import { isTemporalSchedule, type PipelineSchedule } from '../src/contract/pipeline-schedule';
import type { TemporalSchedule } from '../src/contract/temporal-schedule';
import { applySchedule, findDocumentSchedule, planSchedule, type ScheduleState } from '../src/schedules/apply-schedule';
import type { DesiredSchedule } from '../src/schedules/schedule-definition';
import { GRPC_STATUS, grpcErrorOf } from '../src/temporal/grpc-status';
import { messageOf } from '../src/text/error-message';
import { changesOfEarlierAttempts, reportChanges } from './reconcile-ports';

/** The note of a schedule that was paused because its document says that the connection is inactive. */
const INACTIVE = 'The connection is inactive, says its pipeline document.';

export function scheduleActivities() {
  return {
    /**
     * Creates or changes the Temporal schedule of a connection, or leaves it as it is. A schedule that a user paused stays
     * paused.
     *
     * @throws DomainError `InvalidInput` when Temporal rejects the schedule, or keeps none for this worker
     */
    async applySchedule(input: PipelineScheduleInput): Promise<AppliedSchedule> {
      const { connectionId, active, schedule } = input;
      const desired = toDesiredSchedule(input, schedule);
      const onChange = (applied: AppliedSchedule) => reportChanges({ schedule: applied });
      const applied = await applySchedule(getClient().schedule, desired, nextState(active), onChange).catch(
        rejectSchedule,
      );
      const { schedule: before } = changesOfEarlierAttempts();
      if (applied.outcome === 'unchanged' && before) return before;
      if (applied.outcome !== 'unchanged') {
        log.info(`The Temporal schedule was ${applied.outcome}`, { connectionId, changed: applied.changed });
      }
      return applied;
    },

    /** Finds out what `applySchedule` would do; null when there is no schedule and the document wants none. */
    async planSchedule(
      input: Omit<PipelineScheduleInput, 'schedule'> & { schedule: PipelineSchedule },
    ): Promise<PlannedSchedule | null> {
      const { connectionId, active, schedule, taskQueue } = input;
      const schedules = getClient().schedule;
      if (!isTemporalSchedule(schedule)) {
        const id = await findDocumentSchedule(schedules, { connectionId }, taskQueue);
        return id === undefined ? null : { action: 'remove', id, changes: [] };
      }
      const desired = toDesiredSchedule(input, schedule);
      return planSchedule(schedules, desired, nextState(active)).catch(rejectSchedule);
    },
  };
}

function toDesiredSchedule(
  { pipeline, connectionId, connectionName, workspaceId, taskQueue }: Omit<PipelineScheduleInput, 'schedule'>,
  schedule: TemporalSchedule,
): DesiredSchedule {
  return { connection: { connectionId, name: connectionName, workspaceId }, schedule, taskQueue, pipeline };
}

/** Pauses the schedule of an inactive connection, and resumes it when the connection is active again. */
function nextState(active: boolean) {
  return (state: ScheduleState = { paused: false }): ScheduleState => {
    if (!active && !state.paused) return { paused: true, note: INACTIVE };
    if (active && state.paused && state.note === INACTIVE) return { paused: false, note: '' };
    return state;
  };
}

/** @throws DomainError `InvalidInput` with what a user can do, when Temporal rejects the schedule; else the error itself */
function rejectSchedule(error: unknown): never {
  // The client throws a TypeError for an invalid specification.
  if (error instanceof TypeError) throw invalidSchedule(error.message);
  const grpcError = grpcErrorOf(error);
  const reason = grpcError && (grpcError.details || messageOf(grpcError));
  switch (grpcError?.code) {
    case GRPC_STATUS.INVALID_ARGUMENT:
      throw invalidSchedule(reason);
    case GRPC_STATUS.PERMISSION_DENIED:
    case GRPC_STATUS.UNIMPLEMENTED:
      throw new DomainError(
        'InvalidInput',
        `connection.schedule.by: Temporal keeps no schedule for this worker (${reason}). Use by: airbyte, or let it keep one.`,
      );
    default:
      throw error;
  }
}

function invalidSchedule(reason: string | undefined): DomainError {
  return new DomainError('InvalidInput', `connection.schedule: Temporal does not take it: ${reason}.`);
}
