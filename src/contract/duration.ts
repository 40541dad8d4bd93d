/** Durations, as callers and documents write them: `90s`, `1 day`, `PT30M`, or a number of milliseconds. */
import { z } from 'zod';
import { schemaGetter } from './validation/schema-getter';

export type DurationUnit = 'milliseconds' | 'seconds' | 'minutes' | 'hours' | 'days' | 'weeks';

const UNIT_MS: Record<DurationUnit, number> = {
  milliseconds: 1,
  seconds: 1000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
};

const UNIT_SPELLINGS: Record<DurationUnit, readonly string[]> = {
  milliseconds: ['ms', 'msec', 'msecs', 'millisecond', 'milliseconds'],
  seconds: ['s', 'sec', 'secs', 'second', 'seconds'],
  minutes: ['m', 'min', 'mins', 'minute', 'minutes'],
  hours: ['h', 'hr', 'hrs', 'hour', 'hours'],
  days: ['d', 'day', 'days'],
  weeks: ['w', 'week', 'weeks'],
};

const UNITS = new Map<string, DurationUnit>(
  Object.entries(UNIT_SPELLINGS).flatMap(([unit, spellings]) =>
    spellings.map((spelling): [string, DurationUnit] => [spelling, unit as DurationUnit]),
  ),
);

/** A number and a unit: `90s`, `1 day`. */
const PLAIN_TEXT = String.raw`\d+(\.\d+)? ?(${[...UNITS.keys()].join('|')})`;

/** ISO 8601, as Java, Python and JavaScript write durations: `PT30M`, `P1D`, `P1DT2H`. */
const ISO_NUMBER = String.raw`\d+([.,]\d+)?`;
const ISO_TEXT = `P(${largestFirst('WD')}(T${largestFirst('HMS')})?|T${largestFirst('HMS')})`;
const ISO_UNITS: Readonly<Record<string, DurationUnit>> = {
  W: 'weeks',
  D: 'days',
  H: 'hours',
  M: 'minutes',
  S: 'seconds',
};

/** The form of a duration's text. It is part of the JSON Schema, so editors check it, too. */
const DURATION_PATTERN = new RegExp(`^(${PLAIN_TEXT}|${ISO_TEXT})$`);

/** An ISO 8601 duration with years or months, whose length depends on the date. */
const CALENDAR_PATTERN = new RegExp(`^P(${ISO_NUMBER}[YMWD])*${ISO_NUMBER}[YM]`);

/** The part of an error message that says what a duration is. */
const DURATION_HINT = "a duration such as '90s', '30m', '6h', '1 day' or 'PT30M'";

const CALENDAR_HINT = "expected a duration of fixed length, and months and years have none: write '30 days' or 'P30D'";

/**
 * The range of numbers that are accepted as milliseconds. Other languages write durations as numbers of other units: Java
 * writes 30 minutes as `1800.0` and Go as `1800000000000`. As milliseconds, these would be 1.8 seconds and 57 years.
 */
const SHORTEST_NUMBER_MS = 10_000;
const LONGEST_NUMBER_MS = 30 * UNIT_MS.days;

const NUMBER_HINT =
  `a bare number means milliseconds, and must be from ${SHORTEST_NUMBER_MS} (10 seconds) to ${LONGEST_NUMBER_MS} (30 days): ` +
  "write 30 minutes as '30m', as 'PT30M' (ISO 8601), or as 1800000";

/** One or more numbers with these units, the largest unit first. It has no look-ahead, because not every language supports it. */
function largestFirst(units: string): string {
  const following = (from: number) => [...units.slice(from)].map((unit) => `(${ISO_NUMBER}${unit})?`).join('');
  return `(${[...units].map((unit, index) => `${ISO_NUMBER}${unit}${following(index + 1)}`).join('|')})`;
}

interface ParsedDuration {
  amount: number;
  unit: DurationUnit;
  /** The whole length, rounded to a millisecond. */
  ms: number;
}

