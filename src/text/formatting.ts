/** `0.8s`, `12s`, `1m 05s`, `2h 03m`, `1d 04h`: two units are enough to judge by. */
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

/** Bytes in powers of 1000: `812 B`, `52.4 MB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.95 kB would be rounded to '1000.0 kB'.
  while (value >= (unit === 0 ? 1000 : 999.95) && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? String(Math.round(value)) : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

const wholeNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,234,567`: the same in every locale, as a log that is searched later needs it. */
export function formatNumber(value: number): string {
  return wholeNumber.format(value);
}

/** `1 record`, `1,234 records`. */
export function formatCount(value: number, noun: string): string {
  return `${formatNumber(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** As many names as a person reads. */
export const NAMES_SHOWN = 20;

/** `customers, orders … and 19,980 more`. @param more how many there are beside those that are given */
export function formatNames(names: readonly string[], more = 0): string {
  const shown = names.slice(0, NAMES_SHOWN);
  const rest = names.length - shown.length + more;
  return shown.join(', ') + (rest > 0 ? ` … and ${formatNumber(rest)} more` : '');
}

/** A count that may not have been made. */
export function formatMeasured(count: number | null, format: (count: number) => string): string {
  return count === null ? NOT_MEASURED : format(count);
}

const NOT_MEASURED = 'not measured';

/**
 * `12,340 records, 52.4 MB`; what is not known yet is left out, and nothing known is an empty string. Null is what Airbyte has
 * not measured: `records not measured`.
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

/** `2026-03-01 14:05:09` in the person's own time zone. */
export function formatTime(timeMs: number): string {
  const time = new Date(timeMs);
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(twoDigits).join('-');
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(':')}`;
}
