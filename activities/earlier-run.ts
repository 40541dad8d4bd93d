import { activityInfo, getClient, log } from '@temporalio/activity';
import { pipelineWorkflowId } from '../src/temporal/workflow-ids';

/** What a pipeline's runs note of each object in their memo, see `runPipeline`. */
export interface NotedObject {
  name: string;
  id: string;
  /** That the run has created it; left out where it was found. */
  created?: true;
  /** That Airbyte itself starts a sync of the connection, by the schedule that the run has given it. */
  airbyteSyncs?: true;
}

/** What each run of a pipeline has noted of an object, the newest first; undefined for one that has noted nothing. */
export async function* notedByRuns(
  workflowId: string,
  kind: 'source' | 'destination' | 'connection',
): AsyncGenerator<NotedObject | undefined> {
  for await (const { memo } of getClient().workflow.list({ query: `WorkflowId = ${JSON.stringify(workflowId)}` })) {
    yield memo?.[kind] as NotedObject | undefined;
  }
}

/** Runs of a pipeline that are looked through, the newest first. */
const RUNS_READ = 20;

/** The newest note of a pipeline's runs that is the one looked for; undefined when none of the recent runs has it. */
export async function noteOfEarlierRun(
  workflowId: string,
  kind: 'source' | 'destination' | 'connection',
  isIt: (note: NotedObject) => boolean,
): Promise<NotedObject | undefined> {
  let read = 0;
  for await (const noted of notedByRuns(workflowId, kind)) {
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
  const workflowId =
    pipeline === undefined ? activityInfo().workflowExecution?.workflowId : pipelineWorkflowId(pipeline);
  if (workflowId === undefined) return undefined;
  const noted = await noteOfEarlierRun(workflowId, kind, (note) => note.name === name);
  if (noted) return noted.id;
  log.warn(`This server lists no ${kind}s, and no earlier run has noted '${name}': it counts as new`, { workflowId });
  return undefined;
}
