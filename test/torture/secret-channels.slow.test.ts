import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { FaultInput } from '../../sandbox/http/faults';
import type { PipelineDocument } from '../../src/contract/pipeline-document';
import { pipelineWorkflowId, syncWorkflowId } from '../../src/contract/workflow-ids';
import { CliProcess, runCommand } from '../integration/cli-command';
import { SECRET_ENCODINGS } from '../support/secret-encodings';
import { exampleDocument, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { textsIn } from '../support/texts-in-values';
import { until } from '../support/until';

/** A secret of the worker's environment, the password in a connection string of its folder, and its own at Airbyte. */
const API_KEY = 'Kq7"x\\&=/9+Zö w';
const PASSWORD = 'Wm4/tRz9!';
const CLIENT_SECRET = "cS-8Lq2/vT&'0y";
const SECRETS = [API_KEY, PASSWORD, CLIENT_SECRET];

/** All forms of all secrets, beginning with another one each time, since only the beginning of a long text is shown. */
let turn = 0;
function everyForm(): string {
  turn += 17;
  const forms = SECRETS.flatMap((secret) => Object.values(SECRET_ENCODINGS).map((write) => write(secret)));
  return [...forms.slice(turn % forms.length), ...forms.slice(0, turn % forms.length)].join(' , ');
}

/** What must not be read anywhere: the forms, and of base64 what does not depend on what stands around it. */
const NEEDLES = [
  ...new Set(
    SECRETS.flatMap((secret) => [
      ...Object.entries(SECRET_ENCODINGS).flatMap(([name, write]) =>
        /base64|Basic/.test(name) ? [] : [write(secret)],
      ),
      ...['', 'a', 'ab'].flatMap((before) => {
        const core = Buffer.from(before + secret)
          .toString('base64')
          .slice(before === '' ? 0 : 3, -4);
        return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
      }),
      ...secret.split(/[^A-Za-z0-9]/).filter((part) => part.length >= 4),
    ]).flatMap((text) => [text, JSON.stringify(text).slice(1, -1)].map((each) => each.toLowerCase())),
  ),
];

describe('No form of a secret', () => {
  let stack: Stack;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let worker: CliProcess;

  beforeAll(async () => {
    const credentials = { clientId: 'the-client', clientSecret: CLIENT_SECRET };
    [stack, folder] = await Promise.all([
      startStack({
        worker: false,
        sandbox: { auth: { kind: 'client-credentials', ...credentials, tokenLifetimeMs: 2_000 } },
      }),
      mkdtemp(join(tmpdir(), 'secret-channels-')),
    ]);
    await writeFile(join(folder, 'dsn'), `postgres://shop:${encodeURIComponent(PASSWORD)}@db.internal/shop\n`);
    env = stack.temporal.environment({
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      AIRBYTE_TASK_QUEUE: stack.taskQueue,
      AIRBYTE_URL: stack.sandbox.url,
      AIRBYTE_CLIENT_ID: credentials.clientId,
      AIRBYTE_CLIENT_SECRET: credentials.clientSecret,
    });
    const secrets = { AIRBYTE_SECRET_DIR: folder, SECRET_API_KEY: API_KEY };
    worker = new CliProcess(['worker'], { ...env, ...secrets, AIRBYTE_POLL_INTERVAL: '50ms' });
    await worker.said(/^Ready:/m);
  });

  afterAll(async () => {
    worker?.kill('SIGTERM');
    await worker?.exited;
    await stack?.stop();
    await rm(folder, { recursive: true });
  });

  beforeEach(() => void stack.sandbox.faults.remove());

  const pipeline = async (source: object = {}): Promise<PipelineDocument> => {
    const document = await exampleDocument('postgres-to-parquet.yaml', uniqueName('channel'));
    const streams = [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }] as const;
    const configuration = { api_key: '${env:SECRET_API_KEY}', dsn: '${file:dsn}', ...source };
    return {
      ...document,
      source: { ...document.source, definition: 'Simulated', configuration },
      destination: { ...document.destination, definition: 'Simulated', configuration: {} },
      connection: { ...document.connection, streams: [...streams] },
    };
  };

  /**
   * Runs a document to its end.
   *
   * @param meanwhile is called while it runs, and returns what is kept of it by then
   * @returns everything that is kept or said of it
   */
  async function run(document: PipelineDocument, meanwhile: () => Promise<string[]> = async () => []): Promise<string> {
    const { client } = stack.temporal;
    const stored: string[] = [];
    const said = worker.stderr.length;
    const file = join(folder, '..', `${document.name}.json`);
    await writeFile(file, JSON.stringify(document));
    const command = runCommand(['run', file, '--json'], env);
    stored.push(...(await meanwhile()));
    const pending = client.workflow.getHandle(pipelineWorkflowId(document.name, stack.taskQueue));
    stored.push(...(await untilTold(pending, command)));
    const { stdout, stderr, exitCode } = await command;
    await rm(file);
    expect(exitCode).not.toBe(0);
    const ids = [pipelineWorkflowId(document.name, stack.taskQueue)];
    const connection = [...stack.sandbox.store.connections.values()].find(
      ({ settings }) => settings['name'] === document.name,
    );
    if (connection) ids.push(syncWorkflowId(connection.connectionId, stack.taskQueue));
    for (const id of ids) {
      const workflow = client.workflow.getHandle(id);
      const described = await workflow.describe().catch(() => undefined);
      if (described) stored.push(...textsIn(described.raw), ...textsIn(await workflow.fetchHistory()));
      if (described) stored.push(JSON.stringify(await workflow.query('progress')));
      if (described) stored.push(JSON.stringify(await workflow.query('__temporal_workflow_metadata')));
    }
    return [...stored, stdout, stderr, worker.stdout, worker.stderr.slice(said)].join('\n');
  }

  /** Retryable errors are retried for long; the test stops once an activity has reported one. @returns what is known by then */
  async function untilTold(workflow: WorkflowHandle, command: Promise<unknown>): Promise<string[]> {
    let hasEnded = false;
    void command.then(() => {
      hasEnded = true;
    });
    for (;;) {
      await delay(200);
      const described = await workflow.describe().catch(() => undefined);
      if (hasEnded) return [];
      if (!described?.raw.pendingActivities?.some(({ lastFailure, attempt }) => lastFailure && (attempt ?? 0) > 2))
        continue;
      await workflow.terminate();
      return [...textsIn(described.raw)];
    }
  }

  function expectNone(text: string): void {
    const lower = text.toLowerCase();
    const told = NEEDLES.filter((needle) => lower.includes(needle));
    expect(
      told.map((needle) => text.slice(Math.max(0, lower.indexOf(needle) - 100), lower.indexOf(needle) + 60)),
    ).toEqual([]);
    // That something was masked shows that it was there.
    expect(text).toContain('**********');
  }

  const json = (call: string, status: number, body: unknown): FaultInput => ({ call, status, body, times: null });
  const failureReason = (text: string) => ({
    failureType: 'config_error',
    externalMessage: text,
    internalMessage: text,
  });

  it.each<[string, (text: string) => FaultInput]>([
    ['an error response', (text) => json('sources/create', 400, { message: text })],
    ['a text in place of JSON', (text) => json('destinations/create', 400, text)],
    [
      'a validation error',
      (text) =>
        json('sources/create', 422, { message: text, validationErrors: [{ propertyPath: text, message: text }] }),
    ],
    [
      'the title of a web page',
      (text) => json('connections/create', 400, `<!doctype html><html><title>${text.replaceAll('<', '&lt;')}</title>`),
    ],
    [
      'the address of a redirect',
      (text) => ({
        ...json('sources/create', 302, ''),
        headers: { location: `https://login.example/${encodeURIComponent(text)}` },
      }),
    ],
    ['a check', (text) => json('scheduler/sources/check_connection', 200, { status: 'failed', message: text })],
    [
      'a check that broke',
      (text) =>
        json('scheduler/sources/check_connection', 200, {
          jobInfo: {
            succeeded: false,
            failureReason: { ...failureReason(text), externalMessage: 'Something went wrong in the connector' },
          },
        }),
    ],
    [
      'a discovery',
      (text) =>
        json('scheduler/sources/discover_schema', 200, {
          jobInfo: { succeeded: false, failureReason: failureReason(text) },
        }),
    ],
    ['a trigger', (text) => json('connections/sync', 400, { message: text })],
  ])('comes out by %s', async (_, faultOf) => {
    stack.sandbox.faults.add(faultOf(everyForm()));

    expectNone(await run(await pipeline()));
  });

  it('comes out by polls that fail, the failure of a job, its log and the names of its streams', async () => {
    const document = await pipeline({ hold: true });
    const polls = ['jobs/list', 'jobs/list_for_workspaces', 'jobs/get', 'jobs/get_without_logs'];

    const told = await run(document, async () => {
      const job = await until(() => [...stack.sandbox.store.jobs.values()].at(-1));
      for (const call of polls) {
        for (let poll = 0; poll < 2; poll++) {
          stack.sandbox.faults.add({ ...json(call, 500, { message: everyForm() }), times: 1 });
        }
      }
      const sync = stack.temporal.client.workflow.getHandle(syncWorkflowId(job.connectionId, stack.taskQueue));
      await until(() => stack.sandbox.faults.list().find(({ struck }) => struck > 0));
      const failure = { failureOrigin: 'source', externalMessage: everyForm(), internalMessage: everyForm() };
      const stats = { streamName: everyForm(), streamNamespace: API_KEY, recordsEmitted: 3, recordsCommitted: 2 };
      const createdAt = Math.floor(job.createdAtMs / 1_000);
      const ended = {
        job: {
          ...{ id: job.id, configType: 'sync', configId: job.connectionId, createdAt },
          ...{ updatedAt: Math.floor(Date.now() / 1_000), status: 'failed', streamAggregatedStats: [stats] },
        },
        attempts: [
          {
            attempt: {
              ...{ id: 0, status: 'failed', createdAt, updatedAt: createdAt },
              ...{ failureSummary: { failures: [failure] }, streamStats: [{ ...stats, stats }] },
            },
            logs: { logLines: Array.from({ length: 3 }, everyForm) },
          },
        ],
      };
      const lists = { jobs: [ended], totalJobCount: 1 };
      for (const call of polls) {
        stack.sandbox.faults.add(json(call, 200, call.startsWith('jobs/list') ? lists : ended));
      }
      const running = await sync.describe();
      await until(() => stack.sandbox.faults.list().find(({ status, struck }) => status === 200 && struck > 0));
      return [...textsIn(running.raw), ...textsIn((await sync.describe()).raw)];
    });

    expectNone(told);
    expect(told).toContain('AirbyteSyncFailed');
  });

  it('comes out by the endpoint of tokens', async () => {
    const said = worker.stderr.length;
    stack.sandbox.faults.add(json('applications/token', 401, { message: everyForm() }));
    // The token that the worker has may be good for a while: rejected, it is renewed.
    stack.sandbox.faults.add(json('sources/create', 401, { message: 'Unauthorized' }));
    const workflow = await stack.startPipeline(await pipeline());

    const told = await untilTold(workflow, workflow.result().catch(String));

    const history = textsIn(await workflow.fetchHistory());
    const error = await workflow.result().catch(String);
    expectNone([...told, ...history, worker.stderr.slice(said), error].join('\n'));
  });

  it('comes out by a command of the command line that Airbyte rejects', async () => {
    for (const call of ['applications/token', 'workspaces/list', 'public/workspaces']) {
      const forms = Object.values(SECRET_ENCODINGS).map((write) => write(CLIENT_SECRET));
      stack.sandbox.faults.add(json(call, 403, { message: forms.join(' , ') }));
    }

    const { stdout, stderr, exitCode } = await runCommand(['list', 'sources', '--json'], env);

    expect(exitCode).not.toBe(0);
    expectNone(stdout + stderr);
  });
});
