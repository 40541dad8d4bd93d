import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NativeConnection } from '@temporalio/worker';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { syncWorkflowId } from '../../src/contract/workflow-ids';
import { airbyteOfIdentity, identityWithAirbyte, isSameAirbyte } from '../../worker/airbyte-identity';
import { AirbytePlugin } from '../../worker/airbyte-plugin';
import { createWorker } from '../../worker/create-worker';
import type { syncConnection } from '../../workflows';
import { CliProcess, runCommand } from '../integration/cli-command';
import { type SharedTemporal, sharedTemporal, uniqueName, workflowBundle } from '../support/temporal';
import { until } from '../support/until';
import { startWorkerOfEnvironment } from '../support/worker-of-environment';
import { ApiCaller } from '../unit/sandbox/api-caller';

describe('the address of an Airbyte', () => {
  it.each([
    ['http://host:8000', 'http://host:8000/'],
    ['http://host:8000', 'http://host:8000/api/v1'],
    ['http://host:8000', 'http://host:8000/api/v1/'],
    ['http://host:8000/api', 'http://host:8000/api/public/v1'],
    ['http://HOST:8000', 'http://host:8000/v1'],
    ['http://localhost:8000', 'http://127.0.0.1:8000/api/v1'],
    ['http://host:80', 'http://host/api/v1'],
    ['https://host/airbyte', 'https://host/airbyte/api/v1'],
  ])('is the same however it is spelled: %s and %s', (one, other) => {
    expect(isSameAirbyte({ url: one }, { url: other })).toBe(true);
  });

  it.each([
    ['http://host:8000', 'http://host:8001'],
    ['http://staging', 'http://production'],
    ['https://host/staging/api/v1', 'https://host/production/api/v1'],
  ])('is another: %s and %s', (one, other) => {
    expect(isSameAirbyte({ url: one }, { url: other })).toBe(false);
  });

  it('counts less than a name where both have one', () => {
    const inside = { url: 'http://airbyte-server:8001/api/v1', name: 'production' };
    expect(isSameAirbyte(inside, { url: 'https://airbyte.example.com', name: 'production' })).toBe(true);
    expect(isSameAirbyte(inside, { url: 'http://airbyte-server:8001', name: 'staging' })).toBe(false);
    expect(isSameAirbyte(inside, { url: 'http://airbyte-server:8001' })).toBe(true);
  });

  it('is written into the identity of a worker, and read from it', () => {
    for (const served of [{ url: 'http://host:1/api/v1' }, { url: 'https://host/a%20b', name: 'production' }]) {
      expect(airbyteOfIdentity(identityWithAirbyte('42@machine', served))).toEqual(served);
    }
    expect(airbyteOfIdentity('42@machine')).toBeUndefined();
  });
});

describe('workers of one task queue', () => {
  let temporal: SharedTemporal;
  let one: Sandbox;
  let other: Sandbox;
  let taskQueue: string;
  const processes: CliProcess[] = [];
  const running: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    [temporal, one, other] = await Promise.all([sharedTemporal(), startSandbox(), startSandbox()]);
  });
  afterAll(async () => {
    for (const worker of processes) worker.kill('SIGKILL');
    await Promise.all([one?.stop(), other?.stop(), temporal?.close()]);
  });
  beforeEach(() => {
    taskQueue = uniqueName('queue');
  });
  afterEach(() => stopAll());

  const environment = (url: string, variables: NodeJS.ProcessEnv = {}) => ({
    ...{ AIRBYTE_URL: url, AIRBYTE_TASK_QUEUE: taskQueue },
    ...variables,
  });
  async function start(url: string, variables: NodeJS.ProcessEnv = {}): Promise<void> {
    running.push(await startWorkerOfEnvironment(temporal, environment(url, variables)));
  }
  async function stopAll(): Promise<void> {
    for (const stop of running.splice(0)) await stop();
  }
  function startProcess(url: string): CliProcess {
    const { PATH, HOME } = process.env;
    const worker = new CliProcess(['worker'], temporal.environment(environment(url, { PATH, HOME })));
    processes.push(worker);
    return worker;
  }

  it('which serve different Airbytes are rejected, by the command and when created by another program, until the first has gone', async () => {
    const first = startProcess(one.url);
    await first.said(/^Ready:/m);

    const second = startProcess(other.url);
    expect(await second.exited).toBe(2);
    expect(second.stderr).toContain(`serves the Airbyte at ${one.url}`);
    expect(second.stderr).toContain(`would serve the Airbyte at ${other.url}`);
    expect(second.stderr).toContain('AIRBYTE_TASK_QUEUE');
    expect(second.stderr).not.toMatch(/^Ready:/m);

    await expect(start(other.url)).rejects.toThrow(`serves the Airbyte at ${one.url}`);
    const { nativeConnection: connection, namespace } = temporal;
    const plugin = new AirbytePlugin({ airbyte: { url: other.url }, airbyteName: 'one' });
    await expect(plugin.configureWorker({ connection, namespace, taskQueue })).rejects.toThrow('AIRBYTE_NAME');

    first.kill('SIGKILL');
    await first.exited;
    await start(other.url);
    await stopAll();
    await start(one.url);
  });

  it('which spell the address of one Airbyte differently are taken', async () => {
    await start(one.url);
    await start(`${new URL(one.url).origin.replace('127.0.0.1', 'localhost')}/`);
  });

  it('which agree on a name are taken, whatever addresses they reach their Airbyte by', async () => {
    await start(one.url, { AIRBYTE_NAME: 'production' });
    await start(other.url, { AIRBYTE_NAME: 'production' });
  });

  it('of which one cannot reach Airbyte sync on the others, and doctor names it', async () => {
    const names = { AIRBYTE_NAME: 'production' };
    await start('http://127.0.0.1:9', names);
    await start(one.url, names);
    const caller = new ApiCaller(one);
    const doctor = async () => {
      const { document } = await runCommand(['doctor', '--json'], temporal.environment(environment(one.url, names)));
      return document.checks.find(({ name }: { name: string }) => name === 'Worker');
    };
    const found = await until(async () => {
      const check = await doctor();
      return check.message.includes('cannot reach') && check;
    });
    expect(found).toMatchObject({ status: 'warning', message: expect.stringContaining('1 worker of 2 cannot reach') });
    expect(found.message).toContain('http://127.0.0.1:9');

    const syncs = Array.from({ length: 6 }, async () => {
      const connectionId = await caller.simulatedConnection({ records: 1 });
      return temporal.client.workflow.execute<typeof syncConnection>('syncConnection', {
        ...{ taskQueue, workflowId: syncWorkflowId(connectionId, taskQueue), args: [{ connectionId }] },
      });
    });
    for (const { status } of await Promise.all(syncs)) expect(status).toBe('succeeded');
  });

  it('which start at the same moment for different Airbytes do not both stay', async () => {
    const { nativeConnection, namespace } = temporal;
    const create = async (connection: NativeConnection, url: string) =>
      createWorker({
        ...{ connection, namespace, taskQueue, airbyte: { url } },
        workflows: { workflowBundle: await workflowBundle() },
      });
    const ownConnection = await NativeConnection.connect({ address: temporal.address });
    const workers = await Promise.all([create(nativeConnection, one.url), create(ownConnection, other.url)]);
    const runs = workers.map((worker) => worker.run());
    await expect(Promise.race(runs)).rejects.toThrow('serves the Airbyte at');
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await Promise.allSettled(runs);
    await ownConnection.close();
  });
});
