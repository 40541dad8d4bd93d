import { describe, expect, it } from '@jest/globals';
import { airbyteScheduleSchema, type PipelineSchedule } from '../../../src/contract/pipeline-schedule';
import { syncOptionsSchema } from '../../../src/contract/sync-options';
import {
  fromAirbyteSchedule,
  toAirbyteSchedule,
  toDocumentSchedule,
  toLegacySchedule,
} from '../../../src/documents/connection-schedule';

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
  ])('is said in one field, or in none, for servers without scheduleType: %j', (schedule, fields) => {
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

  it('names UTC in the one way that Airbyte takes', () => {
    const schedule = { cron: '0 0 12 * * ?', timeZone: 'Etc/UTC' };
    expect(toAirbyteSchedule(schedule)).toMatchObject({ scheduleData: { cron: { cronTimeZone: 'UTC' } } });
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

describe('the schedule of a connection, as a document says it', () => {
  it.each([
    'manual',
    { every: '6h' },
    { every: '90m' },
    { every: '2d' },
    { cron: '0 0 3 * * ?', timeZone: 'Europe/Paris' },
  ] as const)('is %j when the document said so', (schedule) => {
    expect(toDocumentSchedule(toAirbyteSchedule(schedule))).toEqual(schedule);
  });

  it('is read from the form that servers had before scheduleType, too', () => {
    expect(toDocumentSchedule({ schedule: { units: 1, timeUnit: 'weeks' } })).toEqual({ every: '7d' });
    expect(toDocumentSchedule({})).toBe('manual');
  });
});
