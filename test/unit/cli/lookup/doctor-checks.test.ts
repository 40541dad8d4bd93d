import { describe, expect, it } from '@jest/globals';
import {
  checkEnvironment,
  checkNode,
  checkTemporalCli,
  describeCapabilities,
} from '../../../../cli/lookup/doctor-checks';
import { checkReach, checkServed } from '../../../../cli/lookup/worker-check';
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

  it("warns of a missing Temporal CLI only where the demo can run, which needs the sandbox: not in the worker's image", async () => {
    const env = { PATH: '/no/programs', XDG_CACHE_HOME: '/no/cache' };
    expect(await checkTemporalCli(env)).toMatchObject({ status: 'warning', hint: expect.stringContaining('PATH') });
    expect(await checkTemporalCli(env, false)).toEqual({
      status: 'ok',
      message: 'not installed, and not needed: there is no demo here, because it needs the sandbox',
    });
    const misspelt = { ...env, TEMPORAL_CLI: '/no/temporal' };
    await expect(checkTemporalCli(misspelt, false)).rejects.toThrow(/TEMPORAL_CLI is set to \/no\/temporal/);
  });
});

describe('what doctor says of the workers of a task queue', () => {
  const [one, two] = [
    '1@a#111111111111 airbyte=http://one:8001/api/v1',
    '2@b#222222222222 airbyte=http://two:8001/api/v1',
  ];

  it('is nothing where they serve one Airbyte, which is that of this environment, and reach it', () => {
    expect(checkServed('airbyte', [one, '3@c'], { url: 'http://one:8001' })).toBeUndefined();
    expect(checkServed('airbyte', [one], undefined)).toBeUndefined();
    expect(checkServed('airbyte', ['3@c'], { url: 'http://one:8001' })).toBeUndefined();
    expect(checkReach([one], [])).toBeUndefined();
  });

  it('names two that serve different Airbytes, as a failure', () => {
    const found = checkServed('airbyte', [one, two], { url: 'http://one:8001' });
    expect(found).toMatchObject({ status: 'failed', hint: expect.stringContaining('AIRBYTE_TASK_QUEUE') });
    for (const part of [
      '1@a#111111111111 serves http://one:8001/api/v1',
      '2@b#222222222222 serves http://two:8001/api/v1',
    ]) {
      expect(found?.message).toContain(part);
    }
  });

  it('names the Airbyte that they serve where this environment names another one', () => {
    expect(checkServed('airbyte', [one], { url: 'http://two:8001/api/v1' })).toMatchObject({
      status: 'warning',
      message:
        "1@a#111111111111 of the task queue 'airbyte' serves the Airbyte at http://one:8001/api/v1, but this environment names the one at http://two:8001/api/v1",
    });
  });

  it('names those that cannot reach their Airbyte: a warning, and a failure where none can', () => {
    expect(checkReach([one, two], [two])).toMatchObject({
      status: 'warning',
      message: '1 worker of 2 cannot reach the Airbyte: 2@b#222222222222 (http://two:8001/api/v1)',
    });
    expect(checkReach([one], [one])).toMatchObject({ status: 'failed', hint: expect.stringContaining('/readyz') });
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
