import { jest } from '@jest/globals';
import type { AirbyteClient } from '../../src/airbyte/client';

/**
 * Lets a client learn which calls the server lacks, as that of a worker has that has run for a while: a call counts as
 * missing after two rejections, seconds apart, and the tests do not wait for them.
 */
export async function learnUnsupportedEndpoints({
  destinations,
  connections,
  ...definitions
}: AirbyteClient): Promise<void> {
  const workspaceId = 'default-workspace-id';
  const calls = () => [
    destinations.list(workspaceId),
    connections.list(workspaceId),
    definitions.sourceDefinitions.specification({ sourceDefinitionId: 'postgres-definition-id', workspaceId }),
    definitions.destinationDefinitions.specification({ destinationDefinitionId: 's3-definition-id', workspaceId }),
  ];
  await Promise.allSettled(calls());
  const now = performance.now.bind(performance);
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + 3_000);
  await Promise.allSettled(calls());
  clock.mockRestore();
}
