import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { AirbyteClient } from '../../../src/airbyte';
import { HttpTransport, QUICK_CONNECTIONS } from '../../../src/airbyte/http/http-transport';
import { healthSchema } from '../../../src/airbyte/schemas';
import { SecretMask } from '../../../src/text/masking/secret-mask';
import { airbyte, client } from './scripted-client';

const JOB = { job: { id: 1, configType: 'sync', status: 'running' } };

describe('a request', () => {
  it('is a POST of JSON by a client that names itself', async () => {
    airbyte.respond({ 'jobs/get': JOB });
    await client.jobs.get(1);
    expect(airbyte.requests).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/jobs/get',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': expect.stringMatching(/^temporal-airbyte\/\d+\.\d+\.\d+/),
        },
        body: { id: 1 },
      },
    ]);
  });

  it('may have a response of many megabytes', async () => {
    const streams = Array.from({ length: 100_000 }, (_, stream) => ({ name: `stream ${stream} ${'x'.repeat(100)}` }));
    airbyte.respond({ 'connections/get': { connectionId: 'c', status: 'active', everything: { streams } } });
    expect(await client.connections.get('c')).toMatchObject({ everything: { streams: { length: 100_000 } } });
  });

  it('uses a path that a proxy puts in front', async () => {
    const proxied = new AirbyteClient({ url: `${airbyte.origin}/tools/airbyte/api/v1/` });
    airbyte.script = () => ({ body: JOB });
    await proxied.jobs.get(1);
    expect(airbyte.requests[0]?.path).toBe('/tools/airbyte/api/v1/jobs/get');
    await proxied.close();
  });

  it('reuses the connections of earlier requests', async () => {
    const ports = new Set<number | undefined>();
    airbyte.script = () => (response) => {
      ports.add(response.socket?.remotePort);
      response.end(JSON.stringify(JOB));
    };
    for (let request = 0; request < 10; request += 1) {
      await client.jobs.get(1);
    }
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('does not wait for calls that wait for Airbyte', async () => {
    const discoveries: ServerResponse[] = [];
    airbyte.script = (request) =>
      request.path.endsWith('discover_schema') ? (response) => discoveries.push(response) : { body: JOB };
    const waiting = Promise.allSettled(Array.from({ length: 40 }, () => client.sources.discoverSchema('s')));
    await expect(client.jobs.get(1)).resolves.toMatchObject({ jobId: 1 });
    await client.close();
    expect(await waiting).toEqual(Array.from({ length: 40 }, () => expect.objectContaining({ status: 'rejected' })));
  });

  describe('that finds no free connection', () => {
    /** Takes every connection for reads until the returned function responds to what it holds. */
    async function takeAllConnections(transport: HttpTransport): Promise<() => Promise<unknown>> {
      const held: ServerResponse[] = [];
      const taken = new Promise<void>((resolve) => {
        airbyte.script = () => {
          if (held.length === QUICK_CONNECTIONS) {
            return { body: { available: true } };
          }
          return (response) => {
            held.push(response);
            if (held.length === QUICK_CONNECTIONS) {
              resolve();
            }
          };
        };
      });
      const holding = Promise.all(Array.from({ length: QUICK_CONNECTIONS }, () => transport.send(HEALTH)));
      await taken;
      return () => {
        for (const response of held) {
          response.end('{"available":true}');
        }
        return holding;
      };
    }

    it('is sent when a connection is free', async () => {
      const transport = new HttpTransport(airbyte.url, new SecretMask());
      const release = await takeAllConnections(transport);
      const waiting = transport.send(HEALTH);
      await release();
      await expect(waiting).resolves.toEqual({ available: true });
      await transport.close();
    });

    it('has surely no effect when it times out', async () => {
      const transport = new HttpTransport(airbyte.url, new SecretMask(), { timeoutsMs: { write: 20 } });
      const release = await takeAllConnections(transport);
      await expect(transport.send({ ...HEALTH, kind: 'write' })).rejects.toMatchObject({
        type: 'AirbyteUnavailable',
        retryable: true,
        effect: 'none',
        message: expect.stringContaining('found no free connection to Airbyte within 0.02 s'),
      });
      await release();
      await transport.send(HEALTH);
      expect(airbyte.requests).toHaveLength(QUICK_CONNECTIONS + 1);
      await transport.close();
    });

    it.each(['signal', 'abortBeforeSend'] as const)('is aborted immediately by its %s', async (option) => {
      const transport = new HttpTransport(airbyte.url, new SecretMask());
      const release = await takeAllConnections(transport);
      const giveUp = new AbortController();
      const reason = new Error('given up');
      const waiting = transport.send(HEALTH, { [option]: giveUp.signal });
      giveUp.abort(reason);
      await expect(waiting).rejects.toBe(reason);
      await release();
      await transport.send(HEALTH);
      expect(airbyte.requests).toHaveLength(QUICK_CONNECTIONS + 1);
      await transport.close();
    });
  });
});

const HEALTH = { call: 'health', kind: 'read', schema: healthSchema } as const;

describe('aborting a call', () => {
  it("ends it with the signal's own reason, and ends the request", async () => {
    const reason = new Error('the activity was cancelled');
    const giveUp = new AbortController();
    let closed: Promise<unknown> | undefined;
    airbyte.script = () => (response) => {
      closed = once(response, 'close');
      giveUp.abort(reason);
    };
    await expect(client.connections.sync('c', { signal: giveUp.signal })).rejects.toBe(reason);
    await closed;
  });

  it('lets it continue to its end if abortBeforeSend comes after it was sent', async () => {
    const giveUp = new AbortController();
    airbyte.script = () => (response) => {
      giveUp.abort(new Error('too late'));
      response.end(JSON.stringify(JOB));
    };
    expect(await client.connections.sync('c', { abortBeforeSend: giveUp.signal })).toMatchObject({ jobId: 1 });
  });

  it('sends nothing if the call was waiting for the rate limit', async () => {
    const giveUp = new AbortController();
    const reason = new Error('given up');
    airbyte.script = () => ({ body: JOB });
    client.limitRequests(0.01);
    await client.jobs.get(1);
    const waiting = client.connections.sync('c', { abortBeforeSend: giveUp.signal });
    giveUp.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(airbyte.calls).toEqual(['jobs/get']);
  });

  it('sends nothing if it was aborted before the call', async () => {
    const reason = new Error('too late');
    await expect(client.jobs.get(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(airbyte.requests).toEqual([]);
  });

  it('leaves no listener on a signal', async () => {
    airbyte.respond({ 'jobs/get': JOB });
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...parameters: Parameters<typeof add>) => {
      listeners += 1;
      add(...parameters);
    };
    signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...parameters);
    };
    await client.jobs.get(1, { signal });
    await client.jobs.get(1, { signal });
    expect(listeners).toBe(0);
  });
});
