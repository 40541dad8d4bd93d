import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { fleetProgressQuery } from '../../src/contract/fleet-progress';
import { fleetWorkflowId, syncWorkflowId } from '../../src/contract/workflow-ids';
import { dataConverterFromEnvironment } from '../../src/encryption/data-converter';
import { keyLine, writeKeys } from '../support/encryption-keys';
import { type Stack, startStack } from '../support/stack';
import { connectTo, temporalWithShortHistories, uniqueName } from '../support/temporal';
import { textsIn } from '../support/texts-in-values';
import { until } from '../support/until';
import { startWorkerOfEnvironment } from '../support/worker-of-environment';
import { CliCommand, runCommand } from './cli-command';

/** Four texts of the document of a fleet, and the reason of a failure. */
const MARKERS = {
  tag: 'marker-tag-4f21',
  pattern: '*marker*of*pattern*',
  stream: 'marker_of_the_stream_b3e0',
  timeout: '2833s',
  failure: 'marker-of-the-failure-77aa',
};
/** A fleet of a few connections continues as new after so many events. */
const LONG_HISTORY_EVENTS = 30;
const CONNECTIONS = 8;

let server: TestWorkflowEnvironment;
let stack: Stack;
let folder: string;
let env: NodeJS.ProcessEnv;
let stopWorker: () => Promise<void>;
/** A client that decrypts. The client of the stack does not. */
let client: Client;
let tag: object;
let fleet: string;
let file: string;
let fleetId: string;
/** The ids of the fleet's connections. */
let connectionIds: string[];

beforeAll(async () => {
  server = await temporalWithShortHistories(LONG_HISTORY_EVENTS);
  [stack, folder] = await Promise.all([
    startStack({ temporal: () => connectTo(server.address), worker: false }),
    mkdtemp(join(tmpdir(), 'encrypted-fleet-test-')),
  ]);
  const keys = await writeKeys(join(folder, 'keys'), keyLine('first'));
  env = { ...stack.environment(), AIRBYTE_CODEC_KEYS_FILE: keys };
  const { connection, namespace } = stack.temporal;
  client = new Client({ connection, namespace, dataConverter: dataConverterFromEnvironment(env) });
  stopWorker = await startWorkerOfEnvironment(stack.temporal, env);
  const workspaceId = await stack.caller.workspaceId();
  tag = await stack.caller.call('tags/create', { workspaceId, name: MARKERS.tag, color: 'FF5733' });
});

afterAll(async () => {
  await stopWorker?.();
  await stack?.stop();
  await server?.teardown();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  fleet = uniqueName('fleet');
  file = join(folder, `${fleet}.json`);
  fleetId = fleetWorkflowId(fleet, stack.taskQueue);
  connectionIds = [];
});

afterEach(async () => {
  stack.sandbox.faults.remove();
  // The fleets of other tests have the same tag.
  await Promise.all(connectionIds.map((connectionId) => stack.caller.call('connections/delete', { connectionId })));
});

/** Creates connections, and writes a document with all markers that selects them. */
async function written(count: number, simulation: object = {}): Promise<void> {
  for (let nth = 0; nth < count; nth += 1) {
    const name = `${fleet} marker ${nth} of ${nth} pattern`;
    const configuration = { records: 10, streams: [MARKERS.stream], failure_message: MARKERS.failure, ...simulation };
    connectionIds.push(await stack.caller.simulatedConnection(configuration, { name, tags: [tag] }));
  }
  const sync = { timeout: MARKERS.timeout, minimumRecords: { streams: { [MARKERS.stream]: 1 } } };
  const select = { namePattern: MARKERS.pattern, tags: [MARKERS.tag] };
  const schedule = { every: '365 days' };
  await writeFile(file, JSON.stringify({ fleet, select, maxConcurrent: 3, sync, schedule }));
}

/** What Temporal stores of all runs of a workflow: each event, and its description with heartbeats and failures. */
async function storedTexts(workflowId: string): Promise<{ text: string; runs: number }> {
  const { connection, namespace, client: plain } = stack.temporal;
  const parts: unknown[] = [];
  let runs = 0;
  let runId: string | null | undefined = (await client.workflow.getHandle(workflowId).describe()).runId;
  while (runId) {
    runs += 1;
    const history = await plain.workflow.getHandle(workflowId, runId).fetchHistory();
    const execution = { workflowId, runId };
    parts.push(history, await connection.workflowService.describeWorkflowExecution({ namespace, execution }));
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  }
  return { text: [...textsIn(parts)].join('\n'), runs };
}

function expectNoMarkerIn(text: string): void {
  expect(Object.values(MARKERS).filter((marker) => text.includes(marker))).toEqual([]);
  // What is looked through is what was run.
  expect(text).toContain('binary/encrypted');
}

