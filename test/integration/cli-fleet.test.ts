import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Sandbox } from '../../sandbox/server';
import { uniqueName } from '../support/temporal';
import type { ApiCaller } from '../unit/sandbox/api-caller';
import { CliCommand, runCommand } from './cli-command';
import { type CliStack, startCliStack } from './cli-stack';

const ROOT = join(__dirname, '..', '..');

let stack: CliStack;
let sandbox: Sandbox;
let caller: ApiCaller;
let env: NodeJS.ProcessEnv;
let folder: string;
let file: string;
let fleet: string;

beforeAll(async () => {
  stack = await startCliStack();
  ({ sandbox, caller, env, folder } = stack);
});

afterAll(() => stack?.stop());

beforeEach(() => {
  fleet = uniqueName('fleet');
  file = join(folder, `${fleet}.json`);
  sandbox.requests.clear();
});

/** Creates a connection of this test whose jobs behave as configured. @returns its name */
async function connection(name: string, simulation: object = {}, tags: object[] = []): Promise<string> {
  const ownName = `${fleet} ${name}`;
  await caller.simulatedConnection({ records: 10, bytes: 100, ...simulation }, { name: ownName, tags });
  return ownName;
}

async function writeFleet(document: object): Promise<void> {
  await writeFile(file, JSON.stringify({ fleet, ...document }));
}

describe('run of a fleet', () => {
  it('syncs its connections in their order, and prints what became of each', async () => {
    const [shop, orders] = [await connection('shop'), await connection('orders')];
    await writeFleet({ connections: [{ connection: orders, dependsOn: shop }, shop] });
    const { exitCode, document, stderr } = await runCommand(['run', file, '--json'], env);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(document).toMatchObject({
      name: fleet,
      counts: { succeeded: 2, failed: 0, skipped: 0, cancelled: 0 },
      recordsSynced: 20,
      connections: [
        { name: orders, outcome: 'succeeded', recordsSynced: 10 },
        { name: shop, outcome: 'succeeded', recordsSynced: 10 },
      ],
    });
    expect(document.connections[0].jobId).toBeGreaterThan(document.connections[1].jobId);
    const lines = stderr.split('\n');
    expect(lines[0]).toMatch(/^Syncing the fleet .* in Temporal/);
    expect(lines).toContainEqual(expect.stringMatching(`^✓ ${shop}: job \\d+ · 10 records, 100 B$`));
  });

  it('fails with exit code 1 when a connection fails, and still prints all outcomes', async () => {
    const [crm, leads] = [
      await connection('crm', { outcome: 'failed', failure_message: 'disk full at row 7' }),
      await connection('leads'),
    ];
    await writeFleet({ connections: [crm, { connection: leads, dependsOn: [crm] }] });
    const json = await runCommand(['run', file, '--json'], env);
    expect(json.exitCode).toBe(1);
    expect(json.document.error).toMatchObject({
      type: 'AirbyteSyncFailed',
      message: expect.stringContaining('disk full at row 7'),
      exitCode: 1,
      details: { counts: { failed: 1, skipped: 1 } },
    });
    const { exitCode, stdout, stderr } = await runCommand(['run', file], env);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(new RegExp(`^${leads} +skipped +It depends on`, 'm'));
    expect(stderr).toContain('1 of the 2 connections');
    expect(stdout + stderr).not.toContain('\u001b');
  });

  it('chooses connections by their tags in Airbyte', async () => {
    const workspaceId = await caller.workspaceId();
    const tag = await caller.call('tags/create', { workspaceId, name: fleet.slice(-30), color: 'FF5733' });
    const tagged = await connection('tagged', {}, [tag]);
    await connection('untagged');
    await writeFleet({ select: { tags: [tag.name] } });
    const { document } = await runCommand(['run', file, '--json'], env);
    expect(document.connections.map(({ name }: { name: string }) => name)).toEqual([tagged]);
  });

  it('says with exit code 2 what is wrong with the document, and which connections there are not', async () => {
    await writeFleet({ connections: ['a', 'b'], dependsOn: { a: 'b', b: 'a' } });
    const cycle = await runCommand(['run', file], env);
    expect(cycle.exitCode).toBe(2);
    expect(cycle.stderr).toMatch(/dependsOn\.b\[0\]: makes a cycle/);
    await writeFleet({ connections: [`${fleet} nothing`] });
    const missing = await runCommand(['run', file, '--json'], env);
    expect(missing.exitCode).toBe(2);
    expect(missing.document.error).toMatchObject({
      type: 'AirbyteNotFound',
      message: expect.stringContaining(`'${fleet} nothing'`),
    });
  });

  it('attaches to the run of the same document, and cancels every job on an interrupt with --on-interrupt cancel', async () => {
    const names = [await connection('a', { hold: true }), await connection('b', { hold: true })];
    await writeFleet({ connections: names, maxConcurrent: 2 });
    const first = new CliCommand(['run', file, '--on-interrupt', 'leave'], env);
    for (const name of names) await first.said(new RegExp(`^· ${name}: running`, 'm'));
    first.interrupt('SIGINT');
    expect(await first.exited).toBe(130);
    const second = new CliCommand(['run', file, '--json', '--on-interrupt', 'cancel'], env);
    await second.said(/Already running: the fleet .*, with this document/);
    await sandbox.requests.reached('connections/sync', 2);
    // From then on it minds interrupts.
    for (const name of names) await second.said(new RegExp(`^· ${name}: running`, 'm'));
    second.interrupt('SIGINT');
    expect(await second.exited).toBe(130);
    expect(second.document.error).toMatchObject({ type: 'Interrupted', exitCode: 130 });
    const statuses = [...sandbox.store.connections.values()]
      .filter(({ settings }) => names.includes(String(settings['name'])))
      .flatMap(({ jobs }) => jobs.map(({ status }) => status));
    expect(statuses).toEqual(['cancelled', 'cancelled']);
  });
});

