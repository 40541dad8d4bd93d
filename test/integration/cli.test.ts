import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Sandbox } from '../../sandbox/server';
import { startReferenceServer } from '../support/reference-server';
import { type SharedTemporal, uniqueName } from '../support/temporal';
import { CliCommand, CliProcess, runCommand } from './cli-command';
import { type CliStack, startCliStack } from './cli-stack';

let stack: CliStack;
let temporal: SharedTemporal;
let sandbox: Sandbox;
let env: NodeJS.ProcessEnv;
let folder: string;
let file: string;
let name: string;

beforeAll(async () => {
  stack = await startCliStack();
  ({ temporal, sandbox, env, folder } = stack);
});

afterAll(() => stack?.stop());

beforeEach(() => {
  name = uniqueName('pipeline');
  file = join(folder, `${name}.json`);
  sandbox.requests.clear();
});

/** Writes a pipeline whose jobs behave as configured. */
async function writePipeline(simulation: object = {}): Promise<void> {
  const document = {
    name,
    source: {
      name: `${name} source`,
      definition: 'Simulated',
      configuration: { records: 12, bytes: 3400, ...simulation },
    },
    destination: { name: `${name} destination`, definition: 'Simulated', configuration: {} },
    connection: { name, streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }] },
  };
  await writeFile(file, JSON.stringify(document));
}

/** Puts a pipeline in place without a sync, for the commands that take a connection. */
async function applied(simulation: object = {}): Promise<string> {
  await writePipeline(simulation);
  const { document, exitCode, stderr } = await runCommand(['apply', file, '--json'], env);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return document.connectionId;
}

describe('run', () => {
  it('brings a pipeline about and syncs it, and creates nothing the second time', async () => {
    await writePipeline();
    const first = await runCommand(['run', file, '--json'], env);
    expect(first.exitCode).toBe(0);
    expect(first.document).toMatchObject({
      created: { source: true, destination: true, connection: true },
      sync: { status: 'succeeded', recordsSynced: 12, bytesSynced: 3400 },
    });
    const second = await runCommand(['run', file, '--json'], env);
    expect(second.document).toMatchObject({
      connectionId: first.document.connectionId,
      created: { source: false, destination: false, connection: false },
    });
  });

  it('says in words what it has done, on stdout, and all else on stderr', async () => {
    await writePipeline();
    const command = new CliProcess(['run', file], env);
    const exitCode = await command.exited;
    const { stdout, stderr } = command;
    expect(exitCode).toBe(0);
    expect(stdout).toContain('12 records, 3.4 kB');
    expect(stderr.split('\n')[0]).toMatch(/^Running the pipeline .* in Temporal/);
    expect(stdout + stderr).not.toContain('\u001b');
  });

  it('attaches to the run of the same document, so that there is one job', async () => {
    await writePipeline({ hold: true });
    const first = new CliCommand(['run', file, '--json'], env);
    await first.said(/job \d+/);
    const second = new CliCommand(['run', file, '--json'], env);
    await second.said(/Already running: the pipeline .*, with this document/);
    await stack.finishJobs();
    expect([await first.exited, await second.exited]).toEqual([0, 0]);
    expect(first.document).toEqual(second.document);
    expect(sandbox.requests.count('connections/sync')).toBe(1);
  });

  it('starts after a run of another document under the same name, instead of passing its result off as its own', async () => {
    await writePipeline({ hold: true });
    const first = new CliCommand(['run', file], env);
    await first.said(/job \d+/);
    const second = new CliCommand(['apply', file, '--json'], env);
    await second.said(/with another document is running/);
    expect(second.hasExited).toBe(false);
    await stack.finishJobs();
    expect([await first.exited, await second.exited]).toEqual([0, 0]);
    expect(second.document.sync).toBeNull();
  });

  it('reports a failed check in the words of the connector, with exit code 1', async () => {
    await writePipeline({ check_message: 'FATAL: password authentication failed' });
    const { exitCode, document, stderr } = await runCommand(['run', file, '--json'], env);
    expect(exitCode).toBe(1);
    expect(document.error).toMatchObject({ type: 'AirbyteCheckFailed', exitCode: 1 });
    expect(stderr).toContain('FATAL: password authentication failed');
  });
});

