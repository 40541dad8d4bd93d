import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { uniqueName } from '../support/temporal';
import { runCommand } from './cli-command';
import { type CliStack, startCliStack } from './cli-stack';

let stack: CliStack;
let name: string;
let connectionId: string;
let scheduleId: string;

beforeAll(async () => {
  stack = await startCliStack();
});

afterAll(() => stack?.stop());

beforeEach(async () => {
  name = uniqueName('connection');
  connectionId = await stack.caller.simulatedConnection({ records: 6 }, { name });
  scheduleId = `airbyte-schedule:${connectionId}@${stack.env['AIRBYTE_TASK_QUEUE']}`;
});

const run = (...args: string[]) => runCommand(['schedule', ...args], stack.env);

/** Makes a schedule that is not due before a test is long over. */
async function created(...options: string[]) {
  const command = await run('create', name, '--every', '365 days', '--json', ...options);
  expect({ exitCode: command.exitCode, stderr: command.stderr }).toMatchObject({ exitCode: 0 });
  return command.document;
}

const describeIt = async () => (await run('describe', name, '--json')).document;

/** Waits until `describe` shows a run as the test wants it. */
async function described(isSo: (schedule: { recentRuns: { outcome: string }[] }) => boolean) {
  for (;;) {
    const schedule = await describeIt();
    if (isSo(schedule)) return schedule;
  }
}

