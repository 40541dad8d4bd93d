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

/** The connection that a schedule syncs, with what is known of it for those who look for its runs. */
export interface ScheduledConnection {
  connectionId: string;
  name?: string | undefined;
  workspaceId?: string | undefined;
}

/** A schedule as somebody wants it. */
export interface DesiredSchedule {
  connection: ScheduledConnection;
  schedule: TemporalSchedule;
  /** Where its workflows run. */
  taskQueue: string;
  /** The name of the pipeline document that keeps it; left out by who makes one by hand. */
  pipeline?: string | undefined;
}

/** When a schedule runs: at an interval, or at the times of a cron expression. */
export type Timing = { everyMs: number } | { cron: string; timeZone: string };

/** A schedule as Temporal keeps it, with every default spelled out. */
export interface NormalizedSchedule {
  /** Undefined for times that only another tool can have set. */
  timing: Timing | undefined;
  jitterMs: number;
  overlap: OverlapPolicy;
  catchUpWindowMs: number;
  pauseOnFailure: boolean;
  /** What `syncConnection` is started with. */
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

/** An overlap policy in the words of Temporal's client. */
export function toOverlapPolicy(overlap: OverlapPolicy): NonNullable<ScheduleOverlapPolicy> {
  return OVERLAPS[overlap];
}

function fromOverlapPolicy(policy: ScheduleOverlapPolicy): OverlapPolicy {
  const [overlap] = Object.entries(OVERLAPS).find(([, value]) => value === policy) ?? ['skip'];
  return overlap as OverlapPolicy;
}

/** What a schedule is for Temporal, apart from its id and its state. */
export type ScheduleDefinition = Required<
  Pick<ScheduleOptions, 'spec' | 'action' | 'policies' | 'typedSearchAttributes'>
>;

/** A wanted schedule in the words of Temporal's client. */
export function toScheduleDefinition(wanted: DesiredSchedule): ScheduleDefinition {
  const { connection, taskQueue, pipeline } = wanted;
  const { connectionId } = connection;
  const kept = normalizeSchedule(wanted);
  const typedSearchAttributes = connectionSearchAttributes(connection);
  return {
    spec: { ...toScheduleSpec(wanted.schedule), ...(kept.jitterMs > 0 && { jitter: kept.jitterMs }) },
    action: {
      type: 'startWorkflow',
      workflowType: 'syncConnection',
      // Temporal puts the time behind it: a run never has the id of a sync that was started by hand.
      workflowId: syncWorkflowId(connectionId, taskQueue),
      args: [kept.input],
      taskQueue,
      typedSearchAttributes,
      ...syncStaticDetails(connection, wanted.schedule.sync),
      ...(pipeline !== undefined && { memo: { pipeline } }),
    },
    policies: {
      overlap: toOverlapPolicy(kept.overlap),
      catchupWindow: kept.catchUpWindowMs,
      pauseOnFailure: kept.pauseOnFailure,
    },
    typedSearchAttributes,
  };
}

/**
 * Temporal keeps of a cron expression only the times that it means. The comment behind it is kept as it is, and tells
 * people, and the next comparison, what was written.
 */
function toScheduleSpec(schedule: TemporalSchedule): ScheduleOptions['spec'] {
  if ('every' in schedule) return { intervals: [{ every: durationMs(schedule.every) }] };
  const { cron, timeZone } = schedule;
  return { cronExpressions: [`${expandShorthand(cron)} # ${collapseBlanks(cron)}`], timezone: timeZone };
}

function collapseBlanks(cron: string): string {
  return cron.trim().replace(/\s+/g, ' ');
}

/** A wanted schedule as Temporal will keep it. */
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

/** What of Temporal's description tells how a schedule is kept. */
export type DescribedSchedule = Pick<ScheduleDescription, 'spec' | 'action' | 'policies' | 'typedSearchAttributes'>;

export function readSchedule({ spec, action, policies, typedSearchAttributes }: DescribedSchedule): NormalizedSchedule {
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

/** When a schedule runs, where that is in one of the forms that this project writes. */
export function readTiming(spec: ScheduleDescription['spec'] | undefined): Timing | undefined {
  const { calendars = [], intervals = [], timezone } = spec ?? {};
  const [interval, calendar] = [intervals[0], calendars[0]];
  if (calendars.length + intervals.length !== 1) return undefined;
  if (interval) return interval.offset === 0 || interval.offset === undefined ? { everyMs: interval.every } : undefined;
  return calendar?.comment ? { cron: calendar.comment, timeZone: timezone || 'UTC' } : undefined;
}

/** So that an input which leaves a default out, or says undefined, is the same as one that does not. */
function withDefaults(input: unknown): unknown {
  const checked = syncConnectionInputSchema().safeParse(input);
  if (!checked.success) return input;
  return Object.fromEntries(Object.entries(checked.data).filter(([, value]) => value !== undefined));
}

/** In what a schedule is not as wanted, in the words of a pipeline document. */
export function differences(kept: NormalizedSchedule, wanted: NormalizedSchedule): FieldChange[] {
  const fields: [name: string, field: keyof NormalizedSchedule][] = [
    [timingField(wanted.timing), 'timing'],
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
    .filter(([, field]) => !isDeepStrictEqual(kept[field], wanted[field]))
    .map(([name, field]) => ({ field: name, from: kept[field], to: wanted[field] }));
}

function timingField(timing: Timing | undefined): string {
  return timing !== undefined && 'cron' in timing ? 'cron' : 'every';
}
