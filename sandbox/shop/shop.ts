/**
 * The shop: an embedded PostgreSQL (PGlite) with a few hundred rows, which any PostgreSQL client can reach by TCP.
 *
 * PGlite has one session, so connections use it one after the other. A connection holds the session from the first
 * message of a query until the database is idle again, which includes transactions and open cursors. A connection that
 * waits too long gets an error. Therefore the shop cannot be the source and the destination of the same sync.
 */
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { askForPassword, authenticationOk, endsIdle, FrontendReader, fatalError } from './postgres-wire';
import { SHOP_CHANGED, SHOP_CHANGES, SHOP_SEED } from './shop-seed';

/** How long a connection waits for the transaction of another one. */
const SESSION_TIMEOUT_MS = 60_000;
/** How long a client may take to authenticate before it is disconnected. */
const HANDSHAKE_TIMEOUT_MS = 30_000;

/** The address and credentials of the shop. */
export interface ShopAddress {
  host: string;
  port: number;
  database: string;
  username: string;
  password: string;
}

export interface Shop extends ShopAddress {
  /** Runs one or several SQL statements and returns the rows of the last one. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Changes and adds some rows, like a day in the shop; returns how many of each table. */
  change(): Promise<{ customers: number; orders: number }>;
  stop(): Promise<void>;
}

export interface ShopOptions {
  /** Default: any free port. */
  port?: number;
  database?: string;
  username?: string;
  password?: string;
}

/** Starts the shop on 127.0.0.1. */
export async function startShop(options: ShopOptions = {}): Promise<Shop> {
  const { port = 0, database = 'shop', username = 'airbyte', password = 'shop-password' } = options;
  const pglite = await PGlite.create();
  await pglite.exec(SHOP_SEED);
  const sessions = new SessionQueue();
  const access = { database, username, password };
  const embedded: Embedded = {
    pglite,
    sessions,
    settings: await readSettings(pglite),
    connections: 0,
    lastProcessId: 0,
  };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // The client disconnected or violated the protocol; only its own connection is affected.
    socket.on('error', () => socket.destroy());
    serve(socket, embedded, access).catch(() => socket.destroy());
  });
  await listen(server, port);

  /** Runs one of the sandbox's own queries while it holds the session. */
  const query = async (sql: string): Promise<Record<string, unknown>[]> => {
    const lease = await sessions.acquire();
    try {
      const results = await pglite.exec(sql);
      return results.at(-1)?.rows ?? [];
    } finally {
      lease.release();
    }
  };
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    ...access,
    query,
    change: async () => {
      await query(SHOP_CHANGES);
      return { ...SHOP_CHANGED };
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      const lease = await sessions.acquire();
      await pglite.close();
      lease.release();
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

/** The settings that PostgreSQL sends to every client when it connects. */
async function readSettings(pglite: PGlite): Promise<Map<string, string>> {
  const names = ['server_version', 'server_encoding', 'client_encoding', 'DateStyle', 'TimeZone', 'integer_datetimes'];
  const settings = new Map<string, string>();
  for (const name of [...names, 'standard_conforming_strings']) {
    const { rows } = await pglite.query<{ value: string }>('SELECT current_setting($1) AS value', [name]);
    settings.set(name, rows[0]?.value ?? '');
  }
  return settings;
}

interface SessionLease {
  release(): void;
}

/** Grants the database session to one holder at a time, in order of arrival. */
class SessionQueue {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when the session is free. The caller holds it until it calls `end`. */
  async acquire(): Promise<SessionLease> {
    const before = this.#last;
    let release: () => void = () => undefined;
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    await before;
    return { release };
  }
}

type Access = Pick<ShopAddress, 'database' | 'username' | 'password'>;

/** The one session that all connections share. */
interface Embedded {
  pglite: PGlite;
  sessions: SessionQueue;
  settings: ReadonlyMap<string, string>;
  /** How many connections are authenticated now. */
  connections: number;
  lastProcessId: number;
}

async function serve(socket: Socket, embedded: Embedded, access: Access): Promise<void> {
  const reader = new FrontendReader();
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const readMore = async (): Promise<boolean> => {
    const { done, value } = await chunks.next();
    if (done) return false;
    reader.push(value);
    return true;
  };

  socket.setTimeout(HANDSHAKE_TIMEOUT_MS, () => socket.destroy());
  if (!(await authenticate(socket, reader, readMore, access))) return;
  socket.setTimeout(0);
  embedded.connections += 1;
  try {
    embedded.lastProcessId += 1;
    await send(socket, authenticationOk(embedded.settings, embedded.lastProcessId));
    await relay(socket, reader, readMore, embedded);
  } finally {
    embedded.connections -= 1;
    socket.end();
  }
}

/** Passes the client's messages to the database and the responses back, until the client disconnects. */
async function relay(
  socket: Socket,
  reader: FrontendReader,
  readMore: () => Promise<boolean>,
  { pglite, sessions, connections }: Embedded,
): Promise<void> {
  let lease: SessionLease | undefined;
  try {
    if (connections === 1) {
      // Settings of earlier connections must not affect this one.
      lease = await sessions.acquire();
      await pglite.exec('DISCARD ALL');
      lease.release();
      lease = undefined;
    }
    for (;;) {
      const message = reader.message();
      if (!message) {
        if (!(await readMore())) return;
        continue;
      }
      if (message.type === 'X') return;
      lease ??= await acquireInTime(sessions);
      if (!lease) {
        socket.end(fatalError('55P03', 'the embedded database is busy with a transaction of another connection'));
        return;
      }
      const response = await pglite.runExclusive(() => pglite.execProtocolRaw(message.bytes, { throwOnError: false }));
      if (endsIdle(response)) {
        lease.release();
        lease = undefined;
      }
      await send(socket, response);
    }
  } finally {
    if (lease) {
      // The client disconnected in the middle of a query. A Sync comes first, because the database ignores all other
      // messages after an error until it gets one.
      await pglite.runExclusive(() => pglite.execProtocolRaw(SYNC, { throwOnError: false }));
      await pglite.exec('ROLLBACK');
      lease.release();
    }
  }
}

const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);

