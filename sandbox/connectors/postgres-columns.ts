/** The columns of a table that the Postgres destination writes: their types, and what becomes of one that changes. */
import { type Client, escapeIdentifier as id } from 'pg';
import type { Column, ColumnKind, FittedValue } from './column-values';
import { reasonOf } from './error-reason';
import { ConnectorError } from './protocol';

/** The columns that every table of Airbyte's has beside those of its stream. */
export const AIRBYTE_COLUMNS = [
  ['_airbyte_raw_id', 'varchar NOT NULL'],
  ['_airbyte_extracted_at', 'timestamptz NOT NULL'],
  ['_airbyte_meta', 'jsonb NOT NULL'],
] as const;

/** The types as PostgreSQL itself calls them. */
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

/** A column of a stream, and what it is called in the database. */
export interface TableColumn extends Column {
  identifier: string;
}

/**
 * Changes the columns of a table to the types that the stream has now, with the values that they hold. A column of a type
 * that this destination never makes was made by another program; it stays as it is.
 *
 * @throws ConnectorError (`config_error`) when what a column holds cannot be of its new type
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
        `the field "${name}" is now of type ${now}, and its column in ${table} is of type ${before} with values that cannot become one: ${reasonOf(error)}. Clear the stream, or write it under another name`,
        'config_error',
        { cause: error },
      );
    }
  }
}

/** The SQL that makes a column's value one of another type. Values become each other through their text. */
function conversion(column: string, before: string, now: string): string {
  if (now === SQL_TYPES.json) return `to_jsonb(${column})`;
  const text = before === SQL_TYPES.json ? `(${column} #>> '{}')` : `${column}::${SQL_TYPES.text}`;
  return `${text}::${now}`;
}

/** A fitted value as PostgreSQL reads it. */
export function toSqlValue({ kind }: Column, value: FittedValue): FittedValue {
  return typeof value === 'bigint' && kind.startsWith('timestamp')
    ? timestampText(value, kind === 'timestamp_with_timezone')
    : value;
}

/** Microseconds since 1970 as a timestamp; years before the first are years BC. */
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
