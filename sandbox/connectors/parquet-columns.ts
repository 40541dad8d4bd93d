/** How the columns of a stream are laid out in a Parquet file. */
import type { SchemaElement } from 'hyparquet-writer';
import { type Column, type ColumnKind, dayNumberOf, type FittedValue } from './column-values';
import { ExactNumber, jsonText, numberOf } from './exact-json';
import type { ValueChange } from './protocol';

type Layout = Omit<SchemaElement, 'name' | 'repetition_type'>;

const text: Layout = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };

const timestamp = (isAdjustedToUTC: boolean): Layout => ({
  type: 'INT64',
  // The older mark knows only instants in UTC.
  ...(isAdjustedToUTC && { converted_type: 'TIMESTAMP_MICROS' }),
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC, unit: 'MICROS' },
});

const LAYOUTS: Record<ColumnKind, Layout> = {
  text,
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  timestamp_with_timezone: timestamp(true),
  timestamp_without_timezone: timestamp(false),
  date: { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
  time_with_timezone: text,
  time_without_timezone: text,
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' } },
};

/** The columns Airbyte adds, ahead of those of the stream. */
export const AIRBYTE_COLUMNS: Column[] = [
  { name: '_airbyte_raw_id', kind: 'text' },
  { name: '_airbyte_extracted_at', kind: 'timestamp_with_timezone' },
  { name: '_airbyte_meta', kind: 'json' },
];

/** The schema of a file with these columns; the stream's may all be null. */
export function parquetSchema(columns: readonly Column[]): SchemaElement[] {
  return schemaOf(columns, LAYOUTS);
}

/**
 * The same as the writer is to take the values. The JSON that it would make itself has no number beyond 2^53: it gets text,
 * which lies in the file just as JSON does.
 */
export function writtenSchema(columns: readonly Column[]): SchemaElement[] {
  return schemaOf(columns, { ...LAYOUTS, json: text });
}

function schemaOf(columns: readonly Column[], layouts: Record<ColumnKind, Layout>): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(
      (column): SchemaElement => ({
        name: column.name,
        repetition_type: AIRBYTE_COLUMNS.includes(column) ? 'REQUIRED' : 'OPTIONAL',
        ...layouts[column.kind],
      }),
    ),
  ];
}

/** A fitted value as its layout stores it. */
export function toParquetValue(kind: ColumnKind, value: FittedValue): unknown {
  if (value === null || value === undefined) return null;
  if (kind === 'number') return Number(value);
  if (kind === 'date') return dayNumberOf(String(value));
  if (kind === 'json') return jsonText(value);
  return value;
}

/** What becomes of a fitted value that its layout cannot hold whole: a number of more digits than a double has. */
export function roundingOf({ name, kind }: Column, value: FittedValue): ValueChange[] {
  const isRounded = kind === 'number' && typeof value === 'string' && numberOf(value) instanceof ExactNumber;
  if (!isRounded || /nan|infinity/i.test(value)) return [];
  return [{ field: name, change: 'TRUNCATED', reason: 'DESTINATION_FIELD_SIZE_LIMITATION' }];
}

/** Roughly how many bytes a value takes while it waits to be written. */
export function sizeOf(value: unknown): number {
  return typeof value === 'string' ? value.length + 8 : 16;
}
