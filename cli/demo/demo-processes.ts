import { join } from 'node:path';
import { connectTemporal } from '../../src/temporal/connection';
import { startDevServer } from '../../tools/dev-server';
import { isFreePort } from '../../tools/free-ports';
import { describeExit, type ProcessExit, SupervisedProcess } from '../../tools/supervised-process';
import { WORKER_READY } from '../commands/worker';
import { CLI_ENTRY, sandboxEntry } from './entry-points';
import { parseSandboxReady, type SandboxReady } from './sandbox-ready';

/** A worker that ends by itself this soon after its start, this often in a row, cannot run at all. */
const MINIMUM_LIFETIME_MS = 5_000;
const MAXIMUM_SHORT_LIVES = 3;

/** The Temporal server of the demo: one that the demo starts, or the one at `TEMPORAL_ADDRESS`. */
export interface DemoTemporal {
  address: string;
  uiUrl?: string | undefined;
  /** Adds the variables that connect to this server to an environment. */
  environment(base: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  isOurs: boolean;
  stop(): Promise<void>;
}

export async function startTemporal(
  env: NodeJS.ProcessEnv,
  onProgress: (message: string) => void,
): Promise<DemoTemporal> {
  if (env['TEMPORAL_ADDRESS']) {
    const { address, close } = await connectTemporal({ env });
    await close();
    const temporalVariables = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('TEMPORAL_')));
    return { address, isOurs: false, environment: (base) => ({ ...base, ...temporalVariables }), stop: async () => {} };
  }
  return { ...(await startDevServer({ ui: true, env, onProgress })), isOurs: true };
}

/** The sandbox, with the database that it reads from. */
export interface DemoSandbox extends SandboxReady {
  shop: NonNullable<SandboxReady['shop']>;
}

/**
 * @param shopPort the port of the shop, if it is free
 * @param onSpawn called with the process before it is ready, so that it can be stopped early
 */
export async function startSandboxProcess(
  env: NodeJS.ProcessEnv,
  folder: string,
  shopPort: number,
  onSpawn: (child: SupervisedProcess) => void,
): Promise<DemoSandbox> {
  const shopPortArguments = (await isFreePort(shopPort)) ? ['--shop-port', String(shopPort)] : [];
  const child = new SupervisedProcess({
    name: 'The sandbox',
    file: process.execPath,
    args: [sandboxEntry(), '--shop', ...shopPortArguments, '--data-dir', join(folder, 'lake')],
    env: withoutOwnVariables(env),
    logFile: join(folder, 'sandbox.log'),
  });
  onSpawn(child);
  const ready = parseSandboxReady(await child.waitForLine((line) => parseSandboxReady(line) !== undefined));
  if (!ready?.shop) throw new Error('The sandbox started without its shop database.');
  return { ...ready, shop: ready.shop };
}

/** The worker of the demo. When the user kills it, the demo starts another one. */
export class DemoWorker {
  private child: SupervisedProcess | undefined;
  private stopping = false;
  private hasStarted = false;
  private shortLives = 0;
  private failed: ((error: Error) => void) | undefined;

  /** Rejects when the worker keeps ending after its start; never resolves. */
  readonly failure = new Promise<never>((_resolve, reject) => {
    this.failed = reject;
  });

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly folder: string,
    private readonly note: (message: string) => void,
  ) {
    // The demo awaits it only while it runs its steps; a rejection at another time must not end the process.
    this.failure.catch(() => {});
  }

  /** Starts it, and resolves once it polls for tasks. */
  async start(): Promise<number> {
    const startedAt = Date.now();
    const child = new SupervisedProcess({
      name: 'The worker',
      file: process.execPath,
      args: [CLI_ENTRY, 'worker'],
      env: this.env,
      logFile: join(this.folder, 'worker.log'),
    });
    this.child = child;
    void child.exited.then((exit) => this.replace(child, exit, Date.now() - startedAt));
    await child.waitForLine((line) => line.startsWith(WORKER_READY));
    this.hasStarted = true;
    return child.pid ?? 0;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.child?.stop();
  }

  private async replace(child: SupervisedProcess, exit: ProcessExit, livedMs: number): Promise<void> {
    // The caller of start() reports a worker that never got ready.
    if (this.stopping || !this.hasStarted) return;
    this.shortLives = livedMs < MINIMUM_LIFETIME_MS && exit.signal === null ? this.shortLives + 1 : 0;
    if (this.shortLives === MAXIMUM_SHORT_LIVES) {
      this.failed?.(new Error(`The worker ends as soon as it starts:\n${child.outputTail}`));
      return;
    }
    this.note(
      `The worker (process ${child.pid}) ${describeExit(exit)}. Temporal still has its tasks; starting another worker …`,
    );
    try {
      const pid = await this.start();
      this.note(`Another worker has taken over (process ${pid}).`);
    } catch {
      // The end of the new worker calls this method again, which counts such ends.
    }
  }
}

/** The environment without the variables for the user's own Airbyte and Temporal, and for logs, which the demo reads. */
export function withoutOwnVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^((AIRBYTE|TEMPORAL|SECRET|SANDBOX)_|LOG_(FORMAT|LEVEL)$)/.test(name)),
  );
}
