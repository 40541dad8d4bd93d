import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { FleetInput } from '../../src/contract/fleet-document';
import type { syncFleet } from '../../workflows';
import { failureOf } from '../support/stack';
import { timeSkippingTemporal } from '../support/temporal';
import { ScriptedFleet } from './scripted-fleet';
import { startScriptedWorker } from './sync-harness';

const TASK_QUEUE = 'sync-fleet';

/** Runs `syncFleet` against a script, on a server of this test file's own. */
export class FleetHarness {
  /** The script of the test that runs. */
  airbyte = new ScriptedFleet();
  private env: TestWorkflowEnvironment | undefined;
  private stopWorker: () => Promise<void> = async () => undefined;
  private count = 0;

  /** @param createEnv left out: a server that skips time */
  constructor(createEnv: () => Promise<TestWorkflowEnvironment> = timeSkippingTemporal) {
    beforeAll(async () => {
      this.env = await createEnv();
      this.stopWorker = await startScriptedWorker(this.env, TASK_QUEUE, () => this.airbyte.activities);
    });
    afterAll(async () => {
      await this.stopWorker();
      await this.env?.teardown();
    });
    beforeEach(() => {
      this.airbyte = new ScriptedFleet();
    });
  }

  get server(): TestWorkflowEnvironment {
    if (!this.env) throw new Error('The server has not been started');
    return this.env;
  }

  get taskQueue(): string {
    return TASK_QUEUE;
  }

  start(input: FleetInput) {
    return this.server.client.workflow.start<typeof syncFleet>('syncFleet', {
      workflowId: `airbyte-fleet:test-${++this.count}`,
      taskQueue: TASK_QUEUE,
      args: [input],
    });
  }

  async run(input: FleetInput) {
    return (await this.start(input)).result();
  }

  /** The failure that a run ends with. */
  async failureOf(input: FleetInput): Promise<ApplicationFailure> {
    return failureOf(await this.start(input));
  }
}
