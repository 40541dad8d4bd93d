import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { nextQuartzTime } from '../../sandbox/jobs/quartz-cron';
import { scheduleSchema } from '../../src/contract/pipeline-schedule';
import { notesOnClockChanges } from '../../src/schedules/daylight-saving';
import { quartzCronProblem, temporalCronProblem } from '../../src/text/cron';
import { type SharedTemporal, sharedTemporal, uniqueName } from '../support/temporal';

describe('a day of month together with a day of week', () => {
  it.each(['0 0 13 * 5', '0 0 1-7 * MON', '0 0 */2 * 1-5', '0 0 0 1 * 1 2030', '0 0 1,15 * sun'])(
    'is rejected for Temporal, with what each of the two would do: %s',
    (cron) => {
      expect(temporalCronProblem(cron)).toMatch(/either of them, Temporal only on days that match both/);
      const { success } = scheduleSchema().safeParse({ by: 'temporal', cron });
      expect(success).toBe(false);
    },
  );

  it.each(['0 0 13 * *', '0 0 * * 5', '0 0 1-31 * MON', '0 0 13 * 0-6', '0 0 */1 * 1', '@weekly'])(
    'is none where one of them is every day: %s',
    (cron) => {
      expect(temporalCronProblem(cron)).toBeUndefined();
    },
  );

  it.each(['0 0 0 1 * MON', '0 0 0 * * *', '0 0 0 ? * ?'])(
    'is rejected for Airbyte, as its Quartz does: %s',
    (cron) => {
      expect(quartzCronProblem(cron)).toMatch(/must be \?/);
    },
  );
});

/** What Quartz 2.3.2, which Airbyte uses, gives itself (`CronExpression.getNextValidTimeAfter`). */
const OF_QUARTZ: [cron: string, zone: string, after: string, times: string[]][] = [
  ['0 30 2 * * ?', 'Europe/Vienna', '2027-03-26T12:00Z', ['2027-03-27T01:30', '2027-03-29T00:30']],
  ['0 0 */2 * * ?', 'Europe/Vienna', '2027-03-27T22:00Z', ['2027-03-27T23:00', '2027-03-28T02:00']],
  ['0 30 2 * * ?', 'Europe/Vienna', '2027-10-30T12:00Z', ['2027-10-31T01:30', '2027-11-01T01:30']],
  ['0 0 * * * ?', 'Europe/Vienna', '2027-10-30T22:30Z', ['2027-10-30T23:00', '2027-10-31T01:00', '2027-10-31T02:00']],
  [
    '0 15,45 2 * * ?',
    'Europe/Vienna',
    '2027-10-30T20:10Z',
    ['2027-10-31T01:15', '2027-10-31T01:45', '2027-11-01T01:15'],
  ],
  ['0 30 1 * * ?', 'America/New_York', '2027-11-06T12:00Z', ['2027-11-07T06:30', '2027-11-08T06:30']],
  ['0 0 0 * * ?', 'America/Santiago', '2027-09-03T12:00Z', ['2027-09-04T04:00', '2027-09-06T03:00']],
  ['0 15 2 * * ?', 'Australia/Lord_Howe', '2027-10-01T00:00Z', ['2027-10-01T15:45', '2027-10-03T15:15']],
];

describe("the sandbox's Quartz", () => {
  it.each(OF_QUARTZ)('fires at a change of clocks when the real one does: %s in %s', (cron, zone, after, times) => {
    let time = Date.parse(after);
    const fired = times.map(() => {
      time = nextQuartzTime(cron, zone, time) ?? Number.NaN;
      return new Date(time).toISOString().slice(0, 16);
    });
    expect(fired).toEqual(times);
  });
});

describe("Temporal's schedules", () => {
  let temporal: SharedTemporal;
  beforeAll(async () => {
    temporal = await sharedTemporal();
  });
  afterAll(() => temporal?.close());

  async function times(cron: string, timezone: string, startAt: string, count: number): Promise<string[]> {
    const handle = await temporal.client.schedule.create({
      scheduleId: uniqueName('cron-times'),
      spec: { cronExpressions: [cron], timezone, startAt: new Date(startAt) },
      action: { type: 'startWorkflow', workflowType: 'syncConnection', taskQueue: 'nobody' },
      state: { paused: true },
    });
    const { info } = await handle.describe();
    await handle.delete();
    return info.nextActionTimes.slice(0, count).map((time) => time.toISOString().slice(0, 16));
  }

  it('start on days that are both, which is why both are rejected', async () => {
    expect(await times('0 0 13 * 5', 'UTC', '2027-01-01', 2)).toEqual(['2027-08-13T00:00', '2028-10-13T00:00']);
  });

  it('start nothing at a time that the clocks leave out, as Airbyte does', async () => {
    const expected = ['2027-03-26T01:30', '2027-03-27T01:30', '2027-03-29T00:30'];
    expect(await times('30 2 * * *', 'Europe/Vienna', '2027-03-26', 3)).toEqual(expected);
  });

  it('start once at a time that the clocks show twice, the second time, as Airbyte does', async () => {
    const expected = ['2027-10-30T00:30', '2027-10-31T01:30', '2027-11-01T01:30'];
    expect(await times('30 2 * * *', 'Europe/Vienna', '2027-10-30', 3)).toEqual(expected);
  });
});

describe('the notes on a schedule', () => {
  const now = Date.parse('2027-01-01T00:00:00Z');
  const notes = (schedule: object) => notesOnClockChanges(scheduleSchema().parse(schedule), now);

  it.each([
    [{ by: 'temporal', cron: '30 2 * * *', timeZone: 'Europe/Vienna' }, '2027-03-28 02:30'],
    [{ cron: '0 30 2 * * ?', timeZone: 'Europe/Vienna' }, '2027-03-28 02:30'],
    [{ by: 'temporal', cron: '0 2 * * SUN', timeZone: 'Europe/Vienna' }, '2027-03-28 02:00'],
    [{ cron: '0 0 */2 * * ?', timeZone: 'America/New_York' }, '2027-03-14 02:00'],
    [{ by: 'temporal', cron: '@daily', timeZone: 'America/Santiago' }, '2027-09-05 00:00'],
    [{ cron: '0 15 2 ? * SUN', timeZone: 'Australia/Lord_Howe' }, '2027-10-03 02:15'],
  ])('name the next time that the clocks leave out: %j', (schedule, time) => {
    expect(notes(schedule)).toEqual([expect.stringContaining(`skip ${time}`)]);
  });

  it.each([
    'manual' as never,
    { every: '6h' },
    { by: 'temporal', cron: '30 2 * * *', timeZone: 'UTC' },
    { by: 'temporal', cron: '30 3 * * *', timeZone: 'Europe/Vienna' },
    { by: 'temporal', cron: '30 2 * * MON', timeZone: 'Europe/Vienna' },
    { by: 'temporal', cron: '0 * * * *', timeZone: 'Europe/Vienna' },
    { cron: '0 30 2 1 * ?', timeZone: 'Europe/Vienna' },
  ])('are none where no time of it is left out: %j', (schedule) => {
    expect(notes(schedule)).toEqual([]);
  });
});
