import { cronTimes } from '../text/cron';

/** What of a schedule says when it starts something. */
type ScheduleTimes =
  | 'manual'
  | { every: string | number }
  | { by?: 'airbyte' | 'temporal' | undefined; cron: string; timeZone: string };

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Every change of clocks that comes each year. */
const DAYS_AHEAD = 400;
const EVERY_HOUR = 24;

/**
 * What a person should know of a schedule in a time zone whose clocks change: at a time that they leave out, neither
 * Temporal nor Airbyte starts anything, and the day has no sync of that time.
 *
 * @param now milliseconds since 1970
 */
export function notesOnClockChanges(schedule: ScheduleTimes, now = Date.now()): string[] {
  if (schedule === 'manual' || !('cron' in schedule)) return [];
  const { cron, timeZone } = schedule;
  const skipped = firstSkippedTime(cron, schedule.by === 'temporal' ? 'temporal' : 'airbyte', timeZone, now);
  if (skipped === undefined) return [];
  return [
    `The clocks of ${timeZone} leave out ${skipped}, so the schedule '${cron}' starts no sync then. Where a day must not go without it, choose a time that every day has, or a zone without such changes (UTC).`,
  ];
}

/** `2027-03-28 02:30`: the first time that an expression names and that no clock shows; undefined where none comes. */
function firstSkippedTime(cron: string, by: 'airbyte' | 'temporal', timeZone: string, now: number): string | undefined {
  const times = cronTimes(cron, by);
  // What starts at every hour only starts one time less.
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

/** What the clocks leave out, from and to, as if what they show were UTC. */
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

  /** By how much the clocks are ahead of UTC at a whole minute, in milliseconds. */
  offset(time: number): number {
    const parts = Object.fromEntries(this.#format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute) - time;
  }
}
