import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { SyncConnectionInput } from '../../src/pipeline/sync-options';
import { searchAttributeKeys as keys } from '../../src/temporal/search-attribute-keys';
import type { syncConnection } from '../../workflows';
import { failureOf } from '../support/stack';
import { timeSkippingTemporal, workflowBundle } from '../support/temporal';
import { ScriptedAirbyte } from './scripted-airbyte';

export const CONNECTION = 'e1f7a2c0-0000-4000-8000-000000000001';
const TASK_QUEUE = 'sync-connection';

/** Runs `syncConnection` against a script, on a server of this test file's own in which hours pass at once. */
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

  /** @param workspaceId what the starter knows of it */
  start(options: Partial<SyncConnectionInput> = {}, workspaceId?: string) {
    if (!this.env) throw new Error('The server has not been started');
    return this.env.client.workflow.start<typeof syncConnection>('syncConnection', {
      workflowId: `airbyte-sync:${CONNECTION}:${++this.count}`,
      taskQueue: TASK_QUEUE,
      args: [{ connectionId: CONNECTION, ...options }],
      typedSearchAttributes: workspaceId === undefined ? [] : [{ key: keys.workspaceId, value: workspaceId }],
    });
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
    const worker = await Worker.create({
      connection: this.env.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle: await workflowBundle(),
      maxHeartbeatThrottleInterval: '50ms',
      // Each test has a script of its own; the worker is shared.
      activities: Object.fromEntries(
        Object.keys(this.airbyte.activities).map((name) => [
          name,
          (input: never) => this.airbyte.activities[name as keyof ScriptedAirbyte['activities']](input),
        ]),
      ),
    });
    const run = worker.run();
    this.stopWorker = async () => {
      worker.shutdown();
      await run;
    };
  }

  private async tearDown(): Promise<void> {
    await this.stopWorker();
    await this.env?.teardown();
  }
}