/** Acquires the session; undefined if it is not free in time, in which case a later grant is returned immediately. */
async function acquireInTime(sessions: SessionQueue): Promise<SessionLease | undefined> {
  const acquired = sessions.acquire();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, SESSION_TIMEOUT_MS, undefined);
  });
  const lease = await Promise.race([acquired, timeout]);
  clearTimeout(timer);
  if (!lease) void acquired.then((late) => late.release());
  return lease;
}

/** Writes, and waits while the client's buffer is full. */
async function send(socket: Socket, bytes: Uint8Array): Promise<void> {
  if (bytes.byteLength === 0 || socket.destroyed) return;
  if (!socket.write(bytes)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
}

/** Authenticates a new connection, and rejects it with PostgreSQL's own errors. */
async function authenticate(
  socket: Socket,
  reader: FrontendReader,
  readMore: () => Promise<boolean>,
  access: Access,
): Promise<boolean> {
  let startup = reader.startup();
  while (startup?.kind !== 'startup') {
    if (startup?.kind === 'encryption') socket.write('N');
    else if (startup?.kind === 'cancel') return reject(socket);
    else if (startup) return reject(socket, '0A000', 'unsupported frontend protocol');
    else if (!(await readMore())) return false;
    startup = reader.startup();
  }
  const username = startup.parameters.get('user') ?? '';
  const database = startup.parameters.get('database') ?? username;
  await send(socket, askForPassword);
  let message = reader.message();
  while (!message) {
    if (!(await readMore())) return false;
    message = reader.message();
  }
  const password = message.type === 'p' ? message.bytes.subarray(5, -1) : Buffer.alloc(0);
  // As in PostgreSQL, an unknown user gets the same error as a wrong password.
  if (!isEqual(password, access.password) || username !== access.username) {
    return reject(socket, '28P01', `password authentication failed for user "${username}"`);
  }
  if (database !== access.database) return reject(socket, '3D000', `database "${database}" does not exist`);
  return true;
}

function reject(socket: Socket, ...reason: [] | [sqlState: string, message: string]): false {
  if (reason.length > 0) socket.end(fatalError(...(reason as [string, string])));
  else socket.end();
  return false;
}

function isEqual(given: Buffer, expected: string): boolean {
  const expectedBytes = Buffer.from(expected);
  return given.length === expectedBytes.length && timingSafeEqual(given, expectedBytes);
}