describe('sync', () => {
  it('takes a connection by its name as well as by its id', async () => {
    const connectionId = await applied();
    for (const connection of [name, connectionId]) {
      const { exitCode, document } = await runCommand(['sync', connection, '--json'], env);
      expect(exitCode).toBe(0);
      expect(document).toMatchObject({ connectionId, status: 'succeeded', recordsSynced: 12, attached: false });
    }
  });

  it('fails with exit code 1 and the reason that Airbyte gives', async () => {
    await applied({ outcome: 'failed', failure_message: 'disk full at row 7' });
    const { exitCode, document } = await runCommand(['sync', name, '--json'], env);
    expect(exitCode).toBe(1);
    expect(document.error).toMatchObject({
      type: 'AirbyteSyncFailed',
      message: expect.stringContaining('disk full at row 7'),
      workflowId: expect.stringMatching(/^airbyte-sync:/),
      runId: expect.any(String),
      details: { jobId: expect.any(Number), status: 'failed', recordsSynced: 12 },
    });
  });

  it('reports what was not measured, and fails with exit code 1 with --unmeasured fail', async () => {
    const connectionId = await applied({ unmeasured: true });
    const accepted = await runCommand(['sync', connectionId, '--json', '--unmeasured', 'accept'], env);
    expect(accepted).toMatchObject({ exitCode: 0, document: { recordsSynced: null, bytesSynced: null } });
    expect(accepted.document).not.toHaveProperty('warnings');
    const warned = await runCommand(['sync', connectionId], env);
    expect(warned.stdout).toMatch(
      /succeeded: records not measured[\s\S]*warning: .* has not measured how many records/,
    );
    const failed = await runCommand(['sync', connectionId, '--json', '--unmeasured', 'fail'], env);
    expect(failed).toMatchObject({ exitCode: 1, document: { error: { type: 'AirbyteSyncFailed' } } });
    const status = await runCommand(['status', connectionId], env);
    expect(status.stdout).toMatch(/succeeded +not measured +not measured/);
  });

  it('fails when a stream has moved fewer records than its own minimum', async () => {
    const connectionId = await applied({ records: 5 });
    const flags = ['--minimum-records', '5', '--minimum-records', 'events=6'];
    const { exitCode, document } = await runCommand(['sync', connectionId, '--json', ...flags], env);
    expect(exitCode).toBe(1);
    expect(document.error.message).toContain('the stream events synced 5 records, fewer than the 6');
  });

  it('says with exit code 2 that there is no such connection', async () => {
    const { exitCode, stderr } = await runCommand(['sync', 'no such connection'], env);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("no connection with the id or name 'no such connection'");
  });

  it('gets the error for a missing connection from the worker, where the shell has no AIRBYTE_URL', async () => {
    const id = '6a1c5c1e-0000-4000-8000-000000000000';
    const { exitCode, document } = await runCommand(['sync', id, '--json'], { ...env, AIRBYTE_URL: '' });
    expect(exitCode).toBe(2);
    expect(document.error.type).toBe('AirbyteNotFound');
  });

  it('does as --on-running says while a sync is running', async () => {
    await applied({ hold: true });
    const running = new CliCommand(['sync', name], env);
    await running.said(/job \d+/);
    const [skipped, rejected] = await Promise.all([
      runCommand(['sync', name, '--on-running', 'skip', '--json'], env),
      runCommand(['sync', name, '--on-running', 'fail', '--json'], env),
    ]);
    expect(skipped.exitCode).toBe(0);
    expect(skipped.document.status).toBe('skipped');
    expect(rejected.exitCode).toBe(1);
    expect(rejected.document.error.type).toBe('AirbyteConflict');
    await stack.finishJobs();
    expect(await running.exited).toBe(0);
  });

  it('leaves the sync running when it is interrupted, and follows it again', async () => {
    await applied({ hold: true });
    const first = new CliProcess(['sync', name, '--on-interrupt', 'leave'], env);
    await first.said(/job \d+/);
    first.kill('SIGINT');
    expect(await first.exited).toBe(130);
    expect(first.stderr).toContain('continues in Temporal');
    const second = new CliCommand(['sync', name, '--json'], env);
    await second.said(/Already running: a sync of the connection/);
    await stack.finishJobs();
    expect(await second.exited).toBe(0);
    expect(sandbox.requests.count('connections/sync')).toBe(1);
  });

  it('starts a sync with --no-wait and leaves, and finds it running the next time', async () => {
    const connectionId = await applied({ hold: true });
    const first = await runCommand(['sync', name, '--no-wait', '--json'], env);
    expect(first.exitCode).toBe(0);
    const workflowId = `airbyte-sync:${connectionId}@${env['AIRBYTE_TASK_QUEUE']}`;
    expect(first.document).toMatchObject({ connectionId, workflowId, attached: false });
    const second = await runCommand(['sync', name, '--no-wait'], env);
    expect(second.stdout).toBe(`already running: ${workflowId}\n`);
    const waiting = new CliCommand(['sync', name, '--wait', '--json'], env);
    await waiting.said(/job \d+/);
    await stack.finishJobs();
    expect(await waiting.exited).toBe(0);
    expect(sandbox.requests.count('connections/sync')).toBe(1);
  });

  it('leaves a sync in the queue with --no-wait, in addition to the running one', async () => {
    const connectionId = await applied({ jobs: [{ hold: true }, { records: 5 }] });
    await runCommand(['sync', name, '--no-wait'], env);
    const { id } = await sandbox.jobs.created(connectionId);
    const queued = await runCommand(['sync', name, '--no-wait', '--on-running', 'queue', '--json'], env);
    const { workflowId, attached } = queued.document;
    expect({
      attached,
      own: workflowId.startsWith(`airbyte-sync:${connectionId}@${env['AIRBYTE_TASK_QUEUE']}:`),
    }).toEqual({
      attached: false,
      own: true,
    });
    await sandbox.jobs.finish(id, 'succeeded');
    const result = await temporal.client.workflow.getHandle(workflowId).result();
    expect(result).toMatchObject({ status: 'succeeded', recordsSynced: 5 });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'cancels the job on %s with --on-interrupt cancel, and waits until it has ended',
    async (signal) => {
      await applied({ hold: true });
      const command = new CliProcess(['sync', name, '--on-interrupt', 'cancel', '--json'], env);
      await command.said(/job \d+/);
      command.kill(signal);
      expect(await command.exited).toBe(130);
      expect(command.document.error).toMatchObject({ type: 'Interrupted', exitCode: 130 });
      expect(sandbox.requests.count('jobs/cancel')).toBe(1);
      const { document } = await runCommand(['status', name, '--json'], env);
      expect(document.jobs[0].status).toBe('cancelled');
    },
  );
});

describe('cancel', () => {
  it('cancels the sync that Temporal runs, and waits until its job has ended', async () => {
    const connectionId = await applied({ hold: true, cancel_duration_ms: 300 });
    const running = new CliCommand(['sync', name, '--json'], env);
    await running.said(/job \d+/);
    const cancel = await runCommand(['cancel', name, '--json'], env);
    expect(cancel.exitCode).toBe(0);
    expect(cancel.document).toEqual({
      connectionId,
      workflows: [{ workflowId: `airbyte-sync:${connectionId}@${env['AIRBYTE_TASK_QUEUE']}`, cancelled: true }],
    });
    const { document } = await runCommand(['status', name, '--json'], env);
    expect(document.jobs[0].status).toBe('cancelled');
    expect(await running.exited).toBe(1);
    const { jobId } = document.jobs[0];
    expect(running.document.error).toMatchObject({ type: 'Cancelled', details: { jobId } });
  });

  it('leaves a job alone that was started elsewhere', async () => {
    const connectionId = await applied({ hold: true });
    await fetch(new URL('/sandbox/jobs', sandbox.url), { method: 'POST', body: JSON.stringify({ connectionId }) });
    const cancel = await runCommand(['cancel', name], env);
    expect(cancel.exitCode).toBe(1);
    expect(cancel.stderr).toContain('nothing to cancel');
    expect(sandbox.requests.count('jobs/cancel')).toBe(0);
  });
});

describe('status and list', () => {
  it('show the jobs of a connection, and of all', async () => {
    const connectionId = await applied();
    await runCommand(['sync', name], env);
    const of = await runCommand(['status', name, '--json'], env);
    expect(of.document.jobs).toEqual([
      expect.objectContaining({
        connectionId,
        connectionName: name,
        jobType: 'sync',
        status: 'succeeded',
        recordsSynced: 12,
        bytesSynced: 3400,
        endedAt: expect.stringMatching(/Z$/),
      }),
    ]);
    const all = await runCommand(['status'], env);
    expect(all.exitCode).toBe(0);
    expect(all.stdout).toContain(name);
    const page = await runCommand(['open', name], env);
    const { workspaceId } = await sandbox.store.connection(connectionId);
    expect(page.stdout).toBe(`${new URL(sandbox.url).origin}/workspaces/${workspaceId}/connections/${connectionId}\n`);
    const ui = { ...env, TEMPORAL_UI_URL: 'https://temporal.example.com/' };
    const run = await runCommand(['open', name, '--run', '--json'], ui);
    const workflowId = encodeURIComponent(`airbyte-sync:${connectionId}@${env['AIRBYTE_TASK_QUEUE']}`);
    expect(run.document.url).toMatch(
      new RegExp(`^https://temporal\\.example\\.com/namespaces/.+/workflows/${workflowId}$`),
    );
    const quiet = await runCommand(['status', '--quiet'], env);
    expect(quiet).toMatchObject({ stderr: '', stdout: all.stdout });
    const verbose = await runCommand(['--verbose', 'status'], { ...env, LOG_FORMAT: 'json' });
    const entries = verbose.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries).toContainEqual(
      expect.objectContaining({ level: 'debug', message: expect.stringMatching(/^Airbyte: jobs\/list: 200, \d+ ms$/) }),
    );
  });

  it.each([
    ['workspaces', 'workspaces', 'workspaceId'],
    ['source-definitions', 'sourceDefinitions', 'sourceDefinitionId'],
    ['destination-definitions', 'destinationDefinitions', 'destinationDefinitionId'],
    ['sources', 'sources', 'sourceId'],
    ['destinations', 'destinations', 'destinationId'],
    ['connections', 'connections', 'connectionId'],
  ])('list %s', async (kind, key, id) => {
    await applied();
    const { exitCode, document } = await runCommand(['list', kind, '--json'], env);
    expect(exitCode).toBe(0);
    expect(document[key]).toContainEqual(
      expect.objectContaining({ [id]: expect.any(String), name: expect.any(String) }),
    );
  });
});

