/** One table that the Postgres destination writes: its making, its rows, and its taking the old one's place. */
import { createHash, randomUUID } from 'node:crypto';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import { type Column, type ColumnKind, columnsOf, type FittedValue, fitRecord } from './column-values';
import { type ConfiguredStream, ConnectorError } from './protocol';

/** Rows are sent in one statement up to so many, or so many characters of JSON. */
const MAXIMUM_BATCH_ROWS = 1_000;
const MAXIMUM_BATCH_CHARACTERS = 4 * 1024 * 1024;

/** The columns that every table of Airbyte's has beside those of its stream. */
const AIRBYTE_COLUMNS = [
  ['_airbyte_raw_id', 'varchar NOT NULL'],
  ['_airbyte_extracted_at', 'timestamptz NOT NULL'],
  ['_airbyte_meta', 'jsonb NOT NULL'],
] as const;

const SQL_TYPES: Record<ColumnKind, string> = {
  text: 'varchar',
  integer: 'bigint',
  number: 'numeric',
  boolean: 'boolean',
  timestamp_with_timezone: 'timestamptz',
  timestamp_without_timezone: 'timestamp',
  date: 'date',
  time_with_timezone: 'timetz',
  time_without_timezone: 'time',
  json: 'jsonb',
};

const id = escapeIdentifier;

/** JSON of a row; what JSON or PostgreSQL has no place for is put so that they do. */
function toJson(row: Record<string, FittedValue>): string {
  return JSON.stringify(row, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'string') return value;
    // PostgreSQL's text cannot hold the character zero, nor half a surrogate pair.
    return value.replace(/\0|\p{Surrogate}/gu, (character) => (character === '\0' ? '' : '\ufffd'));
  });
}

