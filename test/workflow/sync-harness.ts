import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { searchAttributeKeys as keys } from '../../src/contract/search-attribute-keys';
import type { SyncConnectionInput } from '../../src/contract/sync-options';
import type { syncConnection } from '../../workflows';
import { failureOf } from '../support/stack';
import { timeSkippingTemporal, workflowBundle } from '../support/temporal';
import { ScriptedAirbyte } from './scripted-airbyte';

export const CONNECTION = 'e1f7a2c0-0000-4000-8000-000000000001';
const TASK_QUEUE = 'sync-connection';

/** Runs `syncConnection` against a script, on a server of this test file's own that skips time. */
export class SyncHarness {
  /** The script of the test that runs. */
  airbyte = new ScriptedAirbyte();
  private env: TestWorkflowEnvironment | undefined;
  private stopWorker: () => Promise<void> = async () => undefined;
  private count = 0;

  constructor() {
    beforeAll(() => this.setUp());
    afterAll(() => this.tearDown());
    beforeEach(() => {
      this.airbyte = new ScriptedAirbyte();
    });
  }

  /** @param workspaceId set by starters that know it */
  start(options: Partial<SyncConnectionInput> = {}, workspaceId?: string) {
    if (!this.env) throw new Error('The server has not been started');
    return this.env.client.workflow.start<typeof syncConnection>('syncConnection', {
      workflowId: `airbyte-sync:${CONNECTION}:${++this.count}`,
      taskQueue: TASK_QUEUE,
      args: [{ connectionId: CONNECTION, ...options }],
      typedSearchAttributes: workspaceId === undefined ? [] : [{ key: keys.workspaceId, value: workspaceId }],
    });
  }

  /** One run of a sync that was continued as new. */
  runOf({ workflowId }: { workflowId: string }, runId: string) {
    if (!this.env) throw new Error('The server has not been started');
    return this.env.client.workflow.getHandle(workflowId, runId);
  }

  async run(options: Partial<SyncConnectionInput> = {}) {
    return (await this.start(options)).result();
  }

  /** The failure that a run ends with. */
  async failureOf(options: Partial<SyncConnectionInput> = {}): Promise<ApplicationFailure> {
    return failureOf(await this.start(options));
  }

  private async setUp(): Promise<void> {
    this.env = await timeSkippingTemporal();
    this.stopWorker = await startScriptedWorker(this.env, TASK_QUEUE, () => this.airbyte.activities);
  }

  private async tearDown(): Promise<void> {
    await this.stopWorker();
    await this.env?.teardown();
  }
}

/**
 * Starts a worker whose activities are those of a script: each test has a script of its own; the worker is shared.
 *
 * @returns stops it
 */
export async function startScriptedWorker<Activities extends object>(
  env: TestWorkflowEnvironment,
  taskQueue: string,
  activities: () => Activities,
): Promise<() => Promise<void>> {
  const now = (name: string) => (activities() as Record<string, (input: unknown) => Promise<unknown>>)[name];
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    maxHeartbeatThrottleInterval: '50ms',
    activities: Object.fromEntries(
      Object.keys(activities()).map((name) => [name, async (input: unknown) => now(name)?.(input)]),
    ),
  });
  const run = worker.run();
  return async () => {
    worker.shutdown();
    await run;
  };
}
