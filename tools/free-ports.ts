import { type AddressInfo, createServer, type Server } from 'node:net';

/** Finds a port of 127.0.0.1 that nothing listens on. Another program may take it before the caller does. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts();
  return port;
}

/** Finds two of them that differ. */
export async function freePorts(): Promise<[number, number]> {
  const servers = await Promise.all([listen(), listen()]);
  const [first, second] = servers.map((server) => (server.address() as AddressInfo).port) as [number, number];
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [first, second];
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
