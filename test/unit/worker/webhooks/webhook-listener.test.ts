import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JobHint } from '../../../../src/webhooks/notification';
import { freePort } from '../../../../tools/free-ports';
import {
  listenForWebhooks,
  MAXIMUM_BODY_BYTES,
  type WebhookListener,
} from '../../../../worker/webhooks/webhook-listener';

const SECRET = 'the-secret-of-the-test';
const NOTIFICATION = { text: 'Sync completed', data: { jobId: 7, connection: { id: 'c' }, success: true } };
const HINT = { jobId: 7, connectionId: 'c' };

let listener: WebhookListener;
let hints: JobHint[];
let port: number;

beforeEach(async () => {
  hints = [];
  port = await freePort();
  listener = await listenForWebhooks({ host: '127.0.0.1', port, secret: SECRET }, (hint) => hints.push(hint));
});
afterEach(() => listener.close());

async function post(path: string, body: unknown, init: RequestInit = {}): Promise<number> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: text, ...init })).status;
}

/** Sends bytes, and returns what comes back until the server closes the connection. */
async function send(...parts: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  for (const part of parts) socket.write(part);
  return text(socket);
}

describe('the listener for notifications', () => {
  test('accepts a notification at the secret path, also behind the path of a proxy', async () => {
    expect(await post(`/airbyte/${SECRET}`, NOTIFICATION)).toBe(200);
    expect(await post(`/workers/airbyte/${SECRET}`, NOTIFICATION)).toBe(200);
    expect(hints).toEqual([HINT, HINT]);
  });

  test.each([
    ['no secret', '/airbyte/'],
    ['another secret', '/airbyte/the-secret-of-the-tesT'],
    ['the beginning of the secret', `/airbyte/${SECRET.slice(0, -1)}`],
    ['more than the secret', `/airbyte/${SECRET}/more`],
    ['another path', `/${SECRET}`],
  ])('rejects a path with %s', async (_, path) => {
    expect(await post(path, NOTIFICATION)).toBe(404);
    expect(hints).toEqual([]);
  });

  test('accepts only POST', async () => {
    expect(await post(`/airbyte/${SECRET}`, undefined, { method: 'PUT', body: '{}' })).toBe(405);
  });

  test('responds with 200 to what it does not understand, since Airbyte sends other events too', async () => {
    expect(await post(`/airbyte/${SECRET}`, 'no JSON')).toBe(200);
    expect(await post(`/airbyte/${SECRET}`, { text: 'The schema has changed' })).toBe(200);
    expect(hints).toEqual([]);
  });

  test('rejects a large body before it has read it, whether or not its length is declared', async () => {
    const request = `POST /airbyte/${SECRET} HTTP/1.1\r\nHost: worker\r\n`;
    expect(await send(`${request}Content-Length: ${MAXIMUM_BODY_BYTES + 1}\r\n\r\n`)).toMatch(/^HTTP\/1.1 413 /);
    const chunk = `${(2 ** 16).toString(16)}\r\n${' '.repeat(2 ** 16)}\r\n`;
    const chunks = Array.from({ length: MAXIMUM_BODY_BYTES / 2 ** 16 + 1 }, () => chunk);
    expect(await send(`${request}Transfer-Encoding: chunked\r\n\r\n`, ...chunks)).toMatch(/^HTTP\/1.1 413 /);
    const padded = JSON.stringify(NOTIFICATION).padEnd(MAXIMUM_BODY_BYTES);
    expect(await post(`/airbyte/${SECRET}`, padded)).toBe(200);
    expect(hints).toEqual([HINT]);
  });

  test('responds by HTTP/1.1 to a client that offers HTTP/2', async () => {
    const body = JSON.stringify(NOTIFICATION);
    const request = [
      `POST /airbyte/${SECRET} HTTP/1.1`,
      'Host: worker',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n');
    const close = `GET / HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n\r\n`;
    const responses = await send(request, close);
    expect(responses).toMatch(/^HTTP\/1.1 200 /);
    expect(responses).not.toContain('101 Switching');
    expect(hints).toEqual([HINT]);
  });

  test('survives a sender that closes the connection', async () => {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve) => {
      socket.write(`POST /airbyte/${SECRET} HTTP/1.1\r\nHost: worker\r\nContent-Length: 100\r\n\r\n{`, () => resolve());
    });
    socket.destroy();
    expect(await post(`/airbyte/${SECRET}`, NOTIFICATION)).toBe(200);
  });

  test('says which variable to change if the port is in use', async () => {
    await expect(listenForWebhooks({ host: '127.0.0.1', port, secret: SECRET }, () => {})).rejects.toMatchObject({
      name: 'WebhookListenError',
      message: expect.stringMatching(/127\.0\.0\.1:\d+: .*EADDRINUSE.*AIRBYTE_WEBHOOK_PORT/),
    });
  });
});