describe('what is out of reach', () => {
  const nowhere = '127.0.0.1:1';

  it.each([[['run', 'FILE']], [['sync', 'c']], [['cancel', 'c']], [['status']], [['list', 'sources']]])(
    'is reported for Airbyte immediately by %j, with exit code 3',
    async (args) => {
      await writePipeline();
      const given = args.map((arg) => (arg === 'FILE' ? file : arg));
      const { exitCode, stderr } = await runCommand(given, { ...env, AIRBYTE_URL: `http://${nowhere}/api/v1` });
      expect(exitCode).toBe(3);
      expect(stderr).toContain(nowhere);
      expect(stderr).toContain('AIRBYTE_URL');
    },
  );

  it('is a server that is no Airbyte', async () => {
    const server = createServer((_request, response) => response.end('<!doctype html><html></html>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { exitCode, stderr } = await runCommand(['status'], {
      ...env,
      AIRBYTE_URL: `http://127.0.0.1:${port}/api/v1`,
    });
    server.close();
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/not an Airbyte API/i);
  });

  it.each([
    [['run', 'FILE'], CliCommand],
    [['sync', 'NAME'], CliCommand],
    [['worker'], CliProcess],
  ])('is said of Temporal by %j, with exit code 3', async (args, Cli) => {
    await applied();
    const given = args.map((arg) => (arg === 'FILE' ? file : arg === 'NAME' ? name : arg));
    const command = new Cli(given, { ...env, TEMPORAL_ADDRESS: nowhere });
    expect(await command.exited).toBe(3);
    expect(command.stderr).toContain(nowhere);
  });

  it('is a worker: the command says so, and how to start one', async () => {
    await writePipeline();
    const lonely = { ...env, AIRBYTE_TASK_QUEUE: uniqueName('lonely') };
    const warnings: Error[] = [];
    const listener = (warning: Error) => warnings.push(warning);
    process.on('warning', listener);
    const command = new CliCommand(['run', file], lonely);
    await command.said(/no worker polls.*temporal-airbyte worker/);
    command.interrupt('SIGINT');
    expect(await command.exited).toBe(130);
    process.off('warning', listener);
    // It describes all partitions of two task queues, by calls that share one abort signal.
    expect(warnings).toEqual([]);
    await temporal.client.workflow.getHandle(`airbyte-pipeline:${name}@${lonely.AIRBYTE_TASK_QUEUE}`).terminate();
  });

  it('is a worker that a cancel needs: the command says so, and what to do if none will run any more', async () => {
    const connectionId = await applied();
    const lonely = { ...env, AIRBYTE_TASK_QUEUE: uniqueName('lonely') };
    expect((await runCommand(['sync', name, '--no-wait', '--json'], lonely)).exitCode).toBe(0);
    const workflowId = `airbyte-sync:${connectionId}@${lonely.AIRBYTE_TASK_QUEUE}`;
    const cancel = new CliCommand(['cancel', name], lonely);
    await cancel.said(/no worker polls/);
    expect(cancel.stderr).toContain(`temporal workflow terminate --workflow-id ${workflowId}\n`);
    await temporal.client.workflow.getHandle(workflowId).terminate();
    expect(await cancel.exited).toBe(1);
  });
});

