/** What the Postgres source and the Postgres destination share: their configuration, the connection, and its errors. */
import { Client, type ClientConfig } from 'pg';
import { z } from 'zod';
import { codeOf, reasonOf } from './error-reason';
import { ConnectorError, type ConnectorFailureType } from './protocol';

const CONNECT_TIMEOUT_MS = 15_000;

/** The configuration fields of a database connection, with their descriptions for users. */
export const connectionProperties = {
  host: { type: 'string', title: 'Host', description: 'Name or address of the database server.', order: 0 },
  port: { type: 'integer', title: 'Port', default: 5432, minimum: 1, maximum: 65_535, order: 1 },
  database: { type: 'string', title: 'Database name', order: 2 },
  username: { type: 'string', title: 'Username', order: 4 },
  password: { type: 'string', title: 'Password', airbyte_secret: true, order: 5 },
  ssl: { type: 'boolean', title: 'Connect using SSL', default: false, order: 6 },
  ssl_mode: {
    type: 'object',
    title: 'SSL mode',
    description: 'Replaces `ssl` if it is given.',
    properties: {
      mode: { type: 'string', enum: ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] },
      ca_certificate: { type: 'string', title: 'CA certificate', airbyte_secret: true },
    },
    required: ['mode'],
    order: 7,
  },
} as const;

export const connectionSchema = z.looseObject({
  host: z.string().min(1),
  port: z.coerce.number().int().min(1).max(65_535).default(5432),
  database: z.string().min(1),
  username: z.string().min(1),
  password: z.string().default(''),
  ssl: z.boolean().default(false),
  ssl_mode: z.looseObject({ mode: z.string(), ca_certificate: z.string().optional() }).optional(),
});

export type PostgresConnection = z.output<typeof connectionSchema>;

/** Converts the `ssl` and `ssl_mode` of a configuration to the driver's options. */
function sslOptions({ ssl, ssl_mode: sslMode, host }: PostgresConnection): ClientConfig['ssl'] {
  const mode = sslMode?.mode ?? (ssl ? 'require' : 'disable');
  switch (mode) {
    // The driver cannot fall back from TLS to plain text. These modes do not require encryption, so plain text is
    // always valid.
    case 'disable':
    case 'allow':
    case 'prefer':
      return false;
    case 'require':
      return { rejectUnauthorized: false };
    case 'verify-ca':
      return { rejectUnauthorized: true, ca: sslMode?.ca_certificate, checkServerIdentity: () => undefined };
    case 'verify-full':
      return { rejectUnauthorized: true, ca: sslMode?.ca_certificate, servername: host };
    default:
      throw new ConnectorError(`ssl_mode.mode: "${mode}" is not supported`, 'config_error');
  }
}

/** A connected client. An abort disconnects it, even during a query. */
export interface PostgresSession {
  client: Client;
  close(): Promise<void>;
}

/**
 * Connects. The session uses UTC and ISO dates, so that values do not depend on the server's settings.
 *
 * @throws ConnectorError with the driver's message
 */
export async function connectPostgres(connection: PostgresConnection, signal: AbortSignal): Promise<PostgresSession> {
  signal.throwIfAborted();
  const client = new Client({
    host: connection.host,
    port: connection.port,
    database: connection.database,
    user: connection.username,
    password: connection.password,
    ssl: sslOptions(connection),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'temporal-airbyte-sandbox',
    keepAlive: true,
  });
  // A lost connection also rejects its current query. Without a listener, this event would end the process.
  client.on('error', () => undefined);
  const disconnect = (): void => {
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  };
  signal.addEventListener('abort', disconnect, { once: true });
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', disconnect);
    // The abort has already cut the connection, so an error while closing it does not matter.
    if (!signal.aborted) await client.end();
  };
  try {
    await client.connect();
    await client.query("SET TIME ZONE 'UTC'");
    await client.query('SET DateStyle TO ISO');
    return { client, close };
  } catch (error) {
    await close();
    signal.throwIfAborted();
    throw postgresError(error, connection);
  }
}

/** The driver's message, with the address if it does not contain one. */
function describeError(error: unknown, { host, port }: { host: string; port: number }): string {
  const message = reasonOf(error);
  return /timeout expired/i.test(message)
    ? `${host}:${port} did not respond within ${CONNECT_TIMEOUT_MS / 1000} s`
    : message;
}

function failureType(code: string | undefined): ConnectorFailureType {
  // SQLSTATE classes: 28 authorisation, 3D no such database, 3F no such schema, 42 no such object or no permission.
  if (code && /^(28|3D|3F|42)/.test(code)) return 'config_error';
  // 08 connection, 40 rolled back, 53 out of resources, 55 not available now, 57 operator intervention; the rest are
  // Node's network errors.
  if (code && /^(08|40|53|55|57|E[A-Z]+$)/.test(code)) return 'transient_error';
  return 'system_error';
}

/** Converts an error of the driver to one of the connector. */
export function postgresError(error: unknown, connection: { host: string; port: number }): ConnectorError {
  if (error instanceof ConnectorError) return error;
  return new ConnectorError(describeError(error, connection), failureType(codeOf(error)), { cause: error });
}
