/**
 * The columns of a table that the Postgres destination writes: their types, and the conversion of a column whose type
 * changes.
 */
import { type Client, escapeIdentifier as id } from 'pg';
import type { Column, ColumnKind, FittedValue } from './column-values';
import { reasonOf } from './error-reason';
import { ConnectorError } from './protocol';

/** The columns that Airbyte adds to every table. */
export const AIRBYTE_COLUMNS = [
  ['_airbyte_raw_id', 'varchar NOT NULL'],
  ['_airbyte_extracted_at', 'timestamptz NOT NULL'],
  ['_airbyte_meta', 'jsonb NOT NULL'],
] as const;

/** The types under PostgreSQL's own names. */
export const SQL_TYPES: Record<ColumnKind, string> = {
  text: 'character varying',
  integer: 'bigint',
  number: 'numeric',
  boolean: 'boolean',
  timestamp_with_timezone: 'timestamp with time zone',
  timestamp_without_timezone: 'timestamp without time zone',
  date: 'date',
  time_with_timezone: 'time with time zone',
  time_without_timezone: 'time without time zone',
  json: 'jsonb',
};
const OWN_TYPES = new Set(Object.values(SQL_TYPES));

/** A column of a stream, with its name in the database. */
export interface TableColumn extends Column {
  identifier: string;
}

/**
 * Changes the columns of a table to the stream's current types and converts their values. A column with a type that
 * this destination never creates was created by another program and stays as it is.
 *
 * @throws ConnectorError (`config_error`) if a column's values cannot be converted to its new type
 */
export async function changeTypes(client: Client, table: string, columns: readonly TableColumn[]): Promise<void> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type
       FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [table],
  );
  const held = new Map(rows.map(({ name, type }) => [name, type]));
  for (const { name, identifier, kind } of columns) {
    const [before, now] = [held.get(identifier) ?? '', SQL_TYPES[kind]];
    if (before === now || !OWN_TYPES.has(before)) continue;
    try {
      await client.query(
        `ALTER TABLE ${table} ALTER COLUMN ${id(identifier)} TYPE ${now} USING ${conversion(id(identifier), before, now)}`,
      );
    } catch (error) {
      throw new ConnectorError(
        `the field "${name}" is now of type ${now}, but its column in ${table} is of type ${before} and has values that cannot be converted: ${reasonOf(error)}. Clear the stream, or write it under another name`,
        'config_error',
        { cause: error },
      );
    }
  }
}

/** The SQL expression that converts a column's value to another type, by way of its text. */
function conversion(column: string, before: string, now: string): string {
  if (now === SQL_TYPES.json) return `to_jsonb(${column})`;
  const text = before === SQL_TYPES.json ? `(${column} #>> '{}')` : `${column}::${SQL_TYPES.text}`;
  return `${text}::${now}`;
}

/** A converted value in the form that PostgreSQL parses. */
export function toSqlValue({ kind }: Column, value: FittedValue): FittedValue {
  return typeof value === 'bigint' && kind.startsWith('timestamp')
    ? timestampText(value, kind === 'timestamp_with_timezone')
    : value;
}

/** Formats microseconds since 1970 as a timestamp; years before year 1 are years BC. */
function timestampText(microseconds: bigint, withZone: boolean): string {
  const second = (microseconds - (((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n;
  const fraction = (microseconds - second * 1_000_000n).toString().padStart(6, '0');
  const date = new Date(Number(second) * 1_000);
  const year = date.getUTCFullYear();
  const iso = date.toISOString();
  const afterYear = iso.slice(iso.indexOf('-', 1), -5);
  const shownYear = String(year > 0 ? year : 1 - year).padStart(4, '0');
  return `${shownYear}${afterYear}.${fraction}${withZone ? 'Z' : ''}${year > 0 ? '' : ' BC'}`;
}
