/** Reads tables of a PostgreSQL server: whole, or in the order of a cursor column from where the last sync stopped. */
import { escapeIdentifier } from 'pg';
import Cursor from 'pg-cursor';
import { z } from 'zod';
import { checkWith, parseConfiguration } from './configuration';
import { CursorPosition } from './cursor-position';
import { listTables, type PostgresTable, toStream } from './postgres-catalog';
import {
  connectionProperties,
  connectionSchema,
  connectPostgres,
  type PostgresSession,
  postgresError,
} from './postgres-connection';
import { canBeCursor, type PostgresColumn, parseValue, selectExpression } from './postgres-types';
import {
  type AirbyteMessage,
  type ConfiguredStream,
  ConnectorError,
  type SourceConnector,
  type StreamDescriptor,
} from './protocol';
import { findStreamState, namespaceOf } from './stream-state';

const FETCH_ROWS = 1_000;
/** The number of rows after which a STATE is sent, so that a sync that breaks off can continue from there. */
const ROWS_PER_STATE = 10_000;

const configurationSchema = connectionSchema.extend({
  schemas: z.array(z.string().min(1)).min(1).default(['public']),
  replication_method: z.looseObject({ method: z.string() }).default({ method: 'Standard' }),
});

const specification = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Postgres source',
  type: 'object',
  required: ['host', 'port', 'database', 'username'],
  properties: {
    ...connectionProperties,
    schemas: {
      type: 'array',
      items: { type: 'string' },
      minItems: 1,
      uniqueItems: true,
      default: ['public'],
      title: 'Schemas',
      order: 3,
    },
    replication_method: {
      type: 'object',
      title: 'Update method',
      description: 'The sandbox supports only `Standard` (a cursor column), not change data capture.',
      properties: { method: { type: 'string', enum: ['Standard'] } },
      required: ['method'],
      order: 8,
    },
  },
  additionalProperties: true,
};

type Configuration = z.output<typeof configurationSchema>;

function parse(config: Record<string, unknown>): Configuration {
  const configuration = parseConfiguration(configurationSchema, config);
  const { method } = configuration.replication_method;
  if (method !== 'Standard') {
    throw new ConnectorError(
      `replication_method "${method}" is not supported by the sandbox; use { method: Standard }`,
      'config_error',
    );
  }
  return configuration;
}

export function createPostgresSource(): SourceConnector {
  return {
    spec: async () => specification,

    check: (config, signal) =>
      checkWith(async () => {
        const session = await connectPostgres(parse(config), signal);
        await session.close();
      }, signal),

    async discover(config, signal) {
      const configuration = parse(config);
      const session = await connectPostgres(configuration, signal);
      try {
        return (await listTables(session.client, configuration.schemas)).map(toStream);
      } catch (error) {
        signal.throwIfAborted();
        throw postgresError(error, configuration);
      } finally {
        await session.close();
      }
    },

    async *read(config, catalog, state, signal) {
      const configuration = parse(config);
      const session = await connectPostgres(configuration, signal);
      try {
        const tables = await listTables(session.client, configuration.schemas);
        for (const configured of catalog.streams) {
          const table = findTable(tables, configured.stream, configuration.schemas);
          yield* readTable(session, table, configured, findStreamState(state, configured.stream));
        }
      } catch (error) {
        signal.throwIfAborted();
        throw postgresError(error, configuration);
      } finally {
        await session.close();
      }
    },
  };
}

/** The table of a stream. A stream without a namespace stands for the first schema with a table of that name. */
function findTable(tables: PostgresTable[], stream: StreamDescriptor, schemas: string[]): PostgresTable {
  const candidates = stream.namespace === undefined ? schemas : [stream.namespace];
  for (const schema of candidates) {
    const table = tables.find((each) => each.name === stream.name && each.schema === schema);
    if (table) return table;
  }
  throw new ConnectorError(
    `the table ${candidates.join(' or ')}.${stream.name} does not exist, or the user may not read it`,
    'config_error',
  );
}

/** The columns to select: those in the stream's schema, or all if its schema has none. */
function selectedColumns(table: PostgresTable, { stream }: ConfiguredStream, cursor?: PostgresColumn) {
  const properties = Object.keys((stream.json_schema?.['properties'] as object | undefined) ?? {});
  if (properties.length === 0) return table.columns;
  return table.columns.filter((column) => properties.includes(column.name) || column === cursor);
}

function cursorColumn(table: PostgresTable, configured: ConfiguredStream): PostgresColumn | undefined {
  if (configured.sync_mode !== 'incremental') return undefined;
  const name = configured.cursor_field?.[0] ?? configured.stream.default_cursor_field?.[0];
  const stream = `${table.schema}.${table.name}`;
  if (name === undefined) {
    throw new ConnectorError(
      `the stream ${stream} is incremental but has no cursor field; configure one`,
      'config_error',
    );
  }
  const column = table.columns.find((each) => each.name === name);
  if (!column) throw new ConnectorError(`the cursor field "${name}" is not a column of ${stream}`, 'config_error');
  if (!canBeCursor(column)) {
    throw new ConnectorError(
      `the cursor field "${name}" of ${stream} is of type ${column.type}, whose values cannot be used as a cursor because they have no order`,
      'config_error',
    );
  }
  return column;
}

