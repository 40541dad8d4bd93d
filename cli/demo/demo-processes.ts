import { join } from 'node:path';
import { connectTemporal } from '../../src/temporal/connection';
import { startDevServer } from '../../tools/dev-server';
import { describeExit, type ProcessExit, SupervisedProcess } from '../../tools/supervised-process';
import { WORKER_READY } from '../commands/worker';
import { CLI_ENTRY, sandboxEntry } from './entry-points';
import { parseSandboxReady, type SandboxReady } from './sandbox-ready';

/** A worker that ends this soon after its start, this often in a row, is not killed by anybody: it cannot run. */
const MINIMUM_LIFETIME_MS = 5_000;
const MAXIMUM_SHORT_LIVES = 3;

/** The Temporal server of the demo: one of our own, or the one at `TEMPORAL_ADDRESS`. */
export interface DemoTemporal {
  address: string;
  uiUrl?: string | undefined;
  /** The given environment, in which Temporal is this server. */
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

/** An Airbyte to run against, and the database that it reads from. */
export interface DemoSandbox extends SandboxReady {
  shop: NonNullable<SandboxReady['shop']>;
}

/** @param onSpawn told of the process as soon as there is one, so that it can be ended before it is ready */
export async function startSandboxProcess(
  env: NodeJS.ProcessEnv,
  folder: string,
  onSpawn: (child: SupervisedProcess) => void,
): Promise<DemoSandbox> {
  const child = new SupervisedProcess({
    name: 'The sandbox',
    file: process.execPath,
    args: [sandboxEntry(), '--shop', '--data-dir', join(folder, 'lake')],
    env: withoutOwnVariables(env),
    logFile: join(folder, 'sandbox.log'),
  });
  onSpawn(child);
  const ready = parseSandboxReady(await child.waitForLine((line) => parseSandboxReady(line) !== undefined));
  if (!ready?.shop) throw new Error('The sandbox started without its shop database.');
  return { ...ready, shop: ready.shop };
}

/** The worker of the demo. When somebody kills it, another one takes its place. */
export class DemoWorker {
  private child: SupervisedProcess | undefined;
  private stopping = false;
  private hasStarted = false;
  private shortLives = 0;
  private failed: ((error: Error) => void) | undefined;

  /** Rejects when no worker can be kept running; never resolves. */
  readonly failure = new Promise<never>((_resolve, reject) => {
    this.failed = reject;
  });

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly folder: string,
    private readonly note: (message: string) => void,
  ) {
    // Whoever waits for the demo's work races with it; nobody may be waiting just then.
    this.failure.catch(() => {});
  }

  /** Starts it, and resolves once it takes work. */
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
    // One that never started has its starter to tell.
    if (this.stopping || !this.hasStarted) return;
    this.shortLives = livedMs < MINIMUM_LIFETIME_MS && exit.signal === null ? this.shortLives + 1 : 0;
    if (this.shortLives === MAXIMUM_SHORT_LIVES) {
      this.failed?.(new Error(`The worker ends as soon as it starts:\n${child.outputTail}`));
      return;
    }
    this.note(
      `The worker (process ${child.pid}) ${describeExit(exit)}. Temporal still knows what is to do; starting another worker …`,
    );
    try {
      const pid = await this.start();
      this.note(`Another worker has taken over (process ${pid}).`);
    } catch {
      // Its end has called this method again, which counts how often that happens.
    }
  }
}

/** The environment without what is meant for the person's own Airbyte and Temporal. */
export function withoutOwnVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(AIRBYTE|TEMPORAL|SECRET|SANDBOX)_/.test(name)));
}
