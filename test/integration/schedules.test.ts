import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ScheduleDescription, WorkflowHandle } from '@temporalio/client';
import { type PipelineDocumentInput, pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import { syncOptionsSchema } from '../../src/contract/sync-options';
import { temporalScheduleSchema } from '../../src/contract/temporal-schedule';
import { connectionScheduleId } from '../../src/contract/workflow-ids';
import { applySchedule } from '../../src/schedules/apply-schedule';
import type { SyncConnectionResult, SyncProgress } from '../../workflows';
import { BAD_TEMPORAL_CRONS, GOOD_TEMPORAL_CRONS } from '../support/cron-expressions';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { exampleDocument, failureOf, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { until } from '../support/until';

let stack: Stack;
/** The connections whose schedules a test has made. */
let scheduled: string[] = [];

beforeAll(async () => {
  stack = await startStack();
});

afterEach(async () => {
  for (const connectionId of scheduled) {
    await handleOf(connectionId)
      .delete()
      .catch(() => undefined);
  }
  scheduled = [];
});

afterAll(() => stack?.stop());

const schedules = () => stack.temporal.client.schedule;
const handleOf = (connectionId: string) => schedules().getHandle(connectionScheduleId(connectionId, stack.taskQueue));

/** Makes or changes the schedule of a connection, as it stands in a document. */
function schedule(connectionId: string, written: object) {
  scheduled.push(connectionId);
  const { sync, ...parsed } = temporalScheduleSchema().parse({ by: 'temporal', ...written });
  const complete = { ...parsed, sync: sync ?? syncOptionsSchema().parse({}) };
  const desired = { connection: { connectionId, name: 'Shop' }, schedule: complete, taskQueue: stack.taskQueue };
  return applySchedule(schedules(), desired);
}

/** Waits until Temporal describes a schedule as the test wants it. */
function described(
  connectionId: string,
  isSo: (schedule: ScheduleDescription) => boolean,
): Promise<ScheduleDescription> {
  return until(async () => {
    const description = await handleOf(connectionId).describe();
    return isSo(description) && description;
  });
}

/** Waits until a schedule has started so many runs. */
async function runsOf(connectionId: string, count: number): Promise<WorkflowHandle[]> {
  const { info } = await described(connectionId, (found) => found.info.recentActions.length >= count);
  return info.recentActions.map(({ action }) => {
    const { workflowId, firstExecutionRunId } = action.workflow;
    return stack.temporal.client.workflow.getHandle(workflowId, firstExecutionRunId);
  });
}

/** Waits until a sync waits for a job, and says for which. */
function waitsForJob(sync: WorkflowHandle): Promise<number> {
  return until(async () => {
    const { phase, jobId } = await sync.query<SyncProgress>('progress');
    return phase === 'running' && jobId;
  });
}

const jobsOf = (connectionId: string) => stack.sandbox.store.connection(connectionId).jobs;
const resultOf = async (sync: WorkflowHandle) => (await sync.result()) as SyncConnectionResult;

describe('the cron expressions that we take', () => {
  it.each(GOOD_TEMPORAL_CRONS)('are taken by Temporal: %s', async (cron) => {
    const connectionId = uniqueName('cron');
    expect(await schedule(connectionId, { cron, timeZone: 'Europe/Paris' })).toMatchObject({ outcome: 'created' });
  });

  it.each(BAD_TEMPORAL_CRONS)('are all that Temporal takes: %s', async (cron) => {
    const created = schedules().create({
      scheduleId: uniqueName('bad-cron'),
      spec: { cronExpressions: [cron] },
      action: { type: 'startWorkflow', workflowType: 'syncConnection', taskQueue: stack.taskQueue },
    });
    await expect(created).rejects.toThrow(TypeError);
  });
});

describe('a schedule that is wanted', () => {
  it.each([
    { every: '6h' },
    { every: '90m', jitter: '5m', overlap: 'bufferOne', catchUpWindow: '1h', pauseOnFailure: true },
    { cron: '0  3 * * mon-fri', timeZone: 'Europe/Paris' },
    { cron: '@daily', sync: { timeout: '2h', onRunning: 'skip', minimumRecords: 5 } },
    { cron: '15 30 6 * * tu 2040/2', overlap: 'terminateOther' },
  ])('is created, and is then what Temporal says that it is: %j', async (written) => {
    const connectionId = uniqueName('wanted');
    expect(await schedule(connectionId, written)).toMatchObject({ outcome: 'created' });
    expect(await schedule(connectionId, written)).toEqual({
      scheduleId: connectionScheduleId(connectionId, stack.taskQueue),
      outcome: 'unchanged',
      changed: [],
    });
  });

  it('is changed where it differs, and keeps being paused', async () => {
    const connectionId = uniqueName('changed');
    await schedule(connectionId, { cron: '0 3 * * *' });
    await handleOf(connectionId).pause('the warehouse is down');
    const changed = await schedule(connectionId, { cron: '0 4 * * *', jitter: '1m' });
    expect(changed).toMatchObject({ outcome: 'updated', changed: ['cron', 'jitter'] });
    const { state, info, spec } = await handleOf(connectionId).describe();
    expect(state).toMatchObject({ paused: true, note: 'the warehouse is down' });
    expect(spec.jitter).toBe(60_000);
    expect(info.nextActionTimes[0]?.getUTCHours()).toBe(4);
  });

  it('runs by the clock of its time zone', async () => {
    const connectionId = uniqueName('zone');
    await schedule(connectionId, { cron: '0 3 1 7 *', timeZone: 'Europe/Paris' });
    const { info } = await handleOf(connectionId).describe();
    expect(info.nextActionTimes[0]?.toISOString()).toMatch(/-07-01T01:00:00.000Z$/);
  });
});

describe('a run of a schedule', () => {
  it('shares the job of a sync that was started by hand', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true, records: 7 });
    const byHand = await stack.startSync({ connectionId });
    const jobId = await waitsForJob(byHand);
    await schedule(connectionId, { every: '365 days' });
    await handleOf(connectionId).trigger();
    const [run] = await runsOf(connectionId, 1);
    if (!run) throw new Error('The schedule has started nothing');
    expect(run.workflowId).toMatch(
      new RegExp(`^airbyte-sync:${connectionId}@${stack.taskQueue}-\\d{4}-\\d\\d-\\d\\dT`),
    );
    expect(await waitsForJob(run)).toBe(jobId);
    await stack.sandbox.jobs.finish(jobId);
    expect(await byHand.result()).toMatchObject({ jobId, recordsSynced: 7, attached: false });
    expect(await resultOf(run)).toMatchObject({ jobId, recordsSynced: 7, attached: true });
    expect(jobsOf(connectionId)).toHaveLength(1);
  });

  it('shares its job with a sync that is started by hand meanwhile', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true, records: 7 });
    await schedule(connectionId, { every: '365 days' });
    await handleOf(connectionId).trigger();
    const [run] = await runsOf(connectionId, 1);
    if (!run) throw new Error('The schedule has started nothing');
    const jobId = await waitsForJob(run);
    const byHand = await stack.startSync({ connectionId });
    expect(await waitsForJob(byHand)).toBe(jobId);
    await stack.sandbox.jobs.finish(jobId);
    expect(await byHand.result()).toMatchObject({ jobId, attached: true });
    expect(await resultOf(run)).toMatchObject({ jobId, attached: false });
    expect(jobsOf(connectionId)).toHaveLength(1);
  });

  it('is found by its connection, and carries its name', async () => {
    const connectionId = await stack.caller.simulatedConnection();
    await schedule(connectionId, { every: '365 days' });
    await handleOf(connectionId).trigger();
    const [run] = await runsOf(connectionId, 1);
    await run?.result();
    const description = await run?.describe();
    expect(description?.searchAttributes).toMatchObject({
      AirbyteConnectionId: [connectionId],
      AirbyteConnectionName: ['Shop'],
    });
    expect(await description?.staticSummary()).toBe('Shop');
  });

  it('fails with the id of a connection that was deleted in Airbyte, and pauses its schedule where that is wanted', async () => {
    const connectionId = await stack.caller.simulatedConnection();
    await schedule(connectionId, { every: '365 days', pauseOnFailure: true });
    await stack.caller.call('connections/delete', { connectionId });
    await handleOf(connectionId).trigger('SKIP');
    const [run] = await runsOf(connectionId, 1);
    if (!run) throw new Error('The schedule has started nothing');
    const failure = await failureOf(run);
    expect(failure.type).toBe('AirbyteNotFound');
    expect(failure.message).toContain(connectionId);
    const { state } = await described(connectionId, (found) => found.state.paused);
    expect(state.note).toContain('failure');
  });
});

