import {
  type ScheduleDescription,
  type ScheduleHandle,
  ScheduleNotFoundError,
  type ScheduleSummary,
} from '@temporalio/client';
import { workerSettings } from '../../src/configuration/worker-settings';
import { searchAttributeKeys as keys, searchableName } from '../../src/contract/search-attribute-keys';
import { parseFleetScheduleId, parseScheduleId } from '../../src/contract/workflow-ids';
import { describeNamesakes } from '../../src/reconcile/lookup/id-or-name';
import { describeSchedule } from '../../src/schedules/apply-schedule';
import type { Scheduled } from '../../src/schedules/schedule-definition';
import type { TemporalClient } from '../../src/temporal/connection';
import { CliError } from '../cli-error';
import { hasAirbyteUrl, withAirbyte } from '../command-context';
import { EXIT } from '../exit-codes';
import type { Terminal } from '../render/terminal';
import { findConnection } from './connection-lookup';
import type { ConnectionOrFleet } from './connection-or-fleet';

/** A schedule as Temporal has it. */
export interface FoundSchedule {
  scheduled: Scheduled;
  handle: ScheduleHandle;
  description: ScheduleDescription;
}

/**
 * Finds the schedule that the user means: that of a connection, by the connection's id or name, that of a fleet, by the fleet's
 * name, or either by the schedule's own id.
 *
 * @throws CliError when there is none, or more than one connection has the name
 */
export async function findSchedule(
  temporal: TemporalClient,
  given: ConnectionOrFleet,
  terminal: Terminal,
): Promise<FoundSchedule> {
  const { taskQueue } = workerSettings(terminal.env);
  if ('fleet' in given) return findFleetSchedule(temporal, given.fleet, taskQueue);
  const fleet = parseFleetScheduleId(given.connection, taskQueue);
  return fleet === undefined
    ? findConnectionSchedule(temporal, given.connection, terminal)
    : findFleetSchedule(temporal, fleet, taskQueue);
}

async function findFleetSchedule(temporal: TemporalClient, fleet: string, taskQueue: string): Promise<FoundSchedule> {
  const found = await describeFoundSchedule(temporal, { fleet }, taskQueue);
  if (found) return found;
  throw scheduleNotFound(`a fleet '${fleet}'`, taskQueue);
}

/**
 * Finds the schedule of a connection by the connection's id or name, or by the schedule's own id. It asks Airbyte last, so
 * that the schedule of a connection that was deleted there can still be paused and deleted.
 *
 * @throws CliError when there is none, or more than one connection has the name
 */
async function findConnectionSchedule(
  temporal: TemporalClient,
  given: string,
  terminal: Terminal,
): Promise<FoundSchedule> {
  const { env } = terminal;
  const { taskQueue } = workerSettings(env);
  const { connectionId: givenId = given, taskQueue: givenTaskQueue = taskQueue } = parseScheduleId(given) ?? {};
  if (givenTaskQueue !== taskQueue) {
    throw CliError.badInput(
      `${given} is a schedule of the task queue '${givenTaskQueue}', but this shell uses '${taskQueue}'. Set AIRBYTE_TASK_QUEUE to the task queue that you mean.`,
    );
  }
  const byId = await describeFoundSchedule(temporal, { connectionId: givenId }, taskQueue);
  if (byId) return byId;
  const named: string[] = [];
  for await (const { scheduled, summary } of listSchedules(temporal, taskQueue)) {
    const name = summary.typedSearchAttributes?.get(keys.connectionName);
    if ('connectionId' in scheduled && name === searchableName(given)) named.push(scheduled.connectionId);
  }
  if (named.length > 1) {
    throw CliError.badInput(`${describeNamesakes('scheduled connection', given, named)} Give the id of one of them.`);
  }
  const [connectionId = await idInAirbyte(given, terminal)] = named;
  const found =
    connectionId === undefined ? undefined : await describeFoundSchedule(temporal, { connectionId }, taskQueue);
  if (found) return found;
  throw scheduleNotFound(`a connection '${given}'`, taskQueue);
}

function scheduleNotFound(scheduled: string, taskQueue: string): CliError {
  return new CliError(
    EXIT.badInput,
    'ScheduleNotFound',
    `Temporal has no schedule for ${scheduled} on the task queue '${taskQueue}'. \`temporal-airbyte schedule list\` lists the existing ones, and \`schedule create\` creates one.`,
  );
}

async function describeFoundSchedule(
  { client }: TemporalClient,
  scheduled: Scheduled,
  taskQueue: string,
): Promise<FoundSchedule | undefined> {
  const description = await describeSchedule(client.schedule, scheduled, taskQueue);
  if (!description) return undefined;
  return { scheduled, description, handle: client.schedule.getHandle(description.scheduleId) };
}

/** Looks a name up in Airbyte, because a schedule may have been created without the name of its connection. */
async function idInAirbyte(idOrName: string, terminal: Terminal): Promise<string | undefined> {
  if (!hasAirbyteUrl(terminal.env)) return undefined;
  return (await withAirbyte(terminal, (airbyte) => findConnection(airbyte, idOrName))).connectionId;
}

/** Lists the schedules of connections and fleets on a task queue. A new one appears in Temporal's list after some moments. */
export async function* listSchedules(
  temporal: TemporalClient,
  taskQueue: string,
): AsyncGenerator<{ scheduled: Scheduled; summary: ScheduleSummary }> {
  for await (const summary of temporal.client.schedule.list()) {
    const read = parseScheduleId(summary.scheduleId);
    const fleet = parseFleetScheduleId(summary.scheduleId, taskQueue);
    if (read === undefined && fleet === undefined) continue;
    const its = read?.taskQueue ?? (await taskQueueOf(temporal, summary));
    if (its !== taskQueue) continue;
    if (fleet !== undefined) yield { scheduled: { fleet }, summary };
    else if (read !== undefined) yield { scheduled: { connectionId: read.connectionId }, summary };
  }
}

/** The task queue of a schedule whose id does not tell it: that of a fleet, or of one that an older release created. */
async function taskQueueOf(
  { client }: TemporalClient,
  { scheduleId, memo }: ScheduleSummary,
): Promise<string | undefined> {
  const noted = memo?.['taskQueue'];
  if (typeof noted === 'string') return noted;
  try {
    return (await client.schedule.getHandle(scheduleId).describe()).action.taskQueue;
  } catch (error) {
    // It was deleted while the list was read.
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}
