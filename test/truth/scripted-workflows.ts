import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Activities } from '../../activities';
import { timeSkippingTemporal, uniqueName } from '../support/temporal';
import { ScriptedFleet } from '../workflow/scripted-fleet';
import { startScriptedWorker } from '../workflow/sync-harness';

const TASK_QUEUE = 'scripted-workflows';

/** A pipeline of which everything is there already. */
const PIPELINE = {
  findWorkspace: async () => ({ workspaceId: 'w', name: 'Default Workspace' }),
  findSourceDefinition: async () => ({ definitionId: 'postgres', name: 'Postgres' }),
  findDestinationDefinition: async () => ({ definitionId: 's3', name: 'S3' }),
  applySource: async () => ({ actorId: 'source', created: false, updated: false }),
  applyDestination: async () => ({ actorId: 'destination', created: false, updated: false }),
  checkSource: async () => undefined,
  checkDestination: async () => undefined,
  discoverSchema: async () => [],
  applyConnection: async () => ({ connectionId: 'orders', created: false, updated: [] }),
  applySchedule: async () => ({ scheduleId: 'schedule', outcome: 'created', changed: [] }),
  findUnnamedConnections: async () => [],
  planSource: async () => ({ action: 'leave', name: 'shop', id: 'source', changes: [] }),
  planDestination: async () => ({ action: 'leave', name: 'lake', id: 'destination', changes: [] }),
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
