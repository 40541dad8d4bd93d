import { createNexusServiceClient } from '@temporalio/workflow';
import { airbyteService } from 'temporal-airbyte/nexus';

export interface RefreshInput {
  connectionId: string;
  /** The Nexus endpoint of the workers of temporal-airbyte. */
  endpoint: string;
}

/**
 * Syncs a connection, and returns how many records are new: null if Airbyte has not measured it.
 *
 * When it is cancelled, it cancels the Airbyte job, and ends after the job has ended.
 */
export async function refresh({ connectionId, endpoint }: RefreshInput): Promise<{ newRecords: number | null }> {
  const airbyte = createNexusServiceClient({ endpoint, service: airbyteService });
  const { recordsSynced } = await airbyte.executeOperation('sync', { connectionId, timeout: '30m' });
  return { newRecords: recordsSynced };
}