describe('a schedule that is due while its last run is still going', () => {
  it('skips by default', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true });
    await schedule(connectionId, { every: '1s' });
    const { info } = await described(connectionId, (found) => found.info.numActionsSkippedOverlap >= 2);
    await handleOf(connectionId).pause();
    expect(info.numActionsTaken).toBe(1);
    const [run] = await runsOf(connectionId, 1);
    if (!run) throw new Error('The schedule has started nothing');
    await stack.sandbox.jobs.finish(await waitsForJob(run));
    await run.result();
    expect(jobsOf(connectionId)).toHaveLength(1);
  });

  it('attaches to the running job with allowAll', async () => {
    const connectionId = await stack.caller.simulatedConnection({ hold: true, records: 3 });
    await schedule(connectionId, { every: '1s', overlap: 'allowAll' });
    await runsOf(connectionId, 2);
    await handleOf(connectionId).pause();
    const runs = await runsOf(connectionId, 2);
    const waitedFor = await Promise.all(runs.map((run) => waitsForJob(run)));
    const [jobId = 0] = waitedFor;
    expect(new Set(waitedFor)).toEqual(new Set([jobId]));
    await stack.sandbox.jobs.finish(jobId);
    const results = await Promise.all(runs.map((run) => resultOf(run)));
    expect(results.filter(({ attached }) => !attached)).toHaveLength(1);
    expect(results.every((result) => result.jobId === jobId && result.recordsSynced === 3)).toBe(true);
    expect(jobsOf(connectionId)).toHaveLength(1);
  });

  it('runs afterwards with bufferOne, once', async () => {
    const connectionId = await stack.caller.simulatedConnection({ jobs: [{ hold: true }, { hold: true }] });
    await schedule(connectionId, { every: '1s', overlap: 'bufferOne' });
    const [first] = await runsOf(connectionId, 1);
    if (!first) throw new Error('The schedule has started nothing');
    const jobId = await waitsForJob(first);
    await described(connectionId, (found) => found.info.numActionsSkippedOverlap >= 2);
    await stack.sandbox.jobs.finish(jobId);
    const [, second] = await runsOf(connectionId, 2);
    if (!second) throw new Error('The schedule has started nothing afterwards');
    const nextJobId = await waitsForJob(second);
    await handleOf(connectionId).delete();
    await stack.sandbox.jobs.finish(nextJobId);
    expect((await resultOf(second)).jobId).not.toBe(jobId);
    expect(jobsOf(connectionId)).toHaveLength(2);
  });
});

