import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../sandbox/server';
import { PRIVATE_AUTHORITY } from '../support/private-authority';
import { type SharedTemporal, sharedTemporal, uniqueName } from '../support/temporal';
import { CliProcess } from './cli-command';

let temporal: SharedTemporal;
let sandbox: Sandbox;
let tlsProxy: Server;
let folder: string;
let env: NodeJS.ProcessEnv;

/** Temporal behind TLS, with a certificate of a private authority. */
function startTlsProxy(address: string): Promise<Server> {
  const [host = '', port = ''] = address.split(':');
  const server = createServer({ ...PRIVATE_AUTHORITY, ALPNProtocols: ['h2'] }, (client) => {
    const upstream = connect(Number(port), host);
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream])
      socket.on('error', () => {
        client.destroy();
        upstream.destroy();
      });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

beforeAll(async () => {
  [temporal, sandbox, folder] = await Promise.all([
    sharedTemporal(),
    startSandbox(),
    mkdtemp(join(tmpdir(), 'worker-process-')),
  ]);
  tlsProxy = await startTlsProxy(temporal.address);
  const authority = join(folder, 'authority.pem');
  await writeFile(authority, PRIVATE_AUTHORITY.authority);
  env = {
    ...temporal.environment({ PATH: process.env['PATH'], HOME: process.env['HOME'] }),
    TEMPORAL_ADDRESS: `localhost:${(tlsProxy.address() as AddressInfo).port}`,
    TEMPORAL_TLS: 'true',
    NODE_EXTRA_CA_CERTS: authority,
    AIRBYTE_URL: sandbox.url,
    AIRBYTE_TASK_QUEUE: uniqueName('process'),
    LOG_FORMAT: 'json',
  };
});

afterAll(async () => {
  tlsProxy.close();
  await sandbox.stop();
  await temporal.close();
  await rm(folder, { recursive: true });
});

/** All that a worker has written, line by line. */
function entriesOf({ stdout, stderr }: CliProcess): Record<string, unknown>[] {
  expect(stdout).toBe('');
  return stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('a worker whose Temporal has a certificate of a private authority', () => {
  it('exits with 3 where only its client trusts the authority, and names both variables in an entry of its log', async () => {
    const worker = new CliProcess(['worker'], env);
    expect(await worker.exited).toBe(3);
    const entries = entriesOf(worker);
    expect(entries.at(-1)).toMatchObject({ level: 'error', time: expect.any(String) });
    expect(entries.at(-1)?.['message']).toMatch(
      /UnknownIssuer.*TEMPORAL_TLS_SERVER_CA_CERT_PATH .*NODE_EXTRA_CA_CERTS alone is not enough/,
    );
  });

  it('works with TEMPORAL_TLS_SERVER_CA_CERT_PATH, and writes one JSON object per line from its start to its end', async () => {
    const { NODE_EXTRA_CA_CERTS: authority, ...rest } = env;
    const worker = new CliProcess(['worker'], { ...rest, TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority });
    await worker.said(/Ready:/);
    const invalid = { taskQueue: env['AIRBYTE_TASK_QUEUE'] ?? '', workflowId: uniqueName('invalid'), args: [{}] };
    await expect(temporal.client.workflow.execute('syncConnection', invalid)).rejects.toThrow();
    await worker.said(/Workflow failed/);
    worker.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
    const entries = entriesOf(worker);
    const messages = entries.map(({ message }) => message);
    expect(entries.find(({ message }) => message === 'Workflow failed')).toMatchObject({
      error: { type: 'InvalidInput', message: expect.stringContaining('connectionId') },
    });
    expect(messages).toContainEqual(expect.stringMatching(/^Ready: polls the task queue/));
    expect(messages).toContainEqual(expect.stringMatching(/^The worker has stopped/));
  });
});
