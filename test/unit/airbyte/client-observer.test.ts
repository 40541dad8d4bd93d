import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AirbyteClient, type AirbyteClientOptions } from '../../../src/airbyte';
import type { AirbyteClientObserver, EndedRequest } from '../../../src/airbyte/client-observer';
import { ScriptedAirbyte } from './scripted-airbyte';

const JOB = { job: { id: 1, configType: 'sync', status: 'running' } };

describe('the observer of a client', () => {
  let airbyte: ScriptedAirbyte;
  let client: AirbyteClient;
  let requests: EndedRequest[];
  let waits: number[];
  let refreshes: boolean[];

  beforeEach(async () => {
    airbyte = await ScriptedAirbyte.start();
    [requests, waits, refreshes] = [[], [], []];
    use({ url: airbyte.url });
  });
  afterEach(async () => {
    await client.close();
    await airbyte.stop();
  });

  function use(options: AirbyteClientOptions): void {
    const observer: AirbyteClientObserver = {
      onRequest: (request) => requests.push(request),
      onRateLimitWait: (waitedMs) => waits.push(waitedMs),
      onTokenRefresh: (hasSucceeded) => refreshes.push(hasSucceeded),
    };
    client = new AirbyteClient({ ...options, observer });
  }

  const ended = () => requests.map(({ endpoint, status }) => `${endpoint} ${status}`);

  it('learns of each request with its status, or why it has none', async () => {
    airbyte.script = () => ({ body: JOB });
    await client.jobs.get(1);
    airbyte.script = () => ({ status: 500, body: { message: 'no database' } });
    await client.jobs.get(1).catch(() => undefined);
    airbyte.script = () => (response) => response.destroy();
    await client.jobs.get(1).catch(() => undefined);
    const abort = new AbortController();
    airbyte.script = () => () => abort.abort();
    await client.jobs.get(1, { signal: abort.signal }).catch(() => undefined);
    expect(ended()).toEqual(['jobs/get 200', 'jobs/get 500', 'jobs/get no response', 'jobs/get aborted']);
    for (const { durationMs } of requests) expect(durationMs).toBeGreaterThan(0);
    expect(waits).toEqual([]);
  });

  it('learns of endpoints without the ids in them, which are few however many objects there are', async () => {
    await client.close();
    use({ url: `${airbyte.origin}/api/public/v1` });
    airbyte.script = () => ({ status: 404, body: { message: 'not found' } });
    const ids = Array.from({ length: 50 }, (_, index) => [`default-workspace-${index}`, `a/b ${index}`]).flat();
    for (const id of ids) {
      await Promise.allSettled([
        client.connections.get(id),
        client.workspaces.get(id),
        client.sourceDefinitions.list(id),
        client.sources.get(id),
        client.jobs.get(Number(/\d+/.exec(id)?.[0])),
      ]);
    }
    const endpoints = new Set(requests.map(({ endpoint }) => endpoint));
    expect(endpoints.size).toBeLessThan(10);
    expect(endpoints).toContain('GET connections/{id}');
    expect(endpoints).toContain('GET workspaces/{id}/definitions/sources');
    expect([...endpoints].join()).not.toMatch(/default|\d/);
  });

  it('learns of tokens, and of waits for the rate limit', async () => {
    await client.close();
    use({ url: airbyte.url, auth: { kind: 'clientCredentials', clientId: 'id', clientSecret: 'the-secret' } });
    airbyte.script = ({ path }) =>
      path.endsWith('/token') ? { body: { access_token: 'token', expires_in: 180 } } : { body: JOB };
    client.limitRequests(20);
    await client.jobs.get(1);
    await client.jobs.get(1);
    expect(refreshes).toEqual([true]);
    expect(waits.length).toBeGreaterThan(0);
    for (const waitedMs of waits) expect(waitedMs).toBeGreaterThanOrEqual(1);

    await client.close();
    use({ url: airbyte.url, auth: { kind: 'clientCredentials', clientId: 'id', clientSecret: 'wrong' } });
    airbyte.script = () => ({ status: 401, body: { message: 'wrong secret' } });
    await client.jobs.get(1).catch(() => undefined);
    expect(refreshes).toEqual([true, false]);
  });
});
