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
import { connectionIdSchema, type SyncConnectionInput } from '../src/contract/sync-options';
import type { SyncConnectionResult } from '../src/contract/sync-result';
import { describeZodError } from '../src/contract/validation/schema-problems';
import { DEFAULT_TASK_QUEUE, syncWorkflowId } from '../src/contract/workflow-ids';
import { syncStaticDetails } from '../src/details/static-details';
import { isObject } from '../src/text/json-object';
import { failure } from './failures';
import { syncConnection } from './sync-connection';

/** What a parent workflow knows about the sync that it starts, apart from the options of the sync itself. */
export interface SyncChild {
  connectionId: string;
  /** The name by which the child is found and shown in Temporal's UI. */
  connectionName?: string | undefined;
  workspaceId?: string | undefined;
  /** The address of Airbyte's web app: with it the UI links to the connection. */
  webappUrl?: string | undefined;
  /** The task queue of the temporal-airbyte workers; the parent's own task queue when left out. */
  taskQueue?: string | undefined;
}

/** The options that {@link syncChildOptions} returns. */
export type SyncChildOptions = Omit<ChildWorkflowOptions, 'typeInfo'> & { workflowId: string };

/**
 * Returns the options of a child workflow that syncs a connection. The child is findable by its connection. It is cancelled
 * with its parent, which waits until the job in Airbyte has ended. All syncs of a connection have the same workflow id, so
 * `startChild` and `executeChild` throw a `WorkflowExecutionAlreadyStartedError` while another sync of it runs;
 * {@link executeSyncChild} shares the job of that sync instead.
 *
 * @throws ApplicationFailure of type `InvalidInput`, non-retryable: the connection id or the task queue is not valid, or the child would run on
 *   the task queue of its parent, whose worker does not have the workflow `syncConnection`
 *
 * @example
 * const options = syncChildOptions({ connectionId, taskQueue: 'airbyte' });
 * const { recordsSynced } = await executeChild(syncConnection, { ...options, args: [{ connectionId }] });
 */
export function syncChildOptions(child: SyncChild, options: Partial<SyncConnectionInput> = {}): SyncChildOptions {
  const { connectionId, connectionName, workspaceId, webappUrl, taskQueue } = child;
  requireValidChild(child);
  requireWorkflow(taskQueue);
  return {
    workflowId: idOnTaskQueue(connectionId, taskQueue),
    ...(taskQueue !== undefined && { taskQueue }),
    typedSearchAttributes: connectionSearchAttributes({ connectionId, name: connectionName, workspaceId }),
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
    ...syncStaticDetails({ connectionId, name: connectionName, workspaceId, webappUrl }, options),
  };
}

/** An error of another kind would fail the workflow task, which Temporal retries without end. */
function requireValidChild({ connectionId, taskQueue }: SyncChild): void {
  const { error } = connectionIdSchema().safeParse(connectionId);
  const problems = [
    ...(error ? [`connectionId: ${describeZodError(error)}`] : []),
    ...(taskQueue === undefined || (typeof taskQueue === 'string' && taskQueue !== '')
      ? []
      : ['taskQueue: expected the name of a task queue; left out, the child runs on that of its parent']),
  ];
  if (problems.length > 0) {
    throw failure('InvalidInput', `A sync cannot be started as a child workflow: ${problems.join('; ')}.`);
  }
}

/** What the SDK puts into the global scope of a workflow: the exports of the bundle's entry. */
interface BundleScope {
  __TEMPORAL__?: { importWorkflows?(): Record<string, unknown> };
}

/** Temporal would retry the first task of a child without end that a worker without its workflow takes. */
function requireWorkflow(taskQueue: string | undefined): void {
  if (!inWorkflowContext() || (taskQueue !== undefined && taskQueue !== workflowInfo().taskQueue)) return;
  const workflows = (globalThis as BundleScope).__TEMPORAL__?.importWorkflows?.();
  const name = syncConnection.name;
  if (workflows === undefined || [name, 'default'].some((type) => typeof workflows[type] === 'function')) return;
  throw failure(
    'InvalidInput',
    `The sync would run on the task queue '${workflowInfo().taskQueue}', but the workflow bundle of its worker has no workflow ${name}. Build the bundle with the plugin, bundleWorkflowCode({ plugins: [new AirbytePlugin()], … }), or name the task queue of the temporal-airbyte workers: executeSyncChild(input, { taskQueue: 'airbyte' }).`,
  );
}

/** The id contains a task queue that is not the default one, since another Airbyte may have a connection of this id. */
function idOnTaskQueue(connectionId: string, taskQueue: string | undefined): string {
  const childTaskQueue = taskQueue ?? (inWorkflowContext() ? workflowInfo().taskQueue : DEFAULT_TASK_QUEUE);
  const [plain, id] = [syncWorkflowId(connectionId), syncWorkflowId(connectionId, childTaskQueue)];
  // Runs of earlier releases have started children without it.
  return id === plain || (inWorkflowContext() && !patched('ids-carry-their-task-queue')) ? plain : id;
}

/**
 * Starts a sync as a child workflow. While another sync of the connection runs, the child runs concurrently under an id of
 * its own, and `onRunning` says whether it shares the job of the other.
 *
 * @throws ApplicationFailure of type `InvalidInput` as {@link syncChildOptions}; a `ChildWorkflowFailure` when the child fails
 */
export async function startSyncChild(
  input: SyncConnectionInput,
  child: Omit<SyncChild, 'connectionId'> = {},
): Promise<ChildWorkflowHandle<typeof syncConnection>> {
  if (!isObject(input)) throw failure('InvalidInput', 'A sync takes an object: { connectionId, … }.');
  const { connectionId, ...syncOptions } = input;
  const { workflowId, ...options } = syncChildOptions({ ...child, connectionId }, syncOptions);
  const start = (id: string) => startChild(syncConnection, { ...options, workflowId: id, args: [input] });
  return start(workflowId).catch((error: unknown) => {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    log.info(`${workflowId} is already running: this sync runs concurrently`, { connectionId });
    return start(`${workflowId}:${workflowInfo().runId}`);
  });
}

/**
 * Syncs a connection in a child workflow, see {@link startSyncChild}, and waits for its result. When the sync fails, the
 * `cause` of the `ChildWorkflowFailure` is an `ApplicationFailure` with a type of `FAILURE_TYPES`.
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
