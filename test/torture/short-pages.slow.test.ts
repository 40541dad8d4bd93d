import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/server';
import { AirbyteClient } from '../../src/airbyte';
import { publicApiUrl } from '../../src/airbyte/airbyte-url';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { MISSING_ENDPOINT, ScriptedAirbyte } from '../unit/airbyte/scripted-airbyte';
import { ApiCaller } from '../unit/sandbox/api-caller';

const FLAVOURS = ['config', 'public'] as const;
const CAPS = [10, 20, 50, 100];
const ALL = ['sync', 'reset_connection', 'refresh', 'clear'];

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop();
});

async function start(flavour: (typeof FLAVOURS)[number], options: SandboxOptions) {
  const sandbox = await startSandbox(options);
  const airbyte = new AirbyteClient({
    url: flavour === 'public' ? publicApiUrl(sandbox.url) : sandbox.url,
    onWarning: () => {},
  });
  open.push(sandbox, { stop: () => airbyte.close() });
  return { sandbox, airbyte, caller: new ApiCaller(sandbox) };
}

/** Starts a held job on each of so many new connections. */
async function holdJobs({ caller, sandbox }: { caller: ApiCaller; sandbox: Sandbox }, count: number) {
  const first = await caller.simulatedConnection({ hold: true });
  const { sourceId, destinationId } = sandbox.store.connection(first);
  const connectionIds = [first];
  while (connectionIds.length < count) {
    const connection = { sourceId, destinationId, status: 'active', name: randomUUID() };
    connectionIds.push((await caller.call('connections/create', connection)).connectionId);
  }
  return connectionIds.map((connectionId) => sandbox.jobs.start(sandbox.store.connection(connectionId), 'sync'));
}

describe.each(FLAVOURS)('a server whose %s API gives fewer rows to a page than it is asked for', (flavour) => {
  it.each(CAPS)('has its jobs read to the end where it gives %i', async (pageLimit) => {
    const stack = await start(flavour, { pageLimit });
    const jobs = await holdJobs(stack, 120);
    for (const rowOffset of [0, 100]) {
      const listed = await stack.airbyte.jobs.list({ jobTypes: ALL, pageSize: 100, rowOffset });
      const desired = jobs.map(({ id }) => id).sort((one, other) => other - one);
      expect(listed.map(({ jobId }) => jobId)).toEqual(desired.slice(rowOffset, rowOffset + 100));
    }
  });

  it.each(CAPS)('has its connections read to the end where it gives %i', async (pageLimit) => {
    const stack = await start(flavour, { pageLimit });
    const jobs = await holdJobs(stack, 120);
    const listed = await stack.airbyte.connections.list(await stack.caller.workspaceId());
    expect(new Set(listed.map(({ connectionId }) => connectionId))).toEqual(
      new Set(jobs.map(({ connectionId }) => connectionId)),
    );
  });

  it('and whose clocks disagree by 2 s shows the ends of all jobs in its lists of changes', async () => {
    const stack = await start(flavour, { pageLimit: 10, podClocksMs: [2_000, -2_000, 0] });
    const jobs = await holdJobs(stack, 45);
    const silent = { info: () => {}, warn: () => {} };
    const watcher = new JobWatcher({ airbyte: stack.airbyte, pollIntervalMs: 20, logger: silent });
    const waiting = jobs.map(({ id, connectionId, createdAtMs }) =>
      watcher.wait({ jobId: id, connectionId, since: Math.floor(createdAtMs / 1_000) }),
    );
    for (const { id } of jobs) await stack.sandbox.jobs.finish(id);
    expect((await Promise.all(waiting)).every(({ status }) => status === 'succeeded')).toBe(true);
    const reads = flavour === 'config' ? 'jobs/get_without_logs' : 'public/jobs/{jobId}';
    // Only the last job may have been waited for alone, and read.
    expect(stack.sandbox.requests.all()[reads] ?? 0).toBeLessThanOrEqual(3);
  });
});

describe.each(FLAVOURS)('a server whose %s API gives the same page for every offset', (flavour) => {
  it.each([3, 10, 200, 300])('is not asked for ever where that has %i jobs', async (rows) => {
    const server = await ScriptedAirbyte.start();
    const url = flavour === 'config' ? server.url : `${server.origin}/api/public/v1`;
    const airbyte = new AirbyteClient({ url, onWarning: () => {} });
    open.push(server, { stop: () => airbyte.close() });
    const ids = Array.from({ length: rows }, (_, index) => rows - index);
    const body =
      flavour === 'config'
        ? { jobs: ids.map((id) => ({ job: { id, configType: 'sync', status: 'running' }, attempts: [] })) }
        : { data: ids.map((jobId) => ({ jobId, jobType: 'sync', status: 'running' })) };
    server.script = ({ path }) => (path.includes('jobs') ? { body } : { status: 404, body: MISSING_ENDPOINT });
    const listed = await airbyte.jobs.list({ jobTypes: ALL, pageSize: 200 });
    expect(listed.map(({ jobId }) => jobId).slice(0, 200)).toEqual(ids.slice(0, 200));
    expect(server.requests.length).toBeLessThanOrEqual(2);
  });
});

it('a list whose second page the server rejects consists of its first page', async () => {
  const server = await ScriptedAirbyte.start();
  const airbyte = new AirbyteClient({ url: server.url });
  open.push(server, { stop: () => airbyte.close() });
  const jobs = [5, 4, 3, 2, 1].map((id) => ({ job: { id, configType: 'sync', status: 'running' }, attempts: [] }));
  server.script = ({ body }) =>
    (body as { pagination: { rowOffset?: number } }).pagination.rowOffset
      ? { status: 400, body: { message: 'Invalid json.' } }
      : { body: { jobs } };
  expect(await airbyte.jobs.list({ jobTypes: ALL, pageSize: 20 })).toHaveLength(5);
});
