import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { completedCommands } from '../../cli/completion/completed-commands';
import { createProgram } from '../../cli/program';
import { processTerminal } from '../../cli/render/terminal';
import { keyLine, writeKeys } from '../support/encryption-keys';
import { type RecordingServer, startRecordingServer } from '../support/recording-server';
import { uniqueName } from '../support/temporal';
import { CliCommand, runCommand } from './cli-command';
import { type CliStack, startCliStack } from './cli-stack';

/** What a row of a command says: methods of Temporal that need more than the right to read, and calls of Airbyte. */
interface Rights {
  temporal: string[];
  airbyte: string[];
}

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'security.md'), 'utf8');
const [, section = ''] = page.split('## Least rights\n');

const [ofCommands = '', ofWorkflows = ''] = section.split('| Workflow of a worker');
const RIGHTS = rowsOf(ofCommands);
const RIGHTS_OF_WORKFLOWS = rowsOf(ofWorkflows);

/** The rows of a table, by the command or the workflow that each is for. */
function rowsOf(table: string): Map<string, Rights> {
  return new Map(
    [...table.matchAll(/^\| (`[^|]+) \| ([^|]*) \| ([^|]*) \|$/gm)].flatMap(
      ([, subjects = '', temporal = '', airbyte = '']) =>
        codesIn(subjects).map((subject): [string, Rights] => [
          subject,
          { temporal: codesIn(temporal), airbyte: codesIn(airbyte) },
        ]),
    ),
  );
}

/** Commands whose rows say in words what they need: the worker's is what its workflows need, and the others start servers of their own. */
const IN_WORDS = ['worker', 'demo', 'sandbox'];

/** The commands whose rows were compared with their calls. */
const compared = new Set<string>();

function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code).sort();
}

/**
 * Methods that the right to read a namespace is enough for, as `common/api/metadata.go` of Temporal's server (1.31) has them. Those of
 * Nexus endpoints and clusters need more, whatever their names say.
 */
const READS = /^(?:Describe|List|Get|Count|Query|PollWorkflowExecutionUpdate)(?!.*(?:NexusEndpoint|Clusters))/;

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

let stack: CliStack;
/** What lies between a shell and Airbyte, and between the worker and Airbyte. */
let ofShell: RecordingServer;
let ofWorker: RecordingServer;
let env: NodeJS.ProcessEnv;
let temporalMethods: string[] = [];

beforeAll(async () => {
  const forward = () =>
    startRecordingServer(async ({ method, url, body }) => {
      const response = await fetch(new URL(url, stack.sandbox.url), {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    });
  [ofShell, ofWorker] = await Promise.all([forward(), forward()]);
  stack = await startCliStack({
    environment: () => ({ AIRBYTE_URL: `${ofShell.origin}/api/v1`, AIRBYTE_NAME: 'sandbox' }),
    workerEnvironment: () => ({ AIRBYTE_URL: `${ofWorker.origin}/api/v1` }),
  });
  ({ env } = stack);
  const connect = Connection.lazy.bind(Connection);
  const recording: Interceptor = (call, next) => {
    temporalMethods.push(call.method_definition.path.split('/').at(-1) ?? '');
    return next(call) as ReturnType<Interceptor>;
  };
  jest.spyOn(Connection, 'lazy').mockImplementation((options) => connect({ ...options, interceptors: [recording] }));
});

afterAll(async () => {
  jest.restoreAllMocks();
  await stack?.stop();
  await Promise.all([ofShell?.stop(), ofWorker?.stop()]);
});

afterEach(forget);

function forget(): void {
  temporalMethods = [];
  for (const server of [ofShell, ofWorker]) server.recorded.length = 0;
}

/** The calls that passed a server, each once. */
function callsOf({ recorded }: RecordingServer): string[] {
  return [...new Set(recorded.map(({ url }) => url.replace(/^\/api\/v1\//, '').replace(/\?.*/, '')))].sort();
}

/** Runs a command that succeeds, and compares what it has called with its row: neither may have more than the other. */
async function compare(name: string, ...args: string[]): Promise<CliCommand> {
  forget();
  const command = await run(name, ...args);
  expectRightsOf(name);
  return command;
}

async function run(name: string, ...args: string[]): Promise<CliCommand> {
  const command = await runCommand([...name.split(' '), ...args, '--json'], env);
  expect({ args, exitCode: command.exitCode, stderr: command.stderr }).toMatchObject({ exitCode: 0 });
  return command;
}

function expectRightsOf(name: string): void {
  const temporal = [...new Set(temporalMethods.filter((method) => !READS.test(method)))].sort();
  expect({ name, temporal, airbyte: callsOf(ofShell) }).toEqual({ name, ...RIGHTS.get(name) });
  compared.add(name);
}

/** The worker may have made fewer calls than the rows of its workflows say, which depends on what was there. */
function expectWithinRightsOf(...workflows: string[]): void {
  const calls = callsOf(ofWorker);
  expect(calls.length).toBeGreaterThan(2);
  const rows = workflows.map((workflow) => RIGHTS_OF_WORKFLOWS.get(workflow));
  // In the rows of workflows, both columns have calls of Airbyte: one for each role.
  expect(rows.flatMap((row) => [...(row?.temporal ?? []), ...(row?.airbyte ?? [])])).toEqual(
    expect.arrayContaining(calls),
  );
}

async function writeDocument(simulation: object = {}): Promise<{ file: string; name: string }> {
  const name = uniqueName('rights');
  const file = join(stack.folder, `${name}.json`);
  const document = {
    name,
    source: { name: `${name} source`, definition: 'Simulated', configuration: { records: 3, ...simulation } },
    destination: { name: `${name} destination`, definition: 'Simulated', configuration: {} },
    connection: { name, streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }] },
  };
  await writeFile(file, JSON.stringify(document));
  return { file, name };
}

describe('the rights that docs/security.md says a command needs are those that it needs', () => {
  let file: string;
  let connection: string;

  it('run, apply and plan, and the pipeline of the worker', async () => {
    ({ file, name: connection } = await writeDocument());
    await compare('run', file);
    expectWithinRightsOf('runPipeline', 'syncConnection');
    await compare('apply', file);
    await compare('plan', file);
  });

  it('sync, and the sync of the worker', async () => {
    await compare('sync', connection);
    expectWithinRightsOf('syncConnection');
  });

  it('cancel, and a cancelled sync of the worker', async () => {
    const { file: held, name } = await writeDocument({ hold: true });
    expect(await runCommand(['apply', held], env)).toMatchObject({ exitCode: 0 });
    expect(await runCommand(['sync', name, '--no-wait'], env)).toMatchObject({ exitCode: 0 });
    const connectionId = [...stack.sandbox.store.connections.values()].find(
      ({ settings }) => settings['name'] === name,
    )?.connectionId;
    await stack.sandbox.jobs.created(connectionId ?? '', 0);
    await compare('cancel', name);
    expectWithinRightsOf('syncConnection');
  });

  it('what only reads', async () => {
    await compare('init', '--source', 'Simulated', '--destination', 'Simulated');
    await compare('status');
    await compare('logs', connection);
    await compare('open', connection);
    await compare('list connections');
    await compare('doctor');
    await compare('import', connection);
  });

  it('schedule', async () => {
    forget();
    await run('schedule create', connection, '--every', '364 days');
    await run('schedule create', connection, '--every', '365 days', '--update');
    expectRightsOf('schedule create');
    await compare('schedule list');
    for (const verb of ['describe', 'pause', 'resume', 'trigger']) await compare(`schedule ${verb}`, connection);
    const [from, to] = ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'];
    await compare('schedule backfill', connection, '--from', from, '--to', to);
    await compare('schedule delete', connection);
  });

  it('list, of each kind', async () => {
    const lists = [...RIGHTS.keys()].filter((name) => name.startsWith('list '));
    for (const name of lists) await compare(name);
  });

  it('webhook', async () => {
    const ofWorkers = await startRecordingServer(async () => ({ status: 200, text: '' }));
    const before = env;
    env = { ...before, AIRBYTE_WEBHOOK_URL: ofWorkers.origin, AIRBYTE_WEBHOOK_SECRET: 'the-secret-of-the-test' };
    try {
      for (const action of ['install', 'status', 'remove']) await compare(`webhook ${action}`);
    } finally {
      env = before;
      await ofWorkers.stop();
    }
    expect(ofWorkers.recorded).toHaveLength(2);
  });

  it('what calls neither', async () => {
    await compare('validate', file);
    forget();
    expect(await runCommand(['completion', 'bash'], env)).toMatchObject({ exitCode: 0 });
    expectRightsOf('completion');
    forget();
    const keys = await writeKeys(join(stack.folder, 'keys'), keyLine('current'));
    const variables = { AIRBYTE_CODEC_KEYS_FILE: keys, AIRBYTE_CODEC_TOKEN: 'a-long-token-of-the-test-of-rights' };
    const server = new CliCommand(['codec-server', '--port', '0', '--json'], { ...env, ...variables });
    await server.printed(/\n}\n$/);
    server.interrupt('SIGINT');
    expect(await server.exited).toBe(0);
    expectRightsOf('codec-server');
  });

  it('and every command has a row, which was compared with its calls or says in words what it needs', () => {
    const commands = completedCommands(createProgram({ terminal: processTerminal() }))
      .filter(({ path, commands }) => commands.length === 0 && !/^$|\bhelp$/.test(path))
      // `list` has a row for each kind.
      .flatMap(({ path, values }) =>
        RIGHTS.has(path) || values.length === 0 ? [path] : values.map((value) => `${path} ${value}`),
      );
    expect(commands.length).toBeGreaterThan(20);
    expect([...compared, ...IN_WORDS].sort()).toEqual(commands.sort());
    expect([...RIGHTS.keys()].sort()).toEqual(commands);
  });
});
