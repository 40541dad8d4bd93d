import { describe, expect, it } from '@jest/globals';
import { InvalidEnvironmentError } from '../../../src/configuration/read-variable';
import { workerSettings } from '../../../src/configuration/worker-settings';

describe('workerSettings', () => {
  it('has the documented defaults, also for variables that are set to nothing', () => {
    const defaults = { taskQueue: 'airbyte', pollIntervalMs: 2_000, maxConcurrentSyncs: 10_000 };
    const variables = [
      'AIRBYTE_TASK_QUEUE',
      'AIRBYTE_POLL_INTERVAL',
      'AIRBYTE_MAX_CONCURRENT_SYNCS',
      'AIRBYTE_MAX_REQUESTS_PER_SECOND',
      'TEMPORAL_DEPLOYMENT_NAME',
      'TEMPORAL_WORKER_BUILD_ID',
    ];
    expect(workerSettings({})).toEqual(defaults);
    expect(workerSettings(Object.fromEntries(variables.map((variable) => [variable, ''])))).toEqual(defaults);
  });

  it('reads each variable', () => {
    const env = {
      AIRBYTE_TASK_QUEUE: 'data',
      AIRBYTE_POLL_INTERVAL: '500ms',
      AIRBYTE_MAX_CONCURRENT_SYNCS: '50',
      AIRBYTE_MAX_REQUESTS_PER_SECOND: '0.5',
      TEMPORAL_DEPLOYMENT_NAME: 'airbyte',
      TEMPORAL_WORKER_BUILD_ID: '2.0',
    };
    expect(workerSettings(env)).toEqual({
      taskQueue: 'data',
      pollIntervalMs: 500,
      maxConcurrentSyncs: 50,
      maxRequestsPerSecond: 0.5,
      version: { deploymentName: 'airbyte', buildId: '2.0' },
    });
  });

  it.each([
    [{ TEMPORAL_DEPLOYMENT_NAME: 'airbyte' }, /^TEMPORAL_WORKER_BUILD_ID is not set, and TEMPORAL_DEPLOYMENT_NAME is/],
    [{ TEMPORAL_WORKER_BUILD_ID: '2.0' }, /^TEMPORAL_DEPLOYMENT_NAME is not set, and TEMPORAL_WORKER_BUILD_ID is/],
  ])('wants both parts of a version, and not %j alone', (env, message) => {
    expect(() => workerSettings(env)).toThrow(message);
  });

  it.each([
    ['AIRBYTE_MAX_CONCURRENT_SYNCS', 'many'],
    ['AIRBYTE_MAX_CONCURRENT_SYNCS', '0'],
    ['AIRBYTE_MAX_CONCURRENT_SYNCS', '1.5'],
    ['AIRBYTE_MAX_REQUESTS_PER_SECOND', '-1'],
    ['AIRBYTE_MAX_REQUESTS_PER_SECOND', '10/s'],
    ['AIRBYTE_MAX_REQUESTS_PER_SECOND', 'Infinity'],
  ])('rejects %s=%s', (variable, value) => {
    expect(() => workerSettings({ [variable]: value })).toThrow(
      expect.objectContaining({ name: 'InvalidEnvironmentError', message: expect.stringContaining(`'${value}'`) }),
    );
  });

  it('names the variable that is no duration', () => {
    expect(() => workerSettings({ AIRBYTE_POLL_INTERVAL: 'often' })).toThrow(InvalidEnvironmentError);
    expect(() => workerSettings({ AIRBYTE_POLL_INTERVAL: 'often' })).toThrow(/^AIRBYTE_POLL_INTERVAL .*"often"/);
  });
});
