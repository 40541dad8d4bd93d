import { workerSettings } from '../../src/configuration/worker-settings';
import type { FleetDocument } from '../../src/contract/fleet-document';
import type { FleetChanges, PlannedSchedule } from '../../src/contract/pipeline-plan';
import {
  applySchedule,
  findDocumentSchedule,
  planSchedule,
  removeDocumentSchedule,
} from '../../src/schedules/apply-schedule';
import type { DesiredSchedule } from '../../src/schedules/schedule-definition';
import type { TemporalClient } from '../../src/temporal/connection';
import { CliError } from '../cli-error';
import type { Output } from '../render/output';

const ACTIONS = { created: 'create', updated: 'change', unchanged: 'leave' } as const;

/** Finds out what {@link applyFleet} would do. It changes nothing. */
export async function planFleet(
  { client }: TemporalClient,
  output: Output,
  document: FleetDocument,
): Promise<FleetChanges> {
  const { taskQueue } = workerSettings(output.terminal.env);
  const { name } = document;
  const desired = desiredSchedule(document, taskQueue);
  if (desired) return toChanges(name, await planSchedule(client.schedule, desired).catch(rejectedSchedule));
  return toRemoval(name, await findDocumentSchedule(client.schedule, { fleet: name }, taskQueue));
}

/**
 * Creates or changes the schedule of a fleet document, or deletes the one that an earlier version of the document had. A schedule
 * that a user paused stays paused.
 */
export async function applyFleet(
  { client }: TemporalClient,
  output: Output,
  document: FleetDocument,
): Promise<FleetChanges> {
  const { taskQueue } = workerSettings(output.terminal.env);
  const { name } = document;
  const desired = desiredSchedule(document, taskQueue);
  if (!desired) return toRemoval(name, await removeDocumentSchedule(client.schedule, { fleet: name }, taskQueue));
  const { scheduleId, outcome, changes = [] } = await applySchedule(client.schedule, desired).catch(rejectedSchedule);
  return toChanges(name, { action: ACTIONS[outcome], id: scheduleId, changes });
}

function desiredSchedule({ schedule, ...fleet }: FleetDocument, taskQueue: string): DesiredSchedule | undefined {
  return schedule && { fleet, schedule, taskQueue, inDocument: true };
}

function toRemoval(fleet: string, id: string | undefined): FleetChanges {
  return toChanges(fleet, id === undefined ? null : { action: 'remove', id, changes: [] });
}

function toChanges(fleet: string, schedule: PlannedSchedule | null): FleetChanges {
  return { fleet, schedule, changes: schedule !== null && schedule.action !== 'leave' };
}

/** Temporal's client throws a plain TypeError for times that its server rejects. */
export function rejectedSchedule(error: unknown): never {
  if (error instanceof TypeError) throw CliError.badInput(`Temporal rejects the schedule: ${error.message}.`);
  throw error;
}
