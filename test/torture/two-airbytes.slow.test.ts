import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { syncWorkflowId } from '../../src/contract/workflow-ids';
import { CliCommand, runCommand } from '../integration/cli-command';
import { type CliStack, startCliStack } from '../integration/cli-stack';
import { uniqueName } from '../support/temporal';
import { until } from '../support/until';

/** Staging and production: two Airbytes in one namespace, each with its own task queue and a worker. */
let staging: CliStack;
let production: CliStack;

beforeAll(async () => {
  [staging, production] = await Promise.all([startCliStack(), startCliStack()]);
});
afterAll(() => Promise.all([staging?.stop(), production?.stop()]));

const queueOf = (stack: CliStack) => stack.env['AIRBYTE_TASK_QUEUE'] ?? '';
const jobsOf = (stack: CliStack, connectionId: string) => stack.sandbox.store.connection(connectionId).jobs;

/** A connection that both have under the same id. */
async function sameConnection(simulation: object): Promise<string> {
  const name = uniqueName('connection');
  const connectionId = await staging.caller.simulatedConnection(simulation, { name });
  const { connections } = production.sandbox.store;
  const copy = production.sandbox.store.connection(await production.caller.simulatedConnection(simulation, { name }));
  connections.delete(copy.connectionId);
  copy.connectionId = connectionId;
  connections.set(connectionId, copy);
  return connectionId;
}

async function write(stack: CliStack, document: object): Promise<string> {
  const file = join(stack.folder, `${uniqueName('document')}.json`);
  await writeFile(file, JSON.stringify(document));
  return file;
}

const pipeline = (name: string, simulation: object) => ({
  name,
  source: { name: `${name} source`, definition: 'Simulated', configuration: simulation },
  destination: { name: `${name} lake`, definition: 'Simulated', configuration: {} },
  connection: { name, streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'overwrite' }] },
});

describe('two Airbytes in one namespace', () => {
  let connectionId: string;
  beforeEach(async () => {
    connectionId = await sameConnection({ jobs: [{ hold: true }, { records: 3 }] });
  });

  it('each sync a connection of the same id at the same time, and report their own jobs', async () => {
    const first = new CliCommand(['sync', connectionId, '--json'], staging.env);
    const { id } = await staging.sandbox.jobs.created(connectionId);
    const second = new CliCommand(['sync', connectionId, '--json'], production.env);
    const other = await production.sandbox.jobs.created(connectionId);
    await production.sandbox.jobs.finish(other.id, 'succeeded');
    expect(await second.exited).toBe(0);
    expect(second.document).toMatchObject({ jobId: other.id, attached: false });
    expect(jobsOf(staging, connectionId).map(({ status }) => status)).toEqual(['running']);
    await staging.sandbox.jobs.finish(id, 'succeeded');
    expect(await first.exited).toBe(0);
  });

  it('are cancelled apart: `cancel` stops what its own task queue runs', async () => {
    const first = new CliCommand(['sync', connectionId, '--json'], staging.env);
    const second = new CliCommand(['sync', connectionId, '--json'], production.env);
    const { id } = await staging.sandbox.jobs.created(connectionId);
    await production.sandbox.jobs.created(connectionId);
    const cancelled = await runCommand(['cancel', connectionId, '--json'], production.env);
    expect(cancelled.document.workflows).toEqual([
      { workflowId: `airbyte-sync:${connectionId}@${queueOf(production)}`, cancelled: true },
    ]);
    expect(await second.exited).toBe(1);
    expect(jobsOf(staging, connectionId).map(({ status }) => status)).toEqual(['running']);
    await staging.sandbox.jobs.finish(id, 'succeeded');
    expect(await first.exited).toBe(0);
    expect((await runCommand(['cancel', connectionId], production.env)).exitCode).toBe(1);
  });

  it('each set up a pipeline of the same name in their own Airbyte', async () => {
    const name = uniqueName('shop');
    const held = new CliCommand(['run', await write(staging, pipeline(name, { hold: true })), '--json'], staging.env);
    await held.said(/job \d+/);
    const other = await runCommand(
      ['run', await write(production, pipeline(name, { hold: false })), '--json'],
      production.env,
    );
    expect(other.exitCode).toBe(0);
    const names = [...production.sandbox.store.connections.values()].map(({ settings }) => settings['name']);
    expect(names.filter((each) => each === name)).toHaveLength(1);
    expect(other.document.created).toEqual({ source: true, destination: true, connection: true });
    await staging.finishJobs();
    expect(await held.exited).toBe(0);
  });

  it('each have a schedule of their own for a connection of the same id, and list, pause and delete that one only', async () => {
    const schedule = (stack: CliStack, ...args: string[]) => runCommand(['schedule', ...args, '--json'], stack.env);
    const make = (stack: CliStack) => schedule(stack, 'create', connectionId, '--every', '365 days');
    const idIn = (stack: CliStack) => `airbyte-schedule:${connectionId}@${queueOf(stack)}`;
    const made = [await make(staging), await make(production)];
    expect(made.map(({ document }) => document)).toMatchObject(
      [staging, production].map((stack) => ({ outcome: 'created', scheduleId: idIn(stack) })),
    );
    await listed(production, connectionId);
    const { document } = await schedule(production, 'list');
    const ids = document.schedules.map(({ scheduleId }: { scheduleId: string }) => scheduleId);
    expect(ids).toContain(idIn(production));
    expect(ids).not.toContain(idIn(staging));
    expect((await schedule(production, 'pause', idIn(production))).exitCode).toBe(0);
    expect((await schedule(staging, 'describe', connectionId)).document.paused).toBe(false);
    const strange = await schedule(production, 'delete', idIn(staging));
    expect(strange.exitCode).toBe(2);
    expect(strange.document.error.message).toContain(queueOf(staging));
    expect((await schedule(production, 'delete', connectionId)).exitCode).toBe(0);
    expect((await schedule(staging, 'describe', connectionId)).exitCode).toBe(0);
    await schedule(staging, 'delete', connectionId);
  });

  /** Temporal lists a schedule some moments after it was made. */
  async function listed(stack: CliStack, id: string): Promise<void> {
    await until(async () => {
      const { document } = await runCommand(['schedule', 'list', '--json'], stack.env);
      return document.schedules.some((each: { connectionId: string }) => each.connectionId === id);
    });
  }
});

