/**
 * Quartz cron expressions, which Airbyte's own schedules use: `second minute hour day-of-month month day-of-week
 * [year]`. One of the two day fields is `?`; the days of the week are 1 (Sunday) to 7.
 */

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** How many days ahead the search goes: 29 February falls on a given day of the week at least once in 40 years. */
const LONGEST_SEARCH_DAYS = 41 * 366;
const DAY_MS = 86_400_000;

const FIELD = /^(?:[\d*?,/#LW-]|SUN|MON|TUE|WED|THU|FRI|SAT|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)+$/i;

export function isQuartzCron(expression: string): boolean {
  const fields = expression.trim().split(/\s+/);
  const days = [fields[3], fields[5]].filter((field) => field === '?');
  const isLong = fields.length === 6 || fields.length === 7;
  return isLong && days.length === 1 && fields.every((field) => FIELD.test(field));
}

/** A calendar day; months count from 1. */
interface Day {
  year: number;
  month: number;
  day: number;
}

/**
 * The first time after another one that matches an expression.
 *
 * @param after milliseconds since 1970
 * @param timeZone the time zone in which the expression is read, such as `Europe/Vienna`
 * @returns milliseconds since 1970, in whole seconds; undefined if there is no such time
 */
export function nextQuartzTime(expression: string, timeZone: string, after: number): number | undefined {
  const fields = expression.trim().toUpperCase().split(/\s+/);
  const [second = '', minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = '*'] = fields;
  const seconds = values(second, 0, 59);
  const minutes = values(minute, 0, 59);
  const hours = values(hour, 0, 23);
  const months = new Set(values(month, 1, 12, MONTHS));
  const years = new Set(values(year, 1970, 2199));

  const wallClock = new WallClock(timeZone);
  // The search starts a day earlier, because a clock may be set back across midnight.
  const start = Math.floor(wallClock.read(after) / DAY_MS) - 1;
  for (let offset = 0; offset < LONGEST_SEARCH_DAYS; offset += 1) {
    const midnight = (start + offset) * DAY_MS;
    const day = dayAt(midnight);
    if (!years.has(day.year) || !months.has(day.month)) continue;
    if (!isDayOfMonth(dayOfMonth, day) || !isDayOfWeek(dayOfWeek, day)) continue;
    for (const h of hours) {
      for (const m of minutes) {
        for (const s of seconds) {
          const time = wallClock.timeOf(midnight + ((h * 60 + m) * 60 + s) * 1000);
          if (time !== undefined && time > after) return time;
        }
      }
    }
  }
  return undefined;
}

/** The values that a field matches: `*`, `5`, `1-5`, `0/15`, `MON-FRI`, and lists of these. */
function values(field: string, least: number, most: number, names: readonly string[] = []): number[] {
  const numberOf = (text: string) => (names.includes(text) ? names.indexOf(text) + 1 : Number(text));
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range.split('-');
    const isEvery = from === '*' || from === '?';
    const first = isEvery ? least : numberOf(from);
    const last = to === undefined ? (isEvery || step !== undefined ? most : first) : numberOf(to);
    // A range may wrap around: `FRI-MON`.
    const span = last < first ? most - least + 1 : 0;
    for (let value = first; value <= last + span; value += Number(step) || 1) {
      found.add(value > most ? value - span : value);
    }
  }
  return [...found].filter((value) => value >= least && value <= most).sort((one, other) => one - other);
}

/**
 * Beyond values, this field accepts `L` for the last day, `L-3` for three days before it, `15W` for the nearest working
 * day, and `LW`.
 */
function isDayOfMonth(field: string, day: Day): boolean {
  const last = lastDayOf(day);
  return field.split(',').some((part) => {
    const special = /^(?:L(?:-(\d+))?|(\d+))(W?)$/.exec(part);
    if (special === null || (special[3] === '' && special[2] !== undefined))
      return values(part, 1, 31).includes(day.day);
    const target = special[2] === undefined ? last - Number(special[1] ?? 0) : Number(special[2]);
    return day.day === (special[3] === 'W' ? nearestWorkingDay({ ...day, day: target }) : target);
  });
}

/**
 * Beyond values, this field accepts `6L` for the last Friday of the month and `2#1` for its first Monday; `L` alone is
 * Saturday.
 */
function isDayOfWeek(field: string, day: Day): boolean {
  const weekday = weekdayOf(day);
  return field.split(',').some((part) => {
    const special = /^(\w+?)(?:#(\d)|(L))$/.exec(part);
    if (special === null) return values(part === 'L' ? '7' : part, 1, 7, WEEKDAYS).includes(weekday);
    const [, name = '', nth, isLast] = special;
    if (!values(name, 1, 7, WEEKDAYS).includes(weekday)) return false;
    return isLast === undefined ? Math.ceil(day.day / 7) === Number(nth) : day.day + 7 > lastDayOf(day);
  });
}

/** The working day (Monday to Friday) of the same month that is nearest to a day. */
function nearestWorkingDay(day: Day): number {
  const weekday = weekdayOf(day);
  if (weekday === 7) return day.day === 1 ? 3 : day.day - 1;
  if (weekday === 1) return day.day === lastDayOf(day) ? day.day - 2 : day.day + 1;
  return day.day;
}

function weekdayOf({ year, month, day }: Day): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

function lastDayOf({ year, month }: Day): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function dayAt(midnight: number): Day {
  const date = new Date(midnight);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The local clock of a time zone. Its readings are represented as if they were UTC. */
class WallClock {
  private readonly format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.format = new Intl.DateTimeFormat('en', {
      ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  }

  /** The clock's reading at a time, in whole seconds. */
  read(time: number): number {
    const parts = Object.fromEntries(this.format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }

  /**
   * The time at which the clock has this reading, as Quartz interprets it: the second of two in autumn, and undefined
   * for the hour that is skipped in spring.
   */
  timeOf(shown: number): number | undefined {
    const offsets = [shown - DAY_MS, shown + DAY_MS].map((time) => this.read(time) - time);
    const candidates = offsets.map((offset) => shown - offset).filter((time) => this.read(time) === shown);
    return candidates.length === 0 ? undefined : Math.max(...candidates);
  }
}
