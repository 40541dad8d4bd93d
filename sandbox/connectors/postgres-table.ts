/** One table that the Postgres destination writes: creates it, writes its rows, and replaces the old table. */
import { createHash, randomUUID } from 'node:crypto';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import { columnsOf, type FittedValue, fitRecord } from './column-values';
import { jsonText } from './exact-json';
import { AIRBYTE_COLUMNS, changeTypes, SQL_TYPES, type TableColumn, toSqlValue } from './postgres-columns';
import { cutName, identifiersOf } from './postgres-names';
import { type ConfiguredStream, ConnectorError, type RecordMessage } from './protocol';

/** The largest number of rows, and of JSON characters, in one statement. */
const MAXIMUM_BATCH_ROWS = 1_000;
const MAXIMUM_BATCH_CHARACTERS = 4 * 1024 * 1024;

/** With change data capture, a source sets this column to the time at which a row was deleted. */
const DELETED_AT = '_ab_cdc_deleted_at';

/** From this version on, null keys can count as equal; older versions treat every null as distinct. */
const NULLS_NOT_DISTINCT_SINCE = 150_000;

const id = escapeIdentifier;

/** The JSON of a row. Values that JSON or PostgreSQL cannot hold are replaced by ones that they can. */
function toJson(row: Record<string, FittedValue>): string {
  return jsonText(row, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'string') return value;
    // PostgreSQL's text type cannot hold the character zero or half of a surrogate pair.
    return value.replace(/\0|\p{Surrogate}/gu, (character) => (character === '\0' ? '' : '\ufffd'));
  });
}

/** The schema and the table of a stream. */
export interface TableLocation {
  schema: string;
  table: string;
}

export class PostgresTableWriter {
  readonly #client: Client;
  readonly #begin: () => Promise<void>;
  readonly #schema: string;
  readonly #finalName: string;
  readonly #name: string;
  readonly #columns: TableColumn[];
  /** Quoted identifiers of columns; used only if rows are deduplicated. */
  readonly #primaryKey: string[] | undefined;
  readonly #cursor: string | undefined;
  #batch: string[] = [];
  #batchCharacters = 0;
  #batchDeletes = false;