describe('a workflow id that a run of another task queue has', () => {
  /** Starts it as a scheduler outside might: with an id that carries no task queue, or the wrong one. */
  const startElsewhere = (workflowType: string, workflowId: string, input: object): Promise<WorkflowHandle> =>
    staging.temporal.client.workflow.start(workflowType, {
      ...{ workflowId, taskQueue: uniqueName('elsewhere'), args: [input] },
    });

  it('is not followed by `sync`, which says so and syncs separately', async () => {
    const connectionId = await staging.caller.simulatedConnection({ records: 4 });
    const workflowId = syncWorkflowId(connectionId, queueOf(staging));
    const other = await startElsewhere('syncConnection', workflowId, { connectionId });
    const sync = await runCommand(['sync', connectionId, '--json'], staging.env);
    expect(sync.exitCode).toBe(0);
    expect(sync.document).toMatchObject({ recordsSynced: 4, attached: false });
    expect(sync.stderr).toContain(`The workflow id ${workflowId} is in use by a run of the task queue 'elsewhere`);
    await other.terminate();
  });

  it('is not followed by `run`, which fails and says whose it is', async () => {
    const name = uniqueName('taken');
    const document = pipeline(name, { records: 1 });
    const other = await startElsewhere('runPipeline', `airbyte-pipeline:${name}@${queueOf(staging)}`, document);
    const run = await runCommand(['run', await write(staging, document), '--json'], staging.env);
    expect(run.exitCode).toBe(1);
    expect(run.document.error).toMatchObject({
      type: 'AirbyteConflict',
      message: expect.stringContaining("is in use by a run of the task queue 'elsewhere"),
    });
    await other.terminate();
  });
});

describe('a sync that runs under the id without its task queue, on the own task queue', () => {
  it('is followed and cancelled like one under the current id', async () => {
    const connectionId = await staging.caller.simulatedConnection({ hold: true });
    const earlier = await staging.temporal.client.workflow.start('syncConnection', {
      ...{ workflowId: syncWorkflowId(connectionId), taskQueue: queueOf(staging), args: [{ connectionId }] },
    });
    await staging.sandbox.jobs.created(connectionId);
    const begun = await runCommand(['sync', connectionId, '--no-wait', '--json'], staging.env);
    expect(begun.document).toMatchObject({ workflowId: earlier.workflowId, attached: true });
    const cancelled = await runCommand(['cancel', connectionId, '--json'], staging.env);
    expect(cancelled.document.workflows).toEqual([{ workflowId: earlier.workflowId, cancelled: true }]);
  });
});
