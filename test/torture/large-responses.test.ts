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

/** What a client of a process with a small heap finds. @param code an expression of `client` */
async function inSmallHeap(url: string, heapMb: number, code: string): Promise<unknown> {
  const script = `
    const { AirbyteClient } = require(${JSON.stringify(join(process.cwd(), 'dist/src/airbyte'))});
    const client = new AirbyteClient({ url: ${JSON.stringify(url)} });
    Promise.resolve(${code}).then((found) => console.log(JSON.stringify(found))).finally(() => client.close());`;
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

  it('the reason of an error is found next to a stack trace of 100 MB', async () => {
    const stack = `"at ${'x'.repeat(1_000)}",`;
    airbyte.script = () => (response) => {
      response.writeHead(422, { 'content-type': 'application/json' });
      void send(response, '{"message":"No such stream","exceptionStack":[', stack, 100_000, '"end"]}');
    };
    await expect(client.connections.get('c')).rejects.toThrow('No such stream');
  });

  it.each([
    ['jobs/get', () => client.jobs.get(7)],
    ['jobs/get_without_logs', () => client.jobs.getWithoutLogs(7)],
    ['jobs/list', async () => (await client.jobs.list({ jobTypes: ['sync'] }))[0]],
  ])('a job is read by %s although its failure has a stack trace of 100 MB', async (_, read) => {
    const before = (list: boolean) =>
      `${list ? '{"jobs":[' : ''}{"job":${JSON.stringify(JOB)},"attempts":[{"attempt":{"id":0,"status":"failed","failureSummary":{"failures":[{"externalMessage":"no table","stacktrace":"`;
    const after = (list: boolean) => `"}]}},"logs":{"logLines":["last"]}}]}${list ? ']}' : ''}`;
    airbyte.script =
      ({ path }) =>
      (response) => {
        const isList = path.endsWith('list');
        void send(response, before(isList), 'x\\n'.repeat(500_000), 67, after(isList));
      };
    const job = await read();
    expect(job).toMatchObject({ jobId: 7, status: 'failed', attempts: [{ failures: [{ message: 'no table' }] }] });
  });

  it('a connection check reports the beginning of a message of 50 MB', async () => {
    airbyte.script = () => (response) =>
      void send(response, '{"status":"failed","message":"wrong password ', 'x'.repeat(MB), 50, '"}');
    const { status, message } = await client.sources.checkConnection('s');
    expect(status).toBe('failed');
    expect(message).toMatch(/^wrong password x{100}/);
    expect(message?.length).toBeLessThan(100_000);
  });

  it('a response that this process has no memory for is rejected immediately, with what to do', async () => {
    airbyte.script = () => (response) => void send(response, '{"name":"', 'x'.repeat(MB), 1_000, '"}');
    await expect(client.workspaces.get('w')).rejects.toMatchObject({
      type: 'AirbyteUnavailable',
      retryable: false,
      message: expect.stringMatching(/larger than the \d+ MB .*--max-old-space-size/),
    });
  });
});

describe('a list is read in a heap of 64 MB however large it is', () => {
  const stream = JSON.stringify({ stream: { name: 'orders', jsonSchema: { description: 'x'.repeat(4_000) } } });
  const catalog = (streams: number) => Array.from({ length: streams }, () => stream).join(',');

  it.each([
    [
      'connections with large catalogs, through the Config API',
      '/api/v1',
      '{"connections":[',
      `{"syncCatalog":{"streams":[${catalog(8_000)}]},"connectionId":"`,
      '","name":"shop","status":"active","scheduleType":"manual"}',
      'client.connections.list("w")',
    ],
    [
      'connections with large catalogs, through the public API',
      '/api/public/v1',
      '{"data":[',
      `{"configurations":{"streams":[${catalog(8_000)}]},"connectionId":"`,
      '","name":"shop","status":"active"}',
      'client.connections.list("w")',
    ],
    [
      'sources with large configurations',
      '/api/v1',
      '{"sources":[',
      `{"connectionConfiguration":{"streams":[${catalog(8_000)}]},"sourceId":"`,
      '","name":"shop"}',
      'client.sources.list("w")',
    ],
    [
      'definitions with large icons',
      '/api/v1',
      '{"sourceDefinitions":[',
      `{"icon":"${'<svg>'.repeat(6_400_000)}","sourceDefinitionId":"`,
      '","name":"shop"}',
      'client.sourceDefinitions.list("w")',
    ],
  ])('%s', async (_, path, before, item, after, code) => {
    airbyte.script = () => async (response) => {
      response.write(before);
      for (let id = 0; id < 7; id++) {
        if (!response.write(`${id > 0 ? ',' : ''}${item}${id}${after}`)) await once(response, 'drain');
      }
      response.end(']}');
    };
    const url = new URL(path, airbyte.url).toString();
    const read = `${code}.then((all) => all.map(({ name, connectionId, sourceId, sourceDefinitionId }) => [name, connectionId ?? sourceId ?? sourceDefinitionId]))`;
    const found = await inSmallHeap(url, 64, read);
    expect(found).toEqual(Array.from({ length: 7 }, (_, id) => ['shop', String(id)]));
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
