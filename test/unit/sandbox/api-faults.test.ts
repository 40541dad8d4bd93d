import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SandboxOptions } from '../../../sandbox/server';
import { type ApiCaller, startCaller } from './api-caller';

let caller: ApiCaller;
const others: ApiCaller[] = [];

const another = async (options: SandboxOptions, headers?: Record<string, string>) => {
  const started = await startCaller(options, headers);
  others.push(started);
  return started;
};

beforeEach(async () => {
  caller = await startCaller();
});
afterEach(async () => {
  await Promise.all([caller, ...others.splice(0)].map(({ sandbox }) => sandbox.stop()));
});

describe('a fault', () => {
  test('responds with its status as often as configured', async () => {
    const fault = {
      call: 'jobs/list',
      times: 2,
      status: 429,
      headers: { 'retry-after': '7' },
      body: { message: 'Slow down' },
    };
    await caller.control('POST', '/sandbox/faults', fault);
    const request = { configTypes: ['sync'] };
    const first = await caller.request('jobs/list', request);
    expect(first).toMatchObject({ status: 429, body: { message: 'Slow down' } });
    expect(first.headers.get('retry-after')).toBe('7');
    expect((await caller.request('workspaces/list')).status).toBe(200);
    expect((await caller.request('jobs/list', request)).status).toBe(429);
    expect((await caller.request('jobs/list', request)).status).toBe(200);
  });

  test('can let requests pass first, and can affect every call until it is removed', async () => {
    caller.sandbox.faults.add({ times: null, skip: 1, status: 503, body: '<html>Service Unavailable</html>' });
    expect((await caller.request('workspaces/list')).status).toBe(200);
    const response = await caller.request('workspaces/list');
    expect(response.status).toBe(503);
    expect(response.headers.get('content-type')).toBe('text/html');
    expect((await caller.control('DELETE', '/sandbox/faults')).body).toEqual({ removed: 1 });
    expect((await caller.request('workspaces/list')).status).toBe(200);
  });

  test('breaks the connection before the request takes effect', async () => {
    const connectionId = await caller.simulatedConnection();
    caller.sandbox.faults.add({ call: 'connections/sync', drop: 'before' });
    await expect(caller.request('connections/sync', { connectionId })).rejects.toThrow();
    expect(caller.sandbox.store.jobs.size).toBe(0);
  });

  test.each([{ drop: 'after' as const }, { status: 504, effect: true }])(
    'hides the response after the request took effect: %j',
    async (kind) => {
      const connectionId = await caller.simulatedConnection({ hold: true });
      caller.sandbox.faults.add({ call: 'connections/sync', ...kind });
      const response = await caller.request('connections/sync', { connectionId }).catch(() => undefined);
      expect(response?.status).toBe(kind.status);
      expect(caller.sandbox.store.jobs.size).toBe(1);
    },
  );

  test.each([{ drop: 'before' as const }, { status: 502 }])(
    'responds immediately, and lets the request take effect later: %j',
    async (kind) => {
      const connectionId = await caller.simulatedConnection({ hold: true });
      const { faultId } = caller.sandbox.faults.add({ call: 'connections/sync', effectAfterMs: 3_600_000, ...kind });
      const response = await caller.request('connections/sync', { connectionId }).catch(() => undefined);
      expect(response?.status).toBe(kind.status);
      expect(caller.sandbox.store.jobs.size).toBe(0);
      caller.sandbox.faults.remove(faultId);
      expect((await caller.sandbox.jobs.created(connectionId)).status).toBe('pending');
    },
  );

  test('sends the request again, as a gateway does, and returns the second response', async () => {
    const connectionId = await caller.simulatedConnection({ hold: true });
    caller.sandbox.faults.add({ call: 'connections/sync', repeatAfterMs: 0 });
    const response = await caller.request('connections/sync', { connectionId });
    expect(response.status).toBe(409);
    expect(caller.sandbox.store.jobs.size).toBe(1);
    expect(caller.sandbox.requests.count('connections/sync')).toBe(2);
  });

  test('breaks the connection in the middle of the response', async () => {
    caller.sandbox.faults.add({ call: 'workspaces/list', drop: 'halfway' });
    await expect(caller.request('workspaces/list')).rejects.toThrow();
  });

  test.each([
    { effectAfterMs: 1 },
    { effectAfterMs: 1, effect: true, status: 502 },
    { repeatAfterMs: 1, effect: true },
  ])('that contradicts itself is rejected: %j', async (fault) => {
    expect((await caller.control('POST', '/sandbox/faults', fault)).status).toBe(400);
  });

  test('delays the response until it is removed', async () => {
    const { faultId } = caller.sandbox.faults.add({ call: 'workspaces/list', delayMs: 3_600_000 });
    const response = caller.request('workspaces/list');
    await caller.sandbox.requests.reached('workspaces/list', 1);
    await caller.control('DELETE', `/sandbox/faults/${faultId}`);
    expect((await response).status).toBe(200);
  });

  test('delays the response to a request that has taken effect', async () => {
    const connectionId = await caller.simulatedConnection({ hold: true });
    const fault = { call: 'connections/sync', status: 504, effect: true, delayMs: 3_600_000 };
    const { faultId } = caller.sandbox.faults.add(fault);
    const response = caller.request('connections/sync', { connectionId });
    await caller.sandbox.requests.reached('connections/sync', 1);
    await caller.sandbox.jobs.created(connectionId);
    caller.sandbox.faults.remove(faultId);
    expect((await response).status).toBe(504);
  });

  test('that is invalid is rejected', async () => {
    expect((await caller.control('POST', '/sandbox/faults', { call: 'jobs/list', probability: 1 })).status).toBe(400);
  });
});

