import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConnectionSchedules } from '../../../sandbox/jobs/connection-schedules';
import type { Job } from '../../../sandbox/state/job';
import type { Connection } from '../../../sandbox/state/resources';

const HOUR = 3_600_000;

describe('the schedules of connections', () => {
  let started: number[];
  let schedules: ConnectionSchedules;
  beforeEach(() => {
    jest.useFakeTimers({ now: Date.parse('2026-01-01T00:10:00Z') });
    started = [];
    schedules = new ConnectionSchedules(start, false);
  });
  afterEach(() => {
    schedules.stop();
    jest.useRealTimers();
  });

  function start(connection: Connection): void {
    started.push(Date.now());
    connection.jobs.push({ createdAtMs: Date.now() } as Job);
  }

  const startedAt = () => started.map((time) => new Date(time).toISOString().slice(11, 16));

  function connection(settings: Record<string, unknown>, fields: Partial<Connection> = {}): Connection {
    const ids = { connectionId: 'c', workspaceId: 'w', sourceId: 's', destinationId: 'd', tagIds: [], state: [] };
    const createdAt = Math.floor(Date.now() / 1000);
    return { ...ids, catalog: { streams: [] }, status: 'active', settings, createdAt, jobs: [], ...fields };
  }

  const basic = (units: number, timeUnit: string) => ({
    scheduleType: 'basic',
    scheduleData: { basicSchedule: { units, timeUnit } },
  });
  const cron = { scheduleType: 'cron', scheduleData: { cron: { cronExpression: '0 0 * * * ?', cronTimeZone: 'UTC' } } };

  /** Ends the job that runs. */
  function end(of: Connection): void {
    const job = of.jobs.at(-1);
    if (job !== undefined) job.endedAtMs = Date.now();
    schedules.update(of);
  }

  it('start a job when the interval has passed since the last one was created', () => {
    const scheduled = connection(basic(2, 'hours'));
    scheduled.jobs.push({ createdAtMs: Date.now() - HOUR, endedAtMs: Date.now() } as Job);
    schedules.update(scheduled);
    jest.advanceTimersByTime(HOUR);
    expect(startedAt()).toEqual(['01:10']);
    jest.advanceTimersByTime(HOUR / 2);
    end(scheduled);
    jest.advanceTimersByTime(HOUR * 1.5);
    expect(startedAt()).toEqual(['01:10', '03:10']);
  });

  it('start the first sync of a basic schedule immediately if configured, and of no other', () => {
    schedules = new ConnectionSchedules(start, true);
    const scheduled = connection(basic(2, 'hours'));
    for (const each of [scheduled, connection(cron), connection(basic(2, 'hours'), { status: 'inactive' })]) {
      schedules.update({ ...each, connectionId: String(each.settings['scheduleType']) + each.status });
    }
    jest.advanceTimersByTime(1);
    expect(startedAt()).toEqual(['00:10']);
  });

  it('start the next job as soon as one has ended that took longer than the interval', () => {
    const scheduled = connection(basic(30, 'minutes'));
    scheduled.jobs.push({ createdAtMs: Date.now() } as Job);
    schedules.update(scheduled);
    jest.advanceTimersByTime(2 * HOUR);
    expect(started).toEqual([]);
    end(scheduled);
    jest.advanceTimersByTime(1);
    expect(startedAt()).toEqual(['02:10']);
  });

  it('start a job at each time of a cron expression', () => {
    const scheduled = connection(cron);
    schedules.update(scheduled);
    jest.advanceTimersByTime(HOUR);
    end(scheduled);
    jest.advanceTimersByTime(HOUR);
    expect(startedAt()).toEqual(['01:00', '02:00']);
  });

  it('wait for longer than one timer can', () => {
    const scheduled = connection(basic(2, 'months'));
    scheduled.jobs.push({ createdAtMs: Date.now(), endedAtMs: Date.now() } as Job);
    schedules.update(scheduled);
    jest.advanceTimersByTime(60 * 24 * HOUR - 1);
    expect(started).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(started).toHaveLength(1);
  });

  it('start nothing on a connection that is inactive, manual or deleted meanwhile', () => {
    const scheduled = connection(cron);
    schedules.update(scheduled);
    schedules.update(connection(cron, { connectionId: 'inactive', status: 'inactive' }));
    schedules.update(connection({ scheduleType: 'manual' }, { connectionId: 'manual' }));
    scheduled.status = 'deprecated';
    jest.advanceTimersByTime(24 * HOUR);
    expect(started).toEqual([]);
  });
});