function isoTimestamp(microseconds: bigint, withZone: boolean): string {
  const second = (microseconds - (((microseconds % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n;
  const fraction = (microseconds - second * 1_000_000n).toString().padStart(6, '0');
  const text = new Date(Number(second) * 1_000).toISOString().slice(0, -5);
  return `${text}.${fraction}${withZone ? 'Z' : ''}`;
}

function toSqlValue({ kind }: Column, value: FittedValue): FittedValue {
  return typeof value === 'bigint' && kind.startsWith('timestamp')
    ? isoTimestamp(value, kind === 'timestamp_with_timezone')
    : value;
}

export class PostgresTableWriter {
  readonly #client: Client;
  readonly #begin: () => Promise<void>;
  readonly #schema: string;
  readonly #finalName: string;
  readonly #name: string;
  readonly #columns: Column[];
  readonly #primaryKey: string[] | undefined;
  readonly #cursor: string | undefined;
  #batch: string[] = [];
  #batchCharacters = 0;
  /** The rows of a batch by primary key, when only the last of each counts. */
  readonly #placeByKey = new Map<string, number>();

  /** @param begin - called before rows are sent: they belong into a transaction */
  constructor(client: Client, schema: string, configured: ConfiguredStream, begin: () => Promise<void>) {
    const { stream, destination_sync_mode: mode } = configured;
    this.#client = client;
    this.#begin = begin;
    this.#schema = schema;
    this.#finalName = stream.name;
    this.#columns = columnsOf(stream.json_schema);
    this.replaces = mode === 'overwrite' || mode === 'overwrite_dedup';
    this.#name = this.replaces ? `${stream.name.slice(0, 40)}_airbyte_tmp_${randomUUID().slice(0, 8)}` : stream.name;
    if (mode.endsWith('_dedup')) {
      this.#primaryKey = primaryKeyOf(configured);
      this.#cursor = configured.cursor_field?.[0];
      const missing = this.#primaryKey.find((name) => !this.#columns.some((column) => column.name === name));
      if (missing !== undefined) {
        throw new ConnectorError(`the primary key "${missing}" is no field of ${stream.name}`, 'config_error');
      }
    }
  }

  /** Whether the rows take the place of what the table held: they are then seen only when all are there. */
  readonly replaces: boolean;

  /** The quoted name of the table that rows go to. */
  get table(): string {
    return `${id(this.#schema)}.${id(this.#name)}`;
  }

  get #finalTable(): string {
    return `${id(this.#schema)}.${id(this.#finalName)}`;
  }

  /** Makes the table, or adds the columns that it does not have yet. */
  async prepare(): Promise<void> {
    const columns = [
      ...AIRBYTE_COLUMNS,
      ...this.#columns.map(({ name, kind }) => [name, SQL_TYPES[kind]] as const),
    ].map(([name, type]) => `${id(name)} ${type}`);
    await this.#client.query(`CREATE SCHEMA IF NOT EXISTS ${id(this.#schema)}`);
    await this.#client.query(`CREATE TABLE IF NOT EXISTS ${this.table} (${columns.join(', ')})`);
    if (!this.replaces) {
      const added = columns.map((column) => `ADD COLUMN IF NOT EXISTS ${column.replace(/ NOT NULL$/, '')}`);
      await this.#client.query(`ALTER TABLE ${this.table} ${added.join(', ')}`);
    }
    if (this.#primaryKey) {
      const key = this.#primaryKey.map(id).join(', ');
      const name = createHash('md5').update(`${this.table} ${key}`).digest('hex').slice(0, 16);
      await this.#client.query(
        `CREATE UNIQUE INDEX IF NOT EXISTS ${id(`airbyte_pk_${name}`)} ON ${this.table} (${key})`,
      );
    }
  }

  /** Adds a row. It is with the server after the next {@link flush}. */
  async add(data: Record<string, unknown>, emittedAt: number): Promise<void> {
    const { values, changes } = fitRecord(this.#columns, data);
    const row: Record<string, FittedValue> = {
      _airbyte_raw_id: randomUUID(),
      _airbyte_extracted_at: new Date(emittedAt).toISOString(),
      _airbyte_meta: { changes },
    };
    this.#columns.forEach((column, index) => {
      row[column.name] = toSqlValue(column, values[index]);
    });
    const json = toJson(row);
    this.#batchCharacters += json.length;
    if (this.#primaryKey) this.#keepLastOfKey(row, json);
    else this.#batch.push(json);
    if (this.#batch.length >= MAXIMUM_BATCH_ROWS || this.#batchCharacters >= MAXIMUM_BATCH_CHARACTERS)
      await this.flush();
  }

  /** One statement must not touch a row twice. Sources send rows in the order of the cursor: the last one counts. */
  #keepLastOfKey(row: Record<string, FittedValue>, json: string): void {
    const key = toJson(Object.fromEntries((this.#primaryKey ?? []).map((name) => [name, row[name]])));
    const place = this.#placeByKey.get(key) ?? this.#batch.length;
    this.#placeByKey.set(key, place);
    this.#batch[place] = json;
  }

  async flush(): Promise<void> {
    if (this.#batch.length === 0) return;
    const batch = `[${this.#batch.join(',')}]`;
    this.#batch = [];
    this.#batchCharacters = 0;
    this.#placeByKey.clear();
    const names = [...AIRBYTE_COLUMNS.map(([name]) => name), ...this.#columns.map(({ name }) => name)].map(id);
    await this.#begin();
    await this.#client.query(
      `INSERT INTO ${this.table} AS held (${names.join(', ')})
       SELECT ${names.join(', ')} FROM jsonb_populate_recordset(NULL::${this.table}, $1::jsonb) ${this.#onConflict(names)}`,
      [batch],
    );
  }

  #onConflict(names: string[]): string {
    if (!this.#primaryKey) return '';
    const updates = names.map((name) => `${name} = excluded.${name}`).join(', ');
    const newer = this.#cursor
      ? ` WHERE held.${id(this.#cursor)} IS NULL OR excluded.${id(this.#cursor)} >= held.${id(this.#cursor)}`
      : '';
    return `ON CONFLICT (${this.#primaryKey.map(id).join(', ')}) DO UPDATE SET ${updates}${newer}`;
  }

  /** Puts the new table in the place of the old one; to be called in a transaction. */
  async replace(): Promise<void> {
    await this.#client.query(`DROP TABLE IF EXISTS ${this.#finalTable}`);
    await this.#client.query(`ALTER TABLE ${this.table} RENAME TO ${id(this.#finalName)}`);
  }
}

function primaryKeyOf({ stream, primary_key: configured }: ConfiguredStream): string[] {
  const paths = configured?.length ? configured : (stream.source_defined_primary_key ?? []);
  const names = paths.map((path) => path[0]).filter((name) => name !== undefined);
  if (names.length === 0) {
    throw new ConnectorError(
      `the stream ${stream.name} is to be deduplicated and has no primary key; name one`,
      'config_error',
    );
  }
  return names;
}

/** A test that a check makes: a table is made and dropped, so that a missing permission shows now. */
export async function tryToWrite(client: Client, schema: string): Promise<void> {
  const table = `${id(schema)}.${id(`_airbyte_connection_test_${randomUUID().slice(0, 8)}`)}`;
  await client.query('BEGIN');
  const { rows } = await client.query(`SELECT 1 FROM pg_namespace WHERE nspname = ${escapeLiteral(schema)}`);
  if (rows.length === 0) await client.query(`CREATE SCHEMA ${id(schema)}`);
  await client.query(`CREATE TABLE ${table} (test_column varchar)`);
  await client.query('ROLLBACK');
}
