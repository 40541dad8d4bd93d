/**
 * The column kind for each property of a stream's JSON schema, and the conversion of values to it. Both destinations
 * use it.
 */
import { ExactNumber, jsonText } from './exact-json';
import { ConnectorError, type ProtocolStream, type RecordMessage, type ValueChange } from './protocol';

export type ColumnKind =
  | 'text'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'timestamp_with_timezone'
  | 'timestamp_without_timezone'
  | 'date'
  | 'time_with_timezone'
  | 'time_without_timezone'
  | 'json';

export interface Column {
  name: string;
  kind: ColumnKind;
}

/** The columns that Airbyte adds to every stream. */
const AIRBYTE_COLUMN_NAMES = ['_airbyte_raw_id', '_airbyte_extracted_at', '_airbyte_meta'];

/**
 * The columns of a stream, in the order of its schema.
 *
 * @throws ConnectorError (`config_error`) for a field with the name of a column that Airbyte adds, because one of the
 * two would be lost
 */
export function columnsOf({ name: stream, json_schema: jsonSchema }: ProtocolStream): Column[] {
  const properties = (jsonSchema['properties'] ?? {}) as Record<string, Record<string, unknown>>;
  const taken = Object.keys(properties).filter((name) => AIRBYTE_COLUMN_NAMES.includes(name));
  if (taken.length > 0) {
    throw new ConnectorError(
      `the stream ${stream} has the field ${taken.join(', ')}, but the destination adds a column of that name itself; deselect the field (selectedFields)`,
      'config_error',
    );
  }
  return Object.entries(properties).map(([name, schema]) => ({ name, kind: columnKind(schema) }));
}

/** The kind of column for a property, according to Airbyte's documentation of supported data types. */
function columnKind(schema: Record<string, unknown>): ColumnKind {
  const {
    type,
    format,
    airbyte_type: airbyteType,
    oneOf,
    anyOf,
  } = schema as {
    type?: string | string[];
    format?: string;
    airbyte_type?: string;
    oneOf?: unknown;
    anyOf?: unknown;
  };
  if (oneOf !== undefined || anyOf !== undefined) return 'json';
  const types = (Array.isArray(type) ? type : [type]).filter((each) => each !== undefined && each !== 'null');
  if (types.length === 2 && types.includes('integer') && types.includes('number')) return 'number';
  if (types.length !== 1) return 'json';
  switch (types[0]) {
    case 'string':
      return textKind(format, airbyteType);
    case 'integer':
      return 'integer';
    case 'number':
      return airbyteType === 'integer' || airbyteType === 'big_integer' ? 'integer' : 'number';
    case 'boolean':
      return 'boolean';
    default:
      return 'json';
  }
}

function textKind(format: string | undefined, airbyteType: string | undefined): ColumnKind {
  switch (format) {
    case 'date':
      return 'date';
    case 'date-time':
      return airbyteType === 'timestamp_without_timezone' ? airbyteType : 'timestamp_with_timezone';
    case 'time':
      return airbyteType === 'time_with_timezone' ? airbyteType : 'time_without_timezone';
    default:
      return 'text';
  }
}

const INT64_LIMIT = 2n ** 63n;
const TIMESTAMP =
  /^(\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d\d(?::?\d\d)?(?::?\d\d)?)?(\s+BC)?$/i;
/** The first year that PostgreSQL supports, 4713 BC, where year 0 stands for 1 BC. */
const FIRST_YEAR = -4712;
const DAY_MICROSECONDS = 86_400_000_000n;
const TIME = /^\d\d:\d\d(:\d\d([.,]\d+)?)?\s*(Z|[+-]\d\d(:?\d\d)?(:?\d\d)?)?$/i;

/** A value converted to its column's kind; undefined if it does not fit. Null fits every kind. */
export type FittedValue = string | number | bigint | boolean | object | null | undefined;

/**
 * Converts a value to a column's kind: integers to bigint, timestamps to microseconds since 1970 (bigint), numbers to
 * number, or to an exact number if a double would lose digits.
 */
