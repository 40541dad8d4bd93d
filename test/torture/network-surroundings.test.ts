import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AirbyteClient, type AirbyteClientOptions } from '../../src/airbyte/client';
import { airbyteOptionsFromEnvironment, proxyNote } from '../../src/configuration/client-options';
import { PRIVATE_AUTHORITY } from '../support/private-authority';
import { SELF_SIGNED } from '../support/self-signed-certificate';

const HEALTH = JSON.stringify({ available: true });
const healthy: RequestListener = (_request, response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(HEALTH);

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

function clientOf(options: AirbyteClientOptions): AirbyteClient {
  const client = new AirbyteClient(options);
  closings.push(() => client.close());
  return client;
}

/** A forward proxy, which knows one server by whatever name. */
async function startProxy(port: number): Promise<{ url: string; asked: string[]; authorizations: unknown[] }> {
  const asked: string[] = [];
  const authorizations: unknown[] = [];
  const note = ({ method, url = '', headers }: IncomingMessage) => {
    asked.push(`${method} ${url}`);
    authorizations.push(headers['proxy-authorization']);
  };
  const proxy = createServer((incoming, response) => {
    note(incoming);
    const path = new URL(incoming.url ?? '').pathname;
    const onward = request({ host: '127.0.0.1', port, path, method: incoming.method ?? 'GET' }, (upstream) => {
      response.writeHead(upstream.statusCode ?? 500, upstream.headers);
      upstream.pipe(response);
    });
    incoming.pipe(onward);
  });
  proxy.on('connect', (incoming, socket) => {
    note(incoming);
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on('error', () => onward.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(proxy)}`, asked, authorizations };
}

describe('a proxy that the environment names', () => {
  it.each(['HTTP_PROXY', 'http_proxy', 'AIRBYTE_PROXY'])('carries the requests to Airbyte: %s', async (variable) => {
    const proxy = await startProxy(await listen(createServer(healthy)));
    const env = { AIRBYTE_URL: 'http://airbyte.test:8000', [variable]: proxy.url };
    expect(await clientOf(airbyteOptionsFromEnvironment(env)).health()).toMatchObject({ available: true });
    expect(proxy.asked).toEqual(['GET http://airbyte.test:8000/api/v1/health']);
    expect(proxyNote(env)).toBe(`Requests to Airbyte go through the proxy ${proxy.url} (${variable}).`);
  });

  it('gets its own credentials, which no log line shows', async () => {
    const proxy = await startProxy(await listen(createServer(healthy)));
    const withCredentials = proxy.url.replace('//', '//me:s%40cret@');
    const env = { AIRBYTE_URL: 'http://airbyte.test', HTTP_PROXY: withCredentials };
    await clientOf(airbyteOptionsFromEnvironment(env)).health();
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('me:s@cret').toString('base64')}`]);
    expect(proxyNote(env)).not.toMatch(/me|cret/);
  });

  it('tunnels what is encrypted', async () => {
    const proxy = await startProxy(await listen(createTlsServer(SELF_SIGNED, healthy)));
    const env = { AIRBYTE_URL: 'https://airbyte.test', HTTPS_PROXY: proxy.url };
    // The tunnel ends at a certificate that the client does not trust; the test needs no more.
    await expect(clientOf(airbyteOptionsFromEnvironment(env)).health()).rejects.toThrow(/NODE_EXTRA_CA_CERTS/);
    expect(proxy.asked).toEqual(['CONNECT airbyte.test:443']);
  });

  it.each([
    ['http://127.0.0.1:8000', {}, 'it is this machine itself'],
    ['http://localhost:8000', {}, 'it is this machine itself'],
    ['http://[::1]:8000', {}, 'it is this machine itself'],
    ['http://airbyte.test', { NO_PROXY: 'a,airbyte.test' }, 'NO_PROXY names it'],
    ['http://sub.airbyte.test', { no_proxy: '.airbyte.test' }, 'NO_PROXY names it'],
    ['http://sub.airbyte.test', { no_proxy: '*.airbyte.test b' }, 'NO_PROXY names it'],
    ['http://airbyte.test:8000', { NO_PROXY: 'airbyte.test:8000' }, 'NO_PROXY names it'],
    ['http://[fd00::1]:8000', { NO_PROXY: '[fd00::1]' }, 'NO_PROXY names it'],
    ['http://airbyte.test', { NO_PROXY: '*' }, 'NO_PROXY names it'],
  ])('is bypassed for %s with %j, and a log line says so', (url, variables, reason) => {
    const env = { AIRBYTE_URL: url, HTTP_PROXY: 'http://proxy.test:3128', ...variables };
    expect(airbyteOptionsFromEnvironment(env).proxyUrl).toBeUndefined();
    expect(proxyNote(env)).toContain(reason);
  });

  it.each([
    ['http://airbyte.test', { NO_PROXY: 'airbyte.test:1234' }],
    ['http://myairbyte.test', { NO_PROXY: 'airbyte.test' }],
  ])('is used for %s with %j', (url, variables) => {
    const env = { AIRBYTE_URL: url, HTTP_PROXY: 'proxy.test:3128', ...variables };
    expect(airbyteOptionsFromEnvironment(env).proxyUrl).toBe('http://proxy.test:3128/');
  });

  it('is rejected without its value where it is none', () => {
    const env = { AIRBYTE_URL: 'http://airbyte.test', HTTP_PROXY: 'socks5://me:hush@proxy' };
    expect(() => airbyteOptionsFromEnvironment(env)).toThrow(/^HTTP_PROXY does not name a proxy that can be used/);
    expect(() => airbyteOptionsFromEnvironment(env)).not.toThrow(/hush/);
  });

  it('is named where it cannot be reached', async () => {
    const client = clientOf({ url: 'http://airbyte.test', proxyUrl: 'http://me:hush@127.0.0.1:1' });
    const error = await client.health().catch(String);
    expect(error).toMatch(/the connection to airbyte\.test:80 through the proxy 127\.0\.0\.1:1 failed/);
    expect(error).not.toMatch(/hush/);
  });
});

