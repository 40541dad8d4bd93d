import { operation, service } from 'nexus-rpc';
import type { PipelineDocumentInput } from '../../src/contract/pipeline-document';
import type { PipelineResult } from '../../src/contract/pipeline-result';
import type { SyncConnectionInput } from '../../src/contract/sync-options';
import type { SyncConnectionResult } from '../../src/contract/sync-result';

/** What the operation `cancel` answers. */
export interface CancelledSyncs {
  connectionId: string;
  /** Ids of the workflows that were asked to cancel; none when no sync of the connection was running. */
  workflowIds: string[];
}

/**
 * What workers of temporal-airbyte do for workflows of other namespaces, by way of a Nexus endpoint that leads to their
 * task queue (`temporal-airbyte doctor --fix` creates one, named `airbyte`). Workflow code may import this file: it has
 * nothing of the worker's.
 *
 * An operation that fails has a `NexusOperationFailure`; the `ApplicationFailure` with a type of `FAILURE_TYPES` is its
 * cause, or the cause's cause where the input was refused before anything started.
 *
 * @example
 * const airbyte = createNexusServiceClient({ endpoint: 'airbyte', service: airbyteService });
 * const { recordsSynced } = await airbyte.executeOperation('sync', { connectionId, timeout: '30m' });
 */
export const airbyteService = service('airbyte', {
  /**
   * Runs `syncConnection`. Callers at the same time share one run and its job; so cancelling the operation, which cancels
   * the job in Airbyte, cancels it for all of them. With `onRunning` other than `attach` each has a run of its own.
   */
  sync: operation<SyncConnectionInput, SyncConnectionResult>(),
  /**
   * Runs a pipeline document. Callers with the same document share one run; while one of the same name runs with another
   * document it fails with `AirbyteConflict`.
   */
  runPipeline: operation<PipelineDocumentInput, PipelineResult>(),
  /**
   * Cancels the syncs of a connection that Temporal runs. It answers when they have been asked to; they end as cancelled
   * once their job in Airbyte has ended.
   */
  cancel: operation<{ connectionId: string }, CancelledSyncs>(),
});
