import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { PipelineDocument } from '../../src/contract/pipeline-document';
import { pipelineWorkflowId, syncWorkflowId } from '../../src/contract/workflow-ids';
import { startPostgres, type TestPostgres } from '../support/postgres';
import { exampleDocument, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';
import { textsIn } from '../support/texts-in-values';
import { type S3StandIn, startS3StandIn } from '../unit/sandbox/s3-stand-in';
import { CliProcess, runCommand } from './cli-command';

/** Written differently in JSON, in a URL and in a form. */
const S3_KEY = 'key "of" the/lake & more\\é';
const S3_ID = 'lake-key-id';
const API_KEY = 'api-key-7f3a';

/**
 * A worker and the command line as processes of their own, so that all of their output is read. Each test runs one
 * document and then looks for the secrets in all that a user without access to Airbyte can read.
 */
describe('the secrets of a pipeline', () => {
  let stack: Stack;
  let postgres: TestPostgres;
  let s3: S3StandIn;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  let worker: CliProcess;
  let secrets: string[];
  /** Whatever the commands of a test have printed. */
  let printed: string;
  /** How much the worker had said before the test. */
  let said: number;

  beforeAll(async () => {
    [stack, postgres, s3, folder] = await Promise.all([
      startStack({ worker: false }),
      startPostgres(),
      startS3StandIn(S3_ID, ['lake']),
      mkdtemp(join(tmpdir(), 'secrets-test-')),
    ]);
    secrets = [postgres.password, S3_ID, S3_KEY, API_KEY, 'not-the-password'];
    const common = { PATH: process.env['PATH'], HOME: process.env['HOME'], AIRBYTE_TASK_QUEUE: stack.taskQueue };
    env = stack.temporal.environment({ ...common, AIRBYTE_URL: stack.sandbox.url });
    await writeFile(join(folder, 'api-key'), API_KEY);
    worker = new CliProcess(['worker'], {
      ...env,
      AIRBYTE_POLL_INTERVAL: '50ms',
      AIRBYTE_SECRET_DIR: folder,
      SECRET_SHOP_PASSWORD: postgres.password,
      SECRET_WRONG_PASSWORD: 'not-the-password',
      SECRET_LAKE_ID: S3_ID,
      SECRET_LAKE_KEY: S3_KEY,
    });
    await worker.said(/^Ready:/m);
  });

  afterAll(async () => {
    worker?.kill('SIGTERM');
    await worker?.exited;
    await stack?.stop();
    await Promise.all([postgres?.stop(), s3?.stop(), rm(folder, { recursive: true })]);
  });

  beforeEach(() => {
    printed = '';
    said = worker.stderr.length;
    stack.sandbox.faults.remove();
  });

  /** The README's pipeline, to S3 with a key. */
  const shopDocument = (name: string, source: object = {}): Promise<PipelineDocument> => {
    const { host, port, database, username } = postgres;
    const key = { access_key_id: '${env:SECRET_LAKE_ID}', secret_access_key: '${env:SECRET_LAKE_KEY}' };
    return exampleDocument('postgres-to-parquet.yaml', uniqueName(name), {
      source: { host, port, database, username, ...source },
      destination: { s3_endpoint: s3.url, ...key },
    });
  };

  /** A pipeline whose connector behaves as its configuration says, and has a secret that it may quote. */
  const simulatedDocument = async (name: string, source: object): Promise<PipelineDocument> => {
    const document = await exampleDocument('postgres-to-parquet.yaml', uniqueName(name));
    const streams = [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }] as const;
    return {
      ...document,
      source: { ...document.source, definition: 'Simulated', configuration: { api_key: '${file:api-key}', ...source } },
      destination: { ...document.destination, definition: 'Simulated', configuration: {} },
      connection: { ...document.connection, streams: [...streams] },
    };
  };

  async function run(document: PipelineDocument) {
    const file = join(folder, `${document.name}.json`);
    await writeFile(file, JSON.stringify(document));
    const command = await runCommand(['run', file, '--json'], env);
    printed += command.stdout + command.stderr;
    return command;
  }

  /** Everything that is kept or said of a pipeline: histories, descriptions, logs and output. */
  async function traces({ name }: PipelineDocument): Promise<string> {
    const { client } = stack.temporal;
    const ids = [pipelineWorkflowId(name, stack.taskQueue)];
    const connection = [...stack.sandbox.store.connections.values()].find(({ settings }) => settings['name'] === name);
    if (connection) ids.push(syncWorkflowId(connection.connectionId, stack.taskQueue));
    const texts = await Promise.all(
      ids.map(async (id) => {
        const workflow = client.workflow.getHandle(id);
        const [history, description] = await Promise.all([workflow.fetchHistory(), workflow.describe()]);
        return [...textsIn(history), ...textsIn(description.raw)].join('\n');
      }),
    );
    return [...texts, worker.stdout, worker.stderr.slice(said), printed].join('\n');
  }

  function expectNoSecretIn(text: string): void {
    const told = secrets.flatMap(spellingsOf).filter((spelling) => text.includes(spelling));
    expect(told.map((spelling) => excerpt(text, spelling))).toEqual([]);
  }

  it('reach Airbyte, and nothing else', async () => {
    const document = await shopDocument('whole');
    const { exitCode, stderr } = await run(document);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const text = await traces(document);
    // What is looked through is really what was run.
    expect(text).toContain('${env:SECRET_SHOP_PASSWORD}');
    expect(text).toContain('"recordsSynced":850');
    expect(text).toContain('Created the source');
    expectNoSecretIn(text);

    const configurations = [...stack.sandbox.store.actors.values()].map(({ configuration }) => configuration);
    expect(configurations).toContainEqual(expect.objectContaining({ password: postgres.password }));
    expect(configurations).toContainEqual(expect.objectContaining({ secret_access_key: S3_KEY }));
    expect(s3.objects.size).toBeGreaterThan(0);

    await run(document);
    expectNoSecretIn(await traces(document));
  });

  it('do not leak through a check that fails', async () => {
    const document = await shopDocument('wrong', { password: '${env:SECRET_WRONG_PASSWORD}' });
    expect(await run(document)).toMatchObject({ exitCode: 1 });
    const text = await traces(document);
    expect(text).toContain('password authentication failed');
    expectNoSecretIn(text);
  });

  it('do not leak from an error response of Airbyte that repeats the rejected configuration', async () => {
    const document = await shopDocument('refused');
    const configuration = { host: 'db', password: postgres.password, secret_access_key: S3_KEY };
    const message = `Invalid configuration: ${JSON.stringify(configuration)}`;
    const validationErrors = [{ propertyPath: 'connectionConfiguration', invalidValue: JSON.stringify(configuration) }];
    stack.sandbox.faults.add({ call: 'sources/create', status: 500, body: { message } });
    stack.sandbox.faults.add({ call: 'sources/create', status: 422, body: { message, validationErrors } });
    stack.sandbox.faults.add({ call: 'destinations/create', status: 400, body: message, times: null });
    expect(await run(document)).toMatchObject({ exitCode: 2 });
    const text = await traces(document);
    expect(text).toContain('Invalid configuration');
    expectNoSecretIn(text);
  });

  it('do not leak through a connector that quotes them when its check fails', async () => {
    const document = await simulatedDocument('check', { check_message: 'the key ${file:api-key} is not accepted' });
    expect(await run(document)).toMatchObject({ exitCode: 1 });
    const text = await traces(document);
    expect(text).toContain('is not accepted');
    expectNoSecretIn(text);
  });

  it('do not leak through a connector that quotes them when its discovery fails', async () => {
    const document = await simulatedDocument('discovery', {});
    const failureReason = {
      failureType: 'config_error',
      externalMessage: `GET /streams?key=${API_KEY} responded with 403`,
    };
    stack.sandbox.faults.add({
      call: 'sources/discover_schema',
      status: 200,
      body: { jobInfo: { succeeded: false, failureReason } },
      times: null,
    });
    expect((await run(document)).exitCode).not.toBe(0);
    const text = await traces(document);
    expect(text).toContain('responded with 403');
    expectNoSecretIn(text);
  });

  it('do not leak through a connector that quotes them when its sync fails', async () => {
    const document = await simulatedDocument('sync', {
      outcome: 'failed',
      failure_type: 'config_error',
      failure_message: 'the key ${file:api-key} has expired',
    });
    expect(await run(document)).toMatchObject({ exitCode: 1 });
    const text = await traces(document);
    expect(text).toContain('has expired');
    expectNoSecretIn(text);
  });
});

/** Where a secret was found, so that its way there can be traced. */
function excerpt(text: string, spelling: string): string {
  const at = text.indexOf(spelling);
  return text.slice(Math.max(0, at - 200), at + spelling.length + 20);
}

function spellingsOf(secret: string): string[] {
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    inJson,
    JSON.stringify(inJson).slice(1, -1),
    encodeURIComponent(secret),
    form,
    btoa(encodeURI(secret)),
  ];
}
