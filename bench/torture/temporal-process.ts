import { join } from 'node:path';
import { connectTemporal, type TemporalClient } from '../../src/temporal/connection';
import { type DevServer, startDevServer } from '../../tools/dev-server';

/** A Temporal server that keeps its state in a file, and so outlives being killed. */
export class TemporalProcess {
  private constructor(
    private server: DevServer,
    private readonly databaseFile: string,
    readonly connection: TemporalClient,
  ) {}

  /** @param folder where its state is kept */
  static async start(folder: string, onProgress: (message: string) => void): Promise<TemporalProcess> {
    const databaseFile = join(folder, 'temporal.db');
    const server = await startDevServer({ databaseFile, onProgress });
    return new TemporalProcess(server, databaseFile, await connectTemporal({ env: server.environment({}) }));
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

  /** Starts it again where it was, with what it knew. */
  async restart(): Promise<void> {
    const port = Number(this.address.split(':')[1]);
    this.server = await startDevServer({ databaseFile: this.databaseFile, port });
  }

  async stop(): Promise<void> {
    await this.connection.close();
    await this.server.stop();
  }
}
