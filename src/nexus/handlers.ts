import { ApplicationFailure } from '@temporalio/common';
import { getClient, startWorkflow, WorkflowRunOperationHandler } from '@temporalio/nexus';
import { HandlerError, type HandlerErrorType, type StartOperationContext, serviceHandler } from 'nexus-rpc';
import type { z } from 'zod';
import type { runPipeline, syncConnection } from '../../workflows';
import type { FailureType } from '../failure-types';
import { type PipelineDocumentInput, pipelineDocumentSchema } from '../pipeline/document';
import { entrySchema } from '../pipeline/entry';
import { problemsText, strictObject } from '../pipeline/problems';
import {
  connectionIdSchema,
  isSameKindOfSync,
  type SyncConnectionInput,
  type SyncConnectionOptions,
  syncConnectionInputSchema,
} from '../pipeline/sync-options';
import { cancelUnlessEnded, runningSyncs } from '../temporal/running-syncs';
import { describeRunning, inputOf, isSameInput } from '../temporal/running-workflow';
import { searchAttributeKeys as keys } from '../temporal/search-attribute-keys';
import { pipelineStaticDetails, syncStaticDetails } from '../temporal/static-details';
import { pipelineWorkflowId, syncWorkflowId } from '../temporal/workflow-ids';
import { airbyteService, type CancelledSyncs } from './service';

const cancelInputSchema = entrySchema(strictObject({ connectionId: connectionIdSchema() }));

/**
 * The operations of {@link airbyteService}, as a worker carries them out: the workflows run on its own task queue.
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
    workflowId: await idOfSync(options, context.requestId),
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [input],
    typedSearchAttributes: [{ key: keys.connectionId, value: options.connectionId }],
    ...syncStaticDetails({ connectionId: options.connectionId }, options),
  });
}

/**
 * The connection's own id, under which all share one run, unless what runs under it is no substitute for what is wanted:
 * then one of the operation's own, the same however often the operation is tried. The sync beside shares the job, or
 * waits for it, as `onRunning` says.
 */
async function idOfSync(options: SyncConnectionOptions, requestId: string): Promise<string> {
  const client = getClient();
  const sharedId = syncWorkflowId(options.connectionId);
  const ownId = `${sharedId}:${requestId}`;
  if (options.onRunning !== 'attach') return ownId;
  const running = await describeRunning(client, sharedId);
  return !running || isSameKindOfSync(await inputOf(client, running), options) ? sharedId : ownId;
}

async function startPipeline(context: StartOperationContext, input: PipelineDocumentInput) {
  const document = parse(pipelineDocumentSchema(), input);
  const client = getClient();
  const workflowId = pipelineWorkflowId(document.name);
  const running = await describeRunning(client, workflowId);
  if (running && !isSameInput(pipelineDocumentSchema(), await inputOf(client, running), document)) {
    throw refusal('CONFLICT', 'AirbyteConflict', `The pipeline '${document.name}' runs with another document.`);
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
  const syncs = await runningSyncs(getClient(), connectionId);
  const asked = await Promise.all(syncs.map(cancelUnlessEnded));
  return { connectionId, workflowIds: syncs.filter((_, index) => asked[index]).map(({ workflowId }) => workflowId) };
}

/** Checks the input of an operation: without it there is no workflow to start, whose own check would tell. */
function parse<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw refusal('BAD_REQUEST', 'InvalidInput', problemsText(result.error));
}

/** Fails an operation for good, with a failure that has a type as those of workflows have. */
function refusal(nexusType: HandlerErrorType, type: FailureType, message: string): HandlerError {
  return new HandlerError(nexusType, message, { cause: ApplicationFailure.nonRetryable(message, type) });
}
