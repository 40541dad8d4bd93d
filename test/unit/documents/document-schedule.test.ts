import { describe, expect, it } from '@jest/globals';
import { toAirbyteSchedule } from '../../../src/contract/connection-schedule';
import { toDocumentSchedule } from '../../../src/documents/document-schedule';

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
