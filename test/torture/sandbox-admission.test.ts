import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { CliProcess } from '../integration/cli-command';

/** As a browser or a program of another user sends it: the headers as given, and no others. */
function send(
  url: string,
  { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = '';
      response.on('data', (data) => {
        text += data;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    sent.on('error', reject).end(body);
  });
}

describe('a sandbox', () => {
  const token = 'let-me-in';
  let sandbox: Sandbox;
  let port: string;

  beforeAll(async () => {
    sandbox = await startSandbox({ controlToken: token, allowedHosts: ['airbyte.example.com'] });
    port = new URL(sandbox.url).port;
  });
  afterAll(() => sandbox?.stop());

  const authorization = `Bearer ${token}`;
  const at = (path: string) => `http://127.0.0.1:${port}${path}`;
  const fault = JSON.stringify({ call: 'connections/sync', status: 500 });

  it('injects no fault for a caller that does not send its token', async () => {
    for (const headers of [{}, { authorization: 'Bearer guessed' }, { authorization: `Basic ${token}` }]) {
      const response = await send(at('/sandbox/faults'), { method: 'POST', headers, body: fault });
      expect(response.status).toBe(401);
      expect(response.text).toContain('controlToken');
      expect(response.text).not.toContain(token);
    }
    for (const path of ['requests', 'faults', 'jobs', 'nothing']) {
      expect((await send(at(`/sandbox/${path}`), {})).status).toBe(401);
      expect((await send(at(`/sandbox/${path}`), { method: 'DELETE' })).status).toBe(401);
    }
    expect(sandbox.faults.list()).toEqual([]);
  });

  it('injects a fault for a caller that sends its token', async () => {
    const response = await send(at('/sandbox/faults'), { method: 'POST', headers: { authorization }, body: fault });
    expect(response.status).toBe(200);
    expect(sandbox.faults.remove()).toBe(1);
  });

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:1', 'https://localhost'])(
    'rejects a page of the origin %s, with or without the token',
    async (origin) => {
      for (const path of ['/sandbox/requests', '/api/v1/connections/sync', '/api/public/v1/jobs']) {
        const response = await send(at(path), { method: 'POST', headers: { origin, authorization }, body: '{}' });
        expect(response.status).toBe(403);
      }
      expect(sandbox.requests.count()).toBe(0);
    },
  );

  it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil.example', 'a@b'])(
    'rejects the host %s, which a page can resolve to this machine',
    async (host) => {
      for (const path of ['/sandbox/requests', '/api/v1/health', '/api/public/v1/workspaces']) {
        const response = await send(at(path), { headers: { host, authorization } });
        expect([400, 421]).toContain(response.status);
      }
    },
  );

  it.each([
    '127.0.0.1',
    'localhost',
    '[::1]',
    '10.1.2.3',
    'sandbox',
    'airbyte-sandbox',
    'host.docker.internal',
    'a.b.svc.cluster.local',
    'airbyte.example.com',
  ])('responds to the host %s, which is an address, a private name or one that was allowed', async (name) => {
    for (const host of [name, `${name}:8000`]) {
      const origin = `http://${host}`;
      expect((await send(at('/api/v1/health'), { headers: { host } })).status).toBe(200);
      expect((await send(at('/api/v1/health'), { headers: { host, origin } })).status).toBe(200);
      expect((await send(at('/sandbox/requests'), { headers: { host, authorization } })).status).toBe(200);
    }
    sandbox.requests.clear();
  });

  it('prints its own token in the line that says that it is ready', async () => {
    const command = new CliProcess(['sandbox', '--json'], { PATH: process.env['PATH'], HOME: process.env['HOME'] });
    await command.printed(/}\s*$/);
    const { controlUrl, controlToken } = command.document;
    expect(controlToken).toMatch(/^[\w-]{32}$/);
    expect((await send(`${controlUrl}/jobs`, {})).status).toBe(401);
    const response = await send(`${controlUrl}/jobs`, { headers: { authorization: `Bearer ${controlToken}` } });
    expect(response).toEqual({ status: 200, text: '{"jobs":[]}' });
    command.kill('SIGTERM');
    await command.exited;
  });
});