test('counts the requests of each call', async () => {
  await caller.request('workspaces/list');
  await caller.request('workspaces/list');
  await caller.request('health');
  const counts = { total: 3, calls: { 'workspaces/list': 2, health: 1 } };
  expect((await caller.control('GET', '/sandbox/requests')).body).toEqual(counts);
  await caller.control('DELETE', '/sandbox/requests');
  expect(caller.sandbox.requests.count()).toBe(0);
});

describe('authentication', () => {
  test('with name and password admits callers that have them, and every caller to the health check', async () => {
    const guarded = await another({ auth: { kind: 'basic', username: 'airbyte', password: 'secret' } });
    const refused = await guarded.request('workspaces/list');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('Basic');
    expect((await guarded.request('health')).status).toBe(200);
    const authorization = `Basic ${Buffer.from('airbyte:secret').toString('base64')}`;
    expect((await guarded.request('workspaces/list', {}, { authorization })).status).toBe(200);
  });

  test('with a token admits callers that have it', async () => {
    const guarded = await another({ auth: { kind: 'bearer', token: 'sesame' } });
    expect((await guarded.request('workspaces/list', {}, { authorization: 'Bearer open' })).status).toBe(401);
    expect((await guarded.request('workspaces/list', {}, { authorization: 'Bearer sesame' })).status).toBe(200);
  });

  test('with client credentials gives a token that says when it ends, and can end it before', async () => {
    const credentials = { clientId: 'id', clientSecret: 'secret', tokenLifetimeMs: 60_000 };
    const guarded = await another({ auth: { kind: 'client-credentials', ...credentials } });
    const wrong = await guarded.request('applications/token', { client_id: 'id', client_secret: 'no' });
    expect(wrong.status).toBe(401);

    const { access_token: token } = await guarded.call('applications/token', {
      client_id: 'id',
      client_secret: 'secret',
    });
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    expect(claims.exp - claims.iat).toBe(60);
    const authorization = `Bearer ${token}`;
    expect((await guarded.request('workspaces/list', {}, { authorization })).status).toBe(200);
    await guarded.control('DELETE', '/sandbox/tokens');
    expect((await guarded.request('workspaces/list', {}, { authorization })).status).toBe(401);
  });

  test('with client credentials rejects a token after its time', async () => {
    const credentials = { clientId: 'id', clientSecret: 'secret', tokenLifetimeMs: 0 };
    const guarded = await another({ auth: { kind: 'client-credentials', ...credentials } });
    const { access_token } = await guarded.call('applications/token', { client_id: 'id', client_secret: 'secret' });
    expect((await guarded.request('workspaces/list', {}, { authorization: `Bearer ${access_token}` })).status).toBe(
      401,
    );
  });
});

describe('an unknown call', () => {
  test('is not found below the API, and the user interface elsewhere', async () => {
    const missing = await caller.request('jobs/dance');
    expect(missing).toMatchObject({ status: 404, body: 'Object not found.' });
    const page = await caller.control('GET', '/workspaces');
    expect(page.status).toBe(200);
    expect(page.body).toContain('<html');
  });

  test('is a call of the wrong method, or with a body that is no JSON', async () => {
    expect((await caller.control('GET', '/api/v1/workspaces/list')).status).toBe(405);
    expect((await caller.request('jobs/list', '{"configTypes":')).status).toBe(422);
  });
});

describe('a server of another version', () => {
  test('2.0 has no list of workspaces but the public one, and says little of errors', async () => {
    const newer = await another({ airbyteVersion: '2.0.0', workspaces: ['One', 'Two'] });
    expect((await newer.request('workspaces/list')).status).toBe(404);
    const { body } = await newer.control('GET', '/api/public/v1/workspaces');
    expect(body.data.map(({ name }: { name: string }) => name)).toEqual(['One', 'Two']);
    const missing = await newer.request('sources/get', { sourceId: randomUUID() });
    expect(missing).toMatchObject({ status: 404, body: { errorId: expect.any(String) } });
    expect(Object.keys(missing.body)).toEqual(['errorId']);
    expect((await newer.request('jobs/get', {})).status).toBe(400);
  });

  test('0.50 lists the jobs of one connection only, and knows neither tokens nor updatedAtStart', async () => {
    const older = await another({ airbyteVersion: '0.50.0' });
    expect((await older.request('jobs/list', { configTypes: ['sync'] })).status).toBe(500);
    expect((await older.request('jobs/list_for_workspaces', { configTypes: ['sync'] })).status).toBe(404);
    expect((await older.request('applications/token', { client_id: '', client_secret: '' })).status).toBe(404);
    const connectionId = await older.simulatedConnection();
    const { job } = await older.runToEnd(connectionId);
    const updatedAtStart = new Date(Date.now() + 3_600_000).toISOString();
    const { jobs } = await older.call('jobs/list', { configTypes: ['sync'], configId: connectionId, updatedAtStart });
    expect(jobs[0].job.id).toBe(job.id);
  });
});
