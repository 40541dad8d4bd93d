import { join } from 'node:path';
import { connectTemporal, type TemporalClient } from '../../src/temporal/connection';
import { type DevServer, startDevServer } from '../../tools/dev-server';
import { ProductionTemporal } from '../production/production-temporal';
import type { TemporalPrograms } from '../production/temporal-programs';

/** What the dev server and the production server have in common. */
type Server = Pick<DevServer, 'address' | 'environment' | 'kill' | 'stop'>;

interface Restarts {
  /** Starts a server that was killed again where it was, with what it knew. */
  restart: () => Promise<Server>;
  restartDatabase?: () => Promise<void>;
}

/** A Temporal server that outlives being killed. */
export class TemporalProcess {
  private constructor(
    private server: Server,
    private readonly restarts: Restarts,
    readonly connection: TemporalClient,
  ) {}

  /**
   * Starts Temporal's dev server.
   *
   * @param folder where it keeps its state, in a file
   */
  static async startDev(folder: string, onProgress: (message: string) => void): Promise<TemporalProcess> {
    const databaseFile = join(folder, 'temporal.db');
    const server = await startDevServer({ databaseFile, onProgress });
    const port = Number(server.address.split(':')[1]);
    return TemporalProcess.connect(server, { restart: () => startDevServer({ databaseFile, port }) });
  }

  /**
   * Starts Temporal's production server over PostgreSQL.
   *
   * @param folder for its log
   */
  static async startProduction(programs: TemporalPrograms, folder: string): Promise<TemporalProcess> {
    const server = await ProductionTemporal.start(programs, { logFile: join(folder, 'temporal-server.log') });
    return TemporalProcess.connect(server, {
      restart: () => server.restart().then(() => server),
      restartDatabase: () => server.restartDatabase(),
    });
  }

  private static async connect(server: Server, restarts: Restarts): Promise<TemporalProcess> {
    return new TemporalProcess(server, restarts, await connectTemporal({ env: server.environment({}) }));
  }

  /** `host:port` */
  get address(): string {
    return this.server.address;
  }

  /** The given environment, in which Temporal is this server. */
  environment(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return this.server.environment(base);
  }

  kill(): Promise<void> {
    return this.server.kill();
  }

  /** Starts it again where it was, with what it knew. */
  async restart(): Promise<void> {
    this.server = await this.restarts.restart();
  }

  /**
   * Restarts the database while the server runs.
   *
   * @throws Error if the server has no database of its own
   */
  async restartDatabase(): Promise<void> {
    if (this.restarts.restartDatabase === undefined) throw new Error("The dev server's database is a file.");
    await this.restarts.restartDatabase();
  }

  async stop(): Promise<void> {
    await this.connection.close();
    await this.server.stop();
  }
}
