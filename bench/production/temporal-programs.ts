import { isExecutable, programOnPath } from '../../tools/program-on-path';
import { findPostgres } from './postgres-server';

/** The programs of a production server: see {@link findTemporalPrograms}. */
export interface TemporalPrograms {
  /** `temporal-server` */
  server: string;
  /** `temporal-sql-tool`, which makes the server's tables. */
  sqlTool: string;
  /** The folder of PostgreSQL's `initdb` and `postgres`. */
  postgres: string;
}

const VARIABLES = { 'temporal-server': 'TEMPORAL_SERVER', 'temporal-sql-tool': 'TEMPORAL_SQL_TOOL' } as const;

/**
 * Finds Temporal's production server, the tool for its schema, and PostgreSQL: at the paths that `TEMPORAL_SERVER` and
 * `TEMPORAL_SQL_TOOL` give, else on `PATH`; PostgreSQL also where Debian puts it.
 *
 * @returns the programs, or a text that says which are missing and how to get them
 */
export function findTemporalPrograms(env: NodeJS.ProcessEnv = process.env): TemporalPrograms | string {
  const [server, sqlTool, postgres] = [find('temporal-server', env), find('temporal-sql-tool', env), findPostgres()];
  if (server !== undefined && sqlTool !== undefined && postgres !== undefined) return { server, sqlTool, postgres };
  const missing = [
    ...(server === undefined ? ['temporal-server (on PATH, or TEMPORAL_SERVER)'] : []),
    ...(sqlTool === undefined ? ['temporal-sql-tool (on PATH, or TEMPORAL_SQL_TOOL)'] : []),
    ...(postgres === undefined ? ['PostgreSQL (apt-get install postgresql)'] : []),
  ];
  return `there is no ${missing.join(', no ')}; CONTRIBUTING.md says how to get them`;
}

function find(name: keyof typeof VARIABLES, env: NodeJS.ProcessEnv): string | undefined {
  const explicit = env[VARIABLES[name]];
  if (explicit) {
    if (!isExecutable(explicit)) throw new Error(`${VARIABLES[name]} is ${explicit}, which is not an executable file.`);
    return explicit;
  }
  return programOnPath(name, env);
}