  /** @param begin - called before rows are sent, because they belong in a transaction */
  constructor(client: Client, location: TableLocation, configured: ConfiguredStream, begin: () => Promise<void>) {
    const { stream, destination_sync_mode: mode } = configured;
    this.#client = client;
    this.#begin = begin;
    this.#schema = location.schema;
    this.#finalName = location.table;
    const columns = columnsOf(stream);
    const identifiers = identifiersOf(columns.map(({ name }) => name));
    this.#columns = columns.map((column) => ({ ...column, identifier: identifiers.get(column.name) ?? column.name }));
    this.replaces = mode === 'overwrite' || mode === 'overwrite_dedup';
    this.#name = this.replaces
      ? `${cutName(location.table, 40)}_airbyte_tmp_${randomUUID().slice(0, 8)}`
      : location.table;
    if (mode.endsWith('_dedup')) {
      const quoted = new Map(this.#columns.map(({ name, identifier }) => [name, id(identifier)]));
      this.#primaryKey = primaryKeyOf(configured).map((name) => {
        const column = quoted.get(name);
        if (column !== undefined) return column;
        throw new ConnectorError(`the primary key "${name}" is not a field of ${stream.name}`, 'config_error');
      });
      this.#cursor = quoted.get(configured.cursor_field?.[0] ?? '');
    }
  }

  /** Whether the rows replace the table's content. Readers then see them only once they are complete. */
  readonly replaces: boolean;

  /** The quoted name of the table that rows are written to. */
  get table(): string {
    return `${id(this.#schema)}.${id(this.#name)}`;
  }

  get #finalTable(): string {
    return `${id(this.#schema)}.${id(this.#finalName)}`;
  }

  /** Creates the table, or adds its missing columns and converts those whose type has changed. */
  async prepare(): Promise<void> {
    const columns = [
      ...AIRBYTE_COLUMNS,
      ...this.#columns.map(({ identifier, kind }) => [identifier, SQL_TYPES[kind]] as const),
    ].map(([name, type]) => `${id(name)} ${type}`);
    await this.#client.query(`CREATE SCHEMA IF NOT EXISTS ${id(this.#schema)}`);
    await this.#client.query(`CREATE TABLE IF NOT EXISTS ${this.table} (${columns.join(', ')})`);
    if (!this.replaces) {
      const added = columns.map((column) => `ADD COLUMN IF NOT EXISTS ${column.replace(/ NOT NULL$/, '')}`);
      await this.#client.query(`ALTER TABLE ${this.table} ${added.join(', ')}`);
      await changeTypes(this.#client, this.table, this.#columns);
    }
    if (this.#primaryKey) {
      const key = this.#primaryKey.join(', ');
      const name = createHash('md5').update(`${this.table} ${key}`).digest('hex').slice(0, 16);
      await this.#client.query(
        `CREATE UNIQUE INDEX IF NOT EXISTS ${id(`airbyte_pk_${name}`)} ON ${this.table} (${key}) ${await this.#nulls()}`,
      );
    }
  }

  async #nulls(): Promise<string> {
    const { rows } = await this.#client.query<{ version: number }>(
      `SELECT current_setting('server_version_num')::int AS version`,
    );
    return (rows[0]?.version ?? 0) >= NULLS_NOT_DISTINCT_SINCE ? 'NULLS NOT DISTINCT' : '';
  }

  /** Adds a row. The server has it after the next {@link flush}. */
  async add(record: RecordMessage['record']): Promise<void> {
    const { values, changes } = fitRecord(this.#columns, record);
    const row: Record<string, FittedValue> = {
      _airbyte_raw_id: randomUUID(),
      _airbyte_extracted_at: new Date(record.emitted_at).toISOString(),
      _airbyte_meta: { changes },
    };
    this.#columns.forEach((column, index) => {
      row[column.identifier] = toSqlValue(column, values[index]);
    });
    const json = toJson(row);
    this.#batchCharacters += json.length;
    this.#batchDeletes ||= this.#primaryKey !== undefined && (row[DELETED_AT] ?? null) !== null;
    this.#batch.push(json);
    if (this.#batch.length >= MAXIMUM_BATCH_ROWS || this.#batchCharacters >= MAXIMUM_BATCH_CHARACTERS)
      await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#batch.length === 0) return;
    const batch = `[${this.#batch.join(',')}]`;
    const deletes = this.#batchDeletes;
    this.#batch = [];
    this.#batchCharacters = 0;
    this.#batchDeletes = false;
    const names = [
      ...AIRBYTE_COLUMNS.map(([name]) => id(name)),
      ...this.#columns.map(({ identifier }) => id(identifier)),
    ];
    await this.#begin();
    await this.#client.query(
      `INSERT INTO ${this.table} AS held (${names.join(', ')})
       SELECT ${this.#lastOfEachKey()} ${names.map((name) => `sent.${name}`).join(', ')}
         FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS element (content, position)
        CROSS JOIN LATERAL jsonb_populate_record(NULL::${this.table}, element.content) AS sent
        ORDER BY ${this.#order()} ${this.#onConflict(names)}`,
      [batch],
    );
    // The row that reports the deletion has replaced the deleted row. Now it is removed as well.
    if (deletes) await this.#client.query(`DELETE FROM ${this.table} WHERE ${id(DELETED_AT)} IS NOT NULL`);
  }

  /** A statement must not change a row twice. Only the database can decide which keys are equal. */
  #lastOfEachKey(): string {
    return this.#primaryKey ? `DISTINCT ON (${this.#primaryKey.map((name) => `sent.${name}`).join(', ')})` : '';
  }

  #order(): string {
    if (!this.#primaryKey) return 'element.position';
    const newest = this.#cursor ? [`sent.${this.#cursor} DESC NULLS LAST`] : [];
    return [...this.#primaryKey.map((name) => `sent.${name}`), ...newest, 'element.position DESC'].join(', ');
  }

  #onConflict(names: string[]): string {
    if (!this.#primaryKey) return '';
    const updates = names.map((name) => `${name} = excluded.${name}`).join(', ');
    const newer = this.#cursor
      ? ` WHERE held.${this.#cursor} IS NULL OR excluded.${this.#cursor} >= held.${this.#cursor}`
      : '';
    return `ON CONFLICT (${this.#primaryKey.join(', ')}) DO UPDATE SET ${updates}${newer}`;
  }

  /** Replaces the old table with the new one. Must be called in a transaction. */
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
      `the stream ${stream.name} is deduplicated but has no primary key; configure one`,
      'config_error',
    );
  }
  return names;
}

/** Part of a connection check: creates and drops a table, so that a missing permission shows before a sync. */
export async function tryToWrite(client: Client, schema: string): Promise<void> {
  const table = `${id(schema)}.${id(`_airbyte_connection_test_${randomUUID().slice(0, 8)}`)}`;
  await client.query('BEGIN');
  const { rows } = await client.query(`SELECT 1 FROM pg_namespace WHERE nspname = ${escapeLiteral(schema)}`);
  if (rows.length === 0) await client.query(`CREATE SCHEMA ${id(schema)}`);
  await client.query(`CREATE TABLE ${table} (test_column varchar)`);
  await client.query('ROLLBACK');
}
