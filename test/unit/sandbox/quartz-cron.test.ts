import { describe, expect, it } from '@jest/globals';
import { isQuartzCron, nextQuartzTime } from '../../../sandbox/jobs/quartz-cron';

const next = (expression: string, after: string, timeZone = 'UTC') => {
  const time = nextQuartzTime(expression, timeZone, Date.parse(after));
  return time === undefined ? undefined : new Date(time).toISOString();
};

describe('the next time of a Quartz expression', () => {
  it.each([
    ['0 0 */6 * * ?', '2026-03-01T05:59:59Z', '2026-03-01T06:00:00.000Z'],
    ['0 0 */6 * * ?', '2026-03-01T06:00:00Z', '2026-03-01T12:00:00.000Z'],
    ['30 15 10 * * ?', '2026-12-31T10:15:30.500Z', '2027-01-01T10:15:30.000Z'],
    ['0 0/20 8-9 ? * MON-FRI', '2026-11-27T09:40:00Z', '2026-11-30T08:00:00.000Z'],
    ['0 0 0 ? * FRI-SUN', '2026-11-26T12:00:00Z', '2026-11-27T00:00:00.000Z'],
    ['0 0 0 ? * 1', '2026-11-26T12:00:00Z', '2026-11-29T00:00:00.000Z'],
    ['0 0 12 29 2 ?', '2026-01-01T00:00:00Z', '2028-02-29T12:00:00.000Z'],
    ['0 0 0 L * ?', '2026-02-10T00:00:00Z', '2026-02-28T00:00:00.000Z'],
    ['0 0 0 L-2 * ?', '2026-02-10T00:00:00Z', '2026-02-26T00:00:00.000Z'],
    ['0 0 0 15W * ?', '2026-08-01T00:00:00Z', '2026-08-14T00:00:00.000Z'],
    ['0 0 0 1W * ?', '2026-08-01T00:00:00Z', '2026-08-03T00:00:00.000Z'],
    ['0 0 0 LW * ?', '2026-05-01T00:00:00Z', '2026-05-29T00:00:00.000Z'],
    ['0 0 0 ? * 6L', '2026-11-01T00:00:00Z', '2026-11-27T00:00:00.000Z'],
    ['0 0 0 ? * 2#1', '2026-11-27T00:00:00Z', '2026-12-07T00:00:00.000Z'],
    ['0 0 0 1 JAN ? 2030', '2026-11-27T00:00:00Z', '2030-01-01T00:00:00.000Z'],
  ])('%s after %s is %s', (expression, after, expected) => {
    expect(isQuartzCron(expression)).toBe(true);
    expect(next(expression, after)).toBe(expected);
  });

  it('is read on the wall clock of its zone, which leaves out an hour in spring and has one twice in autumn', () => {
    expect(next('0 30 9 * * ?', '2026-07-01T00:00:00Z', 'America/New_York')).toBe('2026-07-01T13:30:00.000Z');
    expect(next('0 30 2 * * ?', '2026-03-29T00:00:00Z', 'Europe/Vienna')).toBe('2026-03-30T00:30:00.000Z');
    expect(next('0 30 2 * * ?', '2026-10-25T00:00:00Z', 'Europe/Vienna')).toBe('2026-10-25T01:30:00.000Z');
  });

  it('is nothing where no time comes any more', () => {
    expect(next('0 0 0 1 1 ? 2020', '2026-01-01T00:00:00Z')).toBeUndefined();
    expect(next('0 0 0 31 2 ?', '2026-01-01T00:00:00Z')).toBeUndefined();
  });
});
