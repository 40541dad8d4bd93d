import { createNexusServiceClient } from '@temporalio/workflow';
import { airbyteService } from 'temporal-airbyte/nexus';

export interface RefreshInput {
  connectionId: string;
  /** The Nexus endpoint that leads to the workers of temporal-airbyte, wherever they are. */
  endpoint: string;
}

/**
 * Tells how many records are new; null where Airbyte has not measured it.
 *
 * Cancelled, it cancels the job in Airbyte, and ends once that has.
 */
export async function refresh({ connectionId, endpoint }: RefreshInput): Promise<{ newRecords: number | null }> {
  const airbyte = createNexusServiceClient({ endpoint, service: airbyteService });
  const { recordsSynced } = await airbyte.executeOperation('sync', { connectionId, timeout: '30m' });
  return { newRecords: recordsSynced };
}
