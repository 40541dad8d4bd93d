/** How the columns of a stream are stored in a Parquet file. */
import type { SchemaElement } from 'hyparquet-writer';
import { type Column, type ColumnKind, dayNumberOf, type FittedValue } from './column-values';
import { ExactNumber, jsonText, numberOf } from './exact-json';
import type { ValueChange } from './protocol';

type Layout = Omit<SchemaElement, 'name' | 'repetition_type'>;

const text: Layout = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };

const timestamp = (isAdjustedToUTC: boolean): Layout => ({
  type: 'INT64',
  // The older annotation supports only instants in UTC.
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

/** The columns that Airbyte adds, which come before those of the stream. */
export const AIRBYTE_COLUMNS: Column[] = [
  { name: '_airbyte_raw_id', kind: 'text' },
  { name: '_airbyte_extracted_at', kind: 'timestamp_with_timezone' },
  { name: '_airbyte_meta', kind: 'json' },
];

/** The schema of a file with these columns. All columns of the stream may be null. */
export function parquetSchema(columns: readonly Column[]): SchemaElement[] {
  return schemaOf(columns, LAYOUTS);
}

/**
 * The same schema, with the types of the values that the writer gets. The writer's own JSON conversion would lose
 * digits beyond 2^53, so it gets finished JSON as text, which has the same bytes in the file.
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

/** A converted value in the form that its column stores. */
export function toParquetValue(kind: ColumnKind, value: FittedValue): unknown {
  if (value === null || value === undefined) return null;
  if (kind === 'number') return Number(value);
  if (kind === 'date') return dayNumberOf(String(value));
  if (kind === 'json') return jsonText(value);
  return value;
}

/** Notes a converted value that its column cannot hold exactly: a number with more digits than a double has. */
export function roundingOf({ name, kind }: Column, value: FittedValue): ValueChange[] {
  const isRounded = kind === 'number' && typeof value === 'string' && numberOf(value) instanceof ExactNumber;
  if (!isRounded || /nan|infinity/i.test(value)) return [];
  return [{ field: name, change: 'TRUNCATED', reason: 'DESTINATION_FIELD_SIZE_LIMITATION' }];
}

/** Roughly how many bytes of memory a value takes until it is written. */
export function sizeOf(value: unknown): number {
  return typeof value === 'string' ? value.length + 8 : 16;
}
