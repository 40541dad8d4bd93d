import type { Connection } from '../state/resources';
import { nextQuartzTime } from './quartz-cron';

/** The longest delay of a Node timer, in milliseconds. A longer wait is split into several timers. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A cron expression starts at most one job a minute per connection. */
const SHORTEST_CRON_INTERVAL_MS = 60_000;

const UNIT_MS: Readonly<Record<string, number>> = {
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  weeks: 7 * 86_400_000,
  months: 30 * 86_400_000,
};

/**
 * Starts jobs according to the connections' own schedules. As in Airbyte, only active connections are started; a basic
 * schedule counts from the creation of the last job, and a cron expression is read in its time zone. If a start is due
 * while a job runs, a basic schedule starts the next job as soon as that one has ended.
 */
export class ConnectionSchedules {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private stopped = false;

  /**
   * @param start starts a sync of a connection that has no running job
   * @param firstSyncs whether a basic schedule starts a first sync immediately, as in Airbyte
   */
  constructor(
    private readonly start: (connection: Connection) => void,
    private readonly firstSyncs: boolean,
  ) {}

  /**
   * Schedules a connection's next job: after the connection was created or changed, and after one of its jobs ended.
   */
  update(connection: Connection): void {
    const { connectionId } = connection;
    clearTimeout(this.timers.get(connectionId));
    this.timers.delete(connectionId);
    if (this.stopped || isRunning(connection)) return;
    const now = Date.now();
    const dueAt = this.firstSyncs && waitsForFirst(connection) ? now : nextRunAt(connection, now);
    if (dueAt === undefined) return;
    const waitMs = Math.min(Math.max(0, dueAt - now), LONGEST_TIMER_MS);
    const timer = setTimeout(() => this.elapsed(connection, dueAt), waitMs);
    this.timers.set(connectionId, timer.unref());
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }

  private elapsed(connection: Connection, dueAt: number): void {
    const isDue = connection.status === 'active' && !isRunning(connection) && Date.now() >= dueAt;
    if (isDue) this.start(connection);
    else this.update(connection);
  }
}

/** Whether its last job is still running. When that job ends, `update` is called again. */
function isRunning({ jobs }: Connection): boolean {
  const last = jobs.at(-1);
  return last !== undefined && last.endedAtMs === undefined;
}

/** Whether it has a basic schedule and has never had a job. */
function waitsForFirst({ status, settings, jobs }: Connection): boolean {
  return status === 'active' && settings['scheduleType'] === 'basic' && jobs.length === 0;
}

/** When a connection's schedule starts its next job, in milliseconds since 1970; undefined if it never does. */
export function nextRunAt({ status, settings, jobs, createdAt }: Connection, now: number): number | undefined {
  if (status !== 'active') return undefined;
  const { scheduleType, scheduleData } = settings as ScheduleSettings;
  const last = jobs.at(-1);
  if (scheduleType === 'basic' && scheduleData?.basicSchedule !== undefined) {
    const { units, timeUnit } = scheduleData.basicSchedule;
    const lastAt = last?.createdAtMs ?? createdAt * 1000;
    return lastAt + units * (UNIT_MS[timeUnit] ?? Number.POSITIVE_INFINITY);
  }
  if (scheduleType === 'cron' && scheduleData?.cron !== undefined) {
    const { cronExpression, cronTimeZone } = scheduleData.cron;
    const earliest = last === undefined ? now : Math.max(now, last.createdAtMs + SHORTEST_CRON_INTERVAL_MS);
    return nextQuartzTime(cronExpression, cronTimeZone, earliest);
  }
  return undefined;
}

interface ScheduleSettings {
  scheduleType?: string;
  scheduleData?: {
    basicSchedule?: { units: number; timeUnit: string };
    cron?: { cronExpression: string; cronTimeZone: string };
  };
}
