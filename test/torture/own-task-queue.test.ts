import { describe, expect, it } from '@jest/globals';
import type { ScheduleDescription } from '@temporalio/client';
import { pipelineRuns, pipelineWorkflowIds } from '../../activities/reconcile-ports';
import { workerSettings } from '../../src/configuration/worker-settings';
import type { PipelineScheduleInput } from '../../src/contract/applied-schedule';
import { syncOptionsSchema } from '../../src/contract/sync-options';
import { temporalScheduleSchema } from '../../src/contract/temporal-schedule';
import { parseScheduleId } from '../../src/contract/workflow-ids';
import { type ActivityBench, failureOf, useBench } from '../unit/activities/activity-bench';

const PLAIN = 'airbyte-schedule:c-1';
const ON_STAGING = 'airbyte-schedule:c-1@staging';

function desired(taskQueue: string, every = '6h'): PipelineScheduleInput {
  const { sync: _, ...schedule } = temporalScheduleSchema().parse({ by: 'temporal', every });
  return {
    ...{ pipeline: 'shop', connectionId: 'c-1', connectionName: 'Shop', workspaceId: 'w', active: true, taskQueue },
    schedule: { ...schedule, sync: syncOptionsSchema().parse({}) },
  };
}

describe('the Temporal schedule of a connection', () => {
  const bench = useBench();
  const apply = (input: PipelineScheduleInput) => bench().run('applySchedule', input, on(bench(), input.taskQueue));
  const plan = (input: PipelineScheduleInput) => bench().run('planSchedule', input, on(bench(), input.taskQueue));

  /** As a release before ids carried their task queue has made it. */
  async function madeBefore(taskQueue: string): Promise<void> {
    await apply(desired(taskQueue));
    const { stored } = bench().schedules;
    const made = stored.get(`${PLAIN}@${taskQueue}`) as ScheduleDescription;
    stored.clear();
    stored.set(PLAIN, { ...made, scheduleId: PLAIN });
  }

  it('carries its task queue, and so do its runs, where that is not the default one', async () => {
    expect(await apply(desired('staging'))).toMatchObject({ scheduleId: ON_STAGING, outcome: 'created' });
    expect(await apply(desired('airbyte'))).toMatchObject({ scheduleId: PLAIN, outcome: 'created' });
    const { stored } = bench().schedules;
    expect(stored.get(ON_STAGING)?.action).toMatchObject({
      workflowId: 'airbyte-sync:c-1@staging',
      taskQueue: 'staging',
    });
    expect(stored.get(PLAIN)?.action).toMatchObject({ workflowId: 'airbyte-sync:c-1', taskQueue: 'airbyte' });
  });

  it('is found and changed under the id that an earlier release gave it, and is not made a second time', async () => {
    await madeBefore('staging');
    expect(await apply(desired('staging', '12h'))).toEqual({
      scheduleId: PLAIN,
      outcome: 'updated',
      changed: ['every'],
      changes: [{ field: 'every', from: { everyMs: 21_600_000 }, to: { everyMs: 43_200_000 } }],
    });
    expect([...bench().schedules.stored.keys()]).toEqual([PLAIN]);
  });

  it('is not that of another task queue under the same id: neither planned nor applied, and said clearly', async () => {
    await madeBefore('staging');
    for (const step of [plan, apply]) {
      const failure = await failureOf(step(desired('airbyte')));
      expect(failure).toMatchObject({ type: 'AirbyteConflict', nonRetryable: true });
      expect(failure.message).toContain(`${PLAIN} belongs to a schedule of the task queue 'staging'`);
    }
    expect(await apply(desired('production'))).toMatchObject({ scheduleId: `${PLAIN}@production`, outcome: 'created' });
  });

  it.each([
    [PLAIN, { connectionId: 'c-1' }],
    [ON_STAGING, { connectionId: 'c-1', taskQueue: 'staging' }],
    [`${PLAIN}@a@b`, { connectionId: 'c-1', taskQueue: 'a@b' }],
    ['another-schedule', undefined],
  ])('is read from its id, with or without a task queue: %s', (id, read) => {
    expect(parseScheduleId(id)).toEqual(read);
  });
});

describe('what earlier runs of a pipeline have noted', () => {
  const bench = useBench();

  it.each([
    ['airbyte', ['airbyte-pipeline:shop']],
    ['staging', ['airbyte-pipeline:shop@staging', 'airbyte-pipeline:shop']],
  ])('is looked for under the ids of the own task queue: %s', async (taskQueue, ids) => {
    expect(await on(bench(), taskQueue).run(async () => pipelineWorkflowIds('shop'))).toEqual(ids);
  });

  it('does not count when a run of another task queue has noted it', async () => {
    const runs = [
      { workflowId: 'airbyte-pipeline:shop', taskQueue: 'airbyte', memo: { source: { name: 'shop', id: 'theirs' } } },
      { workflowId: 'airbyte-pipeline:shop', taskQueue: 'staging', memo: { source: { name: 'shop', id: 'ours' } } },
      {
        workflowId: 'airbyte-pipeline:shop@staging',
        taskQueue: 'staging',
        memo: { source: { name: 'x', id: 'newer' } },
      },
    ];
    const environment = on(bench(), 'staging');
    async function* list() {
      yield* runs;
    }
    Object.assign(environment.context.client.workflow, { list });
    const noted = await environment.run(async () => {
      const found: unknown[] = [];
      for await (const note of pipelineRuns('shop').memos('source')) found.push(note?.id);
      return found;
    });
    expect(noted).toEqual(['ours', 'newer']);
  });
});

function on(bench: ActivityBench, taskQueue: string) {
  return bench.environment({ taskQueue });
}

describe('the environment of a worker', () => {
  it.each([
    ['AIRBYTE_TASK_QUEUE', 'a\nb'],
    ['AIRBYTE_TASK_QUEUE', ' a'],
    ['AIRBYTE_TASK_QUEUE', 'a'.repeat(201)],
    ['AIRBYTE_NAME', 'two words'],
    ['AIRBYTE_NAME', 'a'.repeat(101)],
  ])('is rejected when %s cannot be part of an id: %#', (variable, value) => {
    expect(() => workerSettings({ [variable]: value })).toThrow(`${variable} cannot be used`);
  });

  it('names the Airbyte, where it does', () => {
    expect(workerSettings({ AIRBYTE_NAME: 'production-1' })).toMatchObject({ airbyteName: 'production-1' });
    expect(workerSettings({ AIRBYTE_NAME: '' })).not.toHaveProperty('airbyteName');
  });
});
