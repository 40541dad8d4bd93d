/** Translates between the schedule of a document and the fields that say a connection's schedule in Airbyte's APIs. */
import { SCHEDULE_UNIT_MINUTES, type ScheduleTimeUnit, scheduleTimeUnit } from '../airbyte/schedule-units';
import { formatInterval, parseDuration } from '../contract/duration';
import { isTemporalSchedule, type PipelineSchedule } from '../contract/pipeline-schedule';
import { isUtc } from '../contract/time-zone';
import { normalizeQuartz } from '../text/cron';

export type BasicSchedule = { units: number; timeUnit: ScheduleTimeUnit };

interface CronSchedule {
  scheduleType: 'cron';
  scheduleData: { cron: { cronExpression: string; cronTimeZone: string } };
}

/** The schedule fields of a connection, in the form that every Airbyte with a `scheduleType` takes. */
export type AirbyteSchedule =
  | { scheduleType: 'manual' }
  | { scheduleType: 'basic'; scheduleData: { basicSchedule: BasicSchedule } }
  | CronSchedule;

/** A schedule in one form, to be compared: 24 hours and 1 day are the same. */
export type NormalizedAirbyteSchedule =
  | { type: 'manual' }
  | { type: 'basic'; minutes: number }
  | { type: 'cron'; expression: string; timeZone: string };

/** The schedule fields of a connection as a server sends them: in the old form, the new one, or both. */
export interface ConnectionScheduleFields {
  scheduleType?: string | null | undefined;
  scheduleData?:
    | {
        basicSchedule?: { units: number; timeUnit: string } | null | undefined;
        cron?: { cronExpression: string; cronTimeZone?: string | null | undefined } | null | undefined;
      }
    | null
    | undefined;
  schedule?: { units: number; timeUnit: string } | null | undefined;
}

/**
 * Translates a document's schedule into the fields of a connection. Where Temporal starts the syncs, the connection's own
 * schedule is manual: otherwise Airbyte would start them as well.
 *
 * @throws RangeError when `every` is not whole minutes, which the schema of documents rejects
 */
export function toAirbyteSchedule(schedule: PipelineSchedule): AirbyteSchedule {
  if (schedule === 'manual' || isTemporalSchedule(schedule)) return { scheduleType: 'manual' };
  if ('cron' in schedule) {
    const cron = { cronExpression: schedule.cron, cronTimeZone: airbyteTimeZone(schedule.timeZone) };
    return { scheduleType: 'cron', scheduleData: { cron } };
  }
  const basicSchedule = toBasicSchedule(schedule.every);
  if (basicSchedule === undefined) throw new RangeError(`${JSON.stringify(schedule.every)} is not whole minutes`);
  return { scheduleType: 'basic', scheduleData: { basicSchedule } };
}

/** Airbyte rejects time zones that begin with Etc, also those that are UTC. */
function airbyteTimeZone(name: string): string {
  return name.startsWith('Etc/') && isUtc(name) ? 'UTC' : name;
}

/** Translates `6h`, and keeps the unit that the document has; undefined when it is not whole minutes. */
function toBasicSchedule(every: string | number): BasicSchedule | undefined {
  const duration = parseDuration(every);
  if (duration === undefined) return undefined;
  const { amount, unit, ms } = duration;
  if (unit !== 'milliseconds' && unit !== 'seconds' && Number.isInteger(amount)) {
    return { units: amount, timeUnit: unit };
  }
  const minutes = ms / 60_000;
  return Number.isInteger(minutes) ? { units: minutes, timeUnit: 'minutes' } : undefined;
}

/**
 * Translates a schedule into the form of servers that have no `scheduleType`. In that form, a manual schedule is no field
 * at all, and a cron schedule cannot be said. Every version takes the old form for a new connection; Airbyte rejects a
 * request that has both forms.
 */
export function toLegacySchedule(schedule: AirbyteSchedule): { schedule?: BasicSchedule } | CronSchedule {
  switch (schedule.scheduleType) {
    case 'manual':
      return {};
    case 'basic':
      return { schedule: schedule.scheduleData.basicSchedule };
    case 'cron':
      return schedule;
  }
}

/** Reads the schedule of a connection from those of its fields that say it. */
export function fromAirbyteSchedule(connection: ConnectionScheduleFields): NormalizedAirbyteSchedule {
  const { scheduleType, scheduleData, schedule } = connection;
  const cron = scheduleData?.cron;
  if (scheduleType === 'cron' && cron) {
    return { type: 'cron', expression: cron.cronExpression.trim(), timeZone: cron.cronTimeZone ?? 'UTC' };
  }
  const basic = scheduleData?.basicSchedule ?? schedule;
  const unit = basic && scheduleTimeUnit(basic.timeUnit);
  if (scheduleType !== 'manual' && basic && unit) {
    return { type: 'basic', minutes: basic.units * SCHEDULE_UNIT_MINUTES[unit] };
  }
  return { type: 'manual' };
}

/** Whether two schedules start syncs at the same times, in whatever form they were written. */
export function isSameSchedule(one: NormalizedAirbyteSchedule, other: NormalizedAirbyteSchedule): boolean {
  if (one.type !== 'cron' || other.type !== 'cron') return JSON.stringify(one) === JSON.stringify(other);
  return (
    normalizeQuartz(one.expression) === normalizeQuartz(other.expression) &&
    (one.timeZone === other.timeZone || (isUtc(one.timeZone) && isUtc(other.timeZone)))
  );
}

/** A connection's schedule as a document says it. */
export type DocumentSchedule = 'manual' | { every: string } | { cron: string; timeZone: string };

/** Translates a connection's schedule into that of a document: `manual`, `{ every: 6h }`, `{ cron, timeZone }`. */
export function toDocumentSchedule(connection: ConnectionScheduleFields): DocumentSchedule {
  const schedule = fromAirbyteSchedule(connection);
  if (schedule.type === 'manual') return 'manual';
  if (schedule.type === 'cron') return { cron: schedule.expression, timeZone: schedule.timeZone };
  return { every: formatInterval(schedule.minutes * 60_000) };
}
