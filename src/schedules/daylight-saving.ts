/** Warns of schedules with times that do not exist when clocks change to daylight saving time. */
import { cronTimes } from '../text/cron';

/** The part of a schedule that says when it starts syncs. */
type ScheduleTimes =
  | 'manual'
  | { every: string | number }
  | { by?: 'airbyte' | 'temporal' | undefined; cron: string; timeZone: string };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** More than a year, so that every yearly change of clocks is included. */
const DAYS_AHEAD = 400;
const EVERY_HOUR = 24;

/**
 * Notes on a schedule in a time zone with daylight saving time. At a time that the clocks skip, neither Temporal nor Airbyte
 * starts a sync, so that day has no sync at that time.
 *
 * @param now milliseconds since 1970
 */
export function notesOnClockChanges(schedule: ScheduleTimes, now = Date.now()): string[] {
  if (schedule === 'manual' || !('cron' in schedule)) return [];
  const { cron, timeZone } = schedule;
  const skipped = firstSkippedTime(cron, schedule.by === 'temporal' ? 'temporal' : 'airbyte', timeZone, now);
  if (skipped === undefined) return [];
  return [
    `The clocks of ${timeZone} skip ${skipped}, so the schedule '${cron}' starts no sync then. If every day needs a sync, choose a time that exists on every day, or a time zone without daylight saving time (UTC).`,
  ];
}

/** The first time of an expression that the clocks skip, such as `2027-03-28 02:30`; undefined if they skip none. */
function firstSkippedTime(cron: string, by: 'airbyte' | 'temporal', timeZone: string, now: number): string | undefined {
  const times = cronTimes(cron, by);
  // An hourly schedule only starts one sync less.
  if (times === undefined || new Set(times.hours).size === EVERY_HOUR) return undefined;
  const clock = new Clock(timeZone);
  for (const { from, to } of gaps(clock, now)) {
    for (let shown = from; shown < to; shown += MINUTE_MS) {
      const date = new Date(shown);
      const day = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
      const isScheduled = times.hours.includes(date.getUTCHours()) && times.minutes.includes(date.getUTCMinutes());
      if (isScheduled && times.includesDay(day)) return date.toISOString().slice(0, 16).replace('T', ' ');
    }
  }
  return undefined;
}

/** The periods that the clocks skip: their local times, expressed as if they were UTC. */
function* gaps(clock: Clock, now: number): Generator<{ from: number; to: number }> {
  const start = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  for (let day = 0; day < DAYS_AHEAD; day += 1) {
    let [before, after] = [start + day * DAY_MS, start + (day + 1) * DAY_MS];
    if (clock.offset(after) <= clock.offset(before)) continue;
    const old = clock.offset(before);
    while (after - before > MINUTE_MS) {
      const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS;
      if (clock.offset(middle) > old) after = middle;
      else before = middle;
    }
    yield { from: after + old, to: after + clock.offset(after) };
  }
}

/** The clocks of a time zone. */
class Clock {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en', {
      ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric' },
    });
  }

  /** The offset from UTC at a whole minute, in milliseconds. */
  offset(time: number): number {
    const parts = Object.fromEntries(this.#format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute) - time;
  }
}
