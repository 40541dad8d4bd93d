/** A PostgreSQL to test against: a real one where its programs are found, else the embedded one. */
import { Client } from 'pg';
import { findPostgres, PostgresServer } from '../../bench/production/postgres-server';
import { startShop } from '../../sandbox/shop/shop';
import { SHOP_SEED } from '../../sandbox/shop/shop-seed';

export interface TestPostgres {
  host: string;
  port: number;
  database: string;
  username: string;
  password: string;
  kind: 'postgresql' | 'pglite';
  /** Runs SQL over a connection of its own. */
  query(sql: string, parameters?: unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

type Address = Omit<TestPostgres, 'query' | 'stop' | 'kind'>;

/**
 * Starts a database that holds the shop's `customers` and `orders`. Passwords are checked. `TEST_POSTGRES=pglite` takes the
 * embedded one even where there is a real one.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const binaries = process.env['TEST_POSTGRES'] === 'pglite' ? undefined : findPostgres();
  if (binaries === undefined) {
    const shop = await startShop();
    return { ...shop, kind: 'pglite', query: (sql, parameters) => queryWith(shop, sql, parameters) };
  }
  const server = await PostgresServer.start(binaries, { username: 'airbyte', password: 'shop-password' });
  const address = { ...server.address, database: 'shop' };
  const query = (sql: string, parameters?: unknown[]) => queryWith(address, sql, parameters);
  try {
    await queryWith({ ...address, database: 'postgres' }, `CREATE DATABASE ${address.database}`);
    await query(SHOP_SEED);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { ...address, kind: 'postgresql', query, stop: () => server.stop() };
}

async function queryWith(address: Address, sql: string, parameters?: unknown[]): Promise<Record<string, unknown>[]> {
  const { host, port, database, username: user, password } = address;
  const client = new Client({ host, port, database, user, password });
  await client.connect();
  try {
    const response: unknown = await client.query(sql, parameters);
    const last = (Array.isArray(response) ? response.at(-1) : response) as { rows: Record<string, unknown>[] };
    return last.rows;
  } finally {
    await client.end();
  }
}