describe('cancel of a fleet', () => {
  it('cancels every job of it, and waits until all have ended', async () => {
    const names = [await connection('a', { hold: true }), await connection('b', { hold: true })];
    await writeFleet({ connections: names, maxConcurrent: 2 });
    const running = new CliCommand(['run', file, '--json'], env);
    for (const name of names) await running.said(new RegExp(`^· ${name}: running`, 'm'));
    await sandbox.requests.reached('connections/sync', 2);
    const workflowId = `airbyte-fleet:${fleet}@${env['AIRBYTE_TASK_QUEUE']}`;
    const cancel = await runCommand(['cancel', '--fleet', fleet, '--json'], env);
    expect(cancel).toMatchObject({ exitCode: 0, document: { fleet, workflows: [{ workflowId, cancelled: true }] } });
    const statuses = [...sandbox.store.connections.values()]
      .filter(({ settings }) => names.includes(String(settings['name'])))
      .flatMap(({ jobs }) => jobs.map(({ status }) => status));
    expect(statuses).toEqual(['cancelled', 'cancelled']);
    expect(await running.exited).toBe(1);
    const again = await runCommand(['cancel', '--fleet', fleet], env);
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('nothing to cancel') });
  });
});

describe('status of a fleet', () => {
  it('is a tree, while it runs and when it has ended', async () => {
    const [shop, orders] = [await connection('shop', { hold: true }), await connection('orders')];
    await writeFleet({ connections: [shop, orders], dependsOn: { [orders]: shop } });
    const running = new CliCommand(['run', file], env);
    await running.said(new RegExp(`^· ${shop}: running`, 'm'));
    await sandbox.requests.reached('connections/sync', 1);
    const during = await runCommand(['status', '--fleet', fleet], env);
    expect(during.exitCode).toBe(0);
    expect(during.stderr).toContain(
      `The fleet '${fleet}' is running (workflow airbyte-fleet:${fleet}@${env['AIRBYTE_TASK_QUEUE']}): 0 of 2 done, 1 running.`,
    );
    const [first = '', second = ''] = during.stdout.split('\n');
    expect(first).toMatch(`└─ ▸ ${shop} `);
    expect(second).toMatch(new RegExp(`^ {3}└─ · ${orders} +waiting$`));

    const watching = new CliCommand(['status', '--fleet', fleet, '--watch'], env);
    await watching.printed(/ is running .*: 0 of 2 done, 1 running\.\n/);
    for (const { id } of sandbox.store.jobs.values()) {
      if (sandbox.store.job(id).status === 'running') await sandbox.jobs.finish(id, 'succeeded');
    }
    expect(await running.exited).toBe(0);
    expect(await watching.exited).toBe(0);
    expect(watching.stdout).toMatch(/ is completed .*: 2 of 2 done\.\n$/);
    const { document } = await runCommand(['status', '--fleet', fleet, '--json'], env);
    expect(document).toMatchObject({
      workflowId: `airbyte-fleet:${fleet}@${env['AIRBYTE_TASK_QUEUE']}`,
      status: 'completed',
      phase: 'done',
      counts: { succeeded: 2 },
      levels: [[{ name: shop, phase: 'succeeded' }], [{ name: orders, phase: 'succeeded', recordsSynced: 10 }]],
    });
  });

  it('says with exit code 2 that there is no such fleet', async () => {
    const { exitCode, stderr } = await runCommand(['status', '--fleet', fleet], env);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`no fleet '${fleet}' (workflow airbyte-fleet:${fleet}@${env['AIRBYTE_TASK_QUEUE']})`);
  });
});

describe('the example of a fleet', () => {
  it('syncs the connections that it names, without a change', async () => {
    const names = ['PostgreSQL → MinIO', 'PostgreSQL → Parquet'];
    for (const name of [...names, 'MySQL → Parquet']) await caller.simulatedConnection({ records: 1 }, { name });
    // Other tests may run a fleet of this name on this server.
    const text = await readFile(join(ROOT, 'examples/nightly.yaml'), 'utf8');
    await writeFile(file, text.replace('fleet: nightly', `fleet: ${fleet}`));
    const { exitCode, document, stderr } = await runCommand(['run', file, '--json'], env);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(document.connections).toEqual(
      names.map((name) => expect.objectContaining({ name, outcome: 'succeeded', recordsSynced: 1 })),
    );
  });
});
