/*
 * Reads and checks the two kinds of cron expressions: those of Temporal (https://docs.temporal.io/schedule), as its server
 * reads them (service/worker/scheduler/calendar.go), and those of Quartz, which Airbyte's schedules have
 * (https://www.quartz-scheduler.org/documentation/quartz-2.3.0/tutorials/crontrigger.html).
 */

/** One field of an expression: its range of numbers, and their names, if they have any. */
interface CronField {
  name: string;
  from: number;
  to: number;
  names?: readonly string[];
  /** How many letters of a name are enough. */
  shortestName?: number;
  /** Further forms of this field, in addition to numbers, lists, ranges and steps. */
  special?: RegExp;
}

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const threeLetters = (names: readonly string[]) => names.map((name) => name.slice(0, 3));

const SECOND: CronField = { name: 'second', from: 0, to: 59 };
const MINUTE: CronField = { name: 'minute', from: 0, to: 59 };
const HOUR: CronField = { name: 'hour', from: 0, to: 23 };
const DAY_OF_MONTH: CronField = { name: 'day of month', from: 1, to: 31 };

const TEMPORAL_FIELDS: readonly CronField[] = [
  SECOND,
  MINUTE,
  HOUR,
  DAY_OF_MONTH,
  { name: 'month', from: 1, to: 12, names: MONTHS, shortestName: 3 },
  { name: 'day of week', from: 0, to: 7, names: DAYS, shortestName: 2 },
  { name: 'year', from: 2000, to: 2100 },
];

