import { describe, expect, it } from '@jest/globals';
import { InvalidEnvironmentError } from '../../../src/airbyte/environment';
import { workerSettings } from '../../../src/worker/worker-settings';

describe('workerSettings', () => {
  it('has the documented defaults, also for variables that are set to nothing', () => {
    const defaults = { taskQueue: 'airbyte', pollIntervalMs: 2_000 };
    expect(workerSettings({})).toEqual(defaults);
    expect(workerSettings({ AIRBYTE_TASK_QUEUE: '', AIRBYTE_POLL_INTERVAL: '' })).toEqual(defaults);
  });

  it('reads AIRBYTE_TASK_QUEUE and AIRBYTE_POLL_INTERVAL', () => {
    const env = { AIRBYTE_TASK_QUEUE: 'data', AIRBYTE_POLL_INTERVAL: '500ms' };
    expect(workerSettings(env)).toEqual({ taskQueue: 'data', pollIntervalMs: 500 });
  });

  it('names the variable that is no duration', () => {
    expect(() => workerSettings({ AIRBYTE_POLL_INTERVAL: 'often' })).toThrow(InvalidEnvironmentError);
    expect(() => workerSettings({ AIRBYTE_POLL_INTERVAL: 'often' })).toThrow(/^AIRBYTE_POLL_INTERVAL .*"often"/);
  });
});
