import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../../../tools/free-ports';
import { type MetricsEndpointOptions, openMetricsEndpoint } from '../../../../worker/metrics/metrics-endpoint';

describe('the endpoint of a worker', () => {
  let address: MetricsEndpointOptions['address'];
  let close: () => Promise<void>;
  let reasonToRestart: string | undefined;
  const health = {
    get reasonToRestart() {
      return reasonToRestart;
    },
    readiness: async () => ({ temporal: undefined, airbyte: 'no response' }),
    check: async (dependency: string) => (dependency === 'airbyte' ? 'no response' : undefined),
  };
  let read = async () => 'temporal_request_total 1\n';

  beforeAll(async () => {
    address = { host: '127.0.0.1', port: await freePort() };
    close = await openMetricsEndpoint({ address, health, readMetrics: () => read() });
  });
  afterAll(() => close?.());

  async function get(path: string, method = 'GET') {
    const response = await fetch(`http://127.0.0.1:${address.port}${path}`, { method });
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  }

  it('serves whether the worker is alive and whether it can work', async () => {
    expect(await get('/livez')).toMatchObject({ status: 200, text: 'worker: ok\n' });
    reasonToRestart = 'the worker has failed';
    expect(await get('/livez')).toMatchObject({ status: 503, text: 'worker: the worker has failed\n' });
    expect(await get('/readyz')).toMatchObject({ status: 503, text: 'temporal: ok\nairbyte: no response\n' });
    expect(await get('/readyz/temporal?verbose')).toMatchObject({ status: 200, text: 'temporal: ok\n' });
    expect(await get('/readyz/airbyte', 'HEAD')).toMatchObject({ status: 503, text: '' });
  });

  it('serves the metrics in the format of Prometheus, and says why it cannot', async () => {
    expect(await get('/metrics')).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      text: 'temporal_request_total 1\n',
    });
    read = async () => {
      throw new Error('the runtime was shut down');
    };
    expect(await get('/metrics')).toMatchObject({ status: 500, text: 'the runtime was shut down\n' });
  });

  it('names what it serves to a request for anything else', async () => {
    expect(await get('/')).toMatchObject({ status: 404, text: expect.stringContaining('/livez, /readyz') });
    expect(await get('/__proto__')).toMatchObject({ status: 404 });
    expect(await get('/livez', 'POST')).toMatchObject({ status: 405 });
  });

  it('says which variable to change when the port is taken', async () => {
    await expect(openMetricsEndpoint({ address, health, readMetrics: undefined })).rejects.toMatchObject({
      name: 'MetricsListenError',
      message: expect.stringMatching(/127\.0\.0\.1:\d+: .*EADDRINUSE.* Set AIRBYTE_METRICS_ADDRESS/),
    });
  });
});
