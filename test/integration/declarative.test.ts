import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ScheduleNotFoundError } from '@temporalio/client';
import type { Sandbox } from '../../sandbox/server';
import { SHOP_CUSTOMERS, SHOP_ORDERS } from '../../sandbox/shop/shop-seed';
import type { PipelineDocumentInput } from '../../src/contract/pipeline-document';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { exampleDocument } from '../support/stack';
import { type SharedTemporal, uniqueName } from '../support/temporal';
import { ApiCaller } from '../unit/sandbox/api-caller';
import { runCommand } from './cli-command';
import { type CliStack, startCliStack } from './cli-stack';

let stack: CliStack;
let temporal: SharedTemporal;
let sandbox: Sandbox;
let shop: TestPostgres;
let env: NodeJS.ProcessEnv;
let folder: string;

beforeAll(async () => {
  shop = await startPostgres();
  stack = await startCliStack({
    workerEnvironment: () => ({
      SECRET_SHOP_PASSWORD: shop.password,
      SECRET_HAND_MADE_PASSWORD: shop.password,
      SECRET_HAND_MADE_LAKE_ACCESS_KEY_ID: 'lake-key-id',
      SECRET_HAND_MADE_LAKE_SECRET_ACCESS_KEY: 'lake-key',
    }),
  });
  ({ temporal, sandbox, env, folder } = stack);
});

afterAll(async () => {
  await stack?.stop();
  await shop?.stop();
});

beforeEach(() => sandbox.requests.clear());

/** The calls since the test began that would have changed something in Airbyte. */
const changing = () =>
  Object.keys(sandbox.requests.all()).filter((call) => /\/(create|update|delete|sync)$/.test(call));

async function write(document: PipelineDocumentInput): Promise<string> {
  const file = join(folder, `${document.name}.json`);
  await writeFile(file, JSON.stringify(document));
  return file;
}

/** A pipeline whose connectors only pretend, with streams of these names. */
function pretended(name: string, streams: string[] = ['events'], source: object = {}): PipelineDocumentInput {
  return {
    name,
    source: { name: `${name} source`, definition: 'Simulated', configuration: { streams, ...source } },
    destination: { name: `${name} destination`, definition: 'Simulated', configuration: {} },
    connection: { name, streams: [{ name: 'e*', syncMode: 'full_refresh', destinationSyncMode: 'append' }] },
  };
}

async function apply(...args: string[]) {
  const command = await runCommand(['apply', ...args, '--json'], env);
  expect({ exitCode: command.exitCode, stderr: command.stderr }).toMatchObject({ exitCode: 0 });
  return command.document;
}

const plan = (...args: string[]) => runCommand(['plan', ...args], env);

