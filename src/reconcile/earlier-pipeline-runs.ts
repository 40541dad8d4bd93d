import { activityInfo, getClient, log } from '@temporalio/activity';
import type { MemoKey, ObjectMemo } from '../contract/object-memo';
import { type PipelineDocument, pipelineDocumentSchema } from '../contract/pipeline-document';
import { currentAndLegacyIds, pipelineWorkflowId, withLegacyId } from '../contract/workflow-ids';
import { GRPC_STATUS, grpcErrorOf } from '../temporal/grpc-status';
import { inputOf } from '../temporal/running-workflow';
import { equals, isOneOf } from '../temporal/visibility-query';
import { messageOf } from '../text/error-message';

/**
 * The ids under which a pipeline has run on the task queue of this activity.
 *
 * @param pipeline its name; left out, the workflow that asks is one of its runs
 */
export function pipelineWorkflowIds(pipeline?: string): string[] {
  const { taskQueue, workflowExecution } = activityInfo();
  if (pipeline !== undefined) return currentAndLegacyIds(pipelineWorkflowId, pipeline, taskQueue);
  return workflowExecution ? withLegacyId(workflowExecution.workflowId, taskQueue) : [];
}

/**
 * What each run of a pipeline has noted of an object, the newest first; undefined for one that has noted nothing. Only runs
 * on the task queue of this activity count: what others have noted is of another Airbyte.
 */
export async function* readObjectMemos(
  workflowIds: readonly string[],
  kind: MemoKey,
): AsyncGenerator<ObjectMemo | undefined> {
  for await (const { memo } of listRuns(workflowIds)) yield memo?.[kind] as ObjectMemo | undefined;
}

async function* listRuns(workflowIds: readonly string[]) {
  const { taskQueue } = activityInfo();
  const query = `${isOneOf('WorkflowId', workflowIds)} AND ${equals('TaskQueue', taskQueue)}`;
  for await (const run of getClient().workflow.list({ query })) {
    if (workflowIds.includes(run.workflowId) && run.taskQueue === taskQueue) yield run;
  }
}

/** Runs of a pipeline that are looked through, the newest first. */
const RUNS_READ = 20;

/** The newest note of a pipeline's runs that is the one looked for; undefined when none of the recent runs has it. */
export async function findObjectMemo(
  workflowIds: readonly string[],
  kind: MemoKey,
  isMatch: (note: ObjectMemo) => boolean,
): Promise<ObjectMemo | undefined> {
  let read = 0;
  for await (const noted of readObjectMemos(workflowIds, kind)) {
    if (noted && isMatch(noted)) return noted;
    if (++read === RUNS_READ) return undefined;
  }
  return undefined;
}

/**
 * The id that an earlier run of a pipeline noted for an object. Asked only where Airbyte itself cannot tell: not every
 * server lists what it has, and without a list the second run of a document would create everything again.
 *
 * @param pipeline the name of the pipeline; left out, the workflow that asks is one of its runs
 */
export async function idFromEarlierRun(kind: MemoKey, name: string, pipeline?: string): Promise<string | undefined> {
  const workflowIds = pipelineWorkflowIds(pipeline);
  const [workflowId] = workflowIds;
  if (workflowId === undefined) return undefined;
  const noted = await findObjectMemo(workflowIds, kind, (note) => note.name === name);
  if (noted) return noted.id;
  log.warn(`This server lists no ${kind}s, and no earlier run has noted '${name}': it counts as new`, { workflowId });
  return undefined;
}

/** What an earlier run of a pipeline tells of an object of a name. */
export interface EarlierRun {
  note: ObjectMemo;
  /** The document that it brought about; left out where it cannot be read any more. */
  document?: PipelineDocument;
}

/**
 * The newest run of a pipeline, other than the one that asks, that has brought about an object of a name. Undefined where
 * there is none, where Temporal no longer keeps it, or where this worker may not read it.
 *
 * @param pipeline the name of the pipeline; left out, the workflow that asks is one of its runs
 */
export async function findEarlierRun(kind: MemoKey, name: string, pipeline?: string): Promise<EarlierRun | undefined> {
  const workflowIds = pipelineWorkflowIds(pipeline);
  try {
    let read = 0;
    for await (const { workflowId, runId, memo } of runsBefore(workflowIds, pipeline)) {
      const note = memo?.[kind] as ObjectMemo | undefined;
      if (note?.name === name) {
        const document = await documentOfRun(workflowId, runId);
        return { note, ...(document && { document }) };
      }
      if (++read === RUNS_READ) return undefined;
    }
  } catch (error) {
    const code = grpcErrorOf(error)?.code;
    if (code !== GRPC_STATUS.PERMISSION_DENIED && code !== GRPC_STATUS.UNIMPLEMENTED) throw error;
    log.warn('This worker may not read what earlier runs of the pipeline have noted', { reason: messageOf(error) });
  }
  return undefined;
}

/**
 * The runs of a pipeline before the one that asks, the newest first. Who only plans asks for the very last one first,
 * because the list of a production server lags behind by seconds, and a plan often follows an apply at once.
 */
async function* runsBefore(workflowIds: readonly string[], pipeline: string | undefined) {
  const { taskQueue, workflowExecution } = activityInfo();
  const own = pipeline === undefined ? workflowExecution?.runId : undefined;
  const last = pipeline === undefined ? undefined : await lastRun(workflowIds[0] ?? '');
  if (last?.taskQueue === taskQueue) yield last;
  for await (const run of listRuns(workflowIds)) {
    if (![own, last?.runId].includes(run.runId)) yield run;
  }
}

async function lastRun(workflowId: string) {
  try {
    return await getClient().workflow.getHandle(workflowId).describe();
  } catch {
    // There is none, or it cannot be read: the list tells.
    return undefined;
  }
}

/** What a run was started with: the document as it was written, its secrets named in it. */
async function documentOfRun(workflowId: string, runId: string): Promise<PipelineDocument | undefined> {
  return pipelineDocumentSchema().safeParse(await inputOf(getClient(), { workflowId, runId })).data;
}
