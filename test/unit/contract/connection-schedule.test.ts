import { describe, expect, it } from '@jest/globals';
import {
  airbyteScheduleSchema,
  fromAirbyteSchedule,
  type PipelineSchedule,
  scheduleSchema,
  toAirbyteSchedule,
  toLegacySchedule,
} from '../../../src/contract/connection-schedule';
import { syncOptionsSchema } from '../../../src/contract/sync-options';
import { toProblems } from '../../../src/contract/validation/schema-problems';

function problemsOf(schedule: unknown) {
  const checked = scheduleSchema().safeParse(schedule);
  return checked.success ? [] : toProblems(checked.error);
}

describe('a schedule in a document', () => {
  it.each([
    'manual',
    { every: '6h' },
    { every: '1 day' },
    { every: '1.5h' },
    { cron: '0 0 */6 * * ?', timeZone: 'UTC' },
    { cron: '0 30 6 ? * MON-FRI 2026-2030', timeZone: 'America/New_York', by: 'airbyte' },
    { cron: '0 0 22-2 L * ?' },
    { cron: '0 0 12 ? * 6#3' },
    { every: '6h', by: 'airbyte' },
    { every: '45s', by: 'temporal' },
    { cron: '*/15 8-18 * * mon-fri', timeZone: 'Asia/Kolkata', by: 'temporal', jitter: '2m' },
    { cron: '@daily', by: 'temporal', overlap: 'bufferOne', catchUpWindow: '1h', pauseOnFailure: true },
    { every: '6h', by: 'temporal', sync: { timeout: '2h' } },
  ])('may be %j', (schedule) => {
    expect(problemsOf(schedule)).toEqual([]);
  });

  it('has UTC by the one name of it that Airbyte takes', () => {
    const schedule = { cron: '0 0 12 * * ?', timeZone: 'Etc/UTC' };
    expect(problemsOf(schedule)).toEqual([]);
    expect(toAirbyteSchedule(schedule)).toMatchObject({ scheduleData: { cron: { cronTimeZone: 'UTC' } } });
  });

  it('is in UTC when a cron expression comes without a time zone', () => {
    expect(scheduleSchema().parse({ cron: '0 0 12 * * ?' })).toEqual({ cron: '0 0 12 * * ?', timeZone: 'UTC' });
  });

  it.each([
    [{ every: '30s' }, 'every', 'expected whole minutes: Airbyte knows no seconds'],
    [{ every: '1.3 minutes' }, 'every', 'expected whole minutes: Airbyte knows no seconds'],
    [{ every: 'day' }, 'every', expect.stringContaining('expected a duration')],
    [{ every: 6 }, 'every', expect.stringContaining('a bare number means milliseconds')],
    [{ cron: '0 */6 * * *' }, 'cron', expect.stringContaining('Quartz expression of 6 or 7 fields')],
    [{ cron: '@daily' }, 'cron', expect.stringContaining('Quartz')],
    [{ cron: '0 0 12 * * ?', timezone: 'UTC' }, 'timezone', 'is not a known key; did you mean timeZone?'],
    [{ evry: '6h' }, '', expect.stringContaining('expected manual, { every: 6h } or { cron:')],
    [{ every: '6h', cron: '0 0 12 * * ?' }, '', expect.stringContaining('expected manual')],
    [{ cron: '0 0 25 * * ?' }, 'cron', expect.stringContaining('no usable hour (field 3): expected 0 to 23')],
    [{ cron: '0 0 0 * * *' }, 'cron', expect.stringContaining('one is ?')],
    [{ cron: '0 0 12 * * ?', timeZone: 'Europe/Pariss' }, 'timeZone', expect.stringContaining('mean Europe/Paris?')],
    [{ cron: '0 0 12 * * ?', timeZone: 'europe/paris' }, 'timeZone', expect.stringContaining('mean Europe/Paris?')],
    [{ cron: '0 0 12 * * ?', timeZone: '+01:00' }, 'timeZone', expect.stringContaining('not a known time zone')],
    [{ cron: '0 0 12 * * ?', timeZone: 'Etc/GMT+5' }, 'timeZone', expect.stringContaining('no Etc zone but UTC')],
    [{ every: '6h', by: 'airflow' }, 'by', 'expected one of airbyte, temporal'],
    [{ every: '6h', jitter: '5m' }, 'jitter', expect.stringContaining('is not a known key')],
    [{ every: '500ms', by: 'temporal' }, 'every', expect.stringContaining('whole seconds')],
    [{ every: 'often', by: 'temporal' }, 'every', expect.stringContaining('expected a duration')],
    [{ cron: '0 0 */6 * * ?', by: 'temporal' }, 'cron', expect.stringContaining("not Quartz's")],
    [{ cron: '0 */6 * *', by: 'temporal' }, 'cron', expect.stringContaining('5 to 7 fields')],
    [{ cron: '0 24 * * *', by: 'temporal' }, 'cron', expect.stringContaining('no usable hour (field 2)')],
    [{ cron: '0 3 * * *', timeZone: 'Mars/Olympus', by: 'temporal' }, 'timeZone', expect.stringContaining('time zone')],
    [{ every: '6h', jitter: 'some', by: 'temporal' }, 'jitter', expect.stringContaining('expected a duration')],
    [{ every: '6h', jiter: '5m', by: 'temporal' }, 'jiter', 'is not a known key; did you mean jitter?'],
    [{ every: '6h', overlap: 'wait', by: 'temporal' }, 'overlap', expect.stringContaining('one of skip, bufferOne')],
    [{ every: '6h', catchUpWindow: '5s', by: 'temporal' }, 'catchUpWindow', expect.stringContaining('10 seconds')],
    [{ every: '6h', pauseOnFailure: 'yes', by: 'temporal' }, 'pauseOnFailure', 'expected a boolean, found a string'],
    [
      { every: '6h', overlap: 'allowAll', pauseOnFailure: true, by: 'temporal' },
      'pauseOnFailure',
      expect.stringContaining('has no effect with overlap: allowAll'),
    ],
    [{ every: '6h', sync: { timeout: '0s' }, by: 'temporal' }, 'sync.timeout', expect.anything()],
    [{ every: '6h', cron: '0 3 * * *', by: 'temporal' }, '', expect.stringContaining('expected manual')],
    ['hourly', '', expect.stringContaining('expected manual')],
    [null, '', expect.stringContaining('expected manual')],
  ])('must not be %j', (schedule, path, message) => {
    expect(problemsOf(schedule)).toEqual([{ path, message }]);
  });
});