/** Reads a duration; undefined when the text is no duration, or its length is zero. */
export function parseDuration(duration: string | number): ParsedDuration | undefined {
  if (typeof duration === 'number') return parseNumber(duration);
  if (!DURATION_PATTERN.test(duration)) return undefined;
  return duration.startsWith('P') ? parseIso(duration) : parsePlain(duration);
}

function parseNumber(ms: number): ParsedDuration | undefined {
  const isUsable = Number.isInteger(ms) && ms >= SHORTEST_NUMBER_MS && ms <= LONGEST_NUMBER_MS;
  return isUsable ? { amount: ms, unit: 'milliseconds', ms } : undefined;
}

function parsePlain(text: string): ParsedDuration | undefined {
  const unit = UNITS.get(text.replace(/^[\d.]+ ?/, ''));
  return unit && positiveDuration(Number.parseFloat(text), unit);
}

/** Reads an ISO 8601 duration in the smallest of its units: `P1DT2H` is 26 hours. */
function parseIso(text: string): ParsedDuration | undefined {
  const parts = [...text.matchAll(new RegExp(`(${ISO_NUMBER})([WDHMS])`, 'g'))].map(
    ([, amount = '', , letter = '']) => ({
      amount: Number.parseFloat(amount.replace(',', '.')),
      unit: ISO_UNITS[letter] ?? 'milliseconds',
    }),
  );
  const last = parts.at(-1);
  if (last === undefined) return undefined;
  const ms = parts.reduce((sum, { amount, unit }) => sum + amount * UNIT_MS[unit], 0);
  return positiveDuration(parts.length === 1 ? last.amount : ms / UNIT_MS[last.unit], last.unit);
}

function positiveDuration(amount: number, unit: DurationUnit): ParsedDuration | undefined {
  const ms = Math.round(amount * UNIT_MS[unit]);
  return ms > 0 && Number.isSafeInteger(ms) ? { amount, unit, ms } : undefined;
}

const durationText = z
  .string()
  .regex(DURATION_PATTERN, {
    error: ({ input }) => (CALENDAR_PATTERN.test(String(input)) ? CALENDAR_HINT : `expected ${DURATION_HINT}`),
    abort: true,
  })
  .refine((text) => parseDuration(text) !== undefined, { error: 'expected a duration that is longer than zero' });

const durationNumber = z
  .int()
  .min(SHORTEST_NUMBER_MS, { error: NUMBER_HINT, abort: true })
  .max(LONGEST_NUMBER_MS, { error: NUMBER_HINT, abort: true });

/** The schema of a duration: a text or, for compatibility, a number of milliseconds. */
export const durationSchema = schemaGetter(
  z.union([durationText, durationNumber], {
    error: ({ input }) => (typeof input === 'number' ? NUMBER_HINT : `expected ${DURATION_HINT}`),
  }),
);

/**
 * Converts a duration to milliseconds: `6h`, `90m`, `10 minutes`, `1.5 hours`, ISO 8601 (`PT30M`), or a number of
 * milliseconds.
 *
 * @throws RangeError when {@link durationSchema} rejects the duration
 */
export function durationMs(duration: string | number): number {
  const parsed = parseDuration(duration);
  if (parsed !== undefined) return parsed.ms;
  throw new RangeError(`${JSON.stringify(duration)} is not ${DURATION_HINT}`);
}

/** A duration as a caller has written it, for a message. */
export function describeDuration(duration: string | number): string {
  return typeof duration === 'number' ? `${duration} ms` : duration;
}

const INTERVAL_UNITS = [
  ['d', UNIT_MS.days],
  ['h', UNIT_MS.hours],
  ['m', UNIT_MS.minutes],
  ['s', UNIT_MS.seconds],
] as const;

/** Writes an interval as documents do, in the largest unit that divides it: `6h`, `90m`, `45s`. */
export function formatInterval(intervalMs: number): string {
  const [unit, ms] = INTERVAL_UNITS.find(([, length]) => intervalMs % length === 0) ?? ['ms', 1];
  return `${intervalMs / ms}${unit}`;
}
