import { describe, expect, it } from '@jest/globals';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatTime,
  formatVolume,
} from '../../../src/text/formatting';

describe('durations', () => {
  it.each([
    [0, '0.0s'],
    [840, '0.8s'],
    [9_949, '9.9s'],
    [9_960, '10s'],
    [59_400, '59s'],
    [59_600, '1m 00s'],
    [65_000, '1m 05s'],
    [3_599_600, '1h 00m'],
    [7_380_000, '2h 03m'],
    [100_800_000, '1d 04h'],
    [-5, '0.0s'],
  ])('says %d ms as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });
});

describe('times', () => {
  const noon = Date.UTC(2026, 2, 1, 12, 5, 9);

  it.each([
    ['Europe/Paris', '2026-03-01 13:05:09 +01:00'],
    ['America/St_Johns', '2026-03-01 08:35:09 -03:30'],
    ['Asia/Kathmandu', '2026-03-01 17:50:09 +05:45'],
    ['UTC', '2026-03-01 12:05:09 +00:00'],
  ])('have the offset of their zone: %s', (zone, text) => {
    expect(formatTime(noon, zone)).toBe(text);
  });

  it('are by default in the zone of this process', () => {
    expect(formatTime(noon)).toBe(formatTime(noon, Intl.DateTimeFormat().resolvedOptions().timeZone));
  });

  it('have midnight as hour 0', () => {
    expect(formatTime(Date.UTC(2026, 2, 1), 'UTC')).toBe('2026-03-01 00:00:00 +00:00');
  });
});

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [52_428_800, '52.4 MB'],
    [999_960, '1.0 MB'],
    [1e18, '1000.0 PB'],
  ])('says %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('counts', () => {
  it('groups digits the same in every locale', () => {
    expect(formatNumber(1_234_567)).toBe('1,234,567');
  });

  it('says one record and many records', () => {
    expect(formatCount(1, 'record')).toBe('1 record');
    expect(formatCount(0, 'record')).toBe('0 records');
    expect(formatCount(12_340, 'record')).toBe('12,340 records');
  });

  it('leaves out what is not known of what was moved', () => {
    expect(formatVolume({ recordsSynced: 12, bytesSynced: 3_400 })).toBe('12 records, 3.4 kB');
    expect(formatVolume({ bytesSynced: 5 })).toBe('5 B');
    expect(formatVolume({})).toBe('');
  });
});
