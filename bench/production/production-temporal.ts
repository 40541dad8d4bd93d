import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { GRPC_STATUS } from '../../src/temporal/grpc-status';
import { devServerEnvironment } from '../../tools/dev-server';
import { freePorts } from '../../tools/free-ports';
import { SupervisedProcess } from '../../tools/supervised-process';
import { type PostgresAddress, PostgresServer } from './postgres-server';
import type { TemporalPrograms } from './temporal-programs';

const run = promisify(execFile);

const HOST = '127.0.0.1';
const PLUGIN = 'postgres12';
const USERNAME = 'temporal';
const SERVICES = ['frontend', 'history', 'matching', 'worker'] as const;
/** The databases, and their schemas, which the tool contains. */
const DATABASES = { temporal: 'postgresql/v12/temporal', temporal_visibility: 'postgresql/v12/visibility' } as const;
/** The server stores its ports in columns of the type `smallint` (`cluster_membership` in its schema for PostgreSQL). */
const LARGEST_PORT = 32_767;
const NAMESPACE = 'default';
const RETENTION_SECONDS = 86_400;

/** A server with four services joins itself, reads its shards and serves within some seconds; a busy machine takes longer. */
const START_TIMEOUT_MS = 120_000;
const RETRY_EVERY_MS = 250;
const CALL_TIMEOUT_MS = 5_000;

export interface ProductionTemporalOptions {
  /** Dynamic settings of the server, by their keys. @default none: the server's own defaults */
  settings?: Readonly<Record<string, unknown>>;
  /** The server's log is appended to this file. */
  logFile?: string;
}

/**
 * Temporal's production server (all four services in one process) over PostgreSQL, which is what runs in production, where the dev
 * server keeps its state in SQLite. It listens on free ports of 127.0.0.1, has the namespace `default`, and outlives being killed.
 */
export class ProductionTemporal {
  private server: SupervisedProcess | undefined;

  private constructor(
    private readonly programs: TemporalPrograms,
    private readonly folder: string,
    private readonly postgres: PostgresServer,
    /** `host:port` of its frontend */
    readonly address: string,
    private readonly logFile: string | undefined,
  ) {}

  static async start(programs: TemporalPrograms, options: ProductionTemporalOptions = {}): Promise<ProductionTemporal> {
    const folder = await mkdtemp(join(tmpdir(), 'temporal-server-'));
    const password = randomBytes(12).toString('hex');
    const postgres = await PostgresServer.start(programs.postgres, { username: USERNAME, password });
    const ports = await freePorts(2 * SERVICES.length + 1, LARGEST_PORT);
    const address = `${HOST}:${ports[0]}`;
    const temporal = new ProductionTemporal(programs, folder, postgres, address, options.logFile);
    try {
      await makeDatabases(programs.sqlTool, postgres.address);
      // The server reads YAML, and so JSON.
      await writeFile(
        temporal.settingsFile,
        JSON.stringify(dynamicSettings({ ...nexusSettings(ports), ...options.settings })),
      );
      const configuration = serverConfiguration(postgres.address, ports, temporal.settingsFile);
      await writeFile(temporal.configurationFile, JSON.stringify(configuration), { mode: 0o600 });
      await temporal.launch();
      await temporal.registerNamespace();
    } catch (error) {
      await temporal.stop();
      throw error;
    }
    return temporal;
  }

  /** See `DevServer.environment`. */
  environment(base: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
    return devServerEnvironment(this.address, base);
  }

  /** Kills the server; PostgreSQL goes on. */
  async kill(): Promise<void> {
    await this.server?.kill();
  }

  /** Starts the server again where it was, with what it knew. */
  async restart(): Promise<void> {
    await this.launch();
  }

  /** Restarts PostgreSQL while the server runs: all of its connections break. */
  async restartDatabase(): Promise<void> {
    await this.postgres.restart();
  }

  async stop(): Promise<void> {
    // Its state goes too, so it need not shut down gracefully, which takes it 10 s and more.
    await this.kill();
    await this.postgres.stop();
    await rm(this.folder, { recursive: true });
  }

  private get configurationFile(): string {
    return join(this.folder, 'server.yaml');
  }

  private get settingsFile(): string {
    return join(this.folder, 'settings.yaml');
  }

