import { activityInfo, getClient, log } from '@temporalio/activity';
import type { OrphanedConnection, PruneCandidate, PruneInput } from '../src/contract/pruning';
import { searchAttributeKeys as keys } from '../src/contract/search-attribute-keys';
import { OrphanedConnections } from '../src/reconcile/orphaned-connections';
import { removeDocumentSchedule } from '../src/schedules/apply-schedule';
import { queryEquals } from '../src/temporal/visibility-query';
import type { ActivityDependencies } from './dependencies';
import { pipelineRuns, pipelineWorkflowIds } from './reconcile-ports';

export function pruningActivities({ airbyte }: Pick<ActivityDependencies, 'airbyte'>) {
  const memos = (pipeline: string) => pipelineRuns(pipeline).memos('connection');
  const orphans = new OrphanedConnections(airbyte, { memos, findOtherPipeline }, log);
  return {
    /** Finds the connections that `--prune` would delete, and those that stay although no document names them. */
    async findUnnamedConnections({ pipelines, keep }: Omit<PruneInput, 'confirmed'>): Promise<PruneCandidate[]> {
      return orphans.find(pipelines, keep);
    },

    /** Deletes one of these connections, unless there is a reason against it by now, and its Temporal schedule. */
    async deleteUnnamedConnection(input: {
      connection: OrphanedConnection;
      pipelines: string[];
    }): Promise<PruneCandidate> {
      const { connectionId } = input.connection;
      const deleted = await orphans.delete(input.connection, input.pipelines);
      if (deleted.staysBecause !== null) return deleted;
      // The schedule would start syncs of a connection that no longer exists. That of a connection that stays goes on.
      await removeDocumentSchedule(getClient().schedule, { connectionId }, activityInfo().taskQueue);
      return deleted;
    },
  };
}

async function findOtherPipeline(connectionId: string, pipelines: readonly string[]): Promise<string | undefined> {
  const these = pipelines.flatMap(pipelineWorkflowIds);
  const { taskQueue } = activityInfo();
  const query = [
    queryEquals('WorkflowType', 'runPipeline'),
    queryEquals('TaskQueue', taskQueue),
    queryEquals(keys.connectionId.name, connectionId),
  ].join(' AND ');
  for await (const run of getClient().workflow.list({ query })) {
    if (run.taskQueue === taskQueue && !these.includes(run.workflowId)) return run.workflowId;
  }
  return undefined;
}
