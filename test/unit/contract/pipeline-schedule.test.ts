import { describe, expect, it } from '@jest/globals';
import { scheduleSchema } from '../../../src/contract/pipeline-schedule';
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

  it('may name UTC as Etc/UTC', () => {
    expect(problemsOf({ cron: '0 0 12 * * ?', timeZone: 'Etc/UTC' })).toEqual([]);
  });

  it('is in UTC when a cron expression comes without a time zone', () => {
    expect(scheduleSchema().parse({ cron: '0 0 12 * * ?' })).toEqual({ cron: '0 0 12 * * ?', timeZone: 'UTC' });
  });

  it.each([
    [{ every: '30s' }, 'every', 'expected whole minutes, because Airbyte supports no seconds'],
    [{ every: '1.3 minutes' }, 'every', 'expected whole minutes, because Airbyte supports no seconds'],
    [{ every: 'day' }, 'every', expect.stringContaining('expected a duration')],
    [{ every: 6 }, 'every', expect.stringContaining('a bare number means milliseconds')],
    [{ cron: '0 */6 * * *' }, 'cron', expect.stringContaining('Quartz expression of 6 or 7 fields')],
    [{ cron: '@daily' }, 'cron', expect.stringContaining('Quartz')],
    [{ cron: '0 0 12 * * ?', timezone: 'UTC' }, 'timezone', 'is not a known key; did you mean timeZone?'],
    [{ evry: '6h' }, '', expect.stringContaining('expected manual, { every: 6h } or { cron:')],
    [{ every: '6h', cron: '0 0 12 * * ?' }, '', expect.stringContaining('expected manual')],
    [{ cron: '0 0 25 * * ?' }, 'cron', expect.stringContaining('no valid hour (field 3): expected 0 to 23')],
    [{ cron: '0 0 0 * * *' }, 'cron', expect.stringContaining('must be ?')],
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
    [{ cron: '0 24 * * *', by: 'temporal' }, 'cron', expect.stringContaining('no valid hour (field 2)')],
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
