import { z } from 'zod';
import { sharedSchema } from './shared-schema';

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

/** What a duration's text looks like: one number, one unit. Editors check it through the JSON Schema. */
const DURATION_PATTERN = new RegExp(String.raw`^\d+(\.\d+)? ?(${[...UNITS.keys()].join('|')})$`);

/** Said after a field's name wherever a duration is refused. */
export const DURATION_HINT = "a duration such as '90s', '30m', '6h' or '1 day'";

interface ParsedDuration {
  amount: number;
  unit: DurationUnit;
  /** The whole length in milliseconds, rounded to one. */
  ms: number;
}

/** Reads a duration's text; undefined when it is none, or not longer than nothing. */
export function parseDuration(text: string): ParsedDuration | undefined {
  if (!DURATION_PATTERN.test(text)) return undefined;
  const amount = Number.parseFloat(text);
  const unit = UNITS.get(text.replace(/^[\d.]+ ?/, ''));
  if (unit === undefined) return undefined;
  const ms = Math.round(amount * UNIT_MS[unit]);
  return ms > 0 && Number.isSafeInteger(ms) ? { amount, unit, ms } : undefined;
}

/** The text of a duration that is longer than nothing. */
export const durationTextSchema = sharedSchema(
  z
    .string()
    .regex(DURATION_PATTERN, { error: `expected ${DURATION_HINT}`, abort: true })
    .refine((text) => parseDuration(text) !== undefined, { error: 'expected a duration that is longer than nothing' }),
);

/**
 * The milliseconds of a duration: as people write it (`6h`, `90m`, `10 minutes`, `1.5 hours`), or a number of them.
 *
 * @throws RangeError when it is not a duration, or not longer than nothing
 */
export function durationMs(duration: string | number): number {
  const ms = typeof duration === 'number' ? duration : parseDuration(duration)?.ms;
  if (ms === undefined || !Number.isSafeInteger(ms) || ms <= 0) {
    throw new RangeError(`${JSON.stringify(duration)} is not ${DURATION_HINT}`);
  }
  return ms;
}