describe('plan', () => {
  it('shows the changes to apply, makes none of them, and says so once none are left', async () => {
    const document = pretended(uniqueName('plan'));
    const file = await write(document);
    const before = await plan(file, '--json', '--detailed-exitcode');
    expect(before.exitCode).toBe(2);
    expect(before.document).toMatchObject({
      changes: true,
      documents: [
        {
          file,
          result: {
            ...{ source: { action: 'create' }, destination: { action: 'create' } },
            ...{ connection: { action: 'create', streams: [{ name: 'events', action: 'add' }] }, changes: true },
          },
        },
      ],
    });
    expect(changing()).toEqual([]);
    await apply(file);
    const after = await plan(file, '--detailed-exitcode');
    expect({ exitCode: after.exitCode, stderr: after.stderr }).toMatchObject({ exitCode: 0 });
    expect(after.stdout).toContain('nothing to do');
  });

  it('shows field by field what would change, and exits with 0 when no detailed exit code is asked for', async () => {
    const document = pretended(uniqueName('plan'), ['events', 'errors'], {
      records: 1,
      api_key: '${env:SECRET_SHOP_PASSWORD}',
    });
    const file = await write(document);
    await apply(file);
    const configuration = { ...document.source.configuration, records: 2 };
    const connection = { ...document.connection, status: 'inactive' as const, streams: [stream('events')] };
    await write({ ...document, source: { ...document.source, configuration }, connection });
    const { exitCode, stdout, stderr } = await plan(file);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('configuration.records: 1 → 2');
    expect(stdout).toContain('status: "active" → "inactive"');
    expect(stdout).toContain('remove stream errors');
    expect(stdout + stderr).not.toContain(shop.password);
    await apply(file);
    expect((await plan(file, '--detailed-exitcode')).exitCode).toBe(0);
  });

  it('shows the changes of a Temporal schedule, too', async () => {
    const document = pretended(uniqueName('plan'));
    const every = (interval: string) => ({
      ...document,
      connection: { ...document.connection, schedule: { every: interval, by: 'temporal' as const } },
    });
    const scheduleOf = async (desired: PipelineDocumentInput) => {
      const planned = await plan(await write(desired), '--json');
      return planned.document.documents[0].result.schedule;
    };
    expect(await scheduleOf(every('6h'))).toEqual({ action: 'create', id: null, changes: [] });
    const { connectionId } = await apply(await write(every('6h')));
    const id = `airbyte-schedule:${connectionId}@${env['AIRBYTE_TASK_QUEUE']}`;
    expect(await scheduleOf(every('6h'))).toEqual({ action: 'leave', id, changes: [] });
    expect(await scheduleOf(every('12h'))).toMatchObject({ action: 'change', id, changes: [{ field: 'every' }] });
    expect(await scheduleOf(document)).toEqual({ action: 'remove', id, changes: [] });
    await apply(await write(document));
    expect(await scheduleOf(document)).toBeUndefined();
  });

  it('is made by the worker: the shell needs no access to Airbyte', async () => {
    const file = await write(pretended(uniqueName('plan')));
    const { exitCode, document } = await runCommand(['plan', file, '--json'], { ...env, AIRBYTE_URL: '' });
    expect({ exitCode, document }).toMatchObject({ exitCode: 0, document: { changes: true } });
  });

  it('fails where apply would, with the path of the field and exit code 1, which is none of the detailed exit codes', async () => {
    const file = await write({ ...pretended(uniqueName('plan')), workspace: 'no such workspace' });
    const failed = await plan(file, '--json');
    expect(failed).toMatchObject({ exitCode: 2, document: { error: { type: 'AirbyteNotFound', exitCode: 2 } } });
    const detailed = await plan(file, '--json', '--detailed-exitcode');
    expect(detailed).toMatchObject({ exitCode: 1, document: { error: { type: 'AirbyteNotFound', exitCode: 1 } } });
  });
});

describe('examples/tables-by-pattern.yaml', () => {
  it('syncs every table, and adds a new column and a new table', async () => {
    const { host, port } = shop;
    const name = uniqueName('pattern');
    const document = await exampleDocument('tables-by-pattern.yaml', name, { source: { host, port } });
    const file = await write(document);
    const first = await runCommand(['run', file, '--json'], env);
    expect({ exitCode: first.exitCode, stderr: first.stderr }).toMatchObject({ exitCode: 0 });
    expect(first.document.streams).toMatchObject([
      { name: 'orders', syncMode: 'incremental' },
      { name: 'customers', syncMode: 'full_refresh' },
    ]);
    expect(first.document.sync.recordsSynced).toBe(SHOP_CUSTOMERS + SHOP_ORDERS);
    expect((await plan(file, '--detailed-exitcode')).exitCode).toBe(0);

    await shop.query('ALTER TABLE orders ADD COLUMN discount integer; CREATE TABLE returns (id integer PRIMARY KEY)');
    try {
      const planned = await plan(file, '--detailed-exitcode');
      expect(planned.exitCode).toBe(2);
      expect(planned.stdout).toContain('add stream public.returns');
      expect(planned.stdout).toMatch(/public\.orders: field discount added/);
      const second = await runCommand(['run', file, '--json'], env);
      expect(second.exitCode).toBe(0);
      expect(second.stderr).toMatch(/schema has changed .*field discount added/);
      expect(second.document.streams.map((each: { name: string }) => each.name)).toContain('returns');
      expect((await plan(file, '--detailed-exitcode')).exitCode).toBe(0);
    } finally {
      await shop.query('ALTER TABLE orders DROP COLUMN discount; DROP TABLE returns');
    }
  });

  it('fails, where schemaChanges is fail, before anything is synced', async () => {
    const { host, port } = shop;
    const example = await exampleDocument('tables-by-pattern.yaml', uniqueName('fail'), { source: { host, port } });
    const file = await write({ ...example, connection: { ...example.connection, schemaChanges: 'fail' } });
    await apply(file);
    sandbox.requests.clear();
    await shop.query('ALTER TABLE customers ADD COLUMN nickname text');
    try {
      const run = await runCommand(['run', file, '--json'], env);
      expect(run).toMatchObject({ exitCode: 1, document: { error: { type: 'AirbyteConflict' } } });
      expect(run.document.error.message).toContain('public.customers: field nickname added (string)');
      expect(changing()).toEqual([]);
      expect((await plan(file)).stdout).toMatch(/Note: apply would fail/);
    } finally {
      await shop.query('ALTER TABLE customers DROP COLUMN nickname');
    }
  });
});