describe('a schedule for Airbyte', () => {
  it('is said in the unit it was written in', () => {
    expect(toAirbyteSchedule({ every: '24h' })).toEqual({
      scheduleType: 'basic',
      scheduleData: { basicSchedule: { units: 24, timeUnit: 'hours' } },
    });
  });

  it.each([
    [{ every: '24h' }, { schedule: { units: 24, timeUnit: 'hours' } }],
    ['manual' as const, {}],
  ])('is said in one field, or in none, for servers of old: %j', (schedule, fields) => {
    expect(toLegacySchedule(toAirbyteSchedule(schedule))).toEqual(fields);
  });

  it('has no old form when it is a cron expression', () => {
    const schedule = toAirbyteSchedule({ cron: '0 0 12 * * ?', timeZone: 'UTC' });
    expect(toLegacySchedule(schedule)).toEqual(schedule);
  });

  it.each([
    ['90m', { units: 90, timeUnit: 'minutes' }],
    ['1.5h', { units: 90, timeUnit: 'minutes' }],
    ['120s', { units: 2, timeUnit: 'minutes' }],
    ['2 days', { units: 2, timeUnit: 'days' }],
    ['1w', { units: 1, timeUnit: 'weeks' }],
  ])('says %s in whole units', (every, basicSchedule) => {
    expect(toAirbyteSchedule({ every })).toMatchObject({ scheduleData: { basicSchedule } });
  });

  it('holds a cron expression and its time zone', () => {
    expect(toAirbyteSchedule({ cron: '0 0 12 * * ?', timeZone: 'Europe/Paris' })).toEqual({
      scheduleType: 'cron',
      scheduleData: { cron: { cronExpression: '0 0 12 * * ?', cronTimeZone: 'Europe/Paris' } },
    });
  });

  it('is nothing but its type when it is manual', () => {
    expect(toAirbyteSchedule('manual')).toEqual({ scheduleType: 'manual' });
  });

  it.each<PipelineSchedule>(
    [{ every: '6h' }, { cron: '0 3 * * *', timeZone: 'UTC' }].map((when) => ({
      ...when,
      by: 'temporal',
      overlap: 'skip',
      catchUpWindow: '1h',
      pauseOnFailure: false,
      sync: syncOptionsSchema().parse({}),
    })),
  )('is manual when Temporal starts the syncs: %j', (schedule) => {
    expect(toAirbyteSchedule(schedule)).toEqual({ scheduleType: 'manual' });
  });

  it('cannot be made of seconds', () => {
    expect(() => toAirbyteSchedule({ every: '30s' })).toThrow(RangeError);
  });
});

describe('the schedule of a connection', () => {
  it('is read from the fields of today', () => {
    const scheduleData = { basicSchedule: { units: 6, timeUnit: 'hours' } };
    expect(fromAirbyteSchedule({ scheduleType: 'basic', scheduleData })).toEqual({ type: 'basic', minutes: 360 });
  });

  it('is read from the one field of old', () => {
    expect(fromAirbyteSchedule({ schedule: { units: 24, timeUnit: 'hours' } })).toEqual({
      type: 'basic',
      minutes: 1440,
    });
  });

  it('is manual when the type says so, whatever is left of another', () => {
    const schedule = { units: 24, timeUnit: 'hours' };
    expect(fromAirbyteSchedule({ scheduleType: 'manual', schedule })).toEqual({ type: 'manual' });
  });

  it.each([{}, { schedule: null }, { scheduleType: null, scheduleData: null }])(
    'is manual when it is %j',
    (connection) => {
      expect(fromAirbyteSchedule(connection)).toEqual({ type: 'manual' });
    },
  );

  it.each([
    ['24h', { schedule: { units: 1, timeUnit: 'days' } }],
    ['1w', { schedule: { units: 7, timeUnit: 'days' } }],
    ['30 days', { schedule: { units: 1, timeUnit: 'months' } }],
  ])('is that of %s also when it is written %j', (every, connection) => {
    expect(fromAirbyteSchedule(connection)).toEqual(fromAirbyteSchedule(toAirbyteSchedule({ every })));
  });

  it('is the cron expression without blanks around it, in UTC when it names no time zone', () => {
    const connection = { scheduleType: 'cron', scheduleData: { cron: { cronExpression: ' 0 0 12 * * ? ' } } };
    const schedule = airbyteScheduleSchema().parse({ cron: '0 0 12 * * ?' });
    expect(fromAirbyteSchedule(connection)).toEqual({ type: 'cron', expression: '0 0 12 * * ?', timeZone: 'UTC' });
    expect(fromAirbyteSchedule(toAirbyteSchedule(schedule))).toEqual(fromAirbyteSchedule(connection));
  });
});
