import { afterEach, describe, expect, it } from '@jest/globals';
import { type SandboxOptions, startSandbox } from '../../sandbox/server';
import { SANDBOX_AIRBYTE_VERSIONS, type SandboxAirbyteVersion } from '../../sandbox/state/airbyte-versions';
import { AirbyteClient, type AirbyteClientOptions } from '../../src/airbyte/client';
import { startReferenceServer } from '../support/reference-server';

let stop: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of stop.splice(0).reverse()) await each();
  stop = [];
});

async function capabilitiesOf(options: AirbyteClientOptions) {
  const client = new AirbyteClient(options);
  stop.push(() => client.close());
  return client.capabilities();
}

async function sandboxOf(airbyteVersion: SandboxAirbyteVersion, options: SandboxOptions = {}) {
  const sandbox = await startSandbox({ ...options, airbyteVersion });
  stop.push(() => sandbox.stop());
  return sandbox;
}

const isBefore = (version: SandboxAirbyteVersion, other: SandboxAirbyteVersion) =>
  SANDBOX_AIRBYTE_VERSIONS.indexOf(version) < SANDBOX_AIRBYTE_VERSIONS.indexOf(other);

describe('what a client finds that its server can do', () => {
  it.each(SANDBOX_AIRBYTE_VERSIONS)('is what Airbyte %s has in its Config API', async (version) => {
    const sandbox = await sandboxOf(version);
    const isOld = version === '0.50.0';
    expect(await capabilitiesOf({ url: sandbox.url })).toEqual({
      flavour: 'config',
      version: isOld ? undefined : version,
      workspaceList: isBefore(version, '1.8.0') ? 'config' : 'public',
      definitionsPerWorkspace: true,
      specifications: true,
      connectionChecks: true,
      jobLogs: true,
      changeFeed: isOld ? 'none' : 'instance',
      jobTypes: isOld ? ['sync', 'reset'] : ['sync', 'reset', 'refresh', 'clear'],
      tokens: !isOld,
    });
    expect([sandbox.store.actors.size, sandbox.store.connections.size, sandbox.store.jobs.size]).toEqual([0, 0, 0]);
  });

  it.each(SANDBOX_AIRBYTE_VERSIONS.slice(1))('is what Airbyte %s has in its public API', async (version) => {
    const { url } = await sandboxOf(version);
    expect(await capabilitiesOf({ url: url.replace('/api/v1', '/api/public/v1') })).toEqual({
      flavour: 'public',
      workspaceList: 'public',
      definitionsPerWorkspace: !isBefore(version, '1.6.0'),
      specifications: false,
      connectionChecks: false,
      jobLogs: false,
      changeFeed: 'instance',
      jobTypes: ['sync', 'reset', 'clear'],
      tokens: !isBefore(version, '1.0.0'),
    });
  });

  it('is the same with credentials', async () => {
    const { url } = await sandboxOf('2.0.0', { auth: { kind: 'basic', username: 'airbyte', password: 'password' } });
    const auth = { kind: 'basic', username: 'airbyte', password: 'password' } as const;
    expect(await capabilitiesOf({ url, auth })).toMatchObject({
      version: '2.0.0',
      tokens: true,
      changeFeed: 'instance',
    });
    await expect(capabilitiesOf({ url })).rejects.toMatchObject({ type: 'AirbyteUnauthorized' });
  });

  it.each([undefined, { message: 'Not Found' }, { message: 'no such call' }])(
    "is no more than the user's reference names, whose 404 is %j",
    async (unknownCallResponse) => {
      const server = await startReferenceServer(unknownCallResponse === undefined ? {} : { unknownCallResponse });
      stop.push(() => server.stop());
      expect(await capabilitiesOf({ url: server.url })).toEqual({
        flavour: 'config',
        version: undefined,
        workspaceList: 'config',
        definitionsPerWorkspace: false,
        specifications: false,
        connectionChecks: true,
        jobLogs: true,
        changeFeed: 'none',
        jobTypes: ['sync'],
        tokens: false,
      });
    },
  );
});