/** Looks through the fleet and the syncs that it has started. @returns how many runs the fleet had */
async function expectNoMarkerStored(): Promise<number> {
  const { text, runs } = await storedTexts(fleetId);
  expectNoMarkerIn(text);
  for (const connectionId of connectionIds) {
    expectNoMarkerIn((await storedTexts(syncWorkflowId(connectionId, stack.taskQueue))).text);
  }
  return runs;
}

const progressOf = () => client.workflow.getHandle(fleetId).query(fleetProgressQuery);
const json = async (...args: string[]) => {
  const { exitCode, document, stderr } = await runCommand([...args, '--json'], env);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return document;
};

describe('a fleet with AIRBYTE_CODEC_KEYS_FILE', () => {
  it('syncs all connections over several runs, and Temporal stores no text of its document', async () => {
    await written(CONNECTIONS);
    expect(await json('run', file, '--yes')).toMatchObject({
      name: fleet,
      counts: { succeeded: CONNECTIONS, failed: 0 },
      recordsSynced: 10 * CONNECTIONS,
    });
    expect(await expectNoMarkerStored()).toBeGreaterThan(1);
    expect(await progressOf()).toMatchObject({ name: fleet, phase: 'done', counts: { succeeded: CONNECTIONS } });
    expect(await json('status', '--fleet', fleet)).toMatchObject({
      ...{ workflowId: fleetId, status: 'completed', phase: 'done' },
      counts: { succeeded: CONNECTIONS },
    });
  });

  it('is started by its schedule, which is encrypted too, and follows its overlap policy over several runs', async () => {
    await written(CONNECTIONS, { hold: true });
    const { schedule } = await json('apply', file, '--yes');
    const { connection, namespace } = stack.temporal;
    const raw = await connection.workflowService.describeSchedule({ namespace, scheduleId: schedule.id });
    expectNoMarkerIn([...textsIn(raw)].join('\n'));
    // Reads back what it has encrypted.
    expect(await json('apply', file, '--yes')).toMatchObject({ changes: false, schedule: { action: 'leave' } });
    const { workflowId } = await json('schedule', 'trigger', '--fleet', fleet, '--overlap', 'skip');
    fleetId = workflowId;
    const jobs = () =>
      [...stack.sandbox.store.jobs.values()].filter(({ connectionId }) => connectionIds.includes(connectionId));
    const running = () => jobs().filter(({ status }) => status === 'running');
    // Ends the syncs until the fleet has continued as new.
    const first = (await client.workflow.getHandle(fleetId).describe()).runId;
    await until(async () => {
      const [oldest] = running();
      const continued = (await client.workflow.getHandle(fleetId).describe()).runId !== first;
      if (!continued && oldest !== undefined) await stack.sandbox.jobs.finish(oldest.id, 'succeeded');
      return continued;
    });
    await until(async () => running().length > 0);
    expect((await json('schedule', 'trigger', '--fleet', fleet, '--overlap', 'skip')).workflowId).toBeNull();
    expect(await json('schedule', 'describe', '--fleet', fleet)).toMatchObject({
      runs: { started: 1, skipped: 1 },
      recentRuns: [{ workflowId, outcome: 'running' }],
    });

    const cancelled = await until(async () => {
      const { exitCode, document } = await runCommand(['cancel', '--fleet', fleet, '--json'], env);
      return exitCode === 0 && document;
    });
    expect(cancelled).toEqual({ fleet, workflows: [{ workflowId, cancelled: true }] });
    expect(running()).toEqual([]);
    const { text, runs } = await storedTexts(fleetId);
    expectNoMarkerIn(text);
    expect(runs).toBeGreaterThan(1);
    await json('schedule', 'delete', '--fleet', fleet);
  });

  it('has the reasons of failures for its user only, also while Temporal retries what fails', async () => {
    await written(2, { outcome: 'failed' });
    stack.sandbox.faults.add({
      call: 'connections/list',
      status: 500,
      body: { message: MARKERS.failure },
      times: null,
    });
    const command = new CliCommand(['run', file, '--json', '--yes'], env);
    await until(async () => {
      const { connection, namespace } = stack.temporal;
      const execution = { workflowId: fleetId };
      const raw = await connection.workflowService
        .describeWorkflowExecution({ namespace, execution })
        .catch(() => undefined);
      return raw?.pendingActivities?.some(({ lastFailure }) => lastFailure);
    });
    expectNoMarkerIn((await storedTexts(fleetId)).text);
    stack.sandbox.faults.remove();

    expect(await command.exited).toBe(1);
    expect(command.document.error).toMatchObject({
      type: 'AirbyteSyncFailed',
      message: expect.stringContaining(MARKERS.failure),
      details: { counts: { failed: 2 } },
    });
    await expectNoMarkerStored();
    const status = await json('status', '--fleet', fleet);
    expect(JSON.stringify(status.levels)).toContain(MARKERS.failure);
  });
});
