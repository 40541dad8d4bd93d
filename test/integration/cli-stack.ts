import { type Sandbox, startSandbox } from '../../sandbox/server';
import { type SharedTemporal, sharedTemporal, uniqueName } from '../support/temporal';
import { ApiCaller } from '../unit/sandbox/api-caller';
import { CliCommand } from './cli-command';

/** What a person has who works with the command line: Temporal, an Airbyte, and a worker that runs. */
export interface CliStack {
  temporal: SharedTemporal;
  sandbox: Sandbox;
  /** Calls the sandbox as anybody may. */
  caller: ApiCaller;
  /** The environment of the person's shell. */
  env: NodeJS.ProcessEnv;
  /** Ends every job that was told to hold. */
  finishJobs(): Promise<void>;
  stop(): Promise<void>;
}

export async function startCliStack(): Promise<CliStack> {
  const [temporal, sandbox] = await Promise.all([sharedTemporal(), startSandbox()]);
  const env = temporal.environment({
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    AIRBYTE_URL: sandbox.url,
    AIRBYTE_TASK_QUEUE: uniqueName('cli'),
    AIRBYTE_POLL_INTERVAL: '100ms',
  });
  const worker = new CliCommand(['worker'], env);
  await worker.said(/^Ready:/m);
  return {
    ...{ temporal, sandbox, env },
    caller: new ApiCaller(sandbox),
    async finishJobs() {
      const running = [...sandbox.store.jobs.values()].filter(({ status }) => status === 'running');
      await Promise.all(running.map(({ id }) => sandbox.jobs.finish(id, 'succeeded')));
    },
    async stop() {
      worker.kill('SIGTERM');
      await worker.exited;
      await sandbox.stop();
      await temporal.close();
    },
  };
}
