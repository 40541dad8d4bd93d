import { describe, expect, it } from '@jest/globals';
import { expandShorthand, quartzCronProblem, temporalCronProblem } from '../../../src/text/cron';
import { BAD_TEMPORAL_CRONS, GOOD_TEMPORAL_CRONS } from '../../support/cron-expressions';

describe("Temporal's cron expression", () => {
  it.each(GOOD_TEMPORAL_CRONS)('may be %s', (expression) => {
    expect(temporalCronProblem(expression)).toBeUndefined();
  });

  it.each(BAD_TEMPORAL_CRONS)('must not be %s', (expression) => {
    expect(temporalCronProblem(expression)).toEqual(expect.any(String));
  });

  it.each([
    ['0 0 12 * * ?', /not Quartz's/],
    ['0 12 L * *', /not Quartz's/],
    ['0 12 15W * *', /not Quartz's/],
    ['0 12 * * 6#3', /not Quartz's/],
    ['0 12 * *', /5 to 7 fields/],
    ['60 12 * * *', /minute \(field 1\): expected 0 to 59/],
    ['0 12 * 13 *', /month \(field 4\): expected 1 to 12, a name such as FEB/],
    ['0 12 * * 8', /day of week \(field 5\)/],
    ['0 12 * * * 1999', /year \(field 6\): expected 2000 to 2100/],
    ['60 0 12 * * * *', /second \(field 1\)/],
    ['@every 6h', /write it under every/],
    ['TZ=Europe/Paris 0 12 * * *', /write it under timeZone/],
  ])('is rejected with what is wrong: %s', (expression, problem) => {
    expect(temporalCronProblem(expression)).toMatch(problem);
  });

  it('is said in fields where it was written as a name', () => {
    expect(expandShorthand(' @daily ')).toBe('0 0 * * *');
    expect(expandShorthand('0 3 * * *')).toBe('0 3 * * *');
  });
});

describe("Quartz's cron expression", () => {
  it.each([
    '0 0 */6 * * ?',
    '0 0 12 * * ? 2026-2030',
    '0 15 10 ? * MON-FRI',
    '0 0/5 14,18 * * ?',
    '0 0 22-2 * * ?',
    '0 0 9 ? * FRI-MON',
    '0 15 10 L * ?',
    '0 15 10 L-2 * ?',
    '0 15 10 LW * ?',
    '0 15 10 15W * ?',
    '0 15 10 ? * 6L',
    '0 15 10 ? * FRI#3',
    '0 0 0 1 JAN ?',
  ])('may be %s', (expression) => {
    expect(quartzCronProblem(expression)).toBeUndefined();
  });

  it.each([
    ['0 12 * * *', /6 or 7 fields/],
    ['0 0 12 * * *', /must be \?/],
    ['0 0 12 ? * ?', /must be \?/],
    ['0 0 24 * * ?', /hour \(field 3\)/],
    ['0 60 12 * * ?', /minute \(field 2\)/],
    ['0 0 12 32 * ?', /day of month \(field 4\)/],
    ['0 0 12 ? * 0', /day of week \(field 6\): expected 1 to 7/],
    ['0 0 12 ? * FRIDAY', /day of week/],
    ['0 0 12 ? * 6#6', /day of week/],
    ['0 0 */0 * * ?', /hour/],
    ['0 0 12 * * ? 1969', /year \(field 7\)/],
    ['often 0 12 * * ?', /second \(field 1\)/],
  ])('is rejected with what is wrong: %s', (expression, problem) => {
    expect(quartzCronProblem(expression)).toMatch(problem);
  });
});
