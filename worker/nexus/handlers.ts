import { ApplicationFailure } from '@temporalio/common';
import { getClient, operationInfo, startWorkflow, WorkflowRunOperationHandler } from '@temporalio/nexus';
import { HandlerError, type HandlerErrorType, type StartOperationContext, serviceHandler } from 'nexus-rpc';
import type { z } from 'zod';
import type { FailureType } from '../../src/contract/failure-types';
import { type PipelineDocumentInput, pipelineDocumentSchema } from '../../src/contract/pipeline-document';
import { connectionSearchAttributes } from '../../src/contract/search-attribute-keys';
import {
  connectionIdSchema,
  isSameJobType,
  type SyncConnectionInput,
  type SyncConnectionOptions,
  syncConnectionInputSchema,
} from '../../src/contract/sync-options';
import { inputSchema } from '../../src/contract/validation/input-schema';
import { describeZodError, strictObject } from '../../src/contract/validation/schema-problems';
import { currentAndLegacyIds, pipelineWorkflowId, syncWorkflowId } from '../../src/contract/workflow-ids';
import { pipelineStaticDetails, syncStaticDetails } from '../../src/details/static-details';
import { cancelRunningSyncs } from '../../src/temporal/running-syncs';
import { describeRunning, describeRunningOn, inputOf, isSameInput } from '../../src/temporal/running-workflow';
import type { runPipeline, syncConnection } from '../../workflows';
import { airbyteService, type CancelledSyncs } from './service';

const cancelInputSchema = inputSchema(strictObject({ connectionId: connectionIdSchema() }));

/**
 * Handles the operations of {@link airbyteService} in a worker. Their workflows run on the worker's task queue.
 *
 * @example
 * const worker = await Worker.create({ nexusServices: [airbyteServiceHandler()], … });
 */
export function airbyteServiceHandler() {
  return serviceHandler(airbyteService, {
    sync: new WorkflowRunOperationHandler(startSync),
    runPipeline: new WorkflowRunOperationHandler(startPipeline),
    cancel: (_context, input) => cancelSyncs(input),
  });
}

async function startSync(context: StartOperationContext, input: SyncConnectionInput) {
  const options = parse(syncConnectionInputSchema(), input);
  return startWorkflow<typeof syncConnection>(context, 'syncConnection', {
    workflowId: await chooseSyncWorkflowId(options, context.requestId),
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [input],
    typedSearchAttributes: connectionSearchAttributes({ connectionId: options.connectionId }),
    ...syncStaticDetails({ connectionId: options.connectionId }, options),
  });
}

/**
 * Chooses the id of the connection, under which concurrent callers share one run, unless the run under it cannot replace the
 * requested one. Then it chooses an id from the request, which stays the same when the operation is retried; the separate sync
 * shares the job, or waits for it, as `onRunning` says.
 */
async function chooseSyncWorkflowId(options: SyncConnectionOptions, requestId: string): Promise<string> {
  const client = getClient();
  const { taskQueue } = operationInfo();
  const ids = currentAndLegacyIds(syncWorkflowId, options.connectionId, taskQueue);
  const [sharedId] = ids;
  const ownId = `${sharedId}:${requestId}`;
  if (options.onRunning !== 'attach') return ownId;
  const running = await describeRunningOn(client, taskQueue, ids);
  if (running) return isSameJobType(await inputOf(client, running), options) ? running.workflowId : ownId;
  // A run of another task queue usually works on another Airbyte, so it is not shared.
  const other = await describeRunning(client, sharedId);
  return other && other.taskQueue !== taskQueue ? ownId : sharedId;
}

async function startPipeline(context: StartOperationContext, input: PipelineDocumentInput) {
  const document = parse(pipelineDocumentSchema(), input);
  const client = getClient();
  const { taskQueue } = operationInfo();
  const ids = currentAndLegacyIds(pipelineWorkflowId, document.name, taskQueue);
  const running = await describeRunningOn(client, taskQueue, ids);
  if (running && !isSameInput(pipelineDocumentSchema(), await inputOf(client, running), document)) {
    throw operationError(
      'CONFLICT',
      'AirbyteConflict',
      `The pipeline '${document.name}' is running with another document.`,
    );
  }
  const workflowId = running?.workflowId ?? ids[0];
  const other = running ? undefined : await describeRunning(client, workflowId);
  if (other && other.taskQueue !== taskQueue) {
    const inUse = `The workflow id ${workflowId} is in use by a run of the task queue '${other.taskQueue}', which is not shared.`;
    throw operationError('CONFLICT', 'AirbyteConflict', inUse);
  }
  return startWorkflow<typeof runPipeline>(context, 'runPipeline', {
    workflowId,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [input],
    ...pipelineStaticDetails(document),
  });
}

async function cancelSyncs(input: { connectionId: string }): Promise<CancelledSyncs> {
  const { connectionId } = parse(cancelInputSchema(), input);
  const syncs = await cancelRunningSyncs(getClient(), connectionId, operationInfo().taskQueue);
  const requested = syncs.filter(({ cancelRequested }) => cancelRequested);
  return { connectionId, workflowIds: requested.map(({ sync }) => sync.workflowId) };
}

/** Checks the input of an operation. The workflow checks it too, but its id comes from the input. */
function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw operationError('BAD_REQUEST', 'InvalidInput', describeZodError(result.error));
}

/** A non-retryable error of an operation, with the same failure types as workflows have. */
function operationError(nexusType: HandlerErrorType, type: FailureType, message: string): HandlerError {
  return new HandlerError(nexusType, message, { cause: ApplicationFailure.nonRetryable(message, type) });
}
