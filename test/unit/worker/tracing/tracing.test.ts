import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startTracing } from '../../../../worker/tracing/tracing';

const VARIABLE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const before = process.env[VARIABLE];

afterEach(() => {
  if (before === undefined) delete process.env[VARIABLE];
  else process.env[VARIABLE] = before;
});

/** Exports one span to an address. @returns the warnings */
async function warningsOf(endpoint: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const warnings: string[] = [];
  // The exporter reads the environment of the process.
  process.env[VARIABLE] = endpoint;
  const tracing = startTracing({ [VARIABLE]: endpoint, ...env }, (message) => warnings.push(message));
  expect(await tracing?.inSpan('work', async () => 'done')).toBe(tracing && 'done');
  await tracing?.shutdown();
  return warnings;
}

describe('tracing', () => {
  it('warns of a collector that is not there, or that rejects traces, and disturbs nothing', async () => {
    expect(await warningsOf('http://127.0.0.1:1')).toEqual([
      expect.stringMatching(/^Cannot export traces: .*ECONNREFUSED.*OTEL_EXPORTER_OTLP_ENDPOINT/),
    ]);
    const server = createServer((_request, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const warnings = await warningsOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.closeAllConnections();
    server.close();
    expect(warnings).toEqual([expect.stringMatching(/^Cannot export traces: /)]);
  });

  it('warns of a variable that it cannot use, and exports nothing', async () => {
    const warnings = await warningsOf('http://127.0.0.1:1', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    expect(warnings).toEqual([expect.stringMatching(/^No traces are exported: OTEL_EXPORTER_OTLP_PROTOCOL .*grpc/)]);
  });
});
