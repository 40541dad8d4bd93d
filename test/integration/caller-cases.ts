/** What the typed callers in `examples/` do, in each language. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import { fleetWorkflowId, pipelineWorkflowId, syncWorkflowId } from '../../src/contract/workflow-ids';
import { Program } from '../support/child-program';
import { failureOf, type Stack, startStack } from '../support/stack';
import { uniqueName } from '../support/temporal';

/** A caller, and what it is started with. */
export interface Caller {
  file: string;
  args?: string[];
  env?: NodeJS.ProcessEnv;
}

/** A program that a JVM runs starts slowly on a busy machine. */
const TIMEOUT_MS = 120_000;

/**
 * The tests of a caller.
 *
 * @param build returns it, after it was built
 */
export function testCaller(build: () => Promise<Caller>): () => Stack {
  let stack: Stack;
  let caller: Caller;
  const programs: Program[] = [];

  beforeAll(async () => {
    caller = await build();
    stack = await startStack();
  }, 300_000);
  afterEach(async () => {
    for (const program of programs.splice(0)) {
      program.kill('SIGKILL');
      await program.exited;
    }
  });
  afterAll(() => stack?.stop());

  function call(...args: string[]): Program {
    const env = { ...stack.temporal.environment(), AIRBYTE_TASK_QUEUE: stack.taskQueue, ...caller.env };
    const program = new Program(caller.file, [...(caller.args ?? []), ...args], env);
    programs.push(program);
    return program;
  }

  async function printedBy(program: Program, exitCode = 0): Promise<unknown> {
    const ended = { exitCode: await program.exited };
    expect({ ...ended, stderr: exitCode === ended.exitCode ? '' : program.stderr }).toEqual({ exitCode, stderr: '' });
    return withoutNulls(program.document);
  }

  const handleOf = (workflowId: string) => stack.temporal.client.workflow.getHandle(workflowId);
  const nameOf = (connectionId: string) => stack.sandbox.store.connection(connectionId).settings['name'];

  it(
    'attaches to a sync that runs already, shows its progress, and reads its result',
    async () => {
      const connectionId = await stack.caller.simulatedConnection({ hold: true, records: 3, bytes: 30 });
      const sync = await stack.startSync({ connectionId });
      const { id } = await stack.sandbox.jobs.created(connectionId);
      const program = call('sync', connectionId);
      await program.said(/^running/m);
      await stack.sandbox.jobs.finish(id);
      const result = await printedBy(program);
      expect(result).toEqual(withoutNulls(await sync.result()));
      expect(result).toMatchObject({ connectionId, recordsSynced: 3, bytesSynced: 30, attached: false });
      expect(stack.sandbox.store.connection(connectionId).jobs).toHaveLength(1);
    },
    TIMEOUT_MS,
  );

  it(
    'reads the type, Airbyte’s own words and the job of a sync that failed',
    async () => {
      const failing = { outcome: 'failed', failure_message: 'no disk left', records: 2 };
      const connectionId = await stack.caller.simulatedConnection(failing);
      const printed = await printedBy(call('sync', connectionId), 1);
      const { type, message, details } = await failureOf(handleOf(syncWorkflowId(connectionId, stack.taskQueue)));
      expect(printed).toEqual({ type, message, details: withoutNulls(details?.[0]) });
      expect(printed).toMatchObject({
        type: 'AirbyteSyncFailed',
        message: expect.stringContaining('no disk left'),
        details: { status: 'failed', jobId: expect.any(Number), failure: { message: 'no disk left' } },
      });
    },
    TIMEOUT_MS,
  );

  it(
    'reads a failure that has no details',
    async () => {
      const connectionId = randomUUID();
      expect(await printedBy(call('sync', connectionId), 1)).toEqual({
        type: 'AirbyteNotFound',
        message: expect.stringContaining(connectionId),
      });
    },
    TIMEOUT_MS,
  );

  it(
    'runs a pipeline document, and reads what it has created and synced',
    async () => {
      const name = uniqueName('called');
      const document = {
        name,
        source: { name: `${name} source`, definition: 'Simulated', configuration: { streams: ['events'], records: 4 } },
        destination: { name: `${name} lake`, definition: 'Simulated', configuration: {} },
        connection: {
          schedule: { every: '6h' },
          streams: [{ name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' }],
        },
        sync: { timeout: '30m', minimumRecords: { total: 1, streams: {} } },
      };
      pipelineDocumentSchema().parse(document);
      const file = join(tmpdir(), `${name}.json`);
      await writeFile(file, JSON.stringify(document));
      const printed = await printedBy(call('pipeline', file));
      const handle = handleOf(pipelineWorkflowId(name, stack.taskQueue));
      expect(printed).toEqual(withoutNulls(await handle.result()));
      expect(printed).toMatchObject({
        created: { source: true, destination: true, connection: true },
        streams: [{ name: 'events' }],
        sync: { recordsSynced: 4 },
      });
      expect(withoutNulls(await inputOf(handle))).toEqual(document);
    },
    TIMEOUT_MS,
  );

  it(
    'runs a fleet, and reads from its failure how each connection ended',
    async () => {
      const connectionIds = await Promise.all([
        stack.caller.simulatedConnection({ records: 5 }),
        stack.caller.simulatedConnection({ outcome: 'failed', failure_message: 'no disk left' }),
      ]);
      const name = uniqueName('called');
      const printed = await printedBy(call('fleet', name, ...connectionIds), 1);
      const { type, message, details } = await failureOf(handleOf(fleetWorkflowId(name, stack.taskQueue)));
      expect(printed).toEqual({ type, message, details: withoutNulls(details?.[0]) });
      expect(printed).toMatchObject({
        type: 'AirbyteSyncFailed',
        details: {
          counts: { succeeded: 1, failed: 1 },
          connections: connectionIds.map((connectionId) => ({ connectionId, name: nameOf(connectionId) })),
        },
      });
      const succeeding = await printedBy(call('fleet', uniqueName('called'), connectionIds[0] ?? ''));
      expect(succeeding).toMatchObject({ counts: { succeeded: 1, failed: 0 }, recordsSynced: 5 });
    },
    TIMEOUT_MS,
  );

  return () => stack;
}

/** The first argument that a workflow was started with. */
async function inputOf(handle: { fetchHistory(): Promise<unknown> }): Promise<unknown> {
  const { events } = (await handle.fetchHistory()) as {
    events: { workflowExecutionStartedEventAttributes?: { input?: { payloads?: { data: Uint8Array }[] } } }[];
  };
  const [payload] = events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  return JSON.parse(Buffer.from(payload?.data ?? []).toString());
}

/** A value without the fields that are null: a language may print one where another leaves the field out. */
function withoutNulls(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_key, each: unknown) => (each === null ? undefined : each));
}
