import { activityInfo, getClient, log } from '@temporalio/activity';
import { equals, isOneOf } from '../src/temporal/visibility-query';
import { idsOnTaskQueue, pipelineWorkflowId, withoutTaskQueueToo } from '../src/temporal/workflow-ids';

/** What a pipeline's runs note of each object in their memo, see `runPipeline`. */
export interface NotedObject {
  name: string;
  id: string;
  /** That the run has created it; left out where it was found. */
  created?: true;
  /** That Airbyte itself starts a sync of the connection, by the schedule that the run has given it. */
  airbyteSyncs?: true;
}

/**
 * The ids under which a pipeline has run on the task queue of this activity.
 *
 * @param pipeline its name; left out, the workflow that asks is one of its runs
 */
export function idsOfRuns(pipeline?: string): string[] {
  const { taskQueue, workflowExecution } = activityInfo();
  if (pipeline !== undefined) return idsOnTaskQueue(pipelineWorkflowId, pipeline, taskQueue);
  return workflowExecution ? withoutTaskQueueToo(workflowExecution.workflowId, taskQueue) : [];
}

/**
 * What each run of a pipeline has noted of an object, the newest first; undefined for one that has noted nothing. Only runs
 * on the task queue of this activity count: what others have noted is of another Airbyte.
 */
export async function* notedByRuns(
  workflowIds: readonly string[],
  kind: 'source' | 'destination' | 'connection',
): AsyncGenerator<NotedObject | undefined> {
  const { taskQueue } = activityInfo();
  const query = `${isOneOf('WorkflowId', workflowIds)} AND ${equals('TaskQueue', taskQueue)}`;
  for await (const { workflowId, taskQueue: its, memo } of getClient().workflow.list({ query })) {
    if (workflowIds.includes(workflowId) && its === taskQueue) yield memo?.[kind] as NotedObject | undefined;
  }
}

/** Runs of a pipeline that are looked through, the newest first. */
const RUNS_READ = 20;

/** The newest note of a pipeline's runs that is the one looked for; undefined when none of the recent runs has it. */
export async function noteOfEarlierRun(
  workflowIds: readonly string[],
  kind: 'source' | 'destination' | 'connection',
  isIt: (note: NotedObject) => boolean,
): Promise<NotedObject | undefined> {
  let read = 0;
  for await (const noted of notedByRuns(workflowIds, kind)) {
    if (noted && isIt(noted)) return noted;
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
export async function idFromEarlierRun(
  kind: 'source' | 'destination' | 'connection',
  name: string,
  pipeline?: string,
): Promise<string | undefined> {
  const workflowIds = idsOfRuns(pipeline);
  const [workflowId] = workflowIds;
  if (workflowId === undefined) return undefined;
  const noted = await noteOfEarlierRun(workflowIds, kind, (note) => note.name === name);
  if (noted) return noted.id;
  log.warn(`This server lists no ${kind}s, and no earlier run has noted '${name}': it counts as new`, { workflowId });
  return undefined;
}
