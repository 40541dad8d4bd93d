import { describe, expect, it } from '@jest/globals';
import { durationMs, formatInterval, parseDuration } from '../../../src/contract/duration';

describe('a duration', () => {
  it.each([
    ['250ms', 250],
    ['2s', 2_000],
    ['90m', 5_400_000],
    ['10 minutes', 600_000],
    ['6h', 21_600_000],
    ['1.5 hours', 5_400_000],
    ['1 day', 86_400_000],
    ['2w', 1_209_600_000],
  ])('reads %s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each([
    ['PT30M', 1_800_000],
    ['P1D', 86_400_000],
    ['P1DT2H', 93_600_000],
    ['PT1H30M', 5_400_000],
    ['PT0.5S', 500],
    ['PT0,5S', 500],
    ['PT8H6M12.345S', 29_172_345],
    ['P2W', 1_209_600_000],
    ['P1W2D', 777_600_000],
    ['PT1H30S', 3_630_000],
  ])('reads %s, of ISO 8601', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each([10_000, 90_000, 2_592_000_000])('may be the number of milliseconds %d', (ms) => {
    expect(durationMs(ms)).toBe(ms);
  });

  it('keeps the unit it is written in', () => {
    expect(parseDuration('24h')).toEqual({ amount: 24, unit: 'hours', ms: 86_400_000 });
    expect(parseDuration('PT24H')).toEqual({ amount: 24, unit: 'hours', ms: 86_400_000 });
    expect(parseDuration('P1DT2H')).toEqual({ amount: 26, unit: 'hours', ms: 93_600_000 });
  });

  it.each([
    '',
    '6',
    'h',
    '-1h',
    '0h',
    '0.1ms',
    '1h30m',
    '6 hours ago',
    '1 month',
    '1e3s',
    'Infinity',
    '6  h',
    '6H',
    '1h\n',
    'P',
    'PT',
    'P1DT',
    'PT0S',
    'PT1S1M',
    'P1H',
    'PT1D',
    'PT-30M',
    'P30M',
    'P1M',
    'P1Y2M3D',
    'pt30m',
  ])('rejects %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
    expect(() => durationMs(text)).toThrow(RangeError);
  });

  it.each([0, -1, 0.5, 1800, 9_999, 10_000.5, 2_592_000_001, 1_800_000_000_000, Number.NaN, Number.POSITIVE_INFINITY])(
    'rejects the number %d',
    (ms) => {
      expect(() => durationMs(ms)).toThrow(RangeError);
    },
  );

  it('says what form a duration has', () => {
    expect(() => durationMs('soon')).toThrow(`"soon" is not a duration such as '90s', '30m', '6h', '1 day' or 'PT30M'`);
  });
});

describe('an interval', () => {
  it.each([
    [86_400_000, '1d'],
    [129_600_000, '36h'],
    [21_600_000, '6h'],
    [5_400_000, '90m'],
    [45_000, '45s'],
  ])('is written in the largest unit that divides it: %d ms is %s', (intervalMs, text) => {
    expect(formatInterval(intervalMs)).toBe(text);
  });
});
