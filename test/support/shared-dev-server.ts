import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DevServer, startDevServer } from '../../tools/dev-server';

/** Names, for the processes that run the tests, where to ask for the server. */
export const BROKER_VARIABLE = 'TEST_TEMPORAL_BROKER';

/**
 * One Temporal server for all test files, in whatever processes jest runs them. It belongs to jest's own process, which
 * outlives them all, and starts with the first test file that asks: a run without such a file does without.
 */
let broker: Server | undefined;
let devServer: Promise<DevServer> | undefined;

export async function openBroker(): Promise<void> {
  broker = createServer((_request, response) => {
    // A connection that is kept may be closed just as the next test file asks on it.
    response.setHeader('connection', 'close');
    devServer ??= startDevServer({ ui: true, onProgress: (message) => process.stderr.write(`${message}\n`) });
    devServer.then(
      ({ address, uiUrl }) => response.end(JSON.stringify({ address, uiUrl })),
      (error: unknown) => response.end(JSON.stringify({ error: String(error) })),
    );
  });
  const opened = broker;
  await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve));
  process.env[BROKER_VARIABLE] = `http://127.0.0.1:${(opened.address() as AddressInfo).port}`;
}

export async function closeBroker(): Promise<void> {
  const closed = broker;
  if (closed) await new Promise((resolve) => closed.close(resolve));
  const server = await devServer?.catch(() => undefined);
  await server?.stop();
}