describe('doctor', () => {
  it('finds everything in place, with exit code 0', async () => {
    const { exitCode, document } = await runCommand(['doctor', '--json'], env);
    expect(document.checks.filter(({ status }: { status: string }) => status === 'failed')).toEqual([]);
    expect({ exitCode, ok: document.ok }).toEqual({ exitCode: 0, ok: true });
  });

  it('names a namespace that Temporal does not have, and does not call Temporal unreachable', async () => {
    const { exitCode, stdout } = await runCommand(['doctor'], { ...env, TEMPORAL_NAMESPACE: 'nowhere' });
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/✗ Temporal: Temporal at .* has no namespace 'nowhere'\. Set TEMPORAL_NAMESPACE/);
    expect(stdout).toContain('! Worker: not checked, because the check of Temporal failed');
    expect(stdout).not.toMatch(/unreachable|out of reach/);
  });

  it('explains what is not in place, with exit code 3, and prints no secret', async () => {
    const bad = { ...env, AIRBYTE_URL: 'http://127.0.0.1:1/api/v1', AIRBYTE_TOKEN: 'hush-hush' };
    const { exitCode, stdout, stderr } = await runCommand(['doctor'], bad);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/✗ Airbyte: .*127\.0\.0\.1:1/);
    expect(stdout).toContain('AIRBYTE_TOKEN');
    expect(stdout + stderr).not.toContain('hush-hush');
  });
});

