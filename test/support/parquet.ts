/** The Parquet files that syncs have written, and the same rows as the database has them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parquetRows } from '../unit/sandbox/parquet-rows';
import type { TestPostgres } from './postgres';

export type Row = Record<string, unknown>;

/** The columns that Airbyte adds. */
const AIRBYTE_COLUMN = /^_airbyte_/;

export interface WrittenFile {
  /** Below the folder that was read, with forward slashes. */
  path: string;
  /** Without the columns that Airbyte adds, in the order of the file; timestamps as microseconds since 1970. */
  rows: Row[];
}

/** Every file below a folder. */
export async function parquetFilesIn(folder: string): Promise<WrittenFile[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.parquet')).sort();
  return Promise.all(
    names.map(async (name) => {
      const rows = await parquetRows(await readFile(join(folder, name)));
      return { path: name.replaceAll('\\', '/'), rows: rows.map(withoutAirbyteColumns) };
    }),
  );
}

/** The rows of one stream in all of these files, by id. */
export function rowsOf(stream: string, files: WrittenFile[]): Row[] {
  const rows = files.filter(({ path }) => path.split('/').includes(stream)).flatMap((file) => file.rows);
  return rows.sort((a, b) => Number(a['id']) - Number(b['id']));
}

/** The shop's rows as Parquet has them: whole numbers as bigint, timestamps in microseconds, decimals as doubles. */
export async function shopRows(postgres: Pick<TestPostgres, 'query'>): Promise<{ customers: Row[]; orders: Row[] }> {
  const customers = await postgres.query(`
    SELECT id, name, email, country, credit::float8, newsletter, preferences,
           ${microseconds('created_at')}, ${microseconds('updated_at')}
      FROM customers ORDER BY id`);
  const orders = await postgres.query(`
    SELECT id, customer_id, status, quantity, total::float8, placed_on::text, ${microseconds('updated_at')}
      FROM orders ORDER BY id`);
  return {
    customers: customers.map((row) => withBigints(row, ['id', 'created_at', 'updated_at'])),
    orders: orders.map((row) => ({
      ...withBigints(row, ['id', 'customer_id', 'quantity', 'updated_at']),
      placed_on: new Date(String(row['placed_on'])),
    })),
  };
}

const microseconds = (column: string) => `(extract(epoch FROM ${column}) * 1000000)::bigint::text AS ${column}`;

function withBigints(row: Row, columns: string[]): Row {
  return { ...row, ...Object.fromEntries(columns.map((column) => [column, BigInt(String(row[column]))])) };
}

function withoutAirbyteColumns(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !AIRBYTE_COLUMN.test(column)));
}
