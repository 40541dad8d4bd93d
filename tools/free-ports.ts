import { randomInt } from 'node:crypto';
import { type AddressInfo, createServer, type Server } from 'node:net';

/** The first port that a program may use without rights is 1,024; few programs use those from here on. */
const LOWEST_PORT = 16_384;

/** Finds a port of 127.0.0.1 that nothing listens on. Another program may take it before the caller does. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/**
 * Finds several of them that differ.
 *
 * @param highest the highest port @default any that the system chooses
 */
export async function freePorts(count: number, highest?: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listenUpTo(highest)));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Whether nothing listens on a port of 127.0.0.1. */
export async function isFreePort(port: number): Promise<boolean> {
  try {
    const server = await listen(port);
    await new Promise((resolve) => server.close(resolve));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

async function listenUpTo(highest: number | undefined): Promise<Server> {
  if (highest === undefined) return listen(0);
  for (;;) {
    try {
      return await listen(randomInt(LOWEST_PORT, highest + 1));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
