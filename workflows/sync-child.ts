import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  type ChildWorkflowHandle,
  type ChildWorkflowOptions,
  inWorkflowContext,
  log,
  ParentClosePolicy,
  patched,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { connectionSearchAttributes } from '../src/contract/search-attribute-keys';
import type { SyncConnectionInput } from '../src/contract/sync-options';
import type { SyncConnectionResult } from '../src/contract/sync-result';
import { DEFAULT_TASK_QUEUE, syncWorkflowId } from '../src/contract/workflow-ids';
import { syncStaticDetails } from '../src/details/static-details';
import { syncConnection } from './sync-connection';

/** What a parent knows of the sync that it starts, beside the options of the sync itself. */
export interface SyncChild {
  connectionId: string;
  /** By which the child is found and recognised in Temporal's UI. */
  connectionName?: string | undefined;
  workspaceId?: string | undefined;
  /** Where people open Airbyte's web app: the UI then links to the connection. */
  webappUrl?: string | undefined;
  /** Where the workers of temporal-airbyte take their work from; the parent's own task queue when left out. */
  taskQueue?: string | undefined;
}

/** The options that {@link syncChildOptions} decides. */
export type SyncChildOptions = Omit<ChildWorkflowOptions, 'typeInfo'> & { workflowId: string };

/**
 * The options of a child workflow that syncs a connection: found by its connection, and cancelled with its parent, which
 * waits until the job in Airbyte has ended. Its id is that of every sync of the connection, so `startChild` and
 * `executeChild` throw a `WorkflowExecutionAlreadyStartedError` while another one runs; {@link executeSyncChild} shares
 * its job instead.
 *
 * @example
 * const options = syncChildOptions({ connectionId, taskQueue: 'airbyte' });
 * const { recordsSynced } = await executeChild(syncConnection, { ...options, args: [{ connectionId }] });
 */
export function syncChildOptions(child: SyncChild, options: Partial<SyncConnectionInput> = {}): SyncChildOptions {
  const { connectionId, connectionName, workspaceId, webappUrl, taskQueue } = child;
  return {
    workflowId: idOnTaskQueue(connectionId, taskQueue),
    ...(taskQueue !== undefined && { taskQueue }),
    typedSearchAttributes: connectionSearchAttributes({ connectionId, name: connectionName, workspaceId }),
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    ...syncStaticDetails({ connectionId, name: connectionName, workspaceId, webappUrl }, options),
  };
}

/** A task queue other than the default one stands in the id, since another Airbyte may have a connection of this id. */
function idOnTaskQueue(connectionId: string, taskQueue: string | undefined): string {
  const onIt = taskQueue ?? (inWorkflowContext() ? workflowInfo().taskQueue : DEFAULT_TASK_QUEUE);
  const [plain, id] = [syncWorkflowId(connectionId), syncWorkflowId(connectionId, onIt)];
  // Runs of versions before this one have started children without it.
  return id === plain || (inWorkflowContext() && !patched('ids-carry-their-task-queue')) ? plain : id;
}

/**
 * Starts a sync as a child workflow. While somebody else's sync of the connection runs, this one runs beside it under an
 * id of its own, and shares its job as `onRunning` says.
 */
export async function startSyncChild(
  input: SyncConnectionInput,
  child: Omit<SyncChild, 'connectionId'> = {},
): Promise<ChildWorkflowHandle<typeof syncConnection>> {
  const { connectionId, ...syncOptions } = input;
  const { workflowId, ...options } = syncChildOptions({ ...child, connectionId }, syncOptions);
  const start = (id: string) => startChild(syncConnection, { ...options, workflowId: id, args: [input] });
  return start(workflowId).catch((error: unknown) => {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    log.info(`${workflowId} is running already: syncing beside it`);
    return start(`${workflowId}:${workflowInfo().runId}`);
  });
}

/**
 * Syncs a connection as a child workflow, see {@link startSyncChild}, and waits for its result. What the sync fails with
 * is the `cause` of the `ChildWorkflowFailure`: an `ApplicationFailure` with a type of `FAILURE_TYPES`.
 *
 * @example
 * const { recordsSynced } = await executeSyncChild({ connectionId, timeout: '30m' }, { taskQueue: 'airbyte' });
 */
export async function executeSyncChild(
  input: SyncConnectionInput,
  child: Omit<SyncChild, 'connectionId'> = {},
): Promise<SyncConnectionResult> {
  return (await startSyncChild(input, child)).result();
}