function fitValue(kind: ColumnKind, value: unknown): FittedValue {
  if (value === null || value === undefined) return null;
  switch (kind) {
    case 'text':
      return typeof value === 'string' ? value : jsonText(value);
    case 'integer':
      return fitInteger(value);
    case 'number':
      return fitNumber(value);
    case 'boolean':
      if (value === 'true' || value === 'false') return value === 'true';
      return typeof value === 'boolean' ? value : undefined;
    case 'timestamp_with_timezone':
    case 'timestamp_without_timezone':
      return typeof value === 'string' ? microsecondsOf(value, kind) : undefined;
    case 'date':
      return typeof value === 'string' ? dateOf(value) : undefined;
    case 'time_with_timezone':
    case 'time_without_timezone':
      return typeof value === 'string' && TIME.test(value) ? value : undefined;
    case 'json':
      return value as FittedValue;
  }
}

function fitInteger(value: unknown): bigint | undefined {
  const integer = integerOf(value instanceof ExactNumber ? value.digits.replace(/\.0+$/, '') : value);
  if (integer === undefined) return undefined;
  return integer >= -INT64_LIMIT && integer < INT64_LIMIT ? integer : undefined;
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^[+-]?\d+$/.test(value) ? BigInt(value.replace('+', '')) : undefined;
}

function fitNumber(value: unknown): number | string | undefined {
  if (value instanceof ExactNumber) return value.digits;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) || /^(NaN|[+-]?Infinity)$/.test(value);
  return isNumber ? value : undefined;
}

/** Microseconds since 1970 of an ISO 8601 timestamp. Without a time zone, it is read as UTC. */
function microsecondsOf(text: string, kind: ColumnKind): bigint | undefined {
  const match = TIMESTAMP.exec(text.trim());
  if (!match) return undefined;
  const [, written, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone, isBc] = match;
  const year = isBc ? 1 - Number(written) : Number(written);
  if (year < FIRST_YEAR) return undefined;
  const isoYear = `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`;
  const milliseconds = Date.parse(`${isoYear}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // Date.parse accepts the 31st of a shorter month and returns the first day of the next one.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).getUTCDate() !== Number(day)) return undefined;
  const micros = BigInt(milliseconds) * 1_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
  // A column without a time zone holds the time as it was written.
  return kind === 'timestamp_without_timezone' ? micros : micros - BigInt(zoneOffsetSeconds(zone)) * 1_000_000n;
}

/** The date part of a date or timestamp, as it was written: `2024-02-29`, `0044-03-15 BC`. */
function dateOf(text: string): string | undefined {
  if (microsecondsOf(text, 'timestamp_without_timezone') === undefined) return undefined;
  const [day] = text.trim().split(/[T ]/, 1);
  return /\sBC$/i.test(text.trim()) ? `${day} BC` : day;
}

/** Days since 1970 of a converted date. */
export function dayNumberOf(date: string): number {
  return Number((microsecondsOf(date, 'timestamp_without_timezone') ?? 0n) / DAY_MICROSECONDS);
}

function zoneOffsetSeconds(zone: string | undefined): number {
  if (!zone || zone.toUpperCase() === 'Z') return 0;
  const digits = zone.slice(1).replaceAll(':', '').padEnd(6, '0');
  const seconds = Number(digits.slice(0, 2)) * 3_600 + Number(digits.slice(2, 4)) * 60 + Number(digits.slice(4, 6));
  return zone.startsWith('-') ? -seconds : seconds;
}

/**
 * A record's values in the order of the columns, with the list of changed values: those that the source reported, and
 * those that became null here.
 */
export function fitRecord(
  columns: readonly Column[],
  { data, meta }: Pick<RecordMessage['record'], 'data' | 'meta'>,
): { values: Exclude<FittedValue, undefined>[]; changes: ValueChange[] } {
  const changes: ValueChange[] = [...(meta?.changes ?? [])];
  const values = columns.map(({ name, kind }) => {
    const fitted = fitValue(kind, data[name]);
    if (fitted !== undefined) return fitted;
    changes.push({ field: name, change: 'NULLED', reason: 'DESTINATION_SERIALIZATION_ERROR' });
    return null;
  });
  return { values, changes };
}
