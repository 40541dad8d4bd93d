/** A PostgreSQL to test against: a real one where its programs are found, else the embedded one. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { startShop } from '../../sandbox/shop/shop';
import { SHOP_SEED } from '../../sandbox/shop/shop-seed';
import { freePort } from '../../tools/free-ports';

const run = promisify(execFile);

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
  const binaries = process.env['TEST_POSTGRES'] === 'pglite' ? undefined : await findBinaries();
  if (binaries === undefined) {
    const shop = await startShop();
    return { ...shop, kind: 'pglite', query: (sql, parameters) => queryWith(shop, sql, parameters) };
  }
  const server = await startServer(binaries);
  const query = (sql: string, parameters?: unknown[]) => queryWith(server.address, sql, parameters);
  try {
    await query(SHOP_SEED);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { ...server.address, kind: 'postgresql', query, stop: server.stop };
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

/** The folder of `initdb` and `postgres`: on the PATH, or where Debian puts them, the newest first. */
async function findBinaries(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? await readdir(debian) : [];
  const folders = [
    ...(process.env['PATH'] ?? '').split(path.delimiter),
    ...versions.sort((a, b) => Number(b) - Number(a)).map((version) => path.join(debian, version, 'bin')),
  ];
  return folders.find((folder) => existsSync(path.join(folder, 'initdb')) && existsSync(path.join(folder, 'postgres')));
}

/** PostgreSQL refuses to run as root; there it runs as another user. */
async function otherUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)),
      );
      if (uid !== undefined && gid !== undefined) return { uid, gid };
    } catch {
      // There is no such user; the next may be.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody');
}

async function startServer(binaries: string): Promise<{ address: Address; stop(): Promise<void> }> {
  const user = await otherUser();
  const folder = await mkdtemp(path.join(tmpdir(), 'postgres-test-'));
  const data = path.join(folder, 'data');
  const passwordFile = path.join(folder, 'password');
  const address: Address = {
    host: '127.0.0.1',
    port: await freePort(),
    database: 'shop',
    username: 'airbyte',
    password: 'shop-password',
  };
  await writeFile(passwordFile, address.password, { mode: 0o600 });
  if (user) for (const file of [folder, passwordFile]) await chown(file, user.uid, user.gid);
  const options = { ...user, cwd: folder };
  const initialise = ['-D', data, '-U', address.username, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  await run(path.join(binaries, 'initdb'), [...initialise, '-E', 'UTF8', '--locale=C', '--no-sync'], options);
  const server = spawn(
    path.join(binaries, 'postgres'),
    ['-D', data, '-h', address.host, '-p', String(address.port), '-k', folder, '-F'],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  // A test run that is broken off must not leave a server behind.
  const kill = (): void => void server.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', kill);
    await ended(server);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await readyToConnect(server);
    await queryWith({ ...address, database: 'postgres' }, `CREATE DATABASE ${address.database}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, stop };
}

/** Waits for the server's own word. What it says is its reason when it ends instead. */
async function readyToConnect(server: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${said}`)));
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000);
      if (said.includes('ready to accept connections')) resolve();
    });
  });
  server.removeAllListeners('exit');
}

/** Fast shutdown: open connections are cut. */
async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGINT');
  await exit;
}
