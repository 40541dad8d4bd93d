import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { AirbyteClient } from '../../src/airbyte';
import { airbyte, client } from '../unit/airbyte/scripted-client';

const MB = 1024 * 1024;
const JOB = { id: 7, configType: 'sync', configId: 'c', status: 'failed', createdAt: 1_700_000_000 };

/** Sends a text so many times, as fast as it is read. Returns how much was sent until the reader stopped. */
async function send(response: ServerResponse, before: string, text: string, times: number, after: string) {
  response.on('error', () => undefined);
  const closed = once(response, 'close');
  let sent = 0;
  const write = async (part: string) => {
    sent += part.length;
    if (!response.destroyed && !response.write(part)) await Promise.race([once(response, 'drain'), closed]);
  };
  await write(before);
  for (let time = 0; time < times && !response.destroyed; time++) await write(text);
  response.end(after);
  return sent;
}

/**
 * What clients of a process with a small heap find.
 *
 * @param code an expression in which `open(path)` is a client of the API at that path
 */
async function inSmallHeap(heapMb: number, code: string): Promise<unknown> {
  const script = `
    const { AirbyteClient } = require(${JSON.stringify(join(process.cwd(), 'dist/src/airbyte'))});
    const clients = [];
    const open = (path) => {
      const client = new AirbyteClient({ url: new URL(path, ${JSON.stringify(airbyte.url)}).toString() });
      clients.push(client);
      return client;
    };
    Promise.resolve(${code})
      .then((found) => console.log(JSON.stringify(found)))
      .finally(() => Promise.all(clients.map((client) => client.close())));`;
  const run = await promisify(execFile)(process.execPath, [`--max-old-space-size=${heapMb}`, '-e', script]);
  return JSON.parse(run.stdout);
}

describe('a response that is far larger than it should be costs only the memory of the part that is used', () => {
  it.each([
    ['a page in place of a response', 200, 'something that is not JSON|a web page'],
    ['a page in place of an error', 502, 'a web page titled "Bad gateway"'],
  ])('%s is read as far as its title', async (_, status, said) => {
    let sent: Promise<number> | undefined;
    airbyte.script = () => (response) => {
      response.writeHead(status, { 'content-type': 'text/html' });
      sent = send(response, '<html><title>Bad gateway</title>', 'x'.repeat(MB), 1_000, '</html>');
    };
    const error = await client.workspaces.list({}).catch((reason: unknown) => reason);
    expect((error as Error).message).toMatch(new RegExp(said));
    expect(await sent).toBeLessThan(50 * MB);
  });

  it('the reason of an error is found next to a stack trace of 20 MB', async () => {
    const stack = `"at ${'x'.repeat(1_000)}",`;
    airbyte.script = () => (response) => {
      response.writeHead(422, { 'content-type': 'application/json' });
      void send(response, '{"message":"No such stream","exceptionStack":[', stack, 20_000, '"end"]}');
    };
    await expect(client.connections.get('c')).rejects.toThrow('No such stream');
  });

  it.each([
    ['jobs/get', () => client.jobs.get(7)],
    ['jobs/get_without_logs', () => client.jobs.getWithoutLogs(7)],
    ['jobs/list', async () => (await client.jobs.list({ jobTypes: ['sync'] }))[0]],
  ])('a job is read by %s although its failure has a stack trace of 20 MB', async (_, read) => {
    const before = (list: boolean) =>
      `${list ? '{"jobs":[' : ''}{"job":${JSON.stringify(JOB)},"attempts":[{"attempt":{"id":0,"status":"failed","failureSummary":{"failures":[{"externalMessage":"no table","stacktrace":"`;
    const after = (list: boolean) => `"}]}},"logs":{"logLines":["last"]}}]}${list ? ']}' : ''}`;
    airbyte.script =
      ({ path }) =>
      (response) => {
        const isList = path.endsWith('list');
        void send(response, before(isList), 'x\\n'.repeat(500_000), 14, after(isList));
      };
    const job = await read();
    expect(job).toMatchObject({ jobId: 7, status: 'failed', attempts: [{ failures: [{ message: 'no table' }] }] });
  });

  it('a connection check reports the beginning of a message of 20 MB', async () => {
    airbyte.script = () => (response) =>
      void send(response, '{"status":"failed","message":"wrong password ', 'x'.repeat(MB), 20, '"}');
    const { status, message } = await client.sources.checkConnection('s');
    expect(status).toBe('failed');
    expect(message).toMatch(/^wrong password x{100}/);
    expect(message?.length).toBeLessThan(100_000);
  });

  it('a response that this process has no memory for is rejected immediately, with what to do', async () => {
    let sent: Promise<number> | undefined;
    airbyte.script = () => (response) => {
      sent = send(response, '{"name":"', 'x'.repeat(MB), 1_000, '"}');
    };
    const read =
      'open("/api/v1").workspaces.get("w").catch(({ type, retryable, message }) => [type, retryable, message])';
    expect(await inSmallHeap(64, read)).toEqual([
      ...['AirbyteUnavailable', false],
      expect.stringMatching(/larger than the 64 MB .*--max-old-space-size/),
    ]);
    expect(await sent).toBeLessThan(200 * MB);
  });
});

