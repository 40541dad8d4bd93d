import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { INDEXED_VALUE_TYPES } from '../../src/temporal/missing-search-attributes';
import { registerSearchAttributes, SearchAttributesError } from '../../src/temporal/search-attributes';
import { CliCommand, CliProcess, runCommand } from '../integration/cli-command';
import { newNamespace, type SharedTemporal, sharedTemporal, uniqueName } from '../support/temporal';
import { ApiCaller } from '../unit/sandbox/api-caller';

/**
 * The development server keeps visibility in SQLite, with as many columns as in PostgreSQL or MySQL: ten of the type Keyword and
 * three of the type Int.
 */
describe('a namespace whose visibility has no slot left', () => {
  const others = ['Ours', 'Theirs'];
  let temporal: SharedTemporal;
  let namespace: string;
  let sandbox: Sandbox;

  beforeAll(async () => {
    [temporal, sandbox] = await Promise.all([sharedTemporal(), startSandbox()]);
    namespace = await newNamespace(temporal);
    for (const name of others) await register(name);
  });
  afterAll(async () => {
    await sandbox?.stop();
    await temporal?.close();
  });

  async function register(name: string, type: keyof typeof INDEXED_VALUE_TYPES = 'INT', within = namespace) {
    const searchAttributes = { [name]: INDEXED_VALUE_TYPES[type] };
    await temporal.connection.operatorService.addSearchAttributes({ namespace: within, searchAttributes });
  }

  async function registered(): Promise<string[]> {
    const { customAttributes } = await temporal.connection.operatorService.listSearchAttributes({ namespace });
    return Object.keys(customAttributes).sort();
  }

  const environment = () => ({
    ...temporal.environment({
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      AIRBYTE_URL: sandbox.url,
      AIRBYTE_TASK_QUEUE: uniqueName('slots'),
    }),
    TEMPORAL_NAMESPACE: namespace,
  });

  const reason = /AirbyteRecordsSynced, AirbyteBytesSynced of type INT \(of 3, others have Ours, Theirs\)/i;

  it('is one that the server itself counts, by type', async () => {
    const full = await newNamespace(temporal);
    for (const name of ['First', 'Second', 'Third']) await register(name, 'INT', full);
    await expect(register('Fourth', 'INT', full)).rejects.toThrow('cannot have more than');
    for (let count = 1; count <= 10; count += 1) await register(`Word${count}`, 'KEYWORD', full);
    await expect(register('Word11', 'KEYWORD', full)).rejects.toThrow('cannot have more than');
  });

  it('is reported before anything is registered in it', async () => {
    const registering = registerSearchAttributes(temporal.connection, namespace);
    await expect(registering).rejects.toThrow(SearchAttributesError);
    await expect(registering).rejects.toThrow(reason);
    expect(await registered()).toEqual(others);
  });

  it('fails the check of doctor, which says which attributes do not fit and what to do', async () => {
    const doctor = new CliCommand(['doctor', '--json'], environment());
    expect(await doctor.exited).toBe(3);
    const check = doctor.document.checks.find(({ name }: { name: string }) => name === 'Search attributes');
    expect(check).toMatchObject({ status: 'failed', message: expect.stringMatching(reason) });
    expect(check.message).toContain(`temporal operator search-attribute remove --namespace ${namespace}`);
  });

  it('lets no worker start, which says the same', async () => {
    const worker = new CliProcess(['worker'], environment());
    expect(await worker.exited).not.toBe(0);
    expect(worker.stderr).toMatch(reason);
  });

  it('gets none registered by `sync`, which only warns, and none by `schedule create`, which creates nothing', async () => {
    const connectionId = await new ApiCaller(sandbox).simulatedConnection();
    const sync = await runCommand(['sync', connectionId, '--no-wait', '--json'], environment());
    expect(sync.exitCode).toBe(0);
    expect(sync.stderr).toContain(`Warning: the namespace '${namespace}' lacks search attributes`);
    const { workflowId, runId } = sync.document;
    await temporal.connection.workflowService.terminateWorkflowExecution({
      namespace,
      workflowExecution: { workflowId, runId },
    });
    const create = await runCommand(['schedule', 'create', connectionId, '--every', '6h'], environment());
    expect(create).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('temporal-airbyte doctor --fix') });
    expect(await registered()).toEqual(others);
  });
});
