import { describe, expect, it } from '@jest/globals';
import { ScheduleNotFoundError, ServiceError } from '@temporalio/client';
import type { PipelineScheduleInput } from '../../../src/contract/applied-schedule';
import { syncOptionsSchema } from '../../../src/contract/sync-options';
import { temporalScheduleSchema } from '../../../src/contract/temporal-schedule';
import { failureOf, useBench } from './activity-bench';

const bench = useBench();
const ID = 'airbyte-schedule:c-1';

const EVERY_6H = { every: '6h' };

function desired(schedule: object = EVERY_6H, changes: Partial<PipelineScheduleInput> = {}): PipelineScheduleInput {
  const { sync, ...parsed } = temporalScheduleSchema().parse({ by: 'temporal', ...schedule });
  return {
    pipeline: 'shop',
    connectionId: 'c-1',
    connectionName: 'Shop → Lake',
    workspaceId: 'w',
    active: true,
    schedule: { ...parsed, sync: sync ?? syncOptionsSchema().parse({}) },
    taskQueue: 'airbyte',
    ...changes,
  };
}

const apply = (schedule?: object, changes?: Partial<PipelineScheduleInput>) =>
  bench().run('applySchedule', desired(schedule, changes));
const stored = () => bench().schedules.stored.get(ID);

describe('the Temporal schedule of a pipeline', () => {
  it('is created once, and left as it is after that', async () => {
    expect(await apply()).toEqual({ scheduleId: ID, outcome: 'created', changed: [] });
    expect(await apply()).toEqual({ scheduleId: ID, outcome: 'unchanged', changed: [] });
    expect(bench().schedules.calls).toEqual([`create ${ID}`]);
  });

  it('starts the sync of its connection, which is found by it', async () => {
    await apply({ ...EVERY_6H, sync: { timeout: '2h', onRunning: 'skip' } });
    expect(stored()?.action).toMatchObject({
      workflowType: 'syncConnection',
      workflowId: 'airbyte-sync:c-1',
      taskQueue: 'airbyte',
      args: [{ connectionId: 'c-1', timeout: '2h', onRunning: 'skip', jobType: 'sync' }],
      staticSummary: 'Shop → Lake',
      memo: { pipeline: 'shop' },
    });
    const attributes = Object.fromEntries(
      stored()
        ?.typedSearchAttributes.getAll()
        .map(({ key, value }) => [key.name, value]) ?? [],
    );
    expect(attributes).toEqual({
      AirbyteConnectionId: 'c-1',
      AirbyteConnectionName: 'Shop → Lake',
      AirbyteWorkspaceId: 'w',
    });
  });

  it.each([
    ['every', { every: '1h' }, {}],
    ['cron', { cron: '0 3 * * *' }, {}],
    ['jitter', { ...EVERY_6H, jitter: '5m' }, {}],
    ['overlap', { ...EVERY_6H, overlap: 'allowAll' }, {}],
    ['catchUpWindow', { ...EVERY_6H, catchUpWindow: '1h' }, {}],
    ['pauseOnFailure', { ...EVERY_6H, pauseOnFailure: true }, {}],
    ['sync', { ...EVERY_6H, sync: { timeout: '90m' } }, {}],
    ['name', EVERY_6H, { connectionName: 'Shop' }],
    ['pipeline', EVERY_6H, { pipeline: 'renamed' }],
    ['paused', EVERY_6H, { active: false }],
  ])('is changed when its %s differs, and then left as it is', async (field, schedule, changes) => {
    await apply();
    expect(await apply(schedule, changes)).toMatchObject({ outcome: 'updated', changed: [field] });
    expect(await apply(schedule, changes)).toMatchObject({ outcome: 'unchanged' });
  });

  it('stays paused when a user has paused it', async () => {
    await apply();
    Object.assign(stored()?.state ?? {}, { paused: true, note: 'the warehouse is down' });
    expect(await apply()).toMatchObject({ outcome: 'unchanged' });
    expect(await apply({ every: '1h' })).toMatchObject({ outcome: 'updated', changed: ['every'] });
    expect(stored()?.state).toEqual({ paused: true, note: 'the warehouse is down' });
  });

  it('is paused while its connection is inactive, and runs again when that is active', async () => {
    await apply(EVERY_6H, { active: false });
    expect(stored()?.state).toMatchObject({ paused: true, note: expect.stringContaining('inactive') });
    expect(await apply()).toMatchObject({ outcome: 'updated', changed: ['resumed'] });
    expect(stored()?.state.paused).toBe(false);
  });

  it('adopts a schedule that was made by hand, permanently', async () => {
    await apply();
    delete stored()?.action.memo;
    expect(await apply()).toMatchObject({ outcome: 'updated', changed: ['pipeline'] });
    expect(await apply()).toMatchObject({ outcome: 'unchanged' });
  });

  it('is found when another worker creates it at the same moment', async () => {
    await apply();
    bench().schedules.onDescribe = () => {
      throw new ScheduleNotFoundError('not yet', ID);
    };
    expect(await apply()).toMatchObject({ outcome: 'unchanged' });
    expect(bench().schedules.calls).toEqual([`create ${ID}`]);
  });

  const grpc = (code: number, details: string) => (): never => {
    throw new ServiceError('Failed to create schedule', {
      cause: Object.assign(new Error(details), { code, details, metadata: {} }),
    });
  };

  it('is rejected as non-retryable, by its field, when Temporal does not take it', async () => {
    bench().schedules.onChange = () => {
      throw new TypeError('interval is too small');
    };
    const failure = await failureOf(apply());
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(failure.message).toContain('connection.schedule');
    expect(failure.message).toContain('interval is too small');
  });

  it('is rejected as non-retryable when this worker may keep none', async () => {
    bench().schedules.onDescribe = grpc(7, 'Request unauthorized.');
    const failure = await failureOf(apply());
    expect(failure).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(failure.message).toMatch(/connection\.schedule\.by.*Request unauthorized.*by: airbyte/);
  });

  it('is tried again while Temporal is out of reach', async () => {
    bench().schedules.onDescribe = grpc(14, 'connection refused');
    await expect(apply()).rejects.toThrow('Failed to create schedule');
    expect(await apply()).toMatchObject({ outcome: 'created' });
  });
});
