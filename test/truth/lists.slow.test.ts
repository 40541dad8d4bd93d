import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../activities';
import { reconcilePorts } from '../../activities/reconcile-ports';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { publicApiUrl } from '../../src/airbyte/airbyte-url';
import { AirbyteClient } from '../../src/airbyte/client';
import { AirbyteError } from '../../src/airbyte/errors';
import type { FoundConnection } from '../../src/contract/connection';
import { pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import { pipelineWorkflowId } from '../../src/contract/workflow-ids';
import { JobWatcher } from '../../src/jobs/job-watcher';
import { createOnce } from '../../src/reconcile/creation';
import { createSecretResolver } from '../../src/secrets/secret-resolver';
import type { runPipeline } from '../../workflows';
import { runCommand } from '../integration/cli-command';
import { type CliStack, startCliStack } from '../integration/cli-stack';
import { clientWithRuns } from '../support/fake-temporal-client';
import { ScriptedSchedules } from '../support/scripted-schedules';
import { uniqueName } from '../support/temporal';
import { failureOf, useBench } from '../unit/activities/activity-bench';
import { type ReceivedRequest, ScriptedAirbyte } from '../unit/airbyte/scripted-airbyte';
import { PublicCaller } from '../unit/sandbox/public-caller';

const COUNT = 250;
const numbers = Array.from({ length: COUNT }, (_, index) => index);

const stream = { name: 'events', syncMode: 'full_refresh', destinationSyncMode: 'append' } as const;

/** Where an activity runs whose failure is wanted, without a log of it. */
const environment = () =>
  new MockActivityEnvironment(
    {},
    { logger: new DefaultLogger('ERROR'), client: clientWithRuns([], new ScriptedSchedules().client) },
  );

/** The activities of a worker whose Airbyte this is. */
function activitiesOf(client: AirbyteClient) {
  const jobs = new JobWatcher({ airbyte: client, pollIntervalMs: 1, logger: { info: () => {}, warn: () => {} } });
  return createActivities({ airbyte: client, jobs, secrets: createSecretResolver({ env: {} }) });
}

/** A document whose source, destination and connection the sandbox has already. */
const documentOf = (name: string) => ({
  name,
  source: { name: `${name} source`, definition: 'Simulated', configuration: {} },
  destination: { name: `${name} destination`, definition: 'Simulated', configuration: {} },
  connection: { name: `${name} connection`, streams: [stream] },
});

/** Fills a sandbox with sources, destinations and connections, far more than fit into a page. */
async function fill(sandbox: Sandbox): Promise<void> {
  const caller = new PublicCaller(sandbox);
  const definitions = {
    source: await caller.definitionId('source', 'Simulated'),
    destination: await caller.definitionId('destination', 'Simulated'),
  };
  const workspaceId = await caller.workspaceId();
  const create = async (kind: 'source' | 'destination', number: number) => {
    const body = { workspaceId, name: `${kind} ${number}`, connectionConfiguration: {} };
    return (await caller.call(`${kind}s/create`, { ...body, [`${kind}DefinitionId`]: definitions[kind] }))[`${kind}Id`];
  };
  const syncCatalog = {
    streams: [{ stream: { name: 'events' }, config: { syncMode: 'full_refresh', destinationSyncMode: 'append' } }],
  };
  const fillOne = async (number: number) => {
    const [sourceId, destinationId] = await Promise.all([create('source', number), create('destination', number)]);
    const name = number < 100 ? `nightly ${number}` : `connection ${number}`;
    await caller.call('connections/create', { sourceId, destinationId, status: 'active', name, syncCatalog });
  };
  await Promise.all(numbers.map(fillOne));
}

describe('the public lists of a server that has no order', () => {
  let stack: CliStack;
  const run = (...args: string[]) => runCommand([...args, '--json'], stack.env);

  beforeAll(async () => {
    stack = await startCliStack({
      sandbox: { airbyteVersion: '2026-08' },
      environment: ({ url }) => ({ AIRBYTE_URL: publicApiUrl(url) }),
    });
    await fill(stack.sandbox);
  });

  afterAll(() => stack?.stop());

  async function withClient(sandbox: Sandbox, use: (client: AirbyteClient) => Promise<void>): Promise<void> {
    const client = new AirbyteClient({ url: publicApiUrl(sandbox.url) });
    await use(client).finally(() => client.close());
  }

  it.each(['sources', 'destinations', 'connections'] as const)('have every one of 250 %s, each time', async (kind) => {
    const { sandbox } = stack;
    const [workspaceId = ''] = sandbox.store.workspaces.keys();
    await withClient(sandbox, async (client) => {
      for (let time = 0; time < 3; time++) {
        const names = (await client[kind].list(workspaceId)).map(({ name }) => name);
        expect([names.length, new Set(names).size]).toEqual([COUNT, COUNT]);
      }
    });
  });

  it('have every one of 250 workspaces, and cost one request where they fit into a page', async () => {
    const sandbox = await startSandbox({ workspaces: numbers.map((number) => `workspace ${number}`) });
    await withClient(sandbox, async (client) => {
      const [workspace] = await client.workspaces.list();
      expect(await client.workspaces.list()).toHaveLength(COUNT);
      sandbox.requests.clear();
      expect(await client.connections.list(workspace?.workspaceId ?? '')).toEqual([]);
      expect(sandbox.requests.all()).toEqual({ 'public/connections': 1 });
    }).finally(() => sandbox.stop());
  });

  it('list shows 250', async () => {
    const { document, exitCode, stderr } = await run('list', 'connections');
    expect({ exitCode, warned: stderr.includes('Warning') }).toEqual({ exitCode: 0, warned: false });
    expect(new Set(document.connections.map(({ name }: { name: string }) => name)).size).toBe(COUNT);
  });

  it('each look-up by name finds its connection', async () => {
    const names = ['nightly 3', 'nightly 77', 'connection 249'];
    const found = await Promise.all(names.map((name) => run('import', name)));
    expect(found.map(({ stderr, document }) => document.document?.connection.name ?? stderr)).toEqual(names);
    const [status, cancel] = await Promise.all([run('status', 'connection 200'), run('cancel', 'connection 201')]);
    expect({ exitCode: status.exitCode, document: status.document }).toEqual({ exitCode: 0, document: { jobs: [] } });
    expect(cancel.stderr).not.toContain('has no connection');
  });

  it("a fleet's select gets 100 of 100", async () => {
    await withClient(stack.sandbox, async (client) => {
      const { selectConnections } = activitiesOf(client);
      const selecting = () => selectConnections({ namePattern: 'nightly *' });
      const selected: FoundConnection[] = await environment().run(selecting);
      expect(new Set(selected.map(({ name }) => name)).size).toBe(100);
    });
  });

  it('five applies of an unchanged document create nothing, and a plan has nothing to do', async () => {
    const document = { ...documentOf(uniqueName('unordered')), sync: false as const };
    const { client } = stack.temporal;
    const taskQueue = stack.env['AIRBYTE_TASK_QUEUE'] ?? '';
    const apply = () => {
      const options = {
        taskQueue,
        workflowId: pipelineWorkflowId(document.name, stack.env['AIRBYTE_TASK_QUEUE']),
        args: [document] as [typeof document],
      };
      return client.workflow.execute<typeof runPipeline>('runPipeline', options);
    };
    const first = await apply();
    expect(first.created).toEqual({ source: true, destination: true, connection: true });
    const { store } = stack.sandbox;
    const before = [store.actors.size, store.connections.size];
    const nothing = { source: false, destination: false, connection: false };
    for (let time = 0; time < 5; time++) {
      expect(await apply()).toMatchObject({ connectionId: first.connectionId, created: nothing });
    }
    expect([store.actors.size, store.connections.size]).toEqual(before);
    const file = join(stack.folder, 'pipeline.json');
    await writeFile(file, JSON.stringify(document));
    const plan = await run('plan', file, '--detailed-exitcode');
    expect({ exitCode: plan.exitCode, changes: plan.document.changes }).toEqual({ exitCode: 0, changes: false });
  });
});

describe('a list that cannot be read to its end', () => {
  let airbyte: ScriptedAirbyte;
  let client: AirbyteClient;
  let warnings: string[];

  beforeEach(async () => {
    airbyte = await ScriptedAirbyte.start();
    warnings = [];
    const url = `${airbyte.origin}/api/public/v1`;
    client = new AirbyteClient({ url, onWarning: (warning) => warnings.push(warning) });
  });

  afterEach(async () => {
    await client.close();
    await airbyte.stop();
  });

  const source = (number: number) => ({ sourceId: `s${number}`, name: `source ${number}`, definitionId: 'd' });
  const firstPage = numbers.slice(0, 100).map(source);
  /** Rows beyond the last one, for ever. */
  const endless = ({ path }: ReceivedRequest) => {
    const offset = Number(new URL(path, airbyte.origin).searchParams.get('offset'));
    return numbers.slice(0, 100).map((number) => source((offset + number) % 130));
  };

  it.each([
    ['repeats its first page', () => firstPage, 100],
    ['goes on with rows that it has given before', endless, 130],
  ])('of a server that %s ends with what is known, and a warning names it', async (_, data, known) => {
    airbyte.script = (request) => ({ body: { data: data(request) } });
    expect(await client.sources.list('w')).toHaveLength(known);
    expect(warnings).toEqual([expect.stringMatching(/^GET sources at http.* may be incomplete: /)]);
    expect(airbyte.requests.length).toBeLessThan(20);
  });

  it('is shown by the command list, with the warning on stderr', async () => {
    const connections = firstPage.map(({ name }, number) => ({ connectionId: `c${number}`, name }));
    airbyte.script = ({ path }) =>
      path.includes('/workspaces')
        ? { body: { data: [{ workspaceId: 'w', name: 'W' }] } }
        : { body: { data: connections } };
    const env = { PATH: process.env['PATH'], AIRBYTE_URL: `${airbyte.origin}/api/public/v1` };
    const { document, exitCode, stderr } = await runCommand(['list', 'connections', '--json'], env);
    expect({ exitCode, listed: document.connections.length }).toEqual({ exitCode: 0, listed: 100 });
    expect(stderr).toMatch(/^Warning: GET connections at http.* may be incomplete: /m);
  });

  it('is not enough for a fleet, which would miss some of its connections', async () => {
    const connections = numbers
      .slice(0, 100)
      .map((number) => ({ connectionId: `c${number}`, name: `nightly ${number}` }));
    airbyte.script = ({ path }) =>
      path.includes('/workspaces')
        ? { body: { data: [{ workspaceId: 'w', name: 'W' }] } }
        : { body: { data: connections } };
    const { selectConnections } = activitiesOf(client);
    const failure = await failureOf(environment().run(() => selectConnections({ namePattern: '*' })));
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(failure.message).toContain('GET connections');
  });

  it('creates nothing that may be in the rest of it', async () => {
    airbyte.script = (request) => ({ body: { data: request.method === 'GET' ? firstPage : [] } });
    const { createSource } = activitiesOf(client);
    const desired = { workspaceId: 'w', name: 'source 101', definitionId: 'd', configuration: {} };
    const failure = await failureOf(environment().run(() => createSource(desired)));
    expect(failure).toMatchObject({ type: 'AirbyteUnavailable', nonRetryable: false });
    expect(failure.message).toContain('GET sources');
    expect(airbyte.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

describe('a server that gives fewer rows than it is asked for', () => {
  let airbyte: ScriptedAirbyte;
  const clients: AirbyteClient[] = [];

  beforeEach(async () => {
    airbyte = await ScriptedAirbyte.start();
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await airbyte.stop();
  });

  const clientOf = (path: string): AirbyteClient => {
    const onWarning = (warning: string) => {
      throw new Error(warning);
    };
    const client = new AirbyteClient({ url: `${airbyte.origin}${path}`, onWarning });
    clients.push(client);
    return client;
  };

  it.each([1, 9, 10, 25, 30])('gives all of %d jobs of the public API, ten at a time', async (count) => {
    const jobs = numbers
      .slice(0, count)
      .map((jobId) => ({ jobId, status: 'running', jobType: 'sync', connectionId: 'c' }));
    airbyte.script = ({ path }) => {
      const { searchParams } = new URL(path, airbyte.origin);
      const [offset, limit] = [Number(searchParams.get('offset')), Number(searchParams.get('limit'))];
      return { body: { data: jobs.slice(offset, offset + Math.min(limit, 10)) } };
    };
    const listed = await clientOf('/api/public/v1').jobs.list({ connectionId: 'c', jobTypes: ['sync'], pageSize: 200 });
    expect(listed.map(({ jobId }) => jobId)).toEqual(jobs.map(({ jobId }) => jobId));
  });

  it('gives all sources of the Config API, twenty at a time, though it names a larger page', async () => {
    const sources = numbers.slice(0, 50).map((number) => ({ sourceId: `s${number}`, name: `source ${number}` }));
    airbyte.script = ({ body }) => {
      const { cursor } = body as { cursor?: string };
      const start = sources.findIndex(({ sourceId }) => sourceId === cursor) + 1;
      const page = sources.slice(start, start + 20);
      return { body: { sources: page, page_size: 100, num_connections: sources.length } };
    };
    expect(await clientOf('/api/v1').sources.list('w')).toEqual(sources);
  });
});

describe('a page of the Config API that is to begin after a source which was deleted meanwhile', () => {
  it('is a retryable error, and not an unsupported endpoint', async () => {
    const airbyte = await ScriptedAirbyte.start(({ body }) => {
      if ('cursor' in (body as object)) return { status: 404, body: { errorId: 'e' } };
      const page = numbers.slice(0, 20).map((number) => ({ sourceId: `s${number}`, name: `source ${number}` }));
      return { body: { sources: page, page_size: 20, num_connections: 25 } };
    });
    const client = new AirbyteClient({ url: airbyte.url });
    await expect(client.sources.list('w')).rejects.toMatchObject({ type: 'AirbyteUnavailable', retryable: true });
    await client.close();
    await airbyte.stop();
  });
});

describe('what is to be created', () => {
  const bench = useBench();

  it.each(['source', 'destination'] as const)('is looked up again by its name right before: a %s', async (kind) => {
    const other = { [`${kind}Id`]: 'other', name: 'shop', [`${kind}DefinitionId`]: 'd' };
    const lists = [[], [other]];
    bench().airbyte.on({ [`${kind}s/list`]: () => ({ [`${kind}s`]: lists.shift() }) });
    const desired = { workspaceId: 'w', name: 'shop', definitionId: 'd', configuration: {} };
    const create = kind === 'source' ? 'createSource' : 'createDestination';
    expect(await bench().run(create, desired)).toMatchObject({ [`${kind}Id`]: 'other', created: false });
  });

  it('is looked up again by its name right before: a connection', async () => {
    const lists = [[], [{ connectionId: 'other', name: 'shop', sourceId: 's', destinationId: 'd' }]];
    bench().airbyte.on({
      'connections/list': () => ({ connections: lists.shift() }),
      'sources/discover_schema': () => ({ catalog: { streams: [{ stream: { name: 'events' } }] } }),
    });
    const document = pipelineDocumentSchema().parse({
      ...documentOf('p'),
      connection: { name: 'shop', streams: [stream] },
    });
    const desired = { workspaceId: 'w', sourceId: 's', destinationId: 'd', connection: document.connection };
    expect(await bench().run('createConnection', desired)).toMatchObject({ connectionId: 'other', created: false });
  });

  describe('and whose creation has an unknown effect', () => {
    const lost = (status?: number) =>
      new AirbyteError({
        ...{ type: 'AirbyteUnavailable', call: 'POST connections', message: 'lost', status },
        ...{ retryable: true, effect: 'unknown' },
      });
    /** Creates something whose response is lost, and which shows at the nth look. */
    const createLost = (showsAtLook: number, error: unknown) => {
      let looks = 0;
      const key = { kind: 'connection', workspaceId: 'w', name: 'orders' } as const;
      const find = async () => (++looks >= showsAtLook ? 'created' : undefined);
      const created = environment().run(() =>
        createOnce({ key, find, create: () => Promise.reject(error) }, reconcilePorts(), [1, 1, 1]),
      );
      return { created, looks: () => looks };
    };

    it.each([undefined, 502, 503, 504])('is waited for when it shows late, after %s', async (status) => {
      const { created, looks } = createLost(4, lost(status));
      expect(await created).toEqual({ found: 'created', created: true });
      expect(looks()).toBe(4);
    });

    it('is left to another attempt when it does not show', async () => {
      const { created, looks } = createLost(100, lost());
      await expect(created).rejects.toThrow('lost');
      expect(looks()).toBe(5);
    });

    it('is looked up once more when Airbyte itself has failed', async () => {
      const { created, looks } = createLost(100, lost(500));
      await expect(created).rejects.toThrow('lost');
      expect(looks()).toBe(2);
    });
  });
});