describe('import', () => {
  it('writes a document on which plan has nothing to do, of a connection that was made by hand', async () => {
    const caller = new ApiCaller(sandbox);
    const { host, port, database, username, password } = shop;
    const shopSettings = {
      ...{ host, port, database, username, password, schemas: ['public'], ssl_mode: { mode: 'disable' } },
      replication_method: { method: 'Standard' },
    };
    const lake = {
      ...{ s3_bucket_name: 'lake', s3_bucket_path: 'by-hand', s3_endpoint: 'http://127.0.0.1:1' },
      ...{ access_key_id: 'lake-key-id', secret_access_key: 'lake-key', format: { format_type: 'Parquet' } },
    };
    const source = await caller.createActor('source', 'Postgres', shopSettings, 'hand made');
    const destination = await caller.createActor('destination', 'S3', lake, 'hand made lake');
    const { catalog } = await caller.call('sources/discover_schema', { sourceId: source });
    const [orders] = catalog.streams.filter(({ stream: { name } }: { stream: { name: string } }) => name === 'orders');
    const { connectionId } = await caller.call('connections/create', {
      ...{ name: 'Hand made: orders', sourceId: source, destinationId: destination, status: 'active' },
      ...{ namespaceDefinition: 'customformat', namespaceFormat: 'raw_${SOURCE_NAMESPACE}', prefix: 'shop_' },
      ...{ scheduleType: 'basic', scheduleData: { basicSchedule: { units: 90, timeUnit: 'minutes' } } },
      nonBreakingChangesPreference: 'propagate_columns',
      syncCatalog: {
        streams: [{ ...orders, config: { ...orders.config, syncMode: 'incremental', cursorField: ['updated_at'] } }],
      },
    });
    const file = join(folder, 'imported.yaml');
    const imported = await runCommand(['import', 'Hand made: orders', '--output', file], env);
    expect({ exitCode: imported.exitCode, stderr: imported.stderr }).toMatchObject({ exitCode: 0 });
    expect(imported.stderr).toContain('SECRET_HAND_MADE_PASSWORD');
    const text = await readFile(file, 'utf8');
    for (const secret of [shop.password, 'lake-key', '***']) expect(text).not.toContain(secret);
    expect(text).toContain('${env:SECRET_HAND_MADE_LAKE_SECRET_ACCESS_KEY}');

    const planned = await plan(file, '--json', '--detailed-exitcode');
    expect({ exitCode: planned.exitCode, stderr: planned.stderr }).toMatchObject({ exitCode: 0 });
    expect(planned.document.documents[0].result).toMatchObject({
      connection: { action: 'leave', id: connectionId, streams: [{ name: 'orders', action: 'leave' }] },
    });

    const again = await runCommand(['import', connectionId, '--output', file], env);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain('the file exists already');
    const shown = await runCommand(['import', connectionId], env);
    expect(shown.stdout).toBe(text);
    const json = await runCommand(['import', connectionId, '--json'], env);
    expect(json.document.secrets).toContainEqual({
      ...{ name: 'SECRET_HAND_MADE_PASSWORD', path: 'source.configuration.password' },
    });
  });

  it('says with exit code 2 that there is no such connection', async () => {
    expect(await runCommand(['import', 'no such connection'], env)).toMatchObject({ exitCode: 2 });
  });
});