describe('schedule create', () => {
  it('has Temporal start the syncs of a connection, by name or by id', async () => {
    const { exitCode, stdout } = await run('create', name, '--every', '6h', '--jitter', '5m', '--timeout', '30m');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${scheduleId} created: every 6h.\nNext runs: \\d{4}-`));
    expect(await describeIt()).toMatchObject({
      scheduleId,
      connectionId,
      connectionName: name,
      pipeline: null,
      timing: { everyMs: 21_600_000 },
      jitterMs: 300_000,
      overlap: 'skip',
      pauseOnFailure: false,
      paused: false,
      taskQueue: stack.env['AIRBYTE_TASK_QUEUE'],
      input: { connectionId, timeout: '30m', onRunning: 'attach' },
      nextRuns: expect.arrayContaining([expect.stringMatching(/Z$/)]),
      recentRuns: [],
    });
  });

  it('takes a cron expression with its time zone, policies, and a note on why it is paused', async () => {
    const options = ['--time-zone', 'Europe/Paris', '--overlap', 'bufferAll', '--catch-up-window', '1h'];
    const state = ['--pause-on-failure', '--paused', '--note', 'until the warehouse is there'];
    const { exitCode } = await run('create', connectionId, '--cron', '0 3 * * mon-fri', ...options, ...state);
    expect(exitCode).toBe(0);
    expect(await describeIt()).toMatchObject({
      timing: { cron: '0 3 * * mon-fri', timeZone: 'Europe/Paris' },
      overlap: 'bufferAll',
      catchUpWindowMs: 3_600_000,
      pauseOnFailure: true,
      paused: true,
      note: 'until the warehouse is there',
    });
  });

  it('rejects a second one and says what to do, and changes it with --update', async () => {
    await created();
    const second = await run('create', name, '--every', '1h', '--json');
    expect(second.exitCode).toBe(2);
    expect(second.document.error.type).toBe('ScheduleExists');
    expect(second.document.error.message).toMatch(/every 365d.*--update.*schedule delete/);
    const updated = await run('create', name, '--every', '1h', '--update', '--json');
    expect(updated.document).toMatchObject({ scheduleId, outcome: 'updated', changed: ['every'] });
    const again = await run('create', name, '--every', '1h', '--update', '--json');
    expect(again.document).toMatchObject({ scheduleId, outcome: 'unchanged', changed: [] });
  });

  it("ends Airbyte's own schedule, which would start the syncs twice", async () => {
    const scheduleData = { basicSchedule: { units: 6, timeUnit: 'hours' } };
    await stack.caller.call('connections/update', { connectionId, scheduleType: 'basic', scheduleData });
    expect(await created()).toMatchObject({ airbyteScheduleEnded: true });
    const connection = await stack.caller.call('connections/get', { connectionId });
    expect(connection).toMatchObject({ scheduleType: 'manual', name });
  });

  it('rejects a connection that does not exist, or was deleted, with exit code 2', async () => {
    const unknown = await run('create', 'no such connection', '--every', '6h', '--json');
    expect({ exitCode: unknown.exitCode, type: unknown.document.error.type }).toEqual({
      exitCode: 2,
      type: 'AirbyteNotFound',
    });
    await stack.caller.call('connections/delete', { connectionId });
    const deleted = await run('create', connectionId, '--every', '6h', '--json');
    expect({ exitCode: deleted.exitCode, type: deleted.document.error.type }).toEqual({
      exitCode: 2,
      type: 'AirbyteNotFound',
    });
    expect(deleted.stderr).toContain(connectionId);
  });

  it('says with exit code 3 that Temporal or Airbyte is out of reach', async () => {
    for (const nowhere of [{ TEMPORAL_ADDRESS: '127.0.0.1:1' }, { AIRBYTE_URL: 'http://127.0.0.1:1/api/v1' }]) {
      const { exitCode, stderr } = await runCommand(['schedule', 'create', name, '--every', '6h'], {
        ...stack.env,
        ...nowhere,
      });
      expect(exitCode).toBe(3);
      expect(stderr).toContain('127.0.0.1:1');
    }
  });
});

describe('a schedule that is there', () => {
  beforeEach(() => created());

  it('is listed with its next time and its state', async () => {
    let listed: { scheduleId: string }[] = [];
    while (!listed.some((one) => one.scheduleId === scheduleId)) {
      listed = (await run('list', '--json')).document.schedules;
    }
    expect(listed).toContainEqual({
      scheduleId,
      connectionId,
      connectionName: name,
      fleet: null,
      timing: { everyMs: 31_536_000_000 },
      paused: false,
      note: null,
      nextRun: expect.stringMatching(/Z$/),
      lastRun: null,
    });
    const { stdout } = await run('list');
    expect(stdout).toMatch(/^CONNECTION +ID +RUNS +NEXT +LAST +STATE\n/);
    expect(stdout).toMatch(new RegExp(`${name} +${connectionId} +every 365d +\\d{4}-\\S+ \\S+ \\S+ +- +active`));
  });

  it('is paused and resumed, with a note on why', async () => {
    const paused = await run('pause', name, '--note', 'the warehouse is down', '--json');
    expect(paused.document).toEqual({ scheduleId, connectionId, paused: true, note: 'the warehouse is down' });
    const { stdout } = await run('describe', name);
    expect(stdout).toContain('state        paused: the warehouse is down');
    expect(stdout).toContain('next         none while it is paused');
    expect((await run('resume', name, '--json')).document).toMatchObject({ scheduleId, paused: false });
    expect(await describeIt()).toMatchObject({ paused: false });
  });

  it('is triggered, also while it is paused, and shows what came of it', async () => {
    await run('pause', name);
    const { exitCode, document } = await run('trigger', name, '--json');
    expect(exitCode).toBe(0);
    expect(document.workflowId).toMatch(
      new RegExp(`^airbyte-sync:${connectionId}@${stack.env['AIRBYTE_TASK_QUEUE']}-\\d{4}-`),
    );
    const { recentRuns, runs } = await described(({ recentRuns: [last] }) => last?.outcome !== 'running');
    expect(recentRuns).toEqual([
      expect.objectContaining({
        workflowId: document.workflowId,
        outcome: 'succeeded',
        recordsSynced: 6,
        failure: null,
      }),
    ]);
    expect(runs).toEqual({ started: 1, skipped: 0, missed: 0 });
    const { stdout } = await run('describe', name);
    expect(stdout).toMatch(/STARTED +OUTCOME +JOB +RECORDS +WORKFLOW\n.*succeeded +\d+ +6 +airbyte-sync:/);
  });

  it('shows the reason of a run that failed', async () => {
    await stack.caller.call('connections/update', { connectionId, status: 'inactive' });
    await run('trigger', name);
    const { recentRuns } = await described(({ recentRuns: [last] }) => last?.outcome === 'failed');
    expect(recentRuns[0].failure).toMatchObject({
      type: 'AirbyteConflict',
      message: expect.stringContaining('is inactive'),
    });
    expect((await run('describe', name)).stdout).toMatch(/AirbyteConflict: .*is inactive/);
  });

  it('makes up for the runs of a time in the past, one after the other', async () => {
    const range = ['--from', '2023-06-01', '--to', '2026-01-01T00:00+01:00'];
    const { exitCode, document } = await run('backfill', name, ...range, '--json');
    expect(exitCode).toBe(0);
    expect(document).toEqual({
      scheduleId,
      connectionId,
      from: '2023-06-01T00:00:00.000Z',
      to: '2025-12-31T23:00:00.000Z',
      overlap: 'bufferAll',
    });
    // Every 365 days since 1970: in December 2023, 2024 and 2025.
    const { recentRuns } = await described(
      ({ recentRuns: runs }) => runs.length === 3 && runs.every(({ outcome }) => outcome === 'succeeded'),
    );
    expect(new Set(recentRuns.map(({ jobId }: { jobId: number }) => jobId)).size).toBe(3);
  });

  it('is managed by the id of its connection also when that is gone from Airbyte, and is deleted', async () => {
    await stack.caller.call('connections/delete', { connectionId });
    const elsewhere = { ...stack.env, AIRBYTE_URL: '' };
    expect((await runCommand(['schedule', 'pause', connectionId], elsewhere)).exitCode).toBe(0);
    const deleted = await runCommand(['schedule', 'delete', scheduleId, '--json'], elsewhere);
    expect(deleted.document).toEqual({ scheduleId, connectionId });
    const gone = await runCommand(['schedule', 'describe', connectionId, '--json'], elsewhere);
    expect(gone.exitCode).toBe(2);
    expect(gone.document.error).toMatchObject({
      type: 'ScheduleNotFound',
      message: expect.stringContaining('schedule create'),
    });
  });
});

describe('a schedule that a pipeline document keeps', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cli-schedule-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('rejects a change by hand, which the document would undo', async () => {
    const pipeline = uniqueName('pipeline');
    const file = join(folder, 'pipeline.json');
    const written = {
      name: pipeline,
      source: { name: `${pipeline} source`, definition: 'Simulated', configuration: {} },
      destination: { name: `${pipeline} destination`, definition: 'Simulated', configuration: {} },
      connection: {
        name: pipeline,
        schedule: { every: '365 days', by: 'temporal' },
        streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }],
      },
    };
    await writeFile(file, JSON.stringify(written));
    const applied = await runCommand(['apply', file], stack.env);
    expect(applied.stdout).toMatch(/schedule {5}airbyte-schedule:\S+ {2}every 365 days by Temporal {2}\(created\)/);
    const again = await runCommand(['apply', file], stack.env);
    expect(again.stdout).toContain('by Temporal  (unchanged)');
    const changed = await run('create', pipeline, '--every', '1h', '--update', '--json');
    expect(changed.exitCode).toBe(2);
    expect(changed.document.error.message).toContain(`The pipeline document '${pipeline}' defines it`);
    const deleted = await run('delete', pipeline);
    expect(deleted.exitCode).toBe(0);
    expect(deleted.stderr).toContain(`'${pipeline}'`);
  });

  it('is rejected with the name of the invalid field before anything starts', async () => {
    const file = join(folder, 'pipeline.yaml');
    const text = [
      'name: refused',
      'source: { name: s, definition: Simulated, configuration: {} }',
      'destination: { name: d, definition: Simulated, configuration: {} }',
      'connection:',
      '  schedule: { cron: 0 0 */6 * * ?, timeZone: Europe/Pariss, by: temporal }',
      '  streams: [{ name: events, syncMode: full_refresh, destinationSyncMode: append }]',
    ].join('\n');
    await writeFile(file, text);
    const { exitCode, stderr } = await runCommand(['apply', file], stack.env);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/pipeline\.yaml:5:\d+ connection\.schedule\.cron: .*not Quartz's/);
    expect(stderr).toMatch(/pipeline\.yaml:5:\d+ connection\.schedule\.timeZone: .*did you mean Europe\/Paris\?/);
  });
});
