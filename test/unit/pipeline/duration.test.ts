import { describe, expect, it } from '@jest/globals';
import { durationMs, parseDuration } from '../../../src/pipeline/duration';

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

  it('may be a number of milliseconds', () => {
    expect(durationMs(1500)).toBe(1500);
  });

  it('keeps the unit it is written in', () => {
    expect(parseDuration('24h')).toEqual({ amount: 24, unit: 'hours', ms: 86_400_000 });
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
  ])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
    expect(() => durationMs(text)).toThrow(RangeError);
  });

  it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses the number %d', (ms) => {
    expect(() => durationMs(ms)).toThrow(RangeError);
  });

  it('says what a duration looks like', () => {
    expect(() => durationMs('soon')).toThrow(`"soon" is not a duration such as '90s', '30m', '6h' or '1 day'`);
  });
});
