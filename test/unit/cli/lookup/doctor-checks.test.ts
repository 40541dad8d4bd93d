import { describe, expect, it } from '@jest/globals';
import { checkEnvironment, checkNode, describeCapabilities } from '../../../../cli/lookup/doctor-checks';
import type { AirbyteCapabilities } from '../../../../src/airbyte/capabilities';

describe('doctor', () => {
  it.each([
    ['18.20.0', 'failed'],
    ['20.18.9', 'failed'],
    ['20.19.0', 'ok'],
    ['22.1.0', 'ok'],
  ])('finds Node.js %s %s', (version, status) => {
    expect(checkNode(version).status).toBe(status);
  });

  it('names the variables that are set and never shows their values', () => {
    const { message } = checkEnvironment({
      AIRBYTE_TOKEN: 'hush-1',
      SECRET_SHOP_PASSWORD: 'hush-2',
      TEMPORAL_ADDRESS: '',
      HOME: '/home/user',
    });
    expect(message).toBe('set: AIRBYTE_TOKEN, SECRET_SHOP_PASSWORD');
  });

  it('rejects an environment that a worker could not use', () => {
    expect(() => checkEnvironment({ AIRBYTE_POLL_INTERVAL: 'often' })).toThrow(/AIRBYTE_POLL_INTERVAL/);
    expect(() => checkEnvironment({ AIRBYTE_WEBHOOK_PORT: '8400' })).toThrow(/AIRBYTE_WEBHOOK_SECRET is not set/);
  });
});

const ALL: AirbyteCapabilities = {
  flavour: 'config',
  version: '2.0.0',
  workspaceList: 'public',
  definitionsPerWorkspace: true,
  specifications: true,
  connectionChecks: true,
  jobLogs: true,
  changeFeed: 'instance',
  jobTypes: ['sync', 'reset', 'refresh', 'clear'],
  tokens: true,
};

describe('what an Airbyte can do', () => {
  it('takes two lines when it supports everything', () => {
    expect(describeCapabilities(ALL)).toEqual([
      'Airbyte 2.0.0 through its Config API',
      "can: sync, reset, refresh, clear, connection checks, job logs, changes of all jobs in one request, list of workspaces, connectors per workspace, connectors' specifications, tokens for client credentials",
    ]);
  });

  it('includes what it does not support', () => {
    const lines = describeCapabilities({
      ...ALL,
      flavour: 'public',
      version: undefined,
      connectionChecks: false,
      jobLogs: false,
      specifications: false,
      jobTypes: ['sync', 'reset', 'clear'],
    });
    expect(lines[0]).toBe('Airbyte through its public API');
    expect(lines[2]).toBe("cannot: refresh, connection checks, job logs, connectors' specifications");
  });
});
