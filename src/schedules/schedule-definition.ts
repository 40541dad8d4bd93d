/** Translates a desired schedule into Temporal's terms, and compares it with the actual one. */
import { isDeepStrictEqual } from 'node:util';
import type { ScheduleDescription, ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import type { z } from 'zod';
import { durationMs } from '../contract/duration';
import { type FleetDocument, fleetInputSchema } from '../contract/fleet-document';
import type { FieldChange } from '../contract/pipeline-plan';
import {
  connectionSearchAttributes,
  searchAttributeKeys as keys,
  searchableName,
} from '../contract/search-attribute-keys';
import { type SyncConnectionInput, syncConnectionInputSchema } from '../contract/sync-options';
import type { FleetSchedule, OverlapPolicy, TemporalSchedule } from '../contract/temporal-schedule';
import {
  connectionScheduleId,
  currentAndLegacyIds,
  fleetScheduleId,
  fleetWorkflowId,
  syncWorkflowId,
} from '../contract/workflow-ids';
import { fleetStaticDetails, syncStaticDetails } from '../details/static-details';
import { expandShorthand } from '../text/cron';
import { isObject } from '../text/json-object';

/** The connection that a schedule syncs. The known fields become search attributes of its runs. */
export interface ScheduledConnection {
  connectionId: string;
  name?: string | undefined;
  workspaceId?: string | undefined;
}

/** What a schedule starts: the syncs of the connection with this id, or the fleet with this name. */
export type Scheduled = { connectionId: string } | { fleet: string };

/** The ids that the schedule may have on a task queue, the current one first: see `currentAndLegacyIds`. */
export function scheduleIdsOf(scheduled: Scheduled, taskQueue: string): [id: string, ...others: string[]] {
  return 'fleet' in scheduled
    ? [fleetScheduleId(scheduled.fleet, taskQueue)]
    : currentAndLegacyIds(connectionScheduleId, scheduled.connectionId, taskQueue);
}

/** A schedule that a document or a command asks for. */
export type DesiredSchedule = DesiredConnectionSchedule | DesiredFleetSchedule;

interface DesiredConnectionSchedule {
  connection: ScheduledConnection;
  schedule: TemporalSchedule;
  /** The task queue of its workflows. */
  taskQueue: string;
  /** The name of the pipeline document that has the schedule; left out for a schedule of a user. */
  pipeline?: string | undefined;
}

interface DesiredFleetSchedule {
  fleet: Omit<FleetDocument, 'schedule'>;
  schedule: FleetSchedule;
  /** The task queue of its workflows. */
  taskQueue: string;
  /** Whether the fleet's document has the schedule; false for a schedule of a user. */
  inDocument: boolean;
}

/** What a desired schedule starts. */
export function scheduledOf(desired: DesiredSchedule): Scheduled {
  return 'fleet' in desired ? { fleet: desired.fleet.name } : { connectionId: desired.connection.connectionId };
}

/** When a schedule starts syncs: at an interval, or at the times of a cron expression. */
export type Timing = { everyMs: number } | { cron: string; timeZone: string };

/** A schedule in a form in which a desired and an actual one can be compared, with all defaults. */
export interface NormalizedSchedule {
  /** Undefined if another tool has set times in a form that this project does not write. */
  timing: Timing | undefined;
  jitterMs: number;
  overlap: OverlapPolicy;
  catchUpWindowMs: number;
  pauseOnFailure: boolean;
  /** The workflow that it starts: `syncConnection` or `syncFleet`. */
  workflowType: string;
  /** The input of the workflow. */
  input: unknown;
  taskQueue: string;
  connectionName: string | undefined;
  workspaceId: string | undefined;
  /** The name of the pipeline document that defines the schedule. */
  pipeline: string | undefined;
  /** The name of the fleet document that defines the schedule. */
  fleet: string | undefined;
}

const OVERLAPS: Readonly<Record<OverlapPolicy, NonNullable<ScheduleOverlapPolicy>>> = {
  skip: 'SKIP',
  bufferOne: 'BUFFER_ONE',
  bufferAll: 'BUFFER_ALL',
  cancelOther: 'CANCEL_OTHER',
  terminateOther: 'TERMINATE_OTHER',
  allowAll: 'ALLOW_ALL',
};

/** Translates an overlap policy into that of Temporal's client. */
export function toOverlapPolicy(overlap: OverlapPolicy): NonNullable<ScheduleOverlapPolicy> {
  return OVERLAPS[overlap];
}

function fromOverlapPolicy(policy: ScheduleOverlapPolicy): OverlapPolicy {
  const [overlap] = Object.entries(OVERLAPS).find(([, value]) => value === policy) ?? ['skip'];
  return overlap as OverlapPolicy;
}

/** A schedule in Temporal's terms, without its id and state. */
export type ScheduleDefinition = Required<
  Pick<ScheduleOptions, 'spec' | 'action' | 'policies' | 'typedSearchAttributes'>
>;

/** Translates a desired schedule into Temporal's terms. */
export function toScheduleDefinition(desired: DesiredSchedule): ScheduleDefinition {
  const normalized = normalizeSchedule(desired);
  return {
    spec: { ...toScheduleSpec(desired.schedule), ...(normalized.jitterMs > 0 && { jitter: normalized.jitterMs }) },
    action: 'fleet' in desired ? fleetAction(desired) : connectionAction(desired, normalized.input),
    policies: {
      overlap: toOverlapPolicy(normalized.overlap),
      catchupWindow: normalized.catchUpWindowMs,
      pauseOnFailure: normalized.pauseOnFailure,
    },
    typedSearchAttributes: 'fleet' in desired ? [] : connectionSearchAttributes(desired.connection),
  };
}

// Temporal appends the time to the workflow id of an action, so a scheduled run never has the id of a run that a caller has
// started.
function connectionAction(
  { connection, schedule, taskQueue, pipeline }: DesiredConnectionSchedule,
  input: unknown,
): ScheduleDefinition['action'] {
  return {
    type: 'startWorkflow',
    workflowType: 'syncConnection',
    workflowId: syncWorkflowId(connection.connectionId, taskQueue),
    args: [input],
    taskQueue,
    typedSearchAttributes: connectionSearchAttributes(connection),
    ...syncStaticDetails(connection, schedule.sync),
    ...(pipeline !== undefined && { memo: { pipeline } }),
  };
}

function fleetAction({ fleet, taskQueue, inDocument }: DesiredFleetSchedule): ScheduleDefinition['action'] {
  return {
    type: 'startWorkflow',
    workflowType: 'syncFleet',
    workflowId: fleetWorkflowId(fleet.name, taskQueue),
    args: [fleet],
    taskQueue,
    ...fleetStaticDetails(fleet),
    ...(inDocument && { memo: { fleet: fleet.name } }),
  };
}

/**
 * Temporal stores only the times of a cron expression, and its comment. So the comment contains the expression, for users and
 * for the next comparison.
 */
function toScheduleSpec(schedule: FleetSchedule): ScheduleOptions['spec'] {
  if ('every' in schedule) return { intervals: [{ every: durationMs(schedule.every) }] };
  const { cron, timeZone } = schedule;
  return { cronExpressions: [`${expandShorthand(cron)} # ${collapseBlanks(cron)}`], timezone: timeZone };
}

function collapseBlanks(cron: string): string {
  return cron.trim().replace(/\s+/g, ' ');
}

/** Normalizes a desired schedule. */
export function normalizeSchedule(desired: DesiredSchedule): NormalizedSchedule {
  const { schedule, taskQueue } = desired;
  const { jitter, overlap, catchUpWindow, pauseOnFailure } = schedule;
  return {
    timing:
      'every' in schedule
        ? { everyMs: durationMs(schedule.every) }
        : { cron: collapseBlanks(schedule.cron), timeZone: schedule.timeZone },
    jitterMs: jitter === undefined ? 0 : durationMs(jitter),
    overlap,
    catchUpWindowMs: durationMs(catchUpWindow),
    pauseOnFailure,
    taskQueue,
    ...('fleet' in desired ? normalizeFleet(desired) : normalizeConnection(desired)),
  };
}

type NormalizedTarget = Pick<
  NormalizedSchedule,
  'workflowType' | 'input' | 'connectionName' | 'workspaceId' | 'pipeline' | 'fleet'
>;

function normalizeConnection({ connection, schedule, pipeline }: DesiredConnectionSchedule): NormalizedTarget {
  const input: SyncConnectionInput = { connectionId: connection.connectionId, ...schedule.sync };
  return {
    workflowType: 'syncConnection',
    input: withDefaults(syncConnectionInputSchema(), input),
    connectionName: connection.name === undefined ? undefined : searchableName(connection.name),
    workspaceId: connection.workspaceId,
    pipeline,
    fleet: undefined,
  };
}

function normalizeFleet({ fleet, inDocument }: DesiredFleetSchedule): NormalizedTarget {
  return {
    workflowType: 'syncFleet',
    input: withDefaults(fleetInputSchema(), fleet),
    connectionName: undefined,
    workspaceId: undefined,
    pipeline: undefined,
    fleet: inDocument ? fleet.name : undefined,
  };
}

/** The part of Temporal's description that is compared. */
export type ActualSchedule = Pick<ScheduleDescription, 'spec' | 'action' | 'policies' | 'typedSearchAttributes'>;

/** Normalizes an actual schedule. */
export function normalizeDescription({
  spec,
  action,
  policies,
  typedSearchAttributes,
}: ActualSchedule): NormalizedSchedule {
  const { memo, taskQueue, args, workflowType } = action;
  return {
    timing: readTiming(spec),
    jitterMs: spec.jitter ?? 0,
    overlap: fromOverlapPolicy(policies.overlap),
    catchUpWindowMs: policies.catchupWindow,
    pauseOnFailure: policies.pauseOnFailure,
    workflowType,
    input: withDefaults(workflowType === 'syncFleet' ? fleetInputSchema() : syncConnectionInputSchema(), args?.[0]),
    taskQueue,
    connectionName: typedSearchAttributes.get(keys.connectionName),
    workspaceId: typedSearchAttributes.get(keys.workspaceId),
    pipeline: typeof memo?.['pipeline'] === 'string' ? memo['pipeline'] : undefined,
    fleet: typeof memo?.['fleet'] === 'string' ? memo['fleet'] : undefined,
  };
}

/** Reads when a schedule starts syncs; undefined if that is in a form that this project does not write. */
export function readTiming(spec: ScheduleDescription['spec'] | undefined): Timing | undefined {
  const { calendars = [], intervals = [], timezone } = spec ?? {};
  const [interval, calendar] = [intervals[0], calendars[0]];
  if (calendars.length + intervals.length !== 1) return undefined;
  if (interval) return interval.offset === 0 || interval.offset === undefined ? { everyMs: interval.every } : undefined;
  return calendar?.comment ? { cron: calendar.comment, timeZone: timezone || 'UTC' } : undefined;
}

/** Applies the defaults, so that inputs with and without them are equal. */
function withDefaults(schema: z.ZodType<object>, input: unknown): unknown {
  const checked = schema.safeParse(input);
  if (!checked.success) return input;
  return Object.fromEntries(Object.entries(checked.data).filter(([, value]) => value !== undefined));
}

/** The differences between an actual and a desired schedule, by field of a document. */
export function diffSchedules(actual: NormalizedSchedule, desired: NormalizedSchedule): FieldChange[] {
  const fields: [name: string, field: keyof NormalizedSchedule][] = [
    [timingField(desired.timing), 'timing'],
    ['jitter', 'jitterMs'],
    ['overlap', 'overlap'],
    ['catchUpWindow', 'catchUpWindowMs'],
    ['pauseOnFailure', 'pauseOnFailure'],
    ['name', 'connectionName'],
    ['workspace', 'workspaceId'],
    ['pipeline', 'pipeline'],
    ['fleet', 'fleet'],
  ];
  const changes = fields.map(([name, field]) => ({ field: name, from: actual[field], to: desired[field] }));
  return [...changes, ...inputFields(actual, desired)].filter(({ from, to }) => !isDeepStrictEqual(from, to));
}

/** The input of a sync is the field `sync` of its document; that of a fleet has the fields of its document. */
function inputFields(actual: NormalizedSchedule, desired: NormalizedSchedule): FieldChange[] {
  const [from, to] = [actual.input, desired.input];
  if (desired.workflowType !== 'syncFleet' || !isObject(from) || !isObject(to)) return [{ field: 'sync', from, to }];
  const fields = new Set([...Object.keys(from), ...Object.keys(to)]);
  return [...fields].map((field) => ({ field, from: from[field], to: to[field] }));
}

function timingField(timing: Timing | undefined): string {
  return timing !== undefined && 'cron' in timing ? 'cron' : 'every';
}
