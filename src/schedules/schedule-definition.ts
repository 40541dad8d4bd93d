/** Translates a desired schedule into Temporal's terms, and compares it with the actual one. */
import { isDeepStrictEqual } from 'node:util';
import type { ScheduleDescription, ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import { durationMs } from '../contract/duration';
import type { FieldChange } from '../contract/pipeline-plan';
import {
  connectionSearchAttributes,
  searchAttributeKeys as keys,
  searchableName,
} from '../contract/search-attribute-keys';
import { type SyncConnectionInput, syncConnectionInputSchema } from '../contract/sync-options';
import type { OverlapPolicy, TemporalSchedule } from '../contract/temporal-schedule';
import { syncWorkflowId } from '../contract/workflow-ids';
import { syncStaticDetails } from '../details/static-details';
import { expandShorthand } from '../text/cron';

/** The connection that a schedule syncs. The known fields become search attributes of its runs. */
export interface ScheduledConnection {
  connectionId: string;
  name?: string | undefined;
  workspaceId?: string | undefined;
}

/** A schedule that a document or a command asks for. */
export interface DesiredSchedule {
  connection: ScheduledConnection;
  schedule: TemporalSchedule;
  /** The task queue of its workflows. */
  taskQueue: string;
  /** The name of the pipeline document that has the schedule; left out for a schedule of a user. */
  pipeline?: string | undefined;
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
  /** The input of `syncConnection`. */
  input: unknown;
  taskQueue: string;
  connectionName: string | undefined;
  workspaceId: string | undefined;
  pipeline: string | undefined;
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
  const { connection, taskQueue, pipeline } = desired;
  const { connectionId } = connection;
  const normalized = normalizeSchedule(desired);
  const typedSearchAttributes = connectionSearchAttributes(connection);
  return {
    spec: { ...toScheduleSpec(desired.schedule), ...(normalized.jitterMs > 0 && { jitter: normalized.jitterMs }) },
    action: {
      type: 'startWorkflow',
      workflowType: 'syncConnection',
      // Temporal appends the time, so a scheduled run never has the id of a sync that a caller has started.
      workflowId: syncWorkflowId(connectionId, taskQueue),
      args: [normalized.input],
      taskQueue,
      typedSearchAttributes,
      ...syncStaticDetails(connection, desired.schedule.sync),
      ...(pipeline !== undefined && { memo: { pipeline } }),
    },
    policies: {
      overlap: toOverlapPolicy(normalized.overlap),
      catchupWindow: normalized.catchUpWindowMs,
      pauseOnFailure: normalized.pauseOnFailure,
    },
    typedSearchAttributes,
  };
}

/**
 * Temporal stores only the times of a cron expression, and its comment. So the comment contains the expression, for users and
 * for the next comparison.
 */
function toScheduleSpec(schedule: TemporalSchedule): ScheduleOptions['spec'] {
  if ('every' in schedule) return { intervals: [{ every: durationMs(schedule.every) }] };
  const { cron, timeZone } = schedule;
  return { cronExpressions: [`${expandShorthand(cron)} # ${collapseBlanks(cron)}`], timezone: timeZone };
}

function collapseBlanks(cron: string): string {
  return cron.trim().replace(/\s+/g, ' ');
}

/** Normalizes a desired schedule. */
export function normalizeSchedule({ connection, schedule, taskQueue, pipeline }: DesiredSchedule): NormalizedSchedule {
  const { jitter, overlap, catchUpWindow, pauseOnFailure, sync } = schedule;
  const input: SyncConnectionInput = { connectionId: connection.connectionId, ...sync };
  return {
    timing:
      'every' in schedule
        ? { everyMs: durationMs(schedule.every) }
        : { cron: collapseBlanks(schedule.cron), timeZone: schedule.timeZone },
    jitterMs: jitter === undefined ? 0 : durationMs(jitter),
    overlap,
    catchUpWindowMs: durationMs(catchUpWindow),
    pauseOnFailure,
    input: withDefaults(input),
    taskQueue,
    connectionName: connection.name === undefined ? undefined : searchableName(connection.name),
    workspaceId: connection.workspaceId,
    pipeline,
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
  const { memo, taskQueue, args } = action;
  return {
    timing: readTiming(spec),
    jitterMs: spec.jitter ?? 0,
    overlap: fromOverlapPolicy(policies.overlap),
    catchUpWindowMs: policies.catchupWindow,
    pauseOnFailure: policies.pauseOnFailure,
    input: withDefaults(args?.[0]),
    taskQueue,
    connectionName: typedSearchAttributes.get(keys.connectionName),
    workspaceId: typedSearchAttributes.get(keys.workspaceId),
    pipeline: typeof memo?.['pipeline'] === 'string' ? memo['pipeline'] : undefined,
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
function withDefaults(input: unknown): unknown {
  const checked = syncConnectionInputSchema().safeParse(input);
  if (!checked.success) return input;
  return Object.fromEntries(Object.entries(checked.data).filter(([, value]) => value !== undefined));
}

/** The differences between an actual and a desired schedule, by field of a pipeline document. */
export function diffSchedules(actual: NormalizedSchedule, desired: NormalizedSchedule): FieldChange[] {
  const fields: [name: string, field: keyof NormalizedSchedule][] = [
    [timingField(desired.timing), 'timing'],
    ['jitter', 'jitterMs'],
    ['overlap', 'overlap'],
    ['catchUpWindow', 'catchUpWindowMs'],
    ['pauseOnFailure', 'pauseOnFailure'],
    ['sync', 'input'],
    ['name', 'connectionName'],
    ['workspace', 'workspaceId'],
    ['pipeline', 'pipeline'],
  ];
  return fields
    .filter(([, field]) => !isDeepStrictEqual(actual[field], desired[field]))
    .map(([name, field]) => ({ field: name, from: actual[field], to: desired[field] }));
}

function timingField(timing: Timing | undefined): string {
  return timing !== undefined && 'cron' in timing ? 'cron' : 'every';
}
