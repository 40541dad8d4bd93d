import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { cancelUnlessEnded } from '../../src/temporal/running-syncs';
import { uniqueName } from '../support/temporal';
import { until } from '../support/until';
import { documentWith } from '../unit/contract/typical-document';
import { runCommand } from './cli-command';
import { type CliStack, startCliStack } from './cli-stack';

/** Not due before a test is long over. */
const SCHEDULE = { every: '365 days' };

let stack: CliStack;
let fleet: string;
let file: string;
let scheduleId: string;
let workflowId: string;

beforeAll(async () => {
  stack = await startCliStack();
});

afterAll(() => stack?.stop());

beforeEach(() => {
  fleet = uniqueName('fleet');
  file = join(stack.folder, `${fleet}.json`);
  const taskQueue = stack.env['AIRBYTE_TASK_QUEUE'];
  scheduleId = `airbyte-fleet-schedule:${fleet}@${taskQueue}`;
  workflowId = `airbyte-fleet:${fleet}@${taskQueue}`;
});

afterEach(() => stack.finishJobs());

const run = (...args: string[]) => runCommand(args, stack.env);
const json = async (...args: string[]) => {
  const { exitCode, document, stderr } = await run(...args, '--json');
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return document;
};
const apply = () => json('apply', file, '--yes');
const described = () => json('schedule', 'describe', '--fleet', fleet);

/** Writes a document of two connections. @returns their names */
async function written(document: object = { schedule: SCHEDULE }, simulation: object = {}): Promise<string[]> {
  const names = [`${fleet} shop`, `${fleet} orders`];
  for (const name of names) await stack.caller.simulatedConnection({ records: 10, ...simulation }, { name });
  await writeFile(file, JSON.stringify({ fleet, connections: names, ...document }));
  return names;
}

/** Changes the document, and nothing in Airbyte. */
const rewritten = (names: string[], document: object) =>
  writeFile(file, JSON.stringify({ fleet, connections: names, ...document }));

describe('apply of a fleet document with a schedule', () => {
  it('creates the schedule once, changes it with the document, and deletes it when the document has none', async () => {
    const cron = {
      cron: '0 3 * * *',
      timeZone: 'Europe/Paris',
      jitter: '5m',
      overlap: 'bufferOne',
      catchUpWindow: '1h',
    };
    const names = await written({ schedule: cron, maxConcurrent: 4 });
    const plan = await json('plan', file);
    expect(plan).toMatchObject({
      changes: true,
      documents: [{ name: fleet, result: { fleet, changes: true, schedule: { action: 'create', id: null } } }],
    });
    expect(await apply()).toEqual({
      fleet,
      changes: true,
      schedule: { action: 'create', id: scheduleId, changes: [] },
    });
    expect(await described()).toMatchObject({
      ...{ scheduleId, fleet, fleetDocument: fleet, connectionId: null, pipeline: null, workflowType: 'syncFleet' },
      timing: { cron: '0 3 * * *', timeZone: 'Europe/Paris' },
      ...{ jitterMs: 300_000, overlap: 'bufferOne', catchUpWindowMs: 3_600_000, pauseOnFailure: false, paused: false },
      taskQueue: stack.env['AIRBYTE_TASK_QUEUE'],
      input: { name: fleet, connections: names.map((connection) => ({ connection })), maxConcurrent: 4 },
      recentRuns: [],
    });

    expect((await json('plan', file)).changes).toBe(false);
    expect(await apply()).toMatchObject({ changes: false, schedule: { action: 'leave', id: scheduleId, changes: [] } });

    await json('schedule', 'pause', '--fleet', fleet, '--note', 'until the warehouse is there');
    await rewritten(names, { schedule: { ...cron, cron: '30 4 * * mon-fri' }, maxConcurrent: 2 });
    expect((await apply()).schedule).toEqual({
      action: 'change',
      id: scheduleId,
      changes: [
        {
          field: 'cron',
          from: { cron: '0 3 * * *', timeZone: 'Europe/Paris' },
          to: { cron: '30 4 * * mon-fri', timeZone: 'Europe/Paris' },
        },
        { field: 'maxConcurrent', from: 4, to: 2 },
      ],
    });
    expect(await described()).toMatchObject({ paused: true, note: 'until the warehouse is there' });

    await rewritten(names, {});
    const text = await run('plan', file);
    expect(text.stdout).toContain(`- remove schedule in Temporal (${scheduleId})`);
    expect((await apply()).schedule).toEqual({ action: 'remove', id: scheduleId, changes: [] });
    expect(await apply()).toEqual({ fleet, changes: false, schedule: null });
    expect((await run('schedule', 'describe', '--fleet', fleet)).exitCode).toBe(2);
  });

  it('applies fleets and pipelines together, and reports each', async () => {
    await written();
    const pipeline = join(stack.folder, `${fleet} pipeline.json`);
    const simulated = (name: string) => ({ name: `${fleet} ${name}`, definition: 'Simulated', configuration: {} });
    const streams = [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }];
    await writeFile(
      pipeline,
      JSON.stringify({
        ...documentWith({}),
        name: fleet,
        workspace: undefined,
        source: { ...simulated('source'), configuration: { streams: ['events'] } },
        destination: simulated('destination'),
        connection: { name: `${fleet} connection`, streams },
      }),
    );
    const { documents } = await json('apply', pipeline, file, '--yes');
    expect(documents).toMatchObject([
      { file: pipeline, result: { connectionId: expect.any(String), sync: null } },
      { file, result: { fleet, schedule: { action: 'create', id: scheduleId } } },
    ]);
    const { stdout } = await run('plan', pipeline, file);
    expect(stdout).toContain(`Pipeline '${fleet}': nothing to do.`);
    expect(stdout).toContain(`leave schedule in Temporal (${scheduleId})`);
  });

  it('is part of a run of the document', async () => {
    await written();
    const { exitCode, document, stderr } = await run('run', file, '--json');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(document).toMatchObject({ name: fleet, counts: { succeeded: 2 } });
    expect(stderr).toContain(`create schedule in Temporal (${scheduleId})`);
    expect(await described()).toMatchObject({ scheduleId, runs: { started: 0 } });
  });
});

