import { z } from 'zod';
import { SCHEDULE_UNIT_MINUTES, type ScheduleTimeUnit, scheduleTimeUnit } from '../airbyte/schedule-units';
import { normalizeQuartz, quartzCronProblem } from '../text/cron';
import { durationSchema, parseDuration } from './duration';
import { type TemporalSchedule, temporalScheduleSchema } from './temporal-schedule';
import { timeZoneSchema } from './time-zone';
import { schemaGetter } from './validation/schema-getter';
import { strictObject } from './validation/schema-problems';

const by = z.literal('airbyte').optional().describe('Who starts the syncs: airbyte, also when left out, or temporal.');

const basicScheduleSchema = strictObject({
  by,
  every: durationSchema()
    .refine((every) => toBasicSchedule(every) !== undefined, {
      error: 'expected whole minutes: Airbyte knows no seconds',
    })
    .describe('The time between two syncs: 30m, 6h, 1 day, PT6H. Whole minutes.'),
});

const cronScheduleSchema = strictObject({
  by,
  cron: z
    .string()
    .superRefine((text, context) => {
      const message = quartzCronProblem(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .describe("A Quartz expression of 6 or 7 fields, seconds first: '0 0 */6 * * ?' is every six hours."),
  timeZone: timeZoneSchema()
    .refine((name) => !/^Etc\//.test(airbyteTimeZone(name)), {
      error:
        'Airbyte takes no Etc zone but UTC: name a place, such as Europe/Paris, or let Temporal start it (by: temporal)',
    })
    .default('UTC')
    .describe('The time zone of the expression, such as Europe/Paris.'),
});

const alternatives = [z.literal('manual'), basicScheduleSchema, cronScheduleSchema] as const;

/** When Airbyte itself starts the connection's syncs. */
export const airbyteScheduleSchema = schemaGetter(
  z.union(alternatives, { error: "expected manual, { every: 6h } or { cron: '0 0 */6 * * ?', timeZone: UTC }" }),
);

/** When a connection's syncs are started, and by whom. */
export const scheduleSchema = schemaGetter(
  z.union([...alternatives, ...temporalScheduleSchema().options], {
    error:
      "expected manual, { every: 6h } or { cron: '0 0 */6 * * ?', timeZone: UTC }; with by: temporal also jitter, overlap, " +
      "catchUpWindow and pauseOnFailure, and a crontab's expression: { cron: '0 */6 * * *', by: temporal }",
  }),
);

export type AirbyteManagedSchedule = z.output<ReturnType<typeof airbyteScheduleSchema>>;
/** The schedule of a checked document. */
export type PipelineSchedule = AirbyteManagedSchedule | TemporalSchedule;

/** Whether Temporal is to start the connection's syncs. */
export function isTemporalSchedule(schedule: PipelineSchedule): schedule is TemporalSchedule {
  return schedule !== 'manual' && schedule.by === 'temporal';
}

export type BasicSchedule = { units: number; timeUnit: ScheduleTimeUnit };

interface CronSchedule {
  scheduleType: 'cron';
  scheduleData: { cron: { cronExpression: string; cronTimeZone: string } };
}

/** The fields that say a connection's schedule, in the form of every Airbyte with a `scheduleType`. */
export type AirbyteSchedule =
  | { scheduleType: 'manual' }
  | { scheduleType: 'basic'; scheduleData: { basicSchedule: BasicSchedule } }
  | CronSchedule;

/** A schedule in the one form it has whoever wrote it, to be compared: 24 hours and 1 day are the same. */
export type NormalizedAirbyteSchedule =
  | { type: 'manual' }
  | { type: 'basic'; minutes: number }
  | { type: 'cron'; expression: string; timeZone: string };

/** The fields that a connection read from Airbyte may say its schedule with. */
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

/** A time zone by a name that Airbyte takes: it refuses those that begin with Etc, also where they are UTC. */
function airbyteTimeZone(name: string): string {
  return /^Etc\/(?:UTC|UCT|GMT(?:[+-]?0)?|Greenwich|Universal|Zulu)$/.test(name) ? 'UTC' : name;
}

/** `6h` in Airbyte's words, in the unit it was written in; undefined when it is not whole minutes. */
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
 * A document's schedule as the fields of a connection: manual also where Temporal starts the syncs, which would run twice
 * otherwise.
 *
 * @throws RangeError when `every` is not whole minutes, which a checked document's never is
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

/**
 * A schedule in the form of servers before `scheduleType`, in which manual is nothing at all and a cron schedule cannot be
 * said. Every version takes it for a new connection; Airbyte refuses the old form and the new one at once.
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

/** The schedule a connection has, from whichever of its fields say it. */
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

/** Whether two schedules start syncs at the same times, however they are written. */
export function isSameSchedule(one: NormalizedAirbyteSchedule, other: NormalizedAirbyteSchedule): boolean {
  if (one.type !== 'cron' || other.type !== 'cron') return JSON.stringify(one) === JSON.stringify(other);
  return (
    normalizeQuartz(one.expression) === normalizeQuartz(other.expression) &&
    (one.timeZone === other.timeZone || (isUtc(one.timeZone) && isUtc(other.timeZone)))
  );
}

function isUtc(timeZone: string): boolean {
  return /^(Etc\/)?(UTC|UCT|GMT([+-]?0)?|Greenwich|Universal|Zulu|Z)$/i.test(timeZone);
}
