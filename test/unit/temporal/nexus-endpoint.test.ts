import { describe, expect, it } from '@jest/globals';
import { nexusEndpointName } from '../../../src/temporal/nexus-endpoint';

describe('the name of the Nexus endpoint of a task queue', () => {
  it.each([
    ['airbyte', 'airbyte'],
    ['airbyte-eu', 'airbyte-eu'],
    ['team_a/airbyte.eu', 'team-a-airbyte-eu'],
    ['2nd', 'airbyte-2nd'],
    ['_', 'airbyte'],
  ])('%s: %s', (taskQueue, name) => {
    expect(nexusEndpointName(taskQueue)).toBe(name);
  });
});