const QUARTZ_FIELDS: readonly CronField[] = [
  SECOND,
  MINUTE,
  HOUR,
  { ...DAY_OF_MONTH, special: /^(\?|L(-\d{1,2})?W?|\d{1,2}W)$/i },
  { name: 'month', from: 1, to: 12, names: threeLetters(MONTHS), shortestName: 3 },
  {
    name: 'day of week',
    from: 1,
    to: 7,
    names: threeLetters(DAYS),
    shortestName: 3,
    special: /^(\?|L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$/i,
  },
  { name: 'year', from: 1970, to: 2099 },
];

/** Temporal's shorthands, and the expressions that they stand for. */
const SHORTHANDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const QUARTZ_MARK = /^(\?|L|LW|L-\d+W?|\w+[LW]|\w+#\d)$/i;

/** Why Temporal would reject an expression; undefined if it is valid. */
export function temporalCronProblem(expression: string): string | undefined {
  const text = expression.trim();
  if (Object.hasOwn(SHORTHANDS, text)) return undefined;
  if (text.startsWith('@every')) return 'is an interval: write it under every instead';
  if (/^(CRON_)?TZ=/.test(text)) return 'contains a time zone: write it under timeZone instead';
  const parts = text.split(/\s+/);
  if (parts.some((part) => QUARTZ_MARK.test(part) && !isFieldValue(part))) {
    return "expected a cron expression of Temporal, not Quartz's: it has no ?, L, W or #, and begins with the minute, as in '0 */6 * * *'";
  }
  if (parts.length < 5 || parts.length > 7) {
    return (
      "expected a cron expression of 5 to 7 fields, such as '0 */6 * * *': minute, hour, day of month, month, day of week; " +
      'a sixth field is the year; with seven fields, the first is the second'
    );
  }
  const fields = parts.length === 7 ? TEMPORAL_FIELDS : TEMPORAL_FIELDS.slice(1, parts.length + 1);
  return firstProblem(parts, fields, isTemporalPart) ?? ambiguousDaysProblem(parts, fields);
}

/** A crontab includes days that match one of the two fields, Temporal only days that match both, so the intention is unclear. */
function ambiguousDaysProblem(parts: readonly string[], fields: readonly CronField[]): string | undefined {
  const isLimited = (name: string) => {
    const index = fields.findIndex((field) => field.name === name);
    const field = fields[index];
    const all = (parts[index] ?? '*').split(',').flatMap((part) => (field && valuesOf(part, field)) ?? []);
    // Sunday is both 0 and 7.
    const days = new Set(all.map((day) => (field?.from === 0 ? day % DAYS.length : day)));
    return days.size < (field?.from === 0 ? DAYS.length : DAY_OF_MONTH.to);
  };
  if (!isLimited('day of month') || !isLimited('day of week')) return undefined;
  return (
    'has a day of month and a day of week: a crontab starts on days that match either of them, Temporal only on days that ' +
    'match both; write * for one of them'
  );
}

/** The times of day of an expression, and whether it includes a day. Months count from 1. */
export interface CronTimes {
  hours: readonly number[];
  minutes: readonly number[];
  includesDay(day: { year: number; month: number; day: number }): boolean;
}

/** Reads the times of a Quartz expression or of one of Temporal's; undefined if that is not possible. */
export function cronTimes(expression: string, by: 'airbyte' | 'temporal'): CronTimes | undefined {
  const fields = by === 'temporal' ? TEMPORAL_FIELDS : QUARTZ_FIELDS;
  const parts = expandShorthand(expression).toUpperCase().split(/\s+/);
  const [, minute, hour, dayOfMonth, month, dayOfWeek, year] =
    by === 'temporal' && parts.length < 7 ? ['0', ...parts] : parts;
  const read = (text: string | undefined, index: number): readonly number[] | undefined => {
    const field = fields[index];
    if (field === undefined || text === undefined || text === '?') return undefined;
    const all = text.split(',').map((part) => valuesOf(part, field));
    return all.every((values) => values !== undefined) ? all.flat() : undefined;
  };
  const [minutes, hours] = [read(minute, 1), read(hour, 2)];
  if (minutes === undefined || hours === undefined) return undefined;
  const sunday = by === 'temporal' ? 0 : 1;
  // A field that is no list of numbers, such as `L`, may include any day.
  const includesAny = (included: readonly number[] | undefined, ...values: number[]) =>
    included === undefined || values.some((value) => included.includes(value));
  const [daysOfMonth, months, daysOfWeek, years] = [
    ...[read(dayOfMonth, 3), read(month, 4), read(dayOfWeek, 5)],
    read(year ?? '*', 6),
  ];
  return {
    ...{ hours, minutes },
    includesDay(day) {
      const weekday = new Date(Date.UTC(day.year, day.month - 1, day.day)).getUTCDay() + sunday;
      const weekdays = weekday === 0 ? [0, 7] : [weekday];
      const isDay = includesAny(daysOfMonth, day.day) && includesAny(daysOfWeek, ...weekdays);
      return isDay && includesAny(months, day.month) && includesAny(years, day.year);
    },
  };
}

/** Replaces a shorthand of Temporal with its expression. */
export function expandShorthand(expression: string): string {
  const text = expression.trim();
  return Object.hasOwn(SHORTHANDS, text) ? (SHORTHANDS[text] ?? text) : text;
}

/** Why Airbyte would reject an expression; undefined if it is valid. */
export function quartzCronProblem(expression: string): string | undefined {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== 6 && parts.length !== 7) {
    return "expected a Quartz expression of 6 or 7 fields, seconds first, such as '0 0 */6 * * ?' (Airbyte rejects the 5 fields of a crontab)";
  }
  if ([parts[3], parts[5]].filter((day) => day === '?').length !== 1) {
    return "expected a Quartz expression, such as '0 0 */6 * * ?': either day of month (field 4) or day of week (field 6) must be ?";
  }
  return firstProblem(parts, QUARTZ_FIELDS, isQuartzPart);
}

/**
 * Normalizes a Quartz expression, so that expressions of the same times are equal: `?` becomes `*`, steps, names and ranges
 * become lists of numbers, and a missing year becomes `*`.
 */
export function normalizeQuartz(expression: string): string {
  const [second, minute, hour, day, month, weekday, year = '*'] = expression.trim().toUpperCase().split(/\s+/);
  return [second, minute, hour, day, month, weekday, year]
    .map((text, index) => normalizeCronField(text ?? '', QUARTZ_FIELDS[index]))
    .join(' ');
}

function normalizeCronField(text: string, field: CronField | undefined): string {
  if (text === '?' || field === undefined) return '*';
  const all = text.split(',').map((part) => valuesOf(part, field));
  if (all.some((values) => values === undefined)) return text;
  const values = [...new Set(all.flatMap((each) => each ?? []))].sort((one, other) => one - other);
  return values.length === field.to - field.from + 1 ? '*' : values.join(',');
}

/** The numbers of `5`, `1-5`, `22-2` or `0/15`; undefined for other forms. */
function valuesOf(part: string, field: CronField): number[] | undefined {
  const range = readRange(part, field);
  if (range === undefined) return undefined;
  const [from = '', step] = part.split('/');
  const { start } = range;
  const end = step !== undefined && !from.includes('-') ? field.to : range.end;
  const size = field.to - field.from + 1;
  const span = (end - start + size) % size;
  const count = Math.floor(span / Number(step ?? 1)) + 1;
  return Array.from(
    { length: count },
    (_, index) => field.from + ((start - field.from + index * Number(step ?? 1)) % size),
  );
}

function firstProblem(
  parts: readonly string[],
  fields: readonly CronField[],
  fits: (part: string, field: CronField) => boolean,
): string | undefined {
  for (const [index, field] of fields.slice(0, parts.length).entries()) {
    if ((parts[index] ?? '').split(',').every((part) => fits(part, field))) continue;
    const names = field.names ? `, a name such as ${field.names[1]?.slice(0, 3).toUpperCase()}` : '';
    return `has no valid ${field.name} (field ${index + 1}): expected ${field.from} to ${field.to}${names}, *, or ranges, lists and steps of them`;
  }
  return undefined;
}

function isTemporalPart(part: string, field: CronField): boolean {
  const range = readRange(part, field);
  return range !== undefined && range.start <= range.end;
}

/** Quartz accepts ranges across the end: 22-2 is 22, 23, 0, 1, 2. */
function isQuartzPart(part: string, field: CronField): boolean {
  return field.special?.test(part) === true || readRange(part, field) !== undefined;
}

/** Reads `*`, `5` or `1-5`, with or without a step (`/2`); undefined for other forms. */
function readRange(part: string, field: CronField): { start: number; end: number } | undefined {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^0*[1-9]\d*$/.test(step))) return undefined;
  if (range === '*') return { start: field.from, end: field.to };
  const [first = '', last, ...others] = range.split('-');
  const start = readValue(first, field);
  const end = last === undefined ? start : readValue(last, field);
  return others.length > 0 || start === undefined || end === undefined ? undefined : { start, end };
}

function readValue(text: string, { from, to, names = [], shortestName = 1 }: CronField): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) >= from && Number(text) <= to ? Number(text) : undefined;
  const index = text.length < shortestName ? -1 : names.findIndex((name) => name.startsWith(text.toLowerCase()));
  return index < 0 ? undefined : from + index;
}

/** Whether a part is a value of a field: `JUL` and `APRIL` end like the marks of Quartz, and are months. */
function isFieldValue(part: string): boolean {
  return TEMPORAL_FIELDS.some((field) => readValue(part, field) !== undefined);
}
