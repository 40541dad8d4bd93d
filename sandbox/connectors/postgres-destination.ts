/** Writes streams to tables of a PostgreSQL server, with the typed columns of Airbyte's destinations. */
import type { Client } from 'pg';
import { z } from 'zod';
import { checkWith, parseConfiguration } from './configuration';
import {
  connectionProperties,
  connectionSchema,
  connectPostgres,
  type PostgresConnection,
  postgresError,
} from './postgres-connection';
import { identifiersOf } from './postgres-names';
import { PostgresTableWriter, type TableLocation, tryToWrite } from './postgres-table';
import {
  type AirbyteMessage,
  type ConfiguredCatalog,
  ConnectorError,
  type DestinationConnector,
  type StateMessage,
  type StreamDescriptor,
  sharedLocation,
} from './protocol';
import { describedStream, namespaceOf, streamKey } from './stream-state';

export const postgresSyncModes = ['append', 'overwrite', 'append_dedup', 'overwrite_dedup'];

const CLEAN_UP_TIMEOUT_MS = 30_000;

const configurationSchema = connectionSchema.extend({ schema: z.string().min(1).default('public') });

const specification = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Postgres destination',
  type: 'object',
  required: ['host', 'port', 'database', 'username'],
  properties: {
    ...connectionProperties,
    schema: {
      type: 'string',
      title: 'Default schema',
      description: 'The schema for streams without a namespace.',
      default: 'public',
      order: 3,
    },
  },
  additionalProperties: true,
};

export function createPostgresDestination(): DestinationConnector {
  return {
    spec: async () => specification,

    check: (config, signal) =>
      checkWith(async () => {
        const configuration = parseConfiguration(configurationSchema, config);
        const session = await connectPostgres(configuration, signal);
        try {
          await tryToWrite(session.client, configuration.schema);
        } finally {
          await session.close();
        }
      }, signal),

    async *write(config, catalog, messages, signal) {
      const configuration = parseConfiguration(configurationSchema, config);
      const session = await connectPostgres(configuration, signal);
      let leftovers: readonly string[] = [];
      try {
        const writing = new PostgresWriting(session.client, configuration.schema, catalog);
        leftovers = writing.leftovers;
        yield* writing.run(messages, signal);
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof DatabaseError ? postgresError(error.cause, configuration) : error;
      } finally {
        // The server rolls back an open transaction when the connection ends, even after an abort.
        await session.close();
        if (leftovers.length > 0) await dropTables(configuration, leftovers);
      }
    },
  };
}

/**
 * The table of each stream. Names that PostgreSQL would cut to the same identifier stay distinct.
 *
 * @throws ConnectorError (`config_error`) if two streams have the same table
 */
function locationsOf(
  { streams }: ConfiguredCatalog,
  defaultSchema: string,
): (stream: StreamDescriptor) => TableLocation {
  const schemaOf = ({ namespace }: StreamDescriptor) => namespace ?? defaultSchema;
  const schemas = identifiersOf(streams.map(({ stream }) => schemaOf(stream)));
  const tables = new Map<string, string[]>();
  for (const { stream } of streams) {
    const names = tables.get(schemaOf(stream)) ?? [];
    if (names.includes(stream.name)) throw sharedLocation(`the table ${schemaOf(stream)}.${stream.name}`);
    tables.set(schemaOf(stream), [...names, stream.name]);
  }
  return (stream) => {
    const schema = schemaOf(stream);
    const table = identifiersOf(tables.get(schema) ?? []).get(stream.name);
    return { schema: schemas.get(schema) ?? schema, table: table ?? stream.name };
  };
}

/** Drops tables through a new connection, because the one that created them may be gone. */
async function dropTables(connection: PostgresConnection, tables: readonly string[]): Promise<void> {
  try {
    const session = await connectPostgres(connection, AbortSignal.timeout(CLEAN_UP_TIMEOUT_MS));
    try {
      for (const table of tables) await session.client.query(`DROP TABLE IF EXISTS ${table}`);
    } finally {
      await session.close();
    }
  } catch (error) {
    // The caller reports why the sync ended. A failure here only leaves a table behind whose name nothing else uses.
    process.emitWarning(`could not drop ${tables.join(', ')}: ${postgresError(error, connection).message}`);
  }
}

/** Marks an error as one of the database, to distinguish it from an error of `messages`. */
class DatabaseError extends Error {}

async function database<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof DatabaseError
      ? error
      : new DatabaseError('the database rejected the statement', { cause: error });
  }
}

/**
 * One sync. A transaction begins with its first row and ends with the next STATE, so that readers see confirmed rows
 * only. A stream that replaces its table writes to a new table until the end, and its STATE waits for that.
 */
class PostgresWriting {
  readonly #client: Client;
  readonly #writers = new Map<string, PostgresTableWriter>();
  readonly #waiting: StateMessage[] = [];
  #inTransaction = false;
  /** Tables to drop if the sync ends now. */
  readonly leftovers: string[] = [];

  constructor(client: Client, defaultSchema: string, catalog: ConfiguredCatalog) {
    this.#client = client;
    const locationOf = locationsOf(catalog, defaultSchema);
    for (const configured of catalog.streams) {
      if (!postgresSyncModes.includes(configured.destination_sync_mode)) {
        throw new ConnectorError(
          `the Postgres destination cannot write ${configured.stream.name} with "${configured.destination_sync_mode}"; it supports ${postgresSyncModes.join(', ')}`,
          'config_error',
        );
      }
      const writer = new PostgresTableWriter(client, locationOf(configured.stream), configured, () => this.#begin());
      this.#writers.set(streamKey(configured.stream), writer);
    }
  }

  async *run(messages: AsyncIterable<AirbyteMessage>, signal: AbortSignal): AsyncGenerator<AirbyteMessage> {
    for (const writer of this.#writers.values()) {
      if (writer.replaces) this.leftovers.push(writer.table);
      await database(writer.prepare());
    }
    for await (const message of messages) {
      if (message.type === 'RECORD') {
        const { record } = message;
        const writer = this.#writers.get(streamKey({ name: record.stream, ...namespaceOf(record) }));
        if (!writer)
          throw new ConnectorError(`received a record of the stream ${record.stream}, which is not in the catalog`);
        await database(writer.add(record));
      } else if (message.type === 'LOG') {
        yield message;
      } else if (message.type === 'STATE') {
        if (this.#waitsForEnd(message)) this.#waiting.push(message);
        else {
          await this.#commit();
          yield message;
        }
      }
    }
    signal.throwIfAborted();
    for (const writer of this.#writers.values()) {
      await database(writer.flush());
      if (!writer.replaces) continue;
      await this.#begin();
      await database(writer.replace());
    }
    await this.#commit();
    this.leftovers.length = 0;
    yield* this.#waiting;
  }

  #waitsForEnd(message: StateMessage): boolean {
    const stream = describedStream(message.state);
    const concerned = stream ? [this.#writers.get(streamKey(stream))] : [...this.#writers.values()];
    return concerned.some((writer) => writer?.replaces);
  }

  async #begin(): Promise<void> {
    if (this.#inTransaction) return;
    this.#inTransaction = true;
    await database(this.#client.query('BEGIN'));
  }

  async #commit(): Promise<void> {
    for (const writer of this.#writers.values()) await database(writer.flush());
    if (!this.#inTransaction) return;
    await database(this.#client.query('COMMIT'));
    this.#inTransaction = false;
  }
}