describe('apply with several documents', () => {
  it('starts nothing when one of them is wrong', async () => {
    const good = await write(pretended(uniqueName('good')));
    const bad = join(folder, 'bad.json');
    await writeFile(bad, JSON.stringify({ ...pretended('bad'), soruce: {} }));
    const { exitCode, stderr } = await runCommand(['apply', good, bad], env);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/bad\.json.* soruce: is not a known key/);
    expect(changing()).toEqual([]);
  });

  it('applies each, reports each, and exits with the worst code', async () => {
    const [one, two, three] = [uniqueName('one'), uniqueName('two'), uniqueName('three')];
    const refused = pretended(two, ['events'], { check_message: 'FATAL: no' });
    const files = await Promise.all([write(pretended(one)), write(refused), write(pretended(three))]);
    const { exitCode, document, stderr } = await runCommand(['apply', ...files, '--json'], env);
    expect(exitCode).toBe(1);
    expect(document.documents).toMatchObject([
      { name: one, result: { created: { connection: true }, sync: null } },
      { name: two, error: { type: 'AirbyteCheckFailed', exitCode: 1 } },
      { name: three, result: { created: { connection: true } } },
    ]);
    expect(stderr).toContain('1 of 3 documents failed');
    expect((await plan(...files, '--json')).document.documents).toMatchObject([
      { result: { changes: false } },
      { result: { changes: true } },
      { result: { changes: false } },
    ]);
  });
});

describe('apply --prune', () => {
  const names = () =>
    [...sandbox.store.connections.values()]
      .filter(({ status }) => status !== 'deprecated')
      .map(({ settings }) => settings['name']);

  /** Applies a document, and then gives its connection another name. */
  async function renamed(source: object = {}): Promise<{ name: string; file: string; connectionId: string }> {
    const name = uniqueName('prune');
    const document = pretended(name, ['events'], source);
    const schedule = { every: '6h', by: 'temporal' } as const;
    const file = await write({ ...document, connection: { ...document.connection, schedule } });
    const { connectionId } = await apply(file);
    await write({ ...document, connection: { ...document.connection, name: `${name} renamed` } });
    return { name, file, connectionId };
  }

  it('deletes what an earlier run created and the document names no more, when it may', async () => {
    const { name, file, connectionId } = await renamed();
    await apply(file);
    expect(names()).toEqual(expect.arrayContaining([name, `${name} renamed`]));
    const { pruned } = await apply(file, '--prune', '--yes');
    expect(pruned).toEqual([{ connectionId, name, pipeline: name, staysBecause: null, deleted: true }]);
    expect(names()).not.toContain(name);
    expect(names()).toContain(`${name} renamed`);
    const schedule = temporal.client.schedule.getHandle(
      `airbyte-schedule:${connectionId}@${env['AIRBYTE_TASK_QUEUE']}`,
    );
    await expect(schedule.describe()).rejects.toThrow(ScheduleNotFoundError);
    expect((await apply(file, '--prune', '--yes')).pruned).toEqual([]);
  });

  it('fails before it does anything where no user can confirm', async () => {
    const { name, file } = await renamed();
    sandbox.requests.clear();
    const { exitCode, stderr } = await runCommand(['apply', file, '--prune'], env);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--yes');
    expect(changing()).toEqual([]);
    expect(names()).toContain(name);
    await apply(file, '--prune', '--yes');
  });

  it('leaves a connection with a running job, and says so', async () => {
    const { name, file, connectionId } = await renamed({ hold: true });
    const { id } = sandbox.jobs.start(sandbox.store.connection(connectionId), 'sync');
    const { stdout, exitCode } = await runCommand(['apply', file, '--prune', '--yes'], env);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`left the connection '${name}' (${connectionId}): job ${id} is running on it`);
    expect(names()).toContain(name);
    await sandbox.jobs.finish(id, 'succeeded');
    await temporal.client.schedule.getHandle(`airbyte-schedule:${connectionId}@${env['AIRBYTE_TASK_QUEUE']}`).delete();
  });
});

function stream(name: string) {
  return { name, syncMode: 'full_refresh', destinationSyncMode: 'append' } as const;
}
