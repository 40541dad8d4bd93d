import { describe, expect, it } from '@jest/globals';
import { readSyncInput } from '../../cli/sync-options';
import { workerSettings } from '../../src/configuration/worker-settings';
import { durationMs } from '../../src/contract/duration';
import { fleetInputSchema } from '../../src/contract/fleet-document';
import { isTemporalSchedule, type PipelineSchedule } from '../../src/contract/pipeline-schedule';
import { syncConnectionInputSchema } from '../../src/contract/sync-options';
import { describeZodError } from '../../src/contract/validation/schema-problems';
import { toAirbyteSchedule } from '../../src/documents/connection-schedule';
import { parsePipelineDocument } from '../../src/documents/parse-document';
import { toScheduleDefinition } from '../../src/schedules/schedule-definition';

/** A document in which a duration stands, at each place where one may. */
const PLACES = {
  'sync.timeout': (duration: string) => documentWith({ sync: `{ timeout: ${duration} }` }),
  'connection.schedule.every': (duration: string) => documentWith({ schedule: `{ every: ${duration} }` }),
  'connection.schedule.jitter': (duration: string) =>
    documentWith({ schedule: `{ by: temporal, every: 6h, jitter: ${duration} }` }),
  'connection.schedule.catchUpWindow': (duration: string) =>
    documentWith({ schedule: `{ by: temporal, every: 6h, catchUpWindow: ${duration} }` }),
  'connection.schedule.sync.timeout': (duration: string) =>
    documentWith({ schedule: `{ by: temporal, every: 6h, sync: { timeout: ${duration} } }` }),
};

const WAYS = "write 30 minutes as '30m', as 'PT30M' (ISO 8601), or as 1800000";

describe('a duration', () => {
  it.each([
    ['from Java, which writes 30 minutes in seconds', JSON.parse('1800.0')],
    ['from Java, with parts of a second', JSON.parse('1800.500000000')],
    ['from Go, which writes 30 minutes in nanoseconds', 1_800_000_000_000],
    ['of nothing', 0],
  ])('that is a number %s, is rejected with the ways to write it', (_, timeout) => {
    expect(rejectionOf({ connectionId: 'crm', timeout })).toMatch(/^timeout a bare number means milliseconds/);
    expect(rejectionOf({ connectionId: 'crm', timeout })).toContain(WAYS);
    const fleet = fleetInputSchema().safeParse({ connections: ['crm'], sync: { timeout } });
    expect(fleet.error && describeZodError(fleet.error)).toContain(WAYS);
  });

  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1 day', 86_400_000],
    ['PT30M', 1_800_000],
    ['P1D', 86_400_000],
    ['P1DT2H', 93_600_000],
    [10_000, 10_000],
    [2_592_000_000, 2_592_000_000],
  ])('is read from %j', (timeout, ms) => {
    expect(durationMs(syncConnectionInputSchema().parse({ connectionId: 'crm', timeout }).timeout)).toBe(ms);
  });

  it.each(['P1M', 'P1Y', 'P1Y6M', 'P2M10DT2H'])(
    'of months or years is rejected, with how to write it: %s',
    (timeout) => {
      expect(rejectionOf({ connectionId: 'crm', timeout })).toBe(
        "timeout expected a duration of fixed length, and months and years have none: write '30 days' or 'P30D'",
      );
    },
  );

  it.each(Object.entries(PLACES))(
    'may be of ISO 8601, or a number of milliseconds, at %s of a document',
    (path, write) => {
      expect(parsePipelineDocument(write('PT1H'))).toBeDefined();
      expect(parsePipelineDocument(write('3600000'))).toBeDefined();
      expect(() => parsePipelineDocument(write('1800'))).toThrow(`${path}: a bare number means milliseconds`);
      expect(() => parsePipelineDocument(write('P1M'))).toThrow(`${path}: expected a duration of fixed length`);
    },
  );

  it.each([
    ['PT6H', { units: 6, timeUnit: 'hours' }],
    ['P1DT2H', { units: 26, timeUnit: 'hours' }],
    ['PT1H30M', { units: 90, timeUnit: 'minutes' }],
    ['21600000', { units: 360, timeUnit: 'minutes' }],
  ])('of %s is a schedule of Airbyte', (every, basicSchedule) => {
    const schedule = scheduleOf(`{ every: ${every} }`);
    expect(toAirbyteSchedule(schedule)).toEqual({ scheduleType: 'basic', scheduleData: { basicSchedule } });
  });

  it('is a schedule of Temporal', () => {
    const schedule = scheduleOf('{ by: temporal, every: PT6H, jitter: 60000, catchUpWindow: P1D }');
    if (!isTemporalSchedule(schedule)) throw new Error('It is by Temporal.');
    expect(toScheduleDefinition({ connection: { connectionId: 'crm' }, schedule, taskQueue: 'airbyte' })).toMatchObject(
      {
        spec: { intervals: [{ every: 21_600_000 }], jitter: 60_000 },
        policies: { catchupWindow: 86_400_000 },
      },
    );
  });

  it('may be of ISO 8601 on the command line and in the environment, where it needs a unit', () => {
    expect(readSyncInput('crm', { timeout: 'PT30M' }).timeout).toBe('PT30M');
    expect(() => readSyncInput('crm', { timeout: '1800' })).toThrow(/^--timeout: expected a duration such as '90s'/);
    expect(readSyncInput('crm', { stallTimeout: 'PT30M' }).stallTimeout).toBe('PT30M');
    expect(() => readSyncInput('crm', { stallTimeout: '1800' })).toThrow(/^--stall-timeout: expected a duration/);
    expect(workerSettings({ AIRBYTE_POLL_INTERVAL: 'PT5S' }).pollIntervalMs).toBe(5_000);
    expect(workerSettings({ AIRBYTE_POLL_INTERVAL: '500ms' }).pollIntervalMs).toBe(500);
    expect(() => workerSettings({ AIRBYTE_POLL_INTERVAL: '2' })).toThrow(/^AIRBYTE_POLL_INTERVAL .*a duration such as/);
  });
});

function rejectionOf(input: unknown): string {
  const { error } = syncConnectionInputSchema().safeParse(input);
  return error ? describeZodError(error) : 'not refused';
}

function scheduleOf(schedule: string): PipelineSchedule {
  return parsePipelineDocument(documentWith({ schedule })).connection.schedule;
}

function documentWith({ schedule = 'manual', sync = '{}' }: { schedule?: string; sync?: string }): string {
  return `name: shop
source: { name: shop, definition: Postgres, configuration: {} }
destination: { name: lake, definition: S3, configuration: {} }
connection:
  schedule: ${schedule}
  streams: [{ name: orders, syncMode: full_refresh, destinationSyncMode: overwrite }]
sync: ${sync}
`;
}
