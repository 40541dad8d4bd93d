import { describe, expect, it } from '@jest/globals';
import {
  describeNextRuns,
  describeOverlap,
  describeScheduleResult,
  describeState,
  describeTiming,
} from '../../../../cli/render/schedule-formatting';
import type { PipelineSchedule } from '../../../../src/contract/pipeline-schedule';
import { syncOptionsSchema } from '../../../../src/contract/sync-options';
import { formatTime } from '../../../../src/text/formatting';

describe('the times of a schedule', () => {
  it('are said as they are written in a document', () => {
    expect(describeTiming({ everyMs: 21_600_000 })).toBe('every 6h');
    expect(describeTiming({ cron: '0 3 * * *', timeZone: 'Europe/Paris' })).toBe('0 3 * * * Europe/Paris');
    expect(describeTiming(undefined)).toContain('another tool');
  });

  it('are shown in its own zone, and here', () => {
    const next = ['2026-03-01T02:00:00.000Z'];
    const here = formatTime(Date.parse('2026-03-01T02:00:00.000Z'));
    expect(describeNextRuns(next, { cron: '30 7 * * *', timeZone: 'Asia/Kathmandu' })).toEqual([
      `2026-03-01 07:45:00 +05:45 (${here} here)`,
    ]);
    expect(describeNextRuns(next, { everyMs: 3_600_000 })).toEqual([here]);
    expect(describeNextRuns([], undefined)).toEqual([]);
  });
});

describe('the state of a schedule', () => {
  it.each([
    [{ paused: true, note: 'the warehouse is down' }, 'paused: the warehouse is down'],
    [
      { paused: true, note: 'paused due to workflow failure: disk full\nLast log lines:\n…' },
      'paused: paused due to workflow failure: disk full',
    ],
    [{ paused: true, note: '' }, 'paused'],
    [{ paused: false }, 'active'],
  ])('is said with its note: %j', (state, text) => {
    expect(describeState(state)).toBe(text);
  });
});

describe('what came of the schedule of a document', () => {
  const byTemporal: PipelineSchedule = {
    by: 'temporal',
    cron: '0 3 * * *',
    timeZone: 'Europe/Paris',
    overlap: 'skip',
    catchUpWindow: '1h',
    pauseOnFailure: false,
    sync: syncOptionsSchema().parse({}),
  };

  it('says who starts the syncs, and what was done for it', () => {
    expect(
      describeScheduleResult(byTemporal, { by: 'temporal', outcome: 'created', scheduleId: 'airbyte-schedule:c' }),
    ).toBe('airbyte-schedule:c  0 3 * * * Europe/Paris by Temporal  (created)');
    expect(describeScheduleResult({ every: '6h' }, { by: 'airbyte', outcome: 'unchanged' })).toBe(
      'every 6h by Airbyte  (unchanged)',
    );
    expect(describeScheduleResult({ every: 21_600_000 }, { by: 'airbyte', outcome: 'unchanged' })).toBe(
      'every 6h by Airbyte  (unchanged)',
    );
    expect(describeScheduleResult('manual', { by: 'nobody', outcome: 'updated' })).toBe('manual');
  });

  it('says that the Temporal schedule of before is gone', () => {
    const result = { by: 'airbyte', outcome: 'updated', removed: 'airbyte-schedule:c' } as const;
    expect(describeScheduleResult({ every: '6h' }, result)).toBe(
      'every 6h by Airbyte  (updated); deleted the Temporal schedule airbyte-schedule:c',
    );
  });
});

it('says what terminating a run means, which is not the same for a sync and a fleet', () => {
  const text = (workflowType: string) => describeOverlap({ overlap: 'terminateOther', workflowType });
  expect(text('syncConnection')).toBe('that one is terminated, and its job in Airbyte keeps running');
  expect(text('syncFleet')).toMatch(/its syncs are cancelled/);
});
