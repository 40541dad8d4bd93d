import { join } from 'node:path';
import { connectTemporal, type TemporalClient } from '../../src/temporal/connection';
import { type DevServer, startDevServer } from '../../tools/dev-server';
import { ProductionTemporal } from '../production/production-temporal';
import type { TemporalPrograms } from '../production/temporal-programs';

/** A Temporal server that outlives being killed. */
export interface TemporalProcess {
  /** `host:port` */
  readonly address: string;
  readonly connection: TemporalClient;
  /** The given environment, in which Temporal is this server. */
  environment(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  kill(): Promise<void>;
  /** Starts it again where it was, with what it knew. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Temporal's dev server, which keeps its state in a file. */
export class DevTemporalProcess implements TemporalProcess {
  private constructor(
    private server: DevServer,
    private readonly databaseFile: string,
    readonly connection: TemporalClient,
  ) {}

  /** @param folder where its state is kept */
  static async start(folder: string, onProgress: (message: string) => void): Promise<DevTemporalProcess> {
    const databaseFile = join(folder, 'temporal.db');
    const server = await startDevServer({ databaseFile, onProgress });
    return new DevTemporalProcess(server, databaseFile, await connectTemporal({ env: server.environment({}) }));
  }

  get address(): string {
    return this.server.address;
  }

  environment(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return this.server.environment(base);
  }

  kill(): Promise<void> {
    return this.server.kill();
  }

  async restart(): Promise<void> {
    const port = Number(this.address.split(':')[1]);
    this.server = await startDevServer({ databaseFile: this.databaseFile, port });
  }

  async stop(): Promise<void> {
    await this.connection.close();
    await this.server.stop();
  }
}

/** Temporal's production server over PostgreSQL. */
export class ProductionTemporalProcess implements TemporalProcess {
  private constructor(
    private readonly server: ProductionTemporal,
    readonly connection: TemporalClient,
  ) {}

  /** @param folder for its log */
  static async start(programs: TemporalPrograms, folder: string): Promise<ProductionTemporalProcess> {
    const server = await ProductionTemporal.start(programs, { logFile: join(folder, 'temporal-server.log') });
    return new ProductionTemporalProcess(server, await connectTemporal({ env: server.environment({}) }));
  }

  get address(): string {
    return this.server.address;
  }

  environment(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return this.server.environment(base);
  }

  kill(): Promise<void> {
    return this.server.kill();
  }

  restart(): Promise<void> {
    return this.server.restart();
  }

  /** Restarts PostgreSQL while the server runs. */
  restartDatabase(): Promise<void> {
    return this.server.restartDatabase();
  }

  async stop(): Promise<void> {
    await this.connection.close();
    await this.server.stop();
  }
}