describe('an address with the wrong protocol', () => {
  it('is reported where https is spoken to a port of http', async () => {
    const port = await listen(createServer(healthy));
    const client = clientOf({ url: `https://127.0.0.1:${port}` });
    await expect(client.health()).rejects.toThrow(
      `speaks http, but AIRBYTE_URL says https. Set AIRBYTE_URL to http://127.0.0.1:${port}/api/v1`,
    );
  });

  it('is said where http is spoken to a port of https', async () => {
    const port = await listen(createTlsServer(SELF_SIGNED, healthy));
    const client = clientOf({ url: `http://127.0.0.1:${port}` });
    await expect(client.health()).rejects.toMatchObject({
      message: expect.stringContaining(`Set AIRBYTE_URL to https://127.0.0.1:${port}/api/v1`),
      effect: 'none',
    });
  });

  it('is not suspected where a server of http hangs up', async () => {
    const port = await listen(createServer((incoming) => incoming.destroy()));
    const client = clientOf({ url: `http://127.0.0.1:${port}` });
    await expect(client.health()).rejects.toMatchObject({
      message: expect.stringContaining('broke before the response was complete'),
      effect: 'unknown',
    });
  });
});

describe('a certificate that signs itself', () => {
  it('is rejected with what to do, and taken where NODE_EXTRA_CA_CERTS names it', async () => {
    const port = await listen(createTlsServer(SELF_SIGNED, healthy));
    const url = `https://127.0.0.1:${port}`;
    await expect(clientOf({ url }).health()).rejects.toThrow(/self-signed, .* NODE_EXTRA_CA_CERTS/);
    const folder = await mkdtemp(join(tmpdir(), 'certificate-'));
    closings.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'ca.pem');
    await writeFile(file, SELF_SIGNED.cert);
    const script = `new (require(${JSON.stringify(join(__dirname, '../../dist/src'))}).AirbyteClient)({ url: ${JSON.stringify(url)} }).health().then((health) => { console.log(JSON.stringify(health)); process.exit(0); })`;
    const child = spawn(process.execPath, ['-e', script], { env: { ...process.env, NODE_EXTRA_CA_CERTS: file } });
    let printed = '';
    child.stdout.on('data', (data) => {
      printed += data;
    });
    await once(child, 'close');
    expect(JSON.parse(printed)).toMatchObject({ available: true });
  });
});

