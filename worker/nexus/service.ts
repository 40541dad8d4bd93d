import { operation, service } from 'nexus-rpc';
import type { PipelineDocumentInput } from '../../src/contract/pipeline-document';
import type { PipelineResult } from '../../src/contract/pipeline-result';
import type { SyncConnectionInput } from '../../src/contract/sync-options';
import type { SyncConnectionResult } from '../../src/contract/sync-result';

/** The result of the operation `cancel`. */
export interface CancelledSyncs {
  connectionId: string;
  /** Ids of the workflows whose cancel was requested; empty when no sync of the connection was running. */
  workflowIds: string[];
}

/**
 * The Nexus service of temporal-airbyte's workers, for workflows of other namespaces. They reach it through a Nexus endpoint
 * that targets the workers' task queue (`temporal-airbyte doctor --fix` creates one named `airbyte`). Workflow code may import
 * this file, because it imports no worker code.
 *
 * A failed operation throws a `NexusOperationFailure`. Its cause is the `ApplicationFailure` with a type of `FAILURE_TYPES`; where
 * the input was rejected before anything started, that is the cause of its cause.
 *
 * @example
 * const airbyte = createNexusServiceClient({ endpoint: 'airbyte', service: airbyteService });
 * const { recordsSynced } = await airbyte.executeOperation('sync', { connectionId, timeout: '30m' });
 */
export const airbyteService = service('airbyte', {
  /**
   * Runs `syncConnection`. Concurrent callers share one run and its job, so cancelling the operation, which cancels the Airbyte
   * job, cancels it for all of them. With an `onRunning` other than `attach`, each caller has its own run.
   */
  sync: operation<SyncConnectionInput, SyncConnectionResult>(),
  /**
   * Runs a pipeline document. Concurrent callers with the same document share one run. While a run of the same name with another
   * document exists, the operation fails with `AirbyteConflict`.
   */
  runPipeline: operation<PipelineDocumentInput, PipelineResult>(),
  /**
   * Cancels the running syncs of a connection. It returns when the cancels are requested; the syncs end as cancelled once their
   * Airbyte job has ended.
   */
  cancel: operation<{ connectionId: string }, CancelledSyncs>(),
});
