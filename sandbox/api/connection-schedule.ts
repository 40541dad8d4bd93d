import { z } from 'zod';
import { isQuartzCron } from '../jobs/quartz-cron';
import { BadObjectSchemaError, CronError, UncaughtError } from '../state/errors';

const units = z.looseObject({
  units: z.int().min(1),
  timeUnit: z.enum(['minutes', 'hours', 'days', 'weeks', 'months']),
});

/** The schedule in a request: the new pair of fields, or the old field `schedule`. */
export const scheduleFields = {
  schedule: units.optional(),
  scheduleType: z.enum(['manual', 'basic', 'cron']).optional(),
  scheduleData: z
    .looseObject({
      basicSchedule: units.nullish(),
      cron: z.looseObject({ cronExpression: z.string(), cronTimeZone: z.string() }).nullish(),
    })
    .optional(),
};

const scheduleRequest = z.object(scheduleFields);
type ScheduleRequest = z.output<typeof scheduleRequest>;

/**
 * The schedule fields of a new connection, from either form but not from both.
 *
 * @throws BadObjectSchemaError, CronError
 */
export function scheduleOfNew(request: ScheduleRequest): Record<string, unknown> {
  if (request.schedule !== undefined && request.scheduleType !== undefined) {
    throw new BadObjectSchemaError('supply old or new schedule schema but not both');
  }
  if (request.scheduleType !== undefined) return scheduleOf(request);
  if (request.schedule === undefined) return { scheduleType: 'manual' };
  return scheduleOf({ scheduleType: 'basic', scheduleData: { basicSchedule: request.schedule } });
}

/**
 * The schedule fields of an update; undefined if it does not change the schedule. Airbyte rejects the old form here,
 * and schedule data without a type, so a caller cannot simply send back the connection that it read.
 *
 * @throws UncaughtError, BadObjectSchemaError, CronError
 */
export function scheduleOfUpdate(request: ScheduleRequest): Record<string, unknown> {
  const { schedule, scheduleType, scheduleData } = request;
  if (schedule !== undefined) {
    reject(
      "should only make changes to the schedule by setting scheduleType and scheduleData. 'schedule' is no longer supported.",
    );
  }
  if (scheduleType === undefined) {
    if (scheduleData !== undefined)
      reject('should not include any scheduleData without also specifying a valid scheduleType.');
    return {};
  }
  if (scheduleType === 'manual' && scheduleData !== undefined) {
    reject('should not include any scheduleData when setting the Connection scheduleType to MANUAL.');
  }
  if (scheduleType !== 'manual' && scheduleData === undefined) {
    reject(`should include scheduleData when setting the Connection scheduleType to ${scheduleType.toUpperCase()}.`);
  }
  return scheduleOf(request);
}

function reject(reason: string): never {
  throw new UncaughtError(`ConnectionUpdate ${reason}`, 'java.lang.IllegalArgumentException');
}

/** Every field is present, if only as undefined, so that it replaces the earlier value. */
function scheduleOf({ scheduleType, scheduleData }: ScheduleRequest): Record<string, unknown> {
  if (scheduleType === 'manual') return { scheduleType, scheduleData: undefined, schedule: undefined };
  if (scheduleType === 'basic') {
    const basicSchedule = scheduleData?.basicSchedule ?? undefined;
    if (basicSchedule === undefined) {
      throw new BadObjectSchemaError('if schedule type is basic, then scheduleData.basic must be populated');
    }
    return { scheduleType, scheduleData: { basicSchedule }, schedule: basicSchedule };
  }
  const cron = scheduleData?.cron ?? undefined;
  if (cron === undefined)
    throw new BadObjectSchemaError('if schedule type is cron, then scheduleData.cron must be populated');
  assertCron(cron);
  return { scheduleType, scheduleData: { cron }, schedule: undefined };
}

/** Airbyte rejects all time zones whose name begins with `Etc`, even valid ones: UTC has to be written `UTC`. */
function assertCron({ cronExpression, cronTimeZone }: { cronExpression: string; cronTimeZone: string }): void {
  if (!isQuartzCron(cronExpression)) {
    const reason = `The cron expression ${cronExpression} is not a valid Quartz expression.`;
    throw new CronError('invalid-expression', { cronExpression }, reason);
  }
  if (/^etc/i.test(cronTimeZone) || !isTimeZone(cronTimeZone)) {
    throw new CronError(
      'invalid-timezone',
      { cronTimezone: cronTimeZone },
      `The cron time zone ${cronTimeZone} is not valid.`,
    );
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