describe('the schedule of a pipeline document', () => {
  const name = uniqueName('scheduled-pipeline');
  let connectionId: string;

  async function apply(schedule: PipelineDocumentInput['connection']['schedule']) {
    const document = pipelineDocumentSchema().parse({
      name,
      source: { name: `${name} source`, definition: 'Simulated', configuration: { records: 4 } },
      destination: { name: `${name} destination`, definition: 'Simulated', configuration: {} },
      connection: {
        name,
        schedule,
        streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }],
      },
      sync: { timeout: '2h' },
    });
    const result = await stack.runPipeline({ ...document, sync: false });
    connectionId = result.connectionId;
    return result.schedule;
  }

  const airbyteSchedule = async () => (await stack.caller.call('connections/get', { connectionId })).scheduleType;

  it('is created in Temporal, and the connection is manual in Airbyte', async () => {
    const result = await apply({ every: '6h', by: 'temporal' });
    expect(result).toEqual({
      by: 'temporal',
      outcome: 'created',
      scheduleId: connectionScheduleId(connectionId, stack.taskQueue),
    });
    expect(await airbyteSchedule()).toBe('manual');
    const { action } = await handleOf(connectionId).describe();
    expect(action).toMatchObject({
      taskQueue: stack.taskQueue,
      args: [{ connectionId, timeout: '2h' }],
      memo: { pipeline: name },
    });
  });

  it('is left as it is the second time, and changed when the document has changed', async () => {
    expect(await apply({ every: '6h', by: 'temporal' })).toMatchObject({ outcome: 'unchanged' });
    expect(await apply({ every: '1h', by: 'temporal' })).toMatchObject({ outcome: 'updated' });
    expect((await handleOf(connectionId).describe()).spec.intervals).toMatchObject([{ every: 3_600_000 }]);
  });

  it('syncs the connection', async () => {
    await handleOf(connectionId).trigger();
    const [run] = await runsOf(connectionId, 1);
    expect(await run?.result()).toMatchObject({ connectionId, status: 'succeeded', recordsSynced: 4 });
  });

  it('is gone from Temporal when Airbyte is to schedule the connection, which is not started twice', async () => {
    const result = await apply({ every: '6h', by: 'airbyte' });
    expect(result).toEqual({
      by: 'airbyte',
      outcome: 'updated',
      removed: connectionScheduleId(connectionId, stack.taskQueue),
    });
    await expect(handleOf(connectionId).describe()).rejects.toThrow(/not found/i);
    expect(await airbyteSchedule()).toBe('basic');
  });

  it('comes back, and is gone from Temporal when the document says manual', async () => {
    expect(await apply({ cron: '0 3 * * *', by: 'temporal' })).toMatchObject({ outcome: 'created' });
    expect(await airbyteSchedule()).toBe('manual');
    expect(await apply('manual')).toMatchObject({
      by: 'nobody',
      removed: connectionScheduleId(connectionId, stack.taskQueue),
    });
    await expect(handleOf(connectionId).describe()).rejects.toThrow(/not found/i);
  });

  it('is left alone by a document that says manual when it was made by hand', async () => {
    await schedule(connectionId, { every: '6h' });
    expect(await apply('manual')).toEqual({ by: 'nobody', outcome: 'unchanged' });
    expect((await handleOf(connectionId).describe()).state.paused).toBe(false);
  });
});

describe('examples/scheduled-by-temporal.yaml', () => {
  let postgres: TestPostgres;

  beforeAll(async () => {
    postgres = await startPostgres();
    stack.secrets['SECRET_SHOP_PASSWORD'] = postgres.password;
  });
  afterAll(() => postgres?.stop());

  it('has its connection synced by Temporal', async () => {
    const { host, port, database, username } = postgres;
    const document = await exampleDocument('scheduled-by-temporal.yaml', uniqueName('scheduled'), {
      source: { host, port, database, username },
    });
    const { connectionId, schedule: applied } = await stack.runPipeline({ ...document, sync: false });
    scheduled.push(connectionId);
    expect(applied).toMatchObject({ by: 'temporal', outcome: 'created' });
    await handleOf(connectionId).trigger();
    const [run] = await runsOf(connectionId, 1);
    expect(await run?.result()).toMatchObject({ connectionId, status: 'succeeded' });
    expect((await handleOf(connectionId).describe()).spec).toMatchObject({ timezone: 'Europe/Paris', jitter: 600_000 });
  });
});