async function* readTable(
  { client }: PostgresSession,
  table: PostgresTable,
  configured: ConfiguredStream,
  state: unknown,
): AsyncGenerator<AirbyteMessage> {
  const { stream } = configured;
  const descriptor = { name: stream.name, ...namespaceOf(stream) };
  const cursor = cursorColumn(table, configured);
  const columns = selectedColumns(table, configured, cursor);
  const position = cursor && new CursorPosition(cursor.name, state);
  const stateMessage = (reached: CursorPosition): AirbyteMessage => ({
    type: 'STATE',
    state: { type: 'STREAM', stream: { stream_descriptor: descriptor, stream_state: reached.state } },
  });

  yield statusMessage(descriptor, 'STARTED');
  // One snapshot for the whole read. Rows that change meanwhile have a later cursor, so the next sync reads them.
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const rows = client.query(
    new Cursor<(string | null)[]>(...selection(table, columns, cursor, position?.from), asText),
  );
  const cursorIndex = cursor ? columns.indexOf(cursor) : -1;
  let sinceState = 0;
  for (let batch = await rows.read(FETCH_ROWS); batch.length > 0; batch = await rows.read(FETCH_ROWS)) {
    for (const row of batch) {
      const data = Object.fromEntries(
        columns.map((column, index) => [column.name, parseValue(column, row[index] ?? null)]),
      );
      if (cursor && position) {
        // A position in a state has to be formatted as in a row, or the boundary would not be recognised.
        if (!position.take(cursorValue(data[cursor.name]), row)) continue;
      }
      yield {
        type: 'RECORD',
        record: { stream: stream.name, ...namespaceOf(descriptor), data, emitted_at: Date.now() },
      };
      sinceState += 1;
      if (position && sinceState >= ROWS_PER_STATE && row[cursorIndex] !== null) {
        sinceState = 0;
        yield stateMessage(position);
      }
    }
  }
  await rows.close();
  await client.query('COMMIT');
  if (cursor && position?.from !== undefined) yield* warnOfRowsWithoutCursor(client, table, cursor);
  if (position) yield stateMessage(position);
  yield statusMessage(descriptor, 'COMPLETE');
}

/** A cursor value as the state stores it: a text if JavaScript cannot represent the number. */
function cursorValue(value: unknown): string | number | null {
  return typeof value === 'number' ? value : value === null || value === undefined ? null : String(value);
}

function statusMessage(descriptor: StreamDescriptor, status: 'STARTED' | 'COMPLETE'): AirbyteMessage {
  return {
    type: 'TRACE',
    trace: {
      type: 'STREAM_STATUS',
      emitted_at: Date.now(),
      stream_status: { stream_descriptor: descriptor, status },
    },
  };
}

/** Rows are arrays of texts, exactly as the server sends them. */
const asText = { rowMode: 'array', types: { getTypeParser: () => (value: string) => value } } as const;

function qualifiedName(table: PostgresTable): string {
  return `${escapeIdentifier(table.schema)}.${escapeIdentifier(table.name)}`;
}

/** The query of a stream. Rows without a cursor value come first, and only in the first sync. */
function selection(
  table: PostgresTable,
  columns: PostgresColumn[],
  cursor: PostgresColumn | undefined,
  from: string | number | undefined,
): [string, unknown[]] {
  const expressions = columns.map((column) => selectExpression(column, escapeIdentifier(column.name)));
  let query = `SELECT ${expressions.join(', ')} FROM ${qualifiedName(table)}`;
  if (!cursor) return [query, []];
  const name = escapeIdentifier(cursor.name);
  // Compares by the column's own type instead of by text.
  if (from !== undefined) query += ` WHERE ${name} >= $1`;
  query += ` ORDER BY ${qualifiedName(table)}.${name} ASC NULLS FIRST`;
  return [query, from === undefined ? [] : [String(from)]];
}

async function* warnOfRowsWithoutCursor(
  client: PostgresSession['client'],
  table: PostgresTable,
  cursor: PostgresColumn,
): AsyncGenerator<AirbyteMessage> {
  const { rows } = await client.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM ${qualifiedName(table)} WHERE ${escapeIdentifier(cursor.name)} IS NULL) AS found`,
  );
  if (!rows[0]?.found) return;
  yield {
    type: 'LOG',
    log: {
      level: 'WARN',
      message: `${table.schema}.${table.name} has rows whose ${cursor.name} is null; those written since the first sync are not read`,
    },
  };
}
