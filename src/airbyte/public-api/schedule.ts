import { z } from 'zod';
import { SCHEDULE_UNIT_MINUTES, scheduleTimeUnit } from '../schedule-units';
import { type ConnectionSchedule, looseRecord } from '../schemas';

/** A connection's schedule in the public API: manual, or a cron expression in UTC. */
export type PublicSchedule = { scheduleType: 'manual' } | { scheduleType: 'cron'; cronExpression: string };

/** The public API cannot represent a schedule. The message says what to do. */
export class UnrepresentableSchedule extends Error {}

const HOUR = SCHEDULE_UNIT_MINUTES.hours;
const DAY = SCHEDULE_UNIT_MINUTES.days;

const UTC = ['UTC', 'Etc/UTC', 'GMT', 'Z'];

/** @throws UnrepresentableSchedule */
export function toPublicSchedule(fields: ConnectionSchedule): PublicSchedule {
  const { scheduleType, scheduleData, schedule } = fields;
  const basic = scheduleData?.basicSchedule ?? schedule;
  if (scheduleType === 'cron') {
    const { cronExpression = '', cronTimeZone = 'UTC' } = scheduleData?.cron ?? {};
    if (!UTC.includes(cronTimeZone)) {
      throw new UnrepresentableSchedule(
        `Airbyte's public API takes cron expressions only in UTC, and this one is in ${cronTimeZone}. Write it in UTC.`,
      );
    }
    return { scheduleType, cronExpression };
  }
  if (scheduleType === 'manual' || basic === undefined) return { scheduleType: 'manual' };
  const unit = scheduleTimeUnit(basic.timeUnit);
  const minutes = unit === undefined ? Number.NaN : SCHEDULE_UNIT_MINUTES[unit];
  const cronExpression = cronOfInterval(basic.units * minutes);
  if (cronExpression === undefined) {
    throw new UnrepresentableSchedule(
      `Airbyte's public API takes no intervals, and no cron expression means every ${basic.units} ${basic.timeUnit}. ` +
        'Use a number of minutes that divides an hour, a number of hours that divides a day, 1 day or 1 week, ' +
        "or write a cron expression, such as { cron: '0 0 */6 * * ?' }.",
    );
  }
  return { scheduleType: 'cron', cronExpression };
}

/** The Quartz expression that fires at this interval; undefined if there is none. */
function cronOfInterval(minutes: number): string | undefined {
  if (minutes === 1) return '0 * * * * ?';
  if (minutes < HOUR && HOUR % minutes === 0) return `0 */${minutes} * * * ?`;
  if (minutes === HOUR) return '0 0 * * * ?';
  if (minutes < DAY && minutes % HOUR === 0 && DAY % minutes === 0) return `0 0 */${minutes / HOUR} * * ?`;
  if (minutes === DAY) return '0 0 0 * * ?';
  if (minutes === SCHEDULE_UNIT_MINUTES.weeks) return '0 0 0 ? * SUN';
  return undefined;
}

export const publicScheduleSchema = looseRecord({
  scheduleType: z.string().optional(),
  /** Followed by the time zone: `0 0 12 * * ? UTC`. */
  cronExpression: z.string().optional(),
  /** `Every 6 HOURS`, for a schedule that was not set through this API. */
  basicTiming: z.string().optional(),
}).transform(fromPublicSchedule);

function fromPublicSchedule(shown: {
  scheduleType?: string | undefined;
  cronExpression?: string | undefined;
  basicTiming?: string | undefined;
}): ConnectionSchedule {
  const { scheduleType, cronExpression, basicTiming } = shown;
  if (scheduleType === 'cron' && cronExpression !== undefined) {
    return { scheduleType, scheduleData: { cron: splitTimeZone(cronExpression) } };
  }
  const [, units, timeUnit = ''] = /^every (\d+) (\w+)$/i.exec(basicTiming?.trim() ?? '') ?? [];
  if (units === undefined) return { scheduleType: 'manual' };
  return {
    scheduleType: 'basic',
    scheduleData: { basicSchedule: { units: Number(units), timeUnit: timeUnit.toLowerCase() } },
  };
}

/**
 * A Quartz expression has 6 fields, or 7 with the year. A word as the last field is the time zone, since a year is a
 * number.
 */
function splitTimeZone(shown: string): { cronExpression: string; cronTimeZone: string } {
  const fields = shown.trim().split(/\s+/);
  const last = fields.at(-1) ?? '';
  if (fields.length < 7 || !/[a-z]/i.test(last)) return { cronExpression: fields.join(' '), cronTimeZone: 'UTC' };
  return { cronExpression: fields.slice(0, -1).join(' '), cronTimeZone: last === 'null' ? 'UTC' : last };
}
