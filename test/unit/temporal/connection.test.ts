import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  connectTemporal,
  TemporalConfigurationError,
  TemporalUnreachableError,
  temporalSettings,
} from '../../../src/temporal/connection';
import { PRIVATE_AUTHORITY } from '../../support/private-authority';

describe('temporalSettings', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temporal-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function profile(toml: string): Promise<NodeJS.ProcessEnv> {
    const file = join(folder, 'temporal.toml');
    await writeFile(file, toml);
    return { TEMPORAL_CONFIG_FILE: file };
  }

  it('is a server on this machine when nothing is set', () => {
    expect(temporalSettings({})).toMatchObject({ address: 'localhost:7233', namespace: 'default' });
  });

  it('reads temporal.toml, and lets the environment say otherwise', async () => {
    const env = await profile('[profile.default]\naddress = "temporal.example:7233"\nnamespace = "data"\n');
    expect(temporalSettings(env)).toMatchObject({ address: 'temporal.example:7233', namespace: 'data' });
    const settings = temporalSettings({ ...env, TEMPORAL_NAMESPACE: 'other' });
    expect(settings).toMatchObject({ address: 'temporal.example:7233', namespace: 'other' });
  });

  it('takes a variable that is set to nothing as not set', () => {
    const { address, connectionOptions } = temporalSettings({ TEMPORAL_ADDRESS: '', TEMPORAL_API_KEY: '' });
    expect(address).toBe('localhost:7233');
    expect(connectionOptions.apiKey).toBeUndefined();
    expect(connectionOptions.tls).toBeUndefined();
  });

  it('encrypts as soon as there is an API key', () => {
    expect(temporalSettings({ TEMPORAL_API_KEY: 'a-key' }).connectionOptions).toMatchObject({
      apiKey: 'a-key',
      tls: true,
    });
  });

  it('says which profile is missing', async () => {
    const env = { ...(await profile('[profile.default]\naddress = "a:1"\n')), TEMPORAL_PROFILE: 'production' };
    expect(() => temporalSettings(env)).toThrow(TemporalConfigurationError);
    expect(() => temporalSettings(env)).toThrow("Profile 'production' not found");
  });
});

describe('connectTemporal', () => {
  it('gives up within the timeout when no server listens, and says what to do', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    const connecting = connectTemporal({ env: { TEMPORAL_ADDRESS: address }, connectTimeoutMs: 300 });
    const error = await connecting.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TemporalUnreachableError);
    expect(error).toMatchObject({ address });
    expect((error as Error).message).toContain(`does not respond at ${address} within 0.3 s`);
    expect((error as Error).message).toContain('TEMPORAL_ADDRESS');
  });

  it('gives up within the timeout when a server listens and never responds', async () => {
    const clients: Socket[] = [];
    const silent = createServer((client) => void clients.push(client));
    const port = await listen(silent);
    try {
      const connecting = connectTemporal({ env: { TEMPORAL_ADDRESS: `127.0.0.1:${port}` }, connectTimeoutMs: 300 });
      await expect(connecting).rejects.toThrow(TemporalUnreachableError);
    } finally {
      for (const client of clients) client.destroy();
      silent.close();
    }
  });

  it('names what to set for a certificate of an authority that this process does not trust', async () => {
    const server = createTlsServer({ ...PRIVATE_AUTHORITY, ALPNProtocols: ['h2'] }, (socket) => void socket.resume());
    const port = await listen(server);
    try {
      const env = { TEMPORAL_ADDRESS: `localhost:${port}`, TEMPORAL_TLS: 'true' };
      const error = await connectTemporal({ env, connectTimeoutMs: 300 }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(TemporalUnreachableError);
      expect((error as Error).message).toMatch(
        /is self-signed, or signed by an authority .*TEMPORAL_TLS_SERVER_CA_CERT_PATH .*NODE_EXTRA_CA_CERTS/,
      );
    } finally {
      server.close();
    }
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
