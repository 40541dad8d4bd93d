/** Formats a duration with at most two units: `0.8s`, `12s`, `1m 05s`, `2h 03m`, `1d 04h`. */
export function formatDuration(durationMs: number): string {
  const totalSeconds = Math.max(0, durationMs) / 1000;
  if (totalSeconds < 9.95) return `${totalSeconds.toFixed(1)}s`;
  const seconds = Math.round(totalSeconds);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${twoDigits(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${twoDigits(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${twoDigits(hours % 24)}h`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Formats bytes with units of powers of 1000: `812 B`, `52.4 MB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // toFixed rounds 999.95 kB to '1000.0 kB', which is 1.0 MB.
  while (value >= (unit === 0 ? 1000 : 999.95) && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? String(Math.round(value)) : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

const wholeNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Formats a number as `1,234,567`, in every locale, so that logs can be searched for it. */
export function formatNumber(value: number): string {
  return wholeNumber.format(value);
}

/** Formats a count with its noun: `1 record`, `1,234 records`. */
export function formatCount(value: number, noun: string): string {
  return `${formatNumber(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** How many names a list in a message has. */
export const NAMES_SHOWN = 20;

/** Lists the first names: `customers, orders … and 19,980 more`. @param more how many names there are in addition to `names` */
export function formatNames(names: readonly string[], more = 0): string {
  const shown = names.slice(0, NAMES_SHOWN);
  const rest = names.length - shown.length + more;
  return shown.join(', ') + (rest > 0 ? ` … and ${formatNumber(rest)} more` : '');
}

/** Formats a count; null is `not measured`. */
export function formatMeasured(count: number | null, format: (count: number) => string): string {
  return count === null ? NOT_MEASURED : format(count);
}

const NOT_MEASURED = 'not measured';

/**
 * Formats the counts of a job: `12,340 records, 52.4 MB`. A count that is undefined is not known yet and left out. Records
 * that are null have not been measured by Airbyte: `records not measured`.
 */
export function formatVolume({
  recordsSynced,
  bytesSynced,
}: {
  recordsSynced?: number | null | undefined;
  bytesSynced?: number | null | undefined;
}): string {
  const parts: string[] = [];
  if (recordsSynced === null) parts.push(`records ${NOT_MEASURED}`);
  else if (recordsSynced !== undefined) parts.push(formatCount(recordsSynced, 'record'));
  if (bytesSynced !== undefined && bytesSynced !== null) parts.push(formatBytes(bytesSynced));
  return parts.join(', ');
}

/**
 * Formats a time with its offset from UTC: `2026-03-01 14:05:09 +01:00`.
 *
 * @param timeZone the name of a zone, such as `Europe/Paris` @default the zone of this process
 */
export function formatTime(timeMs: number, timeZone?: string): string {
  const parts = new Intl.DateTimeFormat('en', {
    ...(timeZone !== undefined && { timeZone }),
    ...({ year: 'numeric', month: '2-digit', day: '2-digit' } as const),
    ...({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const),
    timeZoneName: 'longOffset',
  }).formatToParts(timeMs);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? '';
  // The zone is `GMT+01:00`, or `GMT` alone.
  const offset = part('timeZoneName').slice('GMT'.length) || '+00:00';
  const [date, time] = [
    `${part('year')}-${part('month')}-${part('day')}`,
    `${part('hour')}:${part('minute')}:${part('second')}`,
  ];
  return `${date} ${time} ${offset}`;
}
