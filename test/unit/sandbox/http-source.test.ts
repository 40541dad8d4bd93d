import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { jsonText } from '../../../sandbox/connectors/exact-json';
import { createHttpSource } from '../../../sandbox/connectors/http-source';
import type { AirbyteMessage } from '../../../sandbox/connectors/protocol';

const source = createHttpSource();
const { signal } = new AbortController();

describe('the REST API source', () => {
  let server: Server;
  let url: string;
  let respond: (request: IncomingMessage, response: ServerResponse) => void;
  let requests: { method: string | undefined; authorization: string | undefined }[];

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push({ method: request.method, authorization: request.headers.authorization });
      respond(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/customers`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    requests = [];
  });

  const respondWith = (body: unknown, status = 200): void => {
    respond = (_request, response) => {
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
    };
  };
  const read = async (config: Record<string, unknown>, name = 'customers'): Promise<AirbyteMessage[]> => {
    const stream = { name, json_schema: {}, supported_sync_modes: ['full_refresh'] };
    const streams = [{ stream, sync_mode: 'full_refresh', destination_sync_mode: 'overwrite' }];
    const messages: AirbyteMessage[] = [];
    for await (const message of source.read(config, { streams }, [], signal)) messages.push(message);
    return messages;
  };
  const rows = async (): Promise<unknown[]> =>
    (await read({ url })).flatMap((message) => (message.type === 'RECORD' ? [message.record.data] : []));

  it('marks the API key as a secret', async () => {
    expect(await source.spec()).toMatchObject({ properties: { api_key: { airbyte_secret: true } } });
  });

  it('sends the API key as a Bearer header, with the method it was given', async () => {
    respondWith([]);
    await read({ url, api_key: 'your-api-key', method: 'GET' });
    await read({ url, method: 'post' });
    expect(requests).toEqual([
      { method: 'GET', authorization: 'Bearer your-api-key' },
      { method: 'POST', authorization: undefined },
    ]);
  });

  it('keeps the digits of numbers that JavaScript cannot hold, and their types', async () => {
    respondWith('[{"id":9007199254740993,"amount":0.1234567890123456789}]');
    const [row] = await rows();
    expect(jsonText(row)).toBe('{"id":9007199254740993,"amount":0.1234567890123456789}');
    const [stream] = await source.discover({ url }, signal);
    expect(stream?.json_schema).toMatchObject({
      properties: { id: { type: ['null', 'integer'] }, amount: { type: ['null', 'number'] } },
    });
  });

  it('discovers one stream, named after the address, with the types of the response', async () => {
    respondWith([
      { id: 1, amount: 1, note: null, ok: true, tags: [], more: {} },
      { id: 2, amount: 1.5, note: null, ok: 'yes' },
    ]);
    expect(await source.discover({ url }, signal)).toEqual([
      {
        name: 'customers',
        json_schema: {
          type: 'object',
          properties: {
            id: { type: ['null', 'integer'] },
            amount: { type: ['null', 'number'] },
            note: { type: ['null', 'string'] },
            ok: { type: ['null', 'boolean', 'string'] },
            tags: { type: ['null', 'array'] },
            more: { type: ['null', 'object'] },
          },
        },
        supported_sync_modes: ['full_refresh'],
      },
    ]);
  });

  it.each([
    ['an array', [{ id: 1 }, { id: 2 }], [{ id: 1 }, { id: 2 }]],
    ['an array in `data`', { data: [{ id: 1 }], links: [{ next: 'x' }] }, [{ id: 1 }]],
    ['the only array of an object', { total: 1, customers: [{ id: 1 }] }, [{ id: 1 }]],
    ['one object', { id: 1, tags: ['a'] }, [{ id: 1, tags: ['a'] }]],
    ['JSON lines', '{"id":1}\n{"id":2}\n', [{ id: 1 }, { id: 2 }]],
    ['plain values', [1, 'two'], [{ value: 1 }, { value: 'two' }]],
    ['nothing', '', []],
  ])('reads the rows of %s', async (_title, body, expected) => {
    respondWith(body);
    expect(await rows()).toEqual(expected);
  });

  it('passes the check when the address responds', async () => {
    respondWith([]);
    expect(await source.check({ url }, signal)).toEqual({ status: 'SUCCEEDED' });
  });

  it('fails a check with what the server says', async () => {
    respondWith({ error: 'invalid key' }, 401);
    expect(await source.check({ url: `${url}?secret=1`, api_key: 'wrong' }, signal)).toEqual({
      status: 'FAILED',
      message: `GET ${url} responded 401 Unauthorized: {"error":"invalid key"}`,
    });
  });

  it('says that a response is not JSON, and from where', async () => {
    respondWith('<html></html>');
    await expect(rows()).rejects.toMatchObject({
      failureType: 'config_error',
      message: expect.stringContaining(`the response of GET ${url} is not JSON`),
    });
  });

  it.each([
    [500, 'transient_error'],
    [429, 'transient_error'],
    [404, 'config_error'],
  ])('takes %i for a %s', async (status, failureType) => {
    respondWith('', status);
    await expect(rows()).rejects.toMatchObject({ failureType });
  });

  it('says why it cannot connect', async () => {
    expect(await source.check({ url: 'http://127.0.0.1:1/customers' }, signal)).toEqual({
      status: 'FAILED',
      message: expect.stringMatching(/^GET http:\/\/127\.0\.0\.1:1\/customers failed: /),
    });
  });

  it('rejects what is no address, and a stream that is not there', async () => {
    expect(await source.check({ url: 'ftp://x' }, signal)).toMatchObject({
      status: 'FAILED',
      message: expect.stringContaining('url: '),
    });
    await expect(read({ url }, 'orders')).rejects.toThrow('there is no stream "orders"; this URL provides "customers"');
  });

  it('ends when it is aborted', async () => {
    const controller = new AbortController();
    respond = () => controller.abort(new Error('enough'));
    await expect(source.discover({ url }, controller.signal)).rejects.toThrow('enough');
  });
});
