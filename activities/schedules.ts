import { activityInfo, getClient, log } from '@temporalio/activity';
import type { AppliedSchedule, PipelineScheduleInput } from '../src/contract/applied-schedule';
import { DomainError } from '../src/contract/domain-error';
import type { PlannedSchedule } from '../src/contract/pipeline-plan';
import { isTemporalSchedule, type PipelineSchedule } from '../src/contract/pipeline-schedule';
import type { TemporalSchedule } from '../src/contract/temporal-schedule';
import {
  applySchedule,
  findPipelineSchedule,
  planSchedule,
  removePipelineSchedule,
  type ScheduleState,
} from '../src/schedules/apply-schedule';
import type { DesiredSchedule } from '../src/schedules/schedule-definition';
import { GRPC_STATUS, grpcErrorOf } from '../src/temporal/grpc-status';
import { messageOf } from '../src/text/error-message';
import { type AttemptedChanges, changesOfEarlierAttempts } from './attempted-changes';
import { report } from './heartbeat';

/** The note of a schedule that was paused by its pipeline, and not by a person. */
const INACTIVE = 'The connection is inactive, says its pipeline document.';

export function scheduleActivities() {
  return {
    /**
     * Brings the Temporal schedule of a connection about: creates it, changes it, or leaves it. One that a person has
     * paused stays paused.
     *
     * @throws DomainError of type `InvalidInput` when Temporal refuses the schedule, or keeps none for this worker
     */
    async applySchedule(input: PipelineScheduleInput): Promise<AppliedSchedule> {
      const { connectionId, active, schedule } = input;
      const wanted = toDesiredSchedule(input, schedule);
      const applying = (applied: AppliedSchedule) => report({ schedule: applied } satisfies AttemptedChanges);
      const schedules = getClient().schedule;
      const applied = await applySchedule(schedules, wanted, stateOf(active), applying).catch((error: unknown) => {
        throw refusal(error) ?? error;
      });
      const { schedule: before } = changesOfEarlierAttempts();
      if (applied.outcome === 'unchanged' && before) return before;
      if (applied.outcome !== 'unchanged') {
        log.info(`The Temporal schedule was ${applied.outcome}`, { connectionId, changed: applied.changed });
      }
      return applied;
    },

    /** What would become of the Temporal schedule of a connection; null when there is none and is to be none. */
    async planSchedule(
      input: Omit<PipelineScheduleInput, 'schedule'> & { schedule: PipelineSchedule },
    ): Promise<PlannedSchedule | null> {
      const { connectionId, active, schedule, taskQueue } = input;
      const schedules = getClient().schedule;
      if (!isTemporalSchedule(schedule)) {
        const id = await findPipelineSchedule(schedules, connectionId, taskQueue);
        return id === undefined ? null : { action: 'remove', id, changes: [] };
      }
      return planSchedule(schedules, toDesiredSchedule(input, schedule), stateOf(active)).catch((error: unknown) => {
        throw refusal(error) ?? error;
      });
    },
  };
}

/**
 * Deletes the Temporal schedule that the document has had, before Airbyte starts to schedule the connection itself: they
 * would both start its syncs.
 */
export async function removeObsoleteSchedule(
  connectionId: string,
  wanted: PipelineSchedule,
): Promise<string | undefined> {
  if (isTemporalSchedule(wanted)) return undefined;
  const removing = (removedSchedule: string) => report({ removedSchedule } satisfies AttemptedChanges);
  const removed = await removePipelineSchedule(getClient().schedule, connectionId, activityInfo().taskQueue, removing);
  if (removed !== undefined) log.info('Deleted the Temporal schedule of the connection', { connectionId });
  return removed;
}

function toDesiredSchedule(
  { pipeline, connectionId, connectionName, workspaceId, taskQueue }: Omit<PipelineScheduleInput, 'schedule'>,
  schedule: TemporalSchedule,
): DesiredSchedule {
  return { connection: { connectionId, name: connectionName, workspaceId }, schedule, taskQueue, pipeline };
}

function stateOf(active: boolean) {
  return (state: ScheduleState = { paused: false }): ScheduleState => {
    if (!active && !state.paused) return { paused: true, note: INACTIVE };
    if (active && state.paused && state.note === INACTIVE) return { paused: false, note: '' };
    return state;
  };
}

/** What a person can do about a schedule that Temporal does not take, since no retry mends it; undefined for what passes. */
function refusal(error: unknown): unknown {
  // What the client makes of an invalid specification.
  if (error instanceof TypeError) {
    return new DomainError('InvalidInput', `connection.schedule: Temporal does not take it: ${error.message}.`);
  }
  const reason = grpcErrorOf(error);
  if (reason === undefined) return undefined;
  const said = reason.details || messageOf(reason);
  switch (reason.code) {
    case GRPC_STATUS.INVALID_ARGUMENT:
      return new DomainError('InvalidInput', `connection.schedule: Temporal does not take it: ${said}.`);
    case GRPC_STATUS.PERMISSION_DENIED:
    case GRPC_STATUS.UNIMPLEMENTED:
      return new DomainError(
        'InvalidInput',
        `connection.schedule.by: Temporal keeps no schedule for this worker (${said}). Use by: airbyte, or let it keep one.`,
      );
    default:
      return undefined;
  }
}