  private async launch(): Promise<void> {
    const { logFile } = this;
    const server = new SupervisedProcess({
      name: 'Temporal',
      file: this.programs.server,
      args: ['--config-file', this.configurationFile, '--allow-no-auth', 'start'],
      ...(logFile !== undefined && { logFile }),
    });
    this.server = server;
    const ended = server.exited.then(() => {
      throw new Error(`Temporal ended before it was ready: ${server.outputTail || 'no output'}`);
    });
    const abort = new AbortController();
    await Promise.race([this.ready(abort.signal), ended]).finally(() => abort.abort());
    server.unref();
  }

  /** Waits until the server reads what it keeps, which it does once it has its shards. */
  private async ready(signal: AbortSignal): Promise<void> {
    await this.retry(signal, (connection) =>
      connection.workflowService.listNamespaces({ pageSize: 1 }).then(() => undefined),
    );
  }

  private async registerNamespace(): Promise<void> {
    const namespace = NAMESPACE;
    await this.retry(new AbortController().signal, async ({ workflowService }) => {
      try {
        const workflowExecutionRetentionPeriod = { seconds: RETENTION_SECONDS as never };
        await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
      } catch (error) {
        if (!isGrpcServiceError(error) || error.code !== GRPC_STATUS.ALREADY_EXISTS) throw error;
      }
    });
    // The services learn of a namespace some seconds later.
    await this.retry(new AbortController().signal, ({ workflowService }) =>
      workflowService.countWorkflowExecutions({ namespace }).then(() => undefined),
    );
  }

  /** Makes a call until it succeeds. */
  private async retry(signal: AbortSignal, call: (connection: Connection) => Promise<void>): Promise<void> {
    const connection = Connection.lazy({ address: this.address });
    const deadline = Date.now() + START_TIMEOUT_MS;
    try {
      for (;;) {
        try {
          return await connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, () => call(connection));
        } catch (error) {
          if (signal.aborted || Date.now() > deadline) throw error;
          await delay(RETRY_EVERY_MS);
        }
      }
    } finally {
      await connection.close();
    }
  }
}

async function makeDatabases(sqlTool: string, { host, port, username, password }: PostgresAddress): Promise<void> {
  const at = ['--plugin', PLUGIN, '--endpoint', host, '--port', String(port), '--user', username];
  const tool = (database: string, ...command: string[]) =>
    run(sqlTool, [...at, '--database', database, ...command], { env: { ...process.env, SQL_PASSWORD: password } });
  for (const [database, schema] of Object.entries(DATABASES)) {
    await tool(database, 'create-database');
    await tool(database, 'setup-schema', '--version', '0.0');
    await tool(database, 'update-schema', '--schema-name', schema);
  }
}

/** Where the services of a server call back when a Nexus operation has ended: https://docs.temporal.io/production-deployment/self-hosted-guide/nexus */
function nexusSettings(ports: readonly number[]): Record<string, unknown> {
  const callback = `http://${httpAddress(ports)}/namespaces/{{.NamespaceName}}/nexus/callback`;
  return {
    'component.nexusoperations.callback.endpoint.template': callback,
    'component.callbacks.allowedAddresses': [{ Pattern: '*', AllowInsecure: true }],
  };
}

function httpAddress(ports: readonly number[]): string {
  return `${HOST}:${ports[2 * SERVICES.length]}`;
}

/** Values without constraints, in the form of the server's files. */
function dynamicSettings(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, [{ value }]]));
}

function serverConfiguration(postgres: PostgresAddress, ports: readonly number[], settingsFile: string): object {
  const sql = (databaseName: keyof typeof DATABASES) => ({
    sql: {
      pluginName: PLUGIN,
      databaseName,
      connectAddr: `${postgres.host}:${postgres.port}`,
      connectProtocol: 'tcp',
      user: postgres.username,
      password: postgres.password,
      maxConns: 20,
      maxIdleConns: 20,
      maxConnLifetime: '1h',
    },
  });
  const rpc = (index: number) => ({
    rpc: {
      grpcPort: ports[index],
      membershipPort: ports[SERVICES.length + index],
      bindOnIP: HOST,
      ...(index === 0 && { httpPort: ports[2 * SERVICES.length] }),
    },
  });
  const frontend = `${HOST}:${ports[0]}`;
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      numHistoryShards: 4,
      defaultStore: 'default',
      visibilityStore: 'visibility',
      datastores: { default: sql('temporal'), visibility: sql('temporal_visibility') },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: HOST } },
    services: Object.fromEntries(SERVICES.map((service, index) => [service, rpc(index)])),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: frontend,
          httpAddress: httpAddress(ports),
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    publicClient: { hostPort: frontend },
    dynamicConfigClient: { filepath: settingsFile, pollInterval: '60s' },
  };
}
