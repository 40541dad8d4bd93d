import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from '@temporalio/client';
import { type History, Worker } from '@temporalio/worker';
import { pipelineWorkflowId, syncWorkflowId } from '../../src/contract/workflow-ids';
import { dataConverterFromEnvironment } from '../../src/encryption/data-converter';
import { createNexusEndpoint } from '../../src/temporal/nexus-endpoint';
import { decodePendingActivities } from '../../src/temporal/pending-activities';
import { AirbytePlugin } from '../../worker/airbyte-plugin';
import { keyLine, writeKeys } from '../support/encryption-keys';
import { JOB_POLL_CALL, type Stack, startStack } from '../support/stack';
import { newNamespace, uniqueName, workflowBundle } from '../support/temporal';
import { textsIn } from '../support/texts-in-values';
import { until } from '../support/until';
import { startWorkerOfEnvironment } from '../support/worker-of-environment';
import { CliCommand, runCommand } from './cli-command';

/** Five texts of a document, each of which reaches another payload, heartbeat or failure. */
const MARKERS = {
  source: 'marker-of-the-source-4f21',
  failure: 'marker-of-the-failure-77aa',
  stream: 'marker_of_the_stream_b3e0',
  destination: 'marker-of-the-destination-90cd',
  prefix: 'marker_of_the_prefix_5d18',
};

let stack: Stack;
let folder: string;
/** The environment of a shell, and of the first worker. */
let env: NodeJS.ProcessEnv;
/** The same after a rotation: the second key encrypts. */
let rotatedEnv: NodeJS.ProcessEnv;
let stopWorker: () => Promise<void>;
/** A client that decrypts. The client of the stack does not. */
let client: Client;

beforeAll(async () => {
  [stack, folder] = await Promise.all([startStack({ worker: false }), mkdtemp(join(tmpdir(), 'encryption-test-'))]);
  const [first, second] = [keyLine('first'), keyLine('second')];
  const keys = await writeKeys(join(folder, 'keys'), first, second);
  const rotatedKeys = await writeKeys(join(folder, 'rotated-keys'), second, first);
  env = { ...stack.environment(), AIRBYTE_CODEC_KEYS_FILE: keys };
  rotatedEnv = { ...env, AIRBYTE_CODEC_KEYS_FILE: rotatedKeys };
  const { connection, namespace } = stack.temporal;
  client = new Client({ connection, namespace, dataConverter: dataConverterFromEnvironment(env) });
  stopWorker = await startWorkerOfEnvironment(stack.temporal, env);
});

afterAll(async () => {
  await stopWorker?.();
  await stack?.stop();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  stack.sandbox.faults.remove();
});

/** Writes a document with all markers. @returns its file, and the ids of its workflows once it has been applied */
async function writeDocument(simulation: object = {}) {
  const name = uniqueName('encrypted');
  const document = {
    name,
    source: {
      name: `${MARKERS.source} ${name}`,
      definition: 'Simulated',
      configuration: { records: 12, streams: [MARKERS.stream], failure_message: MARKERS.failure, ...simulation },
    },
    destination: { name: `${MARKERS.destination} ${name}`, definition: 'Simulated', configuration: {} },
    connection: {
      name,
      prefix: MARKERS.prefix,
      streams: [{ name: MARKERS.stream, syncMode: 'full_refresh', destinationSyncMode: 'append' }],
    },
  };
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify(document));
  const connectionId = () =>
    [...stack.sandbox.store.connections.values()].find(({ settings }) => settings['name'] === name)?.connectionId;
  return {
    file,
    pipelineId: pipelineWorkflowId(name, stack.taskQueue),
    connectionId: () => connectionId() ?? '',
    syncId: () => syncWorkflowId(connectionId() ?? '', stack.taskQueue),
  };
}

/** What Temporal stores of a workflow: every event, its description with heartbeats and failures, in plain text where it is. */
async function stored(workflowId: string): Promise<{ text: string; raw: Awaited<ReturnType<typeof describeRaw>> }> {
  const [history, raw] = await Promise.all([
    stack.temporal.client.workflow.getHandle(workflowId).fetchHistory(),
    describeRaw(workflowId),
  ]);
  return { text: [...textsIn(history), ...textsIn(raw)].join('\n'), raw };
}

function describeRaw(workflowId: string) {
  const { connection, namespace } = stack.temporal;
  return connection.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } });
}

function expectNoMarkerIn(text: string): void {
  expect(Object.values(MARKERS).filter((marker) => text.includes(marker))).toEqual([]);
  // What is looked through is what was run.
  expect(text).toContain('binary/encrypted');
  expect(text).toContain('encryption-key-id');
}

