/** The tables of a database, in the form of a source's discovered streams. */
import type { Client } from 'pg';
import { canBeCursor, jsonSchemaOf, type PostgresColumn } from './postgres-types';
import type { ProtocolStream } from './protocol';

export interface PostgresTable {
  schema: string;
  name: string;
  columns: PostgresColumn[];
  primaryKey: string[];
}

// Tables, partitioned tables (without their partitions, whose rows the parent table has), views and materialised views
// that the user may read, each with its columns in order. A domain is shown with its base type.
const TABLES = `
  SELECT n.nspname AS schema, c.relname AS name,
         json_agg(json_build_object(
           'name', a.attname,
           'type', coalesce(base.typname, t.typname),
           'category', coalesce(base.typcategory, t.typcategory)
         ) ORDER BY a.attnum) AS columns,
         (SELECT coalesce(json_agg(ka.attname ORDER BY k.position), '[]'::json)
            FROM pg_index i
            CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
            JOIN pg_attribute ka ON ka.attrelid = c.oid AND ka.attnum = k.attnum
           WHERE i.indrelid = c.oid AND i.indisprimary) AS "primaryKey"
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type base ON base.oid = t.typbasetype
   WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition
     AND n.nspname = ANY ($1::text[])
     AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
   GROUP BY n.nspname, c.relname, c.oid
   ORDER BY n.nspname, c.relname`;

/** The tables of `schemas` that the client's user may read. */
export async function listTables(client: Client, schemas: string[]): Promise<PostgresTable[]> {
  const { rows } = await client.query<PostgresTable>(TABLES, [schemas]);
  return rows;
}

/** A table as a stream of the protocol. */
export function toStream(table: PostgresTable): ProtocolStream {
  return {
    name: table.name,
    namespace: table.schema,
    json_schema: {
      type: 'object',
      properties: Object.fromEntries(table.columns.map((column) => [column.name, jsonSchemaOf(column)])),
    },
    supported_sync_modes: table.columns.some(canBeCursor) ? ['full_refresh', 'incremental'] : ['full_refresh'],
    source_defined_cursor: false,
    source_defined_primary_key: table.primaryKey.map((column) => [column]),
  };
}