describe('an Airbyte that is the API reference and nothing more', () => {
  it('is set up, synced and shown with ids that are no UUIDs', async () => {
    const reference = await startReferenceServer();
    const queue = { ...env, AIRBYTE_URL: reference.url, AIRBYTE_TASK_QUEUE: uniqueName('reference') };
    const itsWorker = new CliProcess(['worker'], { ...queue, SECRET_KEY: 'hush-hush' });
    try {
      await itsWorker.said(/^Ready:/m);
      const document = {
        name,
        source: {
          name: 'CRM API',
          definition: 'REST API',
          configuration: { url: 'https://api.example.com', api_key: '${env:SECRET_KEY}', method: 'GET' },
        },
        destination: { name: 'lake', definition: 'S3', configuration: { s3_bucket_name: 'datalake' } },
        connection: {
          schedule: { every: '6h' },
          streams: [
            { name: 'customers', syncMode: 'incremental', destinationSyncMode: 'append', cursorField: 'updated_at' },
          ],
        },
      };
      await writeFile(file, JSON.stringify(document));
      const run = await runCommand(['run', file, '--json'], queue);
      expect({ exitCode: run.exitCode, stderr: run.stderr }).toMatchObject({ exitCode: 0 });
      const { connectionId } = run.document;
      const sync = await runCommand(['sync', connectionId, '--json'], queue);
      expect(sync.document).toMatchObject({ connectionId, status: 'succeeded' });
      const status = await runCommand(['status', connectionId, '--json'], queue);
      expect(status.document.jobs.map(({ jobId }: { jobId: number }) => jobId)).toEqual([
        sync.document.jobId,
        run.document.sync.jobId,
      ]);
      expect((await runCommand(['list', 'sources', '--json'], queue)).document.sources).toHaveLength(1);
      expect((await runCommand(['doctor'], queue)).exitCode).toBe(0);
    } finally {
      itsWorker.kill('SIGTERM');
      await itsWorker.exited;
      await reference.stop();
    }
  });
});
