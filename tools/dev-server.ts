import { join } from 'node:path';
import { TypedSearchAttributes } from '@temporalio/common';
import { searchAttributeKeys } from '../src/contract/search-attribute-keys';
import { connectTemporal } from '../src/temporal/connection';
import { type FindExecutableOptions, findExecutable } from './executables';
import { freePorts } from './free-ports';
import { SupervisedProcess } from './supervised-process';

const HOST = '127.0.0.1';
const NAMESPACE = 'default';
const CONNECT_TIMEOUT_MS = 30_000;

/** A free port is found and then released, so another program may take it before the server does. */
const MAXIMUM_START_ATTEMPTS = 3;

export interface DevServerOptions extends FindExecutableOptions {
  /** Whether the server also serves Temporal's web UI. @default false */
  ui?: boolean;
  /** The port of the server. @default a free one */
  port?: number;
  /** The file that keeps the server's state. @default in memory, and lost when the server ends */
  databaseFile?: string;
}

/** A Temporal server that this process has started, for development. */
export interface DevServer {
  /** `host:port`, for `TEMPORAL_ADDRESS` */
  address: string;
  namespace: string;
  /** The URL of its metrics, in the form of Prometheus. */
  metricsUrl: string;
  /** The address of the UI, if the options ask for one. */
  uiUrl?: string;
  /**
   * An environment in which every Temporal tool, `connectTemporal` included, connects to this server. It leaves out what
   * `base` (by default the environment of this process) and a `temporal.toml` say about another server, keys included.
   */
  environment(base?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  stop(): Promise<void>;
  /** Kills it. */
  kill(): Promise<void>;
}

/**
 * Starts a Temporal server that listens on this machine only and has the search attributes of this project. It ends with
 * {@link DevServer.stop} or with this process, however this process ends. Ctrl-C in a terminal does not reach it, so
 * workers can still report to it while they shut down.
 *
 * @throws ExecutableNotFoundError when there is no Temporal CLI and none can be downloaded
 * @throws Error when the server does not start; the message holds the last lines of its output
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const executable = await findExecutable('temporal', options);
  for (let attempt = 1; ; attempt += 1) {
    const [freePort = 0, uiPort = 0] = await freePorts(2);
    const { port = freePort, databaseFile } = options;
    const serverOptions = serverArguments({ port, databaseFile, uiPort: options.ui ? uiPort : undefined });
    const server = new SupervisedProcess({ name: executable, file: executable, args: serverOptions });
    const address = `${HOST}:${port}`;
    const environment = (base = process.env) => devServerEnvironment(address, base);
    try {
      await server.waitForLine((line) => line.includes('Temporal Server:'));
      const [metricsUrl = ''] =
        /http\S+/.exec(await server.waitForLine((line) => line.includes('Temporal Metrics:'))) ?? [];
      const temporal = await connectTemporal({ env: environment({}), connectTimeoutMs: CONNECT_TIMEOUT_MS });
      await temporal.close();
      server.unref();
      return {
        address,
        namespace: NAMESPACE,
        metricsUrl,
        ...(options.ui && { uiUrl: `http://${HOST}:${uiPort}` }),
        environment,
        stop: () => server.stop(),
        kill: () => server.kill(),
      };
    } catch (error) {
      await server.stop();
      const portTaken = error instanceof Error && error.message.includes('address already in use');
      if (attempt === MAXIMUM_START_ATTEMPTS || !portTaken) throw error;
    }
  }
}

interface ServerOptions {
  port: number;
  uiPort: number | undefined;
  databaseFile: string | undefined;
}

function serverArguments({ port, uiPort, databaseFile }: ServerOptions): string[] {
  return [
    ...['server', 'start-dev', '--ip', HOST, '--port', String(port), '--log-level', 'error'],
    ...(databaseFile === undefined ? [] : ['--db-filename', databaseFile]),
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...Object.values(searchAttributeKeys).flatMap(({ name, type }) => [
      '--search-attribute',
      `${name}=${TypedSearchAttributes.toMetadataType(type)}`,
    ]),
  ];
}

/** Variables of this project whose names begin like those of Temporal's connection options. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set(['TEMPORAL_CLI', 'TEMPORAL_TEST_SERVER', 'TEMPORAL_DEBUG']);

/** A file that does not exist, which the SDK treats as an empty one; it rejects a file that is empty. */
const NO_FILE = join(__dirname, 'no-temporal.toml');

/** See {@link DevServer.environment}. */
export function devServerEnvironment(address: string, base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(base).filter(([name]) => !name.startsWith('TEMPORAL_') || OTHER_VARIABLES.has(name));
  return {
    ...Object.fromEntries(kept),
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: NAMESPACE,
    TEMPORAL_CONFIG_FILE: NO_FILE,
  };
}
