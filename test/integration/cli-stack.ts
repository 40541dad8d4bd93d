import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/server';
import { type SharedTemporal, sharedTemporal, uniqueName } from '../support/temporal';
import { startWorkerOfEnvironment } from '../support/worker-of-environment';
import { ApiCaller } from '../unit/sandbox/api-caller';

/** What a user of the command line has: Temporal, an Airbyte, and a running worker. */
export interface CliStack {
  temporal: SharedTemporal;
  sandbox: Sandbox;
  /** Calls the sandbox without credentials. */
  caller: ApiCaller;
  /** The environment of the person's shell. */
  env: NodeJS.ProcessEnv;
  /** For the person's files. */
  folder: string;
  /** Ends every job that holds. */
  finishJobs(): Promise<void>;
  stop(): Promise<void>;
}

export interface CliStackOptions {
  sandbox?: SandboxOptions;
  /** Variables that the shell and the worker have in addition to the usual ones, or instead of them. */
  environment?(sandbox: Sandbox): NodeJS.ProcessEnv;
  /** What the worker alone has: secrets. */
  workerEnvironment?(sandbox: Sandbox): NodeJS.ProcessEnv;
}

export async function startCliStack(options: CliStackOptions = {}): Promise<CliStack> {
  const [temporal, sandbox, folder] = await Promise.all([
    sharedTemporal(),
    startSandbox(options.sandbox),
    mkdtemp(join(tmpdir(), 'cli-test-')),
  ]);
  const env = temporal.environment({
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    AIRBYTE_URL: sandbox.url,
    AIRBYTE_TASK_QUEUE: uniqueName('cli'),
    AIRBYTE_POLL_INTERVAL: '100ms',
    ...options.environment?.(sandbox),
  });
  const stopWorker = await startWorkerOfEnvironment(temporal, { ...env, ...options.workerEnvironment?.(sandbox) });
  return {
    ...{ temporal, sandbox, env, folder },
    caller: new ApiCaller(sandbox),
    async finishJobs() {
      const running = [...sandbox.store.jobs.values()].filter(({ status }) => status === 'running');
      await Promise.all(running.map(({ id }) => sandbox.jobs.finish(id, 'succeeded')));
    },
    async stop() {
      await stopWorker();
      await sandbox.stop();
      await temporal.close();
      await rm(folder, { recursive: true });
    },
  };
}
