import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { Activities } from '../../activities';
import type { PipelineScheduleInput } from '../../src/contract/applied-schedule';
import type { AppliedConnection } from '../../src/contract/connection';
import type { PipelineDocumentInput } from '../../src/contract/pipeline-document';
import type { PlannedSchedule } from '../../src/contract/pipeline-plan';
import { pipelineProgressQuery, type runPipeline } from '../../workflows';
import { timeSkippingTemporal, uniqueName, workflowBundle } from '../support/temporal';
import { UNCHANGED_PIPELINE } from './scripted-pipeline';

const TASK_QUEUE = 'pipeline-schedule';

type DesiredSchedule = PipelineDocumentInput['connection']['schedule'];

describe('the schedule of a pipeline', () => {
  let env: TestWorkflowEnvironment;
  let applied: AppliedConnection;
  let scheduled: PipelineScheduleInput[];
  /** What the run says that it has done with a schedule in Temporal. */
  let appliedSchedule: PlannedSchedule | undefined;

  const activities: Partial<Activities> = {
    ...UNCHANGED_PIPELINE,
    applyConnection: async () => applied,
    applySchedule: async (input) => {
      scheduled.push(input);
      return { scheduleId: `airbyte-schedule:${input.connectionId}`, outcome: 'created', changed: [] };
    },
  };

  beforeAll(async () => {
    env = await timeSkippingTemporal();
  });
  afterAll(() => env?.teardown());
  beforeEach(() => {
    scheduled = [];
    applied = { connectionId: 'connection', created: false, updated: [] };
  });

  async function run(schedule: DesiredSchedule, status: 'active' | 'inactive' = 'active') {
    const worker = await Worker.create({
      connection: env.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle: await workflowBundle(),
      activities,
    });
    const document: PipelineDocumentInput = {
      name: 'shop',
      source: { name: 'shop', definition: 'Postgres', configuration: {} },
      destination: { name: 'lake', definition: 'S3', configuration: {} },
      connection: {
        name: 'Shop → Lake',
        status,
        ...(schedule !== undefined && { schedule }),
        streams: [{ name: 'orders', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }],
      },
      sync: false,
    };
    return worker.runUntil(async () => {
      const workflowId = uniqueName('airbyte-pipeline:shop');
      const options = { workflowId, taskQueue: TASK_QUEUE, args: [document] as [PipelineDocumentInput] };
      const handle = await env.client.workflow.start<typeof runPipeline>('runPipeline', options);
      const { schedule, applied: changes } = await handle.result();
      expect((await handle.query(pipelineProgressQuery)).schedule).toEqual(schedule);
      appliedSchedule = changes.schedule;
      return schedule;
    });
  }

  it('is set up in Temporal when the document says so', async () => {
    expect(await run({ every: '6h', by: 'temporal' })).toEqual({
      by: 'temporal',
      outcome: 'created',
      scheduleId: 'airbyte-schedule:connection',
    });
    expect(scheduled).toEqual([
      {
        pipeline: 'shop',
        connectionId: 'connection',
        connectionName: 'Shop → Lake',
        workspaceId: 'w',
        active: true,
        schedule: expect.objectContaining({ every: '6h', overlap: 'skip' }),
        taskQueue: TASK_QUEUE,
      },
    ]);
    expect(appliedSchedule).toEqual({ action: 'create', id: 'airbyte-schedule:connection', changes: [] });
  });

  it('is inactive for a connection that is not active', async () => {
    await run({ every: '6h', by: 'temporal' }, 'inactive');
    expect(scheduled).toMatchObject([{ active: false }]);
  });

  it.each<[DesiredSchedule, Partial<AppliedConnection>, object]>([
    [{ every: '6h' }, { created: true }, { by: 'airbyte', outcome: 'created' }],
    [{ every: '6h', by: 'airbyte' }, { updated: ['schedule'] }, { by: 'airbyte', outcome: 'updated' }],
    [{ every: '6h' }, { updated: ['streams'] }, { by: 'airbyte', outcome: 'unchanged' }],
    [{ every: '6h' }, { removedSchedule: 'id' }, { by: 'airbyte', outcome: 'unchanged', removed: 'id' }],
    ['manual', {}, { by: 'nobody', outcome: 'unchanged' }],
    [undefined, { removedSchedule: 'id' }, { by: 'nobody', outcome: 'unchanged', removed: 'id' }],
  ])('is no concern of Temporal when it is %j: the connection has it (%j)', async (schedule, changes, result) => {
    Object.assign(applied, changes);
    expect(await run(schedule)).toEqual(result);
    expect(scheduled).toEqual([]);
    const removed = { action: 'remove', id: 'id', changes: [] };
    expect(appliedSchedule).toEqual('removed' in result ? removed : undefined);
  });
});
