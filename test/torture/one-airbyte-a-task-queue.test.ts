import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { airbyteOfIdentity, identityWithAirbyte, isSameAirbyte } from '../../worker/airbyte-identity';
import { AirbytePlugin } from '../../worker/airbyte-plugin';
import { createWorker } from '../../worker/create-worker';
import { CliProcess } from '../integration/cli-command';
import { type SharedTemporal, sharedTemporal, uniqueName, workflowBundle } from '../support/temporal';

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
  const workers: CliProcess[] = [];

  beforeAll(async () => {
    [temporal, one, other] = await Promise.all([sharedTemporal(), startSandbox(), startSandbox()]);
  });
  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await Promise.all([one?.stop(), other?.stop(), temporal?.close()]);
  });
  beforeEach(() => {
    taskQueue = uniqueName('queue');
  });

  function start(url: string, environment: NodeJS.ProcessEnv = {}): CliProcess {
    const env = temporal.environment({
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], AIRBYTE_URL: url, AIRBYTE_TASK_QUEUE: taskQueue },
      ...environment,
    });
    const worker = new CliProcess(['worker'], env);
    workers.push(worker);
    return worker;
  }
  const ready = (worker: CliProcess) => worker.said(/^Ready:/m);
  async function stop(...running: CliProcess[]): Promise<void> {
    for (const worker of running) {
      worker.kill('SIGTERM');
      await worker.exited;
    }
  }

  it('which serve different Airbytes are rejected: the later one ends with exit code 2 and names both', async () => {
    const first = start(one.url);
    await ready(first);
    const second = start(other.url);
    expect(await second.exited).toBe(2);
    expect(second.stderr).toContain(`serves the Airbyte at ${one.url}`);
    expect(second.stderr).toContain(`would serve the Airbyte at ${other.url}`);
    expect(second.stderr).toContain('AIRBYTE_TASK_QUEUE');
    expect(second.stderr).not.toMatch(/^Ready:/m);
    await stop(first);
  });

  it('which spell the address of one Airbyte differently are taken', async () => {
    const first = start(one.url);
    await ready(first);
    const second = start(`${new URL(one.url).origin.replace('127.0.0.1', 'localhost')}/`);
    await ready(second);
    await stop(first, second);
  });

  it('which agree on a name are taken, whatever addresses they reach their Airbyte by', async () => {
    const first = start(one.url, { AIRBYTE_NAME: 'production' });
    await ready(first);
    const second = start(other.url, { AIRBYTE_NAME: 'production' });
    await ready(second);
    await stop(first, second);
  });

  it('do not keep out a worker of another Airbyte once they have gone, killed or not', async () => {
    const first = start(one.url);
    await ready(first);
    first.kill('SIGKILL');
    await first.exited;
    const second = start(other.url);
    await ready(second);
    await stop(second);
    const third = start(one.url);
    await ready(third);
    await stop(third);
  });

  it('which start at the same moment for different Airbytes do not both stay', async () => {
    const both = [start(one.url), start(other.url)];
    await Promise.race(both.map((worker) => worker.exited));
    for (const worker of both) worker.kill('SIGTERM');
    const codes = await Promise.all(both.map((worker) => worker.exited));
    expect(codes).toContain(2);
    expect(both.map(({ stderr }) => stderr).join()).toContain('serves the Airbyte at');
  });

  it('of another program are rejected too, when the worker is created', async () => {
    const first = start(one.url);
    await ready(first);
    const { nativeConnection: connection, namespace } = temporal;
    const made = createWorker({
      ...{ connection, namespace, taskQueue, airbyte: { url: other.url } },
      workflows: { workflowBundle: await workflowBundle() },
    });
    await expect(made).rejects.toThrow(`serves the Airbyte at ${one.url}`);
    const plugin = new AirbytePlugin({ airbyte: { url: other.url }, airbyteName: 'one' });
    await expect(plugin.configureWorker({ connection, namespace, taskQueue })).rejects.toThrow('AIRBYTE_NAME');
    await stop(first);
  });
});
