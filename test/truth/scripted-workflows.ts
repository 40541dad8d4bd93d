import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Activities } from '../../activities';
import { timeSkippingTemporal, uniqueName } from '../support/temporal';
import { ScriptedFleet } from '../workflow/scripted-fleet';
import { UNCHANGED_PIPELINE } from '../workflow/scripted-pipeline';
import { startScriptedWorker } from '../workflow/sync-harness';

const TASK_QUEUE = 'scripted-workflows';

/** A pipeline of which everything is there already. */
const PIPELINE = {
  ...UNCHANGED_PIPELINE,
  applySchedule: async () => ({ scheduleId: 'schedule', outcome: 'created', changed: [] }),
  findUnnamedConnections: async () => [],
} as const satisfies Partial<Activities>;

/** Starts every workflow type as callers of other languages do: by its name, with any arguments. Airbyte is a script. */
export class ScriptedWorkflows {
  /** The jobs of the test that runs. */
  jobs = new ScriptedFleet();
  /** What the activities of the test's pipeline return, where it is not {@link PIPELINE}. */
  pipeline: Partial<Activities> = {};
  private env: TestWorkflowEnvironment | undefined;

  constructor() {
    let stopWorker: () => Promise<void> = async () => undefined;
    beforeAll(async () => {
      this.env = await timeSkippingTemporal();
      stopWorker = await startScriptedWorker(this.env, TASK_QUEUE, () => ({
        ...PIPELINE,
        ...this.jobs.activities,
        ...this.pipeline,
      }));
    });
    afterAll(async () => {
      await stopWorker();
      await this.env?.teardown();
    });
    beforeEach(() => {
      this.jobs = new ScriptedFleet();
      this.pipeline = {};
    });
  }

  start(workflowType: string, ...args: unknown[]): Promise<WorkflowHandleWithFirstExecutionRunId> {
    if (!this.env) throw new Error('The server has not been started');
    return this.env.client.workflow.start(workflowType, {
      workflowId: uniqueName(workflowType),
      taskQueue: TASK_QUEUE,
      args,
    });
  }
}
