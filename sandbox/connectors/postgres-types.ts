/**
 * How PostgreSQL's types travel in Airbyte's records. Every column is selected as text, so that nothing is rounded on the
 * way: a timestamp keeps its microseconds, a bigint and a numeric all their digits.
 */

import { type ExactNumber, numberOf, parseJson } from './exact-json';

/** A column as the catalogue of the database describes it. */
export interface PostgresColumn {
  name: string;
  /** The type's own name, such as `int4` or `timestamptz`; of a domain, that of its base type. */
  type: string;
  /** The type's category: `A` for arrays. See the documentation of pg_type.typcategory. */
  category: string;
}

interface TypeMapping {
  schema: Record<string, unknown>;
  /** The SQL expression that gives the column as text, from its quoted name. Default: a cast. */
  select?: (column: string) => string;
  /** Makes the record's value of the text. Default: the text itself. */
  parse?: (text: string) => unknown;
  /** Whether its values have an order that an incremental sync can follow. */
  ordered: boolean;
}

/** A number with all its digits. JSON has no NaN and no infinity; they travel as PostgreSQL writes them. */
function exactNumber(text: string): number | ExactNumber | string {
  return Number.isNaN(Number(text)) || /infinity/i.test(text) ? text : numberOf(text);
}

/** `2024-01-31 12:00:00.123456+00` as ISO 8601; what is no date (`infinity`, years BC) stays as it is. */
function isoTimestamp(text: string): string {
  return /^\d{4}-\d\d-\d\d \d/.test(text) && !text.endsWith('BC') ? text.replace(' ', 'T').replace(/\+00$/, 'Z') : text;
}

const integer: TypeMapping = {
  schema: { type: 'number', airbyte_type: 'integer' },
  parse: exactNumber,
  ordered: true,
};
/** A numeric may have trailing zeros (`1.50`), which are no digits to keep. */
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

/** JSON has no NaN and no infinity; they travel as PostgreSQL writes them. */
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
  // Types without an order of their own.
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
  // Enums, uuids, addresses, ranges, intervals and types of extensions: their text is what they are.
  return mappings[column.type] ?? (column.category === 'A' ? array : text);
}

/** The JSON schema of a column's values. */
export function jsonSchemaOf(column: PostgresColumn): Record<string, unknown> {
  return mappingOf(column).schema;
}

/** Whether an incremental sync can follow the column. */
export function canBeCursor(column: PostgresColumn): boolean {
  return mappingOf(column).ordered;
}

/** The expression that selects a column as text. */
export function selectExpression(column: PostgresColumn, quotedName: string): string {
  return mappingOf(column).select?.(quotedName) ?? `${quotedName}::text`;
}

/** Makes the record's value of a selected text. */
export function parseValue(column: PostgresColumn, value: string | null): unknown {
  if (value === null) return null;
  const { parse } = mappingOf(column);
  return parse ? parse(value) : value;
}
