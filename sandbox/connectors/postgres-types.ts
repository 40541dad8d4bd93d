/**
 * How values of PostgreSQL's types are represented in Airbyte's records. Every column is selected as text so that
 * nothing is rounded: a timestamp keeps its microseconds, a bigint and a numeric all their digits.
 */

import { type ExactNumber, numberOf, parseJson } from './exact-json';

/** A column as the database's catalog describes it. */
export interface PostgresColumn {
  name: string;
  /** The type's own name, such as `int4` or `timestamptz`; for a domain, the name of its base type. */
  type: string;
  /** The type's category: `A` for arrays. See the documentation of pg_type.typcategory. */
  category: string;
}

interface TypeMapping {
  schema: Record<string, unknown>;
  /** Returns the SQL expression that selects the column as text, given its quoted name. Default: a cast. */
  select?: (column: string) => string;
  /** Converts the text to the record's value. Default: the text itself. */
  parse?: (text: string) => unknown;
  /** Whether its values are ordered, so that an incremental sync can use the column as a cursor. */
  ordered: boolean;
}

/** A number with all its digits. JSON has no NaN and no infinity, so these stay in PostgreSQL's notation. */
function exactNumber(text: string): number | ExactNumber | string {
  return Number.isNaN(Number(text)) || /infinity/i.test(text) ? text : numberOf(text);
}

/** Converts `2024-01-31 12:00:00.123456+00` to ISO 8601. Other values (`infinity`, years BC) stay as they are. */
function isoTimestamp(text: string): string {
  return /^\d{4}-\d\d-\d\d \d/.test(text) && !text.endsWith('BC') ? text.replace(' ', 'T').replace(/\+00$/, 'Z') : text;
}

const integer: TypeMapping = {
  schema: { type: 'number', airbyte_type: 'integer' },
  parse: exactNumber,
  ordered: true,
};
/** Removes the trailing zeros of a numeric (`1.50`), which carry no information. */
const decimal: TypeMapping = {
  schema: { type: 'number' },
  parse: (text) => exactNumber(text.includes('.') ? text.replace(/\.?0+$/, '') : text),
  ordered: true,
};
const float: TypeMapping = { schema: { type: 'number' }, parse: (text) => finiteNumber(text), ordered: true };
const text: TypeMapping = { schema: { type: 'string' }, ordered: true };
const json: TypeMapping = {
  schema: { type: ['object', 'array', 'string', 'number', 'boolean', 'null'] },
  parse: parseJson,
  ordered: false,
};

/** JSON has no NaN and no infinity, so these stay in PostgreSQL's notation. */
function finiteNumber(value: string): number | string {
  const number = Number(value);
  return Number.isFinite(number) ? number : value;
}

const mappings: Record<string, TypeMapping> = {
  int2: integer,
  int4: integer,
  int8: integer,
  oid: integer,
  numeric: decimal,
  float4: float,
  float8: float,
  bool: { schema: { type: 'boolean' }, parse: (value) => value === 'true' || value === 't', ordered: false },
  timestamptz: {
    schema: { type: 'string', format: 'date-time', airbyte_type: 'timestamp_with_timezone' },
    parse: isoTimestamp,
    ordered: true,
  },
  timestamp: {
    schema: { type: 'string', format: 'date-time', airbyte_type: 'timestamp_without_timezone' },
    parse: isoTimestamp,
    ordered: true,
  },
  date: { schema: { type: 'string', format: 'date' }, ordered: true },
  time: { schema: { type: 'string', format: 'time', airbyte_type: 'time_without_timezone' }, ordered: true },
  timetz: { schema: { type: 'string', format: 'time', airbyte_type: 'time_with_timezone' }, ordered: true },
  json,
  jsonb: json,
  bytea: {
    schema: { type: 'string', contentEncoding: 'base64' },
    select: (column) => `replace(encode(${column}, 'base64'), E'\\n', '')`,
    ordered: false,
  },
  // These types have no order.
  xml: { ...text, ordered: false },
  point: { ...text, ordered: false },
  box: { ...text, ordered: false },
  polygon: { ...text, ordered: false },
  line: { ...text, ordered: false },
  lseg: { ...text, ordered: false },
  path: { ...text, ordered: false },
  circle: { ...text, ordered: false },
};

const array: TypeMapping = {
  schema: { type: 'array' },
  select: (column) => `to_jsonb(${column})::text`,
  parse: parseJson,
  ordered: false,
};

function mappingOf(column: PostgresColumn): TypeMapping {
  // Enums, uuids, addresses, ranges, intervals and types of extensions are represented by their text.
  return mappings[column.type] ?? (column.category === 'A' ? array : text);
}

/** The JSON schema of a column's values. */
export function jsonSchemaOf(column: PostgresColumn): Record<string, unknown> {
  return mappingOf(column).schema;
}

/** Whether an incremental sync can use the column as its cursor. */
export function canBeCursor(column: PostgresColumn): boolean {
  return mappingOf(column).ordered;
}

/** The SQL expression that selects a column as text. */
export function selectExpression(column: PostgresColumn, quotedName: string): string {
  return mappingOf(column).select?.(quotedName) ?? `${quotedName}::text`;
}

/** Converts a selected text to the record's value. */
export function parseValue(column: PostgresColumn, value: string | null): unknown {
  if (value === null) return null;
  const { parse } = mappingOf(column);
  return parse ? parse(value) : value;
}
