import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { withoutOwnVariables } from '../../cli/demo/demo-processes';
import { syncWorkflowId } from '../../src/contract/workflow-ids';
import { SandboxProcess } from '../sandbox-process';
import { WorkerProcesses } from '../worker-processes';
import type { SyncEnd } from './judge';
import { TcpProxy } from './tcp-proxy';
import type { TemporalProcess } from './temporal-process';

const WORKFLOW_TYPE = 'syncConnection';
const POLL_INTERVAL = '500ms';
/** Temporal may be dead just then. */
const START_TRIES = 60;
const RETRY_EVERY_MS = 1_000;

export type StartedSync = Pick<SyncEnd, 'workflowId' | 'connectionId' | 'cancelled'>;

export interface StageOptions {
  name: string;
  temporal: TemporalProcess;
  /** For logs; a folder of this case is made in it. */
  folder: string;
  /** Gives numbers from 0 to 1, the same for the same seed. */
  random: () => number;
  syncs: number;
  sandboxArguments?: string[] | undefined;
  throughProxies?: boolean | undefined;
}

/** Where one case is played: a sandbox and workers of its own, on a task queue of its own. */
export class Stage {
  private constructor(
    readonly options: StageOptions,
    readonly folder: string,
    /** What callers of Airbyte have to prove themselves with. */
    readonly token: string,
    readonly sandbox: SandboxProcess,
    readonly workers: WorkerProcesses,
    /** Between the workers and Airbyte, and between them and Temporal, where there are any. */
    readonly proxies: readonly TcpProxy[],
  ) {}

  static async open(options: StageOptions): Promise<Stage> {
    const { temporal, sandboxArguments: args = [], throughProxies = false } = options;
    const folder = join(options.folder, options.name);
    await mkdir(folder, { recursive: true });
    const token = `torture-${randomBytes(16).toString('hex')}`;
    const sandbox = await SandboxProcess.start(folder, { args, token });
    const { host } = new URL(sandbox.url);
    const proxies = throughProxies ? [await TcpProxy.start(host), await TcpProxy.start(temporal.address)] : [];
    const [toAirbyte, toTemporal] = proxies;
    const env: NodeJS.ProcessEnv = {
      ...temporal.environment(withoutOwnVariables(process.env)),
      ...(toTemporal && { TEMPORAL_ADDRESS: toTemporal.address }),
      AIRBYTE_URL: sandbox.url.replace(host, toAirbyte?.address ?? host),
      AIRBYTE_TOKEN: token,
      AIRBYTE_TASK_QUEUE: taskQueueOf(options),
      AIRBYTE_POLL_INTERVAL: POLL_INTERVAL,
    };
    return new Stage(options, folder, token, sandbox, new WorkerProcesses(env, folder), proxies);
  }

  get taskQueue(): string {
    return taskQueueOf(this.options);
  }

  get client(): Client {
    return this.options.temporal.connection.client;
  }

  /** A number within a range. */
  between(from: number, to: number): number {
    return from + this.options.random() * (to - from);
  }

  /** Waits a time within a range, in milliseconds, unless the signal says so before. */
  async pause(fromMs: number, toMs = fromMs, signal?: AbortSignal): Promise<void> {
    await delay(this.between(fromMs, toMs), undefined, { ...(signal && { signal }) }).catch(() => undefined);
  }

  /** Starts a sync, also while Temporal is away for a while. */
  async startSync(
    connectionId: string,
    { workflowId = syncWorkflowId(connectionId, this.taskQueue), ...input }: { workflowId?: string } & object = {},
  ): Promise<StartedSync> {
    const workflow = { workflowId, taskQueue: this.taskQueue, args: [{ connectionId, ...input }] };
    for (let tries = 1; ; tries++) {
      try {
        await this.client.workflow.start(WORKFLOW_TYPE, workflow);
        break;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) break;
        if (tries === START_TRIES) throw error;
        await delay(RETRY_EVERY_MS);
      }
    }
    return { workflowId, connectionId };
  }

  async close(): Promise<void> {
    await this.workers.stop();
    await this.sandbox.stop();
    await Promise.all(this.proxies.map((proxy) => proxy.stop()));
  }
}

function taskQueueOf({ name }: Pick<StageOptions, 'name'>): string {
  return `torture-${name}`;
}