describe('the schedule of a fleet', () => {
  it('is listed, and starts the fleet when it is triggered', async () => {
    const names = await written();
    await apply();
    const listed = await until(async () => {
      const { schedules } = await json('schedule', 'list');
      return schedules.find((one: { scheduleId: string }) => one.scheduleId === scheduleId);
    });
    expect(listed).toMatchObject({ fleet, connectionId: null, connectionName: null, paused: false });
    expect((await run('schedule', 'list')).stdout).toMatch(new RegExp(`^fleet ${fleet} +- +every 365d`, 'm'));

    const triggered = await json('schedule', 'trigger', '--fleet', fleet);
    expect(triggered).toMatchObject({ scheduleId, fleet, workflowId: expect.stringContaining(`${workflowId}-`) });
    const result = await stack.temporal.client.workflow.getHandle(triggered.workflowId).result();
    expect(result).toMatchObject({
      name: fleet,
      counts: { succeeded: 2, failed: 0 },
      connections: names.map((name) => ({ name, recordsSynced: 10 })),
    });
    expect(await described()).toMatchObject({
      recentRuns: [{ workflowId: triggered.workflowId, outcome: 'succeeded', jobId: null, recordsSynced: 20 }],
      runs: { started: 1, skipped: 0 },
    });
    const { stdout } = await run('schedule', 'describe', scheduleId);
    expect(stdout).toMatch(new RegExp(`^ +fleet +${fleet}$`, 'm'));
    expect(stdout).toContain(`the fleet document '${fleet}'`);
    expect(stdout).toMatch(/starts +syncFleet \{/);
    const status = await until(async () => {
      const read = await run('status', '--fleet', fleet, '--json');
      return read.exitCode === 0 && read.document.status === 'completed' && read.document;
    });
    expect(status).toMatchObject({ workflowId: triggered.workflowId, counts: { succeeded: 2 } });
  });

  it('follows its overlap policy while a run of it is still running; status and cancel find that run', async () => {
    await written({ schedule: { ...SCHEDULE, overlap: 'skip' } }, { hold: true });
    await apply();
    const { workflowId: running } = await json('schedule', 'trigger', '--fleet', fleet, '--overlap', 'skip');
    await until(async () => {
      const { exitCode, document } = await run('status', '--fleet', fleet, '--json');
      return exitCode === 0 && document.workflowId === running && document.counts.running === 2;
    });
    const skipped = await json('schedule', 'trigger', '--fleet', fleet, '--overlap', 'skip');
    expect(skipped.workflowId).toBeNull();
    expect(await described()).toMatchObject({
      runs: { started: 1, skipped: 1 },
      recentRuns: [{ workflowId: running, outcome: 'running' }],
    });

    await json('schedule', 'trigger', '--fleet', fleet, '--overlap', 'cancelOther');
    const next = await until(async () => {
      const { recentRuns } = await described();
      return recentRuns.length === 2 && recentRuns[0].workflowId;
    });
    expect(await described()).toMatchObject({
      recentRuns: [
        { workflowId: next, outcome: 'running' },
        { workflowId: running, outcome: 'cancelled' },
      ],
    });
    const jobs = () => [...stack.sandbox.store.jobs.values()].filter(({ connectionId }) => isOfFleet(connectionId));
    await until(async () => jobs().filter(({ status }) => status === 'running').length === 2);
    const cancelled = await until(async () => {
      const { exitCode, document } = await run('cancel', '--fleet', fleet, '--json');
      return exitCode === 0 && document;
    });
    expect(cancelled).toEqual({ fleet, workflows: [{ workflowId: next, cancelled: true }] });
    expect(jobs().map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled', 'cancelled']);
  });

  it('with terminateOther starts the next run immediately, and the syncs of the terminated one are cancelled', async () => {
    await written({ schedule: { ...SCHEDULE, overlap: 'terminateOther' } }, { hold: true });
    await apply();
    const { workflowId: first } = await json('schedule', 'trigger', '--fleet', fleet, '--overlap', 'terminateOther');
    const jobs = () => [...stack.sandbox.store.jobs.values()].filter(({ connectionId }) => isOfFleet(connectionId));
    await until(async () => jobs().filter(({ status }) => status === 'running').length === 2);
    const before = jobs();
    const { workflowId: next } = await json('schedule', 'trigger', '--fleet', fleet, '--overlap', 'terminateOther');
    await until(async () => before.every(({ status }) => status === 'cancelled'));
    expect(await described()).toMatchObject({
      recentRuns: [{ workflowId: next }, { workflowId: first, outcome: 'terminated' }],
    });
    // It may have ended already: a sync that it shared with the terminated run was cancelled.
    await cancelUnlessEnded(stack.temporal.client.workflow.getHandle(next));
    await until(async () => (await described()).recentRuns[0].outcome !== 'running');
  });

  const isOfFleet = (connectionId: string) =>
    String(stack.sandbox.store.connections.get(connectionId)?.settings['name']).startsWith(fleet);

  it('is paused and resumed, has past runs started, and is deleted by its name', async () => {
    await written();
    await apply();
    expect(await json('schedule', 'pause', '--fleet', fleet)).toMatchObject({ scheduleId, fleet, paused: true });
    expect(await described()).toMatchObject({ paused: true });
    expect(await json('schedule', 'resume', '--fleet', fleet)).toMatchObject({ scheduleId, fleet, paused: false });
    // Times of an interval count from 1970: the last multiple of 365 days.
    const days = Math.floor(Date.now() / 86_400_000 / 365) * 365;
    const from = new Date((days - 1) * 86_400_000).toISOString().slice(0, 10);
    const to = new Date((days + 1) * 86_400_000).toISOString().slice(0, 10);
    const backfill = await json('schedule', 'backfill', '--fleet', fleet, '--from', from, '--to', to);
    expect(backfill).toMatchObject({ scheduleId, fleet });
    const ended = await until(async () => {
      const { recentRuns } = await described();
      return recentRuns.length === 1 && recentRuns[0].outcome === 'succeeded' && recentRuns;
    });
    expect(ended).toMatchObject([{ recordsSynced: 20 }]);
    const deleted = await run('schedule', 'delete', '--fleet', fleet);
    expect(deleted.exitCode).toBe(0);
    expect(deleted.stdout).toContain(`${scheduleId} is deleted. Nothing starts the fleet now.`);
    expect(deleted.stderr).toContain(`The fleet document '${fleet}' defined this schedule`);
    const missing = await run('schedule', 'trigger', '--fleet', fleet, '--json');
    expect(missing).toMatchObject({ exitCode: 2, document: { error: { type: 'ScheduleNotFound' } } });
  });

  it('of a user is created from a document without one, changed with --update, and left alone by apply', async () => {
    const names = await written({});
    const created = await json('schedule', 'create', '--fleet', file, '--every', '365 days', '--paused');
    expect(created).toMatchObject({ scheduleId, fleet, outcome: 'created', paused: true });
    const second = await run('schedule', 'create', '--fleet', file, '--every', '6h', '--json');
    expect(second).toMatchObject({ exitCode: 2, document: { error: { type: 'ScheduleExists' } } });
    const updated = await json('schedule', 'create', '--fleet', file, '--every', '6h', '--update');
    expect(updated).toMatchObject({ scheduleId, outcome: 'updated', changed: ['every'], paused: true });
    expect(await apply()).toEqual({ fleet, changes: false, schedule: null });

    const timeout = await run('schedule', 'create', '--fleet', file, '--every', '6h', '--timeout', '2h');
    expect(timeout).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--timeout: has no effect with --fleet'),
    });
    await rewritten(names, { schedule: SCHEDULE });
    const both = await run('schedule', 'create', '--fleet', file, '--every', '6h');
    expect(both).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`temporal-airbyte apply ${file}`) });
    await apply();
    await rewritten(names, {});
    const defined = await run('schedule', 'create', '--fleet', file, '--every', '6h', '--update');
    expect(defined.stderr).toContain(`The fleet document '${fleet}' defines it: change its schedule, and apply it.`);
  });
});
