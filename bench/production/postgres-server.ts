import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../tools/free-ports';

const run = promisify(execFile);
const HOST = '127.0.0.1';

export interface PostgresAddress {
  host: string;
  port: number;
  username: string;
  password: string;
}

/** A PostgreSQL of this machine's programs, on a free port of 127.0.0.1, that asks for passwords and can be restarted. */
export class PostgresServer {
  private constructor(
    private readonly binaries: string,
    private readonly user: { uid: number; gid: number } | undefined,
    private readonly folder: string,
    readonly address: PostgresAddress,
  ) {
    // A run that is broken off must not leave a server behind.
    process.once('exit', this.kill);
  }

  private server: ChildProcess | undefined;
  private readonly kill = (): void => void this.server?.kill('SIGKILL');

  /**
   * Starts one with no databases but its own.
   *
   * @param binaries the folder of `initdb` and `postgres`: see {@link findPostgres}
   */
  static async start(
    binaries: string,
    { username, password }: Pick<PostgresAddress, 'username' | 'password'>,
  ): Promise<PostgresServer> {
    const user = await otherUser();
    const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (user) for (const file of [folder, passwordFile]) await chown(file, user.uid, user.gid);
    const address = { host: HOST, port: await freePort(), username, password };
    const server = new PostgresServer(binaries, user, folder, address);
    try {
      const access = ['-U', username, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
      const options = ['-D', server.data, ...access, '-E', 'UTF8', '--locale=C', '--no-sync'];
      await run(join(binaries, 'initdb'), options, { ...user, cwd: folder });
      await server.launch();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Shuts it down, which cuts open connections, and starts it again where it was. */
  async restart(): Promise<void> {
    await this.shutDown();
    await this.launch();
  }

  /** Shuts it down and removes its data. */
  async stop(): Promise<void> {
    await this.shutDown();
    process.removeListener('exit', this.kill);
    await rm(this.folder, { recursive: true, force: true });
  }

  private get data(): string {
    return join(this.folder, 'data');
  }

  private async launch(): Promise<void> {
    const { host, port } = this.address;
    // Without fsync: what it has written outlives the process, if not the machine.
    const options = ['-D', this.data, '-h', host, '-p', String(port), '-k', this.folder, '-F', '-N', '200'];
    const server = spawn(join(this.binaries, 'postgres'), options, {
      ...this.user,
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.server = server;
    await readyToConnect(server);
  }

  private async shutDown(): Promise<void> {
    const { server } = this;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exit = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGINT');
    await exit;
  }
}

/** The folder of `initdb` and `postgres`: on the PATH, or where Debian puts them, the newest first. */
export function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin')),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
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

/** Waits until the server says that it is ready. If it ends instead, the error holds what it has said. */
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