describe('a list is read in a heap of 40 MB however large it is', () => {
  const stream = JSON.stringify({ stream: { name: 'orders', jsonSchema: { description: 'x'.repeat(4_000) } } });
  const catalog = (streams: number) => Array.from({ length: streams }, () => stream).join(',');

  it('connections with large catalogs through both APIs, sources with large configurations, definitions with large icons', async () => {
    const streams = catalog(3_000);
    const icon = '<svg>'.repeat(2_400_000);
    const name = '","name":"shop"}';
    const connectionName = '","name":"shop","status":"active","scheduleType":"manual"}';
    const lists: Record<string, [before: string, item: string, after: string]> = {
      '/api/v1/connections/list': [
        '{"connections":[',
        `{"syncCatalog":{"streams":[${streams}]},"connectionId":"`,
        connectionName,
      ],
      '/api/public/v1/connections': [
        '{"data":[',
        `{"configurations":{"streams":[${streams}]},"connectionId":"`,
        connectionName,
      ],
      '/api/v1/sources/list': [
        '{"sources":[',
        `{"connectionConfiguration":{"streams":[${streams}]},"sourceId":"`,
        name,
      ],
      '/api/v1/source_definitions/list': ['{"sourceDefinitions":[', `{"icon":"${icon}","sourceDefinitionId":"`, name],
    };
    airbyte.script =
      ({ path }) =>
      async (response) => {
        const [before, item, after] = Object.entries(lists).find(([suffix]) => path.startsWith(suffix))?.[1] ?? [
          '',
          '',
          '',
        ];
        response.write(before);
        for (let id = 0; id < 4; id++) {
          if (!response.write(`${id > 0 ? ',' : ''}${item}${id}${after}`)) await once(response, 'drain');
        }
        response.end(']}');
      };
    const read = `(async () => {
      const [config, publicApi] = [open("/api/v1"), open("/api/public/v1")];
      const lists = [];
      for (const resource of [config.connections, publicApi.connections, config.sources, config.sourceDefinitions]) {
        const all = await resource.list("w");
        lists.push(all.map(({ name, connectionId, sourceId, sourceDefinitionId }) => [name, connectionId ?? sourceId ?? sourceDefinitionId]));
      }
      return lists;
    })()`;
    const list = Array.from({ length: 4 }, (_, id) => ['shop', String(id)]);
    expect(await inSmallHeap(40, read)).toEqual([list, list, list, list]);
  });

  it('small catalogs come with the list, so that nothing is asked for twice', async () => {
    const connection = { connectionId: 'c', name: 'shop', syncCatalog: { streams: [JSON.parse(stream)] } };
    airbyte.script = () => ({ body: { connections: [connection] } });
    const [listed] = await client.connections.list('w');
    expect(listed?.syncCatalog?.streams[0]?.stream).toMatchObject({ name: 'orders' });
  });
});

it('a catalog of 49 MB that is asked for itself is whole', async () => {
  const stream = { stream: { name: 'orders', jsonSchema: { description: 'x'.repeat(4_000) } } };
  const text = JSON.stringify(stream);
  airbyte.script = () => (response) =>
    void send(response, '{"connectionId":"c","syncCatalog":{"streams":[', `${text},`, 12_200, `${text}]}}`);
  const patient = new AirbyteClient({ url: airbyte.url });
  const { syncCatalog } = await patient.connections.get('c');
  expect(syncCatalog?.streams).toHaveLength(12_201);
  expect(syncCatalog?.streams.at(-1)).toEqual(stream);
  await patient.close();
});
