import { describe, expect, it } from '@jest/globals';
import { describeCapabilities } from '../../../../cli/render/capability-texts';
import type { AirbyteCapabilities } from '../../../../src/airbyte/capabilities';

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
  it('is told in two lines when it can do all', () => {
    expect(describeCapabilities(ALL)).toEqual([
      'Airbyte 2.0.0 by its Config API',
      "can: sync, reset, refresh, clear, connection checks, job logs, changes of all jobs at once, list of workspaces, connectors per workspace, connectors' specifications, tokens for client credentials",
    ]);
  });

  it('is told with what it cannot', () => {
    const lines = describeCapabilities({
      ...ALL,
      flavour: 'public',
      version: undefined,
      connectionChecks: false,
      jobLogs: false,
      specifications: false,
      jobTypes: ['sync', 'reset', 'clear'],
    });
    expect(lines[0]).toBe('Airbyte by its public API');
    expect(lines[2]).toBe("cannot: refresh, connection checks, job logs, connectors' specifications");
  });
});