describe('with AIRBYTE_CODEC_KEYS_FILE', () => {
  it('a pipeline does what it does without, and Temporal stores no text of its document', async () => {
    const { file, pipelineId, syncId } = await writeDocument();
    const first = await runCommand(['run', file, '--json'], env);
    expect({ exitCode: first.exitCode, stderr: first.stderr }).toMatchObject({ exitCode: 0 });
    expect(first.document).toMatchObject({
      created: { source: true, destination: true, connection: true },
      streams: [{ name: MARKERS.stream }],
      sync: { status: 'succeeded', recordsSynced: 12 },
    });
    const { text } = await stored(pipelineId);
    expectNoMarkerIn(text);
    expectNoMarkerIn((await stored(syncId())).text);

    // The memos and inputs of earlier runs are read.
    const plan = await runCommand(['plan', file, '--json', '--detailed-exitcode'], env);
    expect({ exitCode: plan.exitCode, stderr: plan.stderr }).toMatchObject({ exitCode: 0 });
    const status = await runCommand(['status', '--json'], env);
    expect(status.exitCode).toBe(0);
  });

  it('a failure has its message for the user only, also while Temporal retries the activity that fails', async () => {
    const { file, pipelineId, connectionId, syncId } = await writeDocument({ outcome: 'failed' });
    expect((await runCommand(['run', file], env)).exitCode).toBe(1);
    stack.sandbox.faults.add({ call: 'jobs/list', status: 500, body: { message: MARKERS.failure }, times: null });
    const command = new CliCommand(['sync', connectionId(), '--json'], env);
    const pending = await until(async () => {
      const raw = await describeRaw(syncId()).catch(() => undefined);
      return raw?.pendingActivities?.some(({ lastFailure }) => lastFailure) && raw;
    });
    const failing = pending.pendingActivities ?? [];
    expect([...textsIn(failing)].join('\n')).not.toContain(MARKERS.failure);
    const decoded = await decodePendingActivities(client, failing);
    expect([...textsIn(decoded.map(({ lastFailure }) => lastFailure?.message))].join('\n')).toContain(MARKERS.failure);
    stack.sandbox.faults.remove();

    expect(await command.exited).toBe(1);
    expect(command.document.error).toMatchObject({
      type: 'AirbyteSyncFailed',
      message: expect.stringContaining(MARKERS.failure),
    });
    for (const id of [pipelineId, syncId()]) {
      const { text } = await stored(id);
      expectNoMarkerIn(text);
      expect(text).toContain('Encoded failure');
    }
  });

  it('a running sync survives the rotation of the keys, and two callers share it', async () => {
    const { file, connectionId, syncId } = await writeDocument({ hold: true });
    expect((await runCommand(['apply', file], env)).exitCode).toBe(0);
    stack.sandbox.requests.clear();
    const before = new CliCommand(['sync', connectionId(), '--json'], env);
    await stack.sandbox.requests.reached(JOB_POLL_CALL, 1);
    const stopRotated = await startWorkerOfEnvironment(stack.temporal, rotatedEnv);
    try {
      // The first worker passes its wait on, with a heartbeat, and the second one reads what the first has encrypted.
      await stopWorker();
      const after = new CliCommand(['sync', connectionId(), '--json'], rotatedEnv);
      await after.said(/Already syncing|Following|already/i);
      const beat = await until(async () => {
        const { pendingActivities } = await describeRaw(syncId());
        return pendingActivities?.find(({ heartbeatDetails, attempt }) => heartbeatDetails && (attempt ?? 0) > 1);
      });
      expect([...textsIn(beat.heartbeatDetails)].join('\n')).not.toContain('jobId');
      const [decoded] = await decodePendingActivities(client, [beat]);
      expect([...textsIn(decoded?.heartbeatDetails)].join('\n')).toContain('jobId');
      const { id } = await stack.sandbox.jobs.created(connectionId());
      await stack.sandbox.jobs.finish(id);
      expect(await before.exited).toBe(0);
      expect(await after.exited).toBe(0);
      expect(after.document).toMatchObject({ status: 'succeeded', jobId: before.document.jobId });
      const { text } = await stored(syncId());
      expectNoMarkerIn(text);
      expect(text).toContain('first');
      expect(text).toContain('second');
    } finally {
      stopWorker = await startWorkerOfEnvironment(stack.temporal, env);
      await stopRotated();
    }
  });

  it('a schedule has its input and its details encrypted, and is read back', async () => {
    const { file, connectionId } = await writeDocument();
    expect((await runCommand(['apply', file], env)).exitCode).toBe(0);
    const create = ['schedule', 'create', connectionId(), '--every', '365 days', '--timeout', '47m', '--json'];
    const { document } = await runCommand(create, env);
    const { connection, namespace } = stack.temporal;
    const { scheduleId } = document;
    const raw = await connection.workflowService.describeSchedule({ namespace, scheduleId });
    expect([...textsIn(raw)].join('\n')).not.toContain('47m');
    expect((await runCommand(['schedule', 'describe', connectionId(), '--json'], env)).document).toMatchObject({
      input: { timeout: '47m' },
      taskQueue: stack.taskQueue,
    });
    const { exitCode, document: list } = await runCommand(['schedule', 'list', '--json'], env);
    expect({ exitCode, text: JSON.stringify(list) }).toMatchObject({ text: expect.stringContaining(scheduleId) });
    // A schedule that has not changed is not written again.
    expect((await runCommand([...create, '--update'], env)).document).toMatchObject({ outcome: 'unchanged' });
    const trigger = await runCommand(['schedule', 'trigger', connectionId(), '--json'], env);
    expect(await client.workflow.getHandle(trigger.document.workflowId).result()).toMatchObject({ recordsSynced: 12 });
    expect((await runCommand(['schedule', 'delete', connectionId()], env)).exitCode).toBe(0);
  });

  it('a sync by Nexus, from a namespace whose workers have the keys, is encrypted on both sides', async () => {
    const { file, connectionId } = await writeDocument();
    expect((await runCommand(['apply', file], env)).exitCode).toBe(0);
    const { nativeConnection, connection, namespace } = stack.temporal;
    const callers = await newNamespace(stack.temporal);
    const endpoint = uniqueName('airbyte');
    await createNexusEndpoint(connection, endpoint, { namespace, taskQueue: stack.taskQueue });
    const dataConverter = dataConverterFromEnvironment(env);
    const worker = await Worker.create({
      ...{ connection: nativeConnection, namespace: callers, taskQueue: 'callers', dataConverter },
      workflowBundle: await workflowBundle(require.resolve('../support/nexus-caller-workflows')),
    });
    const caller = new Client({ connection, namespace: callers, dataConverter });
    const workflowId = uniqueName('caller');
    const result = await worker.runUntil(
      caller.workflow.execute('callSync', {
        ...{ workflowId, taskQueue: 'callers' },
        args: [endpoint, { connectionId: connectionId() }],
      }),
    );
    expect(result).toMatchObject({ status: 'succeeded', recordsSynced: 12 });
    const history = [...textsIn(await caller.workflow.getHandle(workflowId).fetchHistory())].join('\n');
    expect(history).toContain('binary/encrypted');
    expect(history).not.toMatch(/json\/plain|recordsSynced/);
  });

  it('a command without the keys says which key it lacks', async () => {
    const { file, connectionId } = await writeDocument();
    expect((await runCommand(['apply', file], env)).exitCode).toBe(0);
    const sync = await runCommand(['sync', connectionId(), '--json'], stack.environment());
    expect(sync.exitCode).toBe(2);
    expect(sync.document.error).toMatchObject({
      type: 'InvalidEnvironment',
      message: expect.stringMatching(/encrypted with the key 'first', and AIRBYTE_CODEC_KEYS_FILE is not set/),
    });
  });

  it('histories replay, the encrypted ones and those from before', async () => {
    const { file, syncId } = await writeDocument();
    expect((await runCommand(['run', file], env)).exitCode).toBe(0);
    const encrypted = await stack.temporal.client.workflow.getHandle(syncId()).fetchHistory();
    const recorded: History = JSON.parse(
      await readFile(join(__dirname, '../replay/histories/pipeline-check-failed.json'), 'utf8'),
    );
    const options = {
      workflowBundle: await workflowBundle(undefined, { encrypts: true }),
      plugins: [new AirbytePlugin({ env })],
    };
    await Worker.runReplayHistory(options, encrypted, 'encrypted');
    await Worker.runReplayHistory(options, recorded, 'recorded');
  });

  it('a worker does not start with a bundle that leaves failures in plain text', async () => {
    const creating = Worker.create({
      connection: stack.temporal.nativeConnection,
      taskQueue: uniqueName('plain'),
      workflowBundle: await workflowBundle(),
      plugins: [new AirbytePlugin({ env })],
    });
    await expect(creating).rejects.toThrow(/the workflowBundle of this worker would leave the messages of failures/);
  });
});
