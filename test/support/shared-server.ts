import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ProductionTemporal } from '../../bench/production/production-temporal';
import { findTemporalPrograms } from '../../bench/production/temporal-programs';
import { connectTemporal } from '../../src/temporal/connection';
import { registerSearchAttributes } from '../../src/temporal/search-attributes';
import { startDevServer } from '../../tools/dev-server';

/** Names, for the processes that run the tests, where to ask for the server. */
export const BROKER_VARIABLE = 'TEST_TEMPORAL_BROKER';

/** `production` runs the tests on Temporal's production server over PostgreSQL. */
const KIND_VARIABLE = 'TEST_TEMPORAL';

/** A server that tests share. The production server has no UI. */
interface SharedServer {
  address: string;
  uiUrl?: string;
  stop(): Promise<void>;
}

/**
 * One Temporal server for all test files, in whatever processes jest runs them. It belongs to jest's own process, which
 * outlives them all, and starts with the first test file that asks: a run without such a file does without.
 */
let broker: Server | undefined;
let sharedServer: Promise<SharedServer> | undefined;

export async function openBroker(): Promise<void> {
  broker = createServer((_request, response) => {
    // A connection that is kept may be closed just as the next test file asks on it.
    response.setHeader('connection', 'close');
    sharedServer ??= startServer();
    sharedServer.then(
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
  const server = await sharedServer?.catch(() => undefined);
  await server?.stop();
}

function startServer(): Promise<SharedServer> {
  if (process.env[KIND_VARIABLE] === 'production') return startProductionServer();
  return startDevServer({ ui: true, onProgress: (message) => process.stderr.write(`${message}\n`) });
}

/** With what the dev server has from its start: our search attributes, and no wait until new ones are known. */
async function startProductionServer(): Promise<SharedServer> {
  const programs = findTemporalPrograms();
  if (typeof programs === 'string') throw new Error(`${KIND_VARIABLE} is production, but ${programs}`);
  const server = await ProductionTemporal.start(programs, {
    settings: { 'system.forceSearchAttributesCacheRefreshOnRead': true },
  });
  try {
    const { connection, namespace, close } = await connectTemporal({ env: server.environment({}) });
    await registerSearchAttributes(connection, namespace).finally(close);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}