describe('headers of a file', () => {
  const folders: string[] = [];
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
  });

  async function written(text: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'headers-'));
    folders.push(folder);
    await writeFile(join(folder, 'headers'), text);
    return join(folder, 'headers');
  }

  /** A server that shows each request's headers. */
  async function startGateway(): Promise<{ url: string; received: IncomingMessage['headers'][] }> {
    const received: IncomingMessage['headers'][] = [];
    const port = await listen(
      createServer((incoming, response) => {
        received.push(incoming.headers);
        if (incoming.url?.includes('token')) response.writeHead(403).end(`rejected ${incoming.headers['x-assertion']}`);
        else healthy(incoming, response);
      }),
    );
    return { url: `http://127.0.0.1:${port}`, received };
  }

  it('reach Airbyte with each request, the newest ones of a file that changes, and the last usable ones', async () => {
    const file = await written('# for the gateway\nX-Assertion: first-token-0123\n\nCF-Access-Client-Id:id\n');
    const { url, received } = await startGateway();
    const warnings: string[] = [];
    const options = airbyteOptionsFromEnvironment({ AIRBYTE_URL: url, AIRBYTE_HEADERS_FILE: file });
    const client = clientOf({ ...options, onWarning: (message) => warnings.push(message) });
    await client.health();
    await writeFile(file, 'X-Assertion: second-token-0123\n');
    await client.health();
    await writeFile(file, 'X-Assertion second-token-0123\n');
    await client.health();
    await rm(file);
    await client.health();
    expect(received.map((headers) => [headers['x-assertion'], headers['cf-access-client-id']])).toEqual([
      ['first-token-0123', 'id'],
      ['second-token-0123', undefined],
      ['second-token-0123', undefined],
      ['second-token-0123', undefined],
    ]);
    expect(received[0]).toMatchObject({ accept: 'application/json' });
    expect(warnings).toEqual([
      expect.stringMatching(/^AIRBYTE_HEADERS_FILE .*its line 1 is not of the form 'Name: value'.*had before/),
      expect.stringMatching(/^AIRBYTE_HEADERS_FILE names a file that cannot be read: .*had before/),
    ]);
    expect(warnings.join()).not.toContain('token-0123');
  });

  it('are masked where a gateway quotes them, and are sent with the request for a token too', async () => {
    const file = await written('X-Assertion: Bearer a-token-that-is-secret');
    const { url } = await startGateway();
    const credentials = { AIRBYTE_CLIENT_ID: 'me', AIRBYTE_CLIENT_SECRET: 'hush-hush' };
    const env = { AIRBYTE_URL: url, AIRBYTE_HEADERS_FILE: file, ...credentials };
    const error = await clientOf(airbyteOptionsFromEnvironment(env)).workspaces.list().catch(String);
    expect(error).toContain('rejected');
    expect(error).not.toContain('a-token-that-is-secret');
  });

  it.each([
    ['Host: other', {}, /line 1 sets Host, which temporal-airbyte sets itself/],
    ['a: b\nContent-Length: 3', {}, /line 2 sets Content-Length/],
    [
      'Authorization: Bearer x',
      { AIRBYTE_TOKEN: 'hush-hush' },
      /sets Authorization, which the credentials .* already set/,
    ],
    ['X-A: hush-hush\nx-a: 2', {}, /line 2 sets x-a a second time/],
    ['hush-hush', {}, /line 1 is not of the form 'Name: value'/],
    ['X-A: hush\u0001hush', {}, /gives X-A a value that no header may have/],
    ['X-A:', {}, /gives X-A a value that no header may have/],
  ])('are rejected without their values where they cannot be used: %j', async (text, variables, problem) => {
    const env = { AIRBYTE_URL: 'http://airbyte.test', AIRBYTE_HEADERS_FILE: await written(text), ...variables };
    expect(() => airbyteOptionsFromEnvironment(env)).toThrow(problem);
    expect(() => airbyteOptionsFromEnvironment(env)).not.toThrow(/hush/);
  });

  it('may be an Authorization where Airbyte itself gets no credentials', async () => {
    const env = { AIRBYTE_URL: 'http://a.test', AIRBYTE_HEADERS_FILE: await written('Authorization: Bearer x') };
    expect(airbyteOptionsFromEnvironment(env).extraHeaders?.current(() => {})).toEqual({ authorization: 'Bearer x' });
  });

  it('go through the tunnel of a proxy to a server of a private authority, and the proxy does not see them', async () => {
    const received: unknown[] = [];
    const server = createTlsServer(PRIVATE_AUTHORITY, (incoming, response) => {
      received.push(incoming.headers['x-assertion']);
      healthy(incoming, response);
    });
    const port = await listen(server);
    const proxy = await startProxy(port);
    const authority = await written(PRIVATE_AUTHORITY.authority);
    const dist = JSON.stringify(join(__dirname, '../../dist/src'));
    const script = `const { AirbyteClient, airbyteOptionsFromEnvironment } = require(${dist}); new AirbyteClient(airbyteOptionsFromEnvironment()).health().then((health) => { console.log(JSON.stringify(health)); process.exit(0); })`;
    const child = spawn(process.execPath, ['-e', script], {
      env: {
        PATH: process.env['PATH'],
        NODE_EXTRA_CA_CERTS: authority,
        AIRBYTE_URL: `https://localhost:${port}`,
        AIRBYTE_PROXY: proxy.url,
        AIRBYTE_HEADERS_FILE: await written('X-Assertion: first-token-0123'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (data) => {
      printed += data;
    });
    await once(child, 'close');
    expect(JSON.parse(printed)).toMatchObject({ available: true });
    expect(received).toEqual(['first-token-0123']);
    expect(proxy.asked).toEqual([`CONNECT localhost:${port}`]);
  });
});

describe('a response that is compressed although the client did not ask for it', () => {
  const encodings: [string, (text: string) => Buffer][] = [
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['gzip, br', (text) => brotliCompressSync(gzipSync(text))],
    ['identity', (text) => Buffer.from(text)],
  ];

  async function serving(encoding: string, body: Buffer, status = 200): Promise<AirbyteClient> {
    const port = await listen(
      createServer((_request, response) =>
        response.writeHead(status, { 'content-type': 'application/json', 'content-encoding': encoding }).end(body),
      ),
    );
    return clientOf({ url: `http://127.0.0.1:${port}` });
  }

  it.each(encodings)('is read: %s', async (encoding, compress) => {
    const client = await serving(encoding, compress(HEALTH));
    expect(await client.health()).toMatchObject({ available: true });
  });

  it.each(encodings)('is read where it is an error: %s', async (encoding, compress) => {
    const client = await serving(encoding, compress(JSON.stringify({ message: 'the database is away' })), 500);
    await expect(client.health()).rejects.toThrow(/the database is away/);
  });

  it.each(['zstd', 'aws-chunked', 'gzip, gzip, gzip'])(
    'is an error with the name of the encoding where it cannot be read: %s',
    async (encoding) => {
      const client = await serving(encoding, Buffer.from('whatever'));
      await expect(client.health()).rejects.toThrow(`the encoding '${encoding}', which the client did not ask for`);
    },
  );

  it('is rejected where it is broken', async () => {
    const client = await serving('gzip', gzipSync(HEALTH).subarray(0, 20));
    await expect(client.health()).rejects.toThrow(/cannot be decompressed/);
  });
});
