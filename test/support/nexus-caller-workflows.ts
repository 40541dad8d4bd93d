/** Workflows of another namespace, which know no more of this project than the definition of its Nexus service. */
import { createNexusServiceClient } from '@temporalio/workflow';
import type { PipelineDocumentInput } from '../../src/contract/pipeline-document';
import type { SyncConnectionInput } from '../../src/contract/sync-options';
import { airbyteService, type CancelledSyncs } from '../../worker/nexus/service';
import type { PipelineResult, SyncConnectionResult } from '../../workflows';

const airbyteAt = (endpoint: string) => createNexusServiceClient({ endpoint, service: airbyteService });

export function callSync(endpoint: string, input: SyncConnectionInput): Promise<SyncConnectionResult> {
  return airbyteAt(endpoint).executeOperation('sync', input);
}

export function callRunPipeline(endpoint: string, document: PipelineDocumentInput): Promise<PipelineResult> {
  return airbyteAt(endpoint).executeOperation('runPipeline', document);
}

export function callCancel(endpoint: string, input: { connectionId: string }): Promise<CancelledSyncs> {
  return airbyteAt(endpoint).executeOperation('cancel', input);
}
