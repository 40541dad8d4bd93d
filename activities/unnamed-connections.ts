import { activityInfo, getClient, log } from '@temporalio/activity';
import { AirbyteError, isUnsupportedEndpoint } from '../src/airbyte/errors';
import { ifFound } from '../src/airbyte/lookup/optional-responses';
import type { ObjectMemo } from '../src/contract/object-memo';
import type { OrphanedConnection, PruneCandidate, PruneInput } from '../src/contract/pruning';
import { searchAttributeKeys as keys } from '../src/contract/search-attribute-keys';
import { runningJob } from '../src/jobs/job-search';
import { pipelineWorkflowIds, readObjectMemos } from '../src/reconcile/earlier-pipeline-runs';
import { removePipelineSchedule } from '../src/schedules/apply-schedule';
import { equals } from '../src/temporal/visibility-query';
import type { ActivityDependencies } from './dependencies';

const NOT_DELETABLE = 'this Airbyte has no call that deletes connections, so delete it in its web app';

/**
 * What is ours is what the runs of a pipeline have noted as created: there is no other record. So it reaches as far back
 * as Temporal keeps workflows that have ended; what is older stays.
 */
export function pruningActivities({ airbyte }: Pick<ActivityDependencies, 'airbyte'>) {
  const { connections } = airbyte;

  /** Undefined when there is no such connection any more. */
  const judge = async (
    unnamed: OrphanedConnection,
    pipelines: readonly string[],
  ): Promise<PruneCandidate | undefined> => {
    const { connectionId, name } = unnamed;
    const connection = await ifFound(connections.get(connectionId));
    // Airbyte goes on showing what was deleted.
    if (connection === undefined || connection.status === 'deprecated') return undefined;
    const stays = (staysBecause: string): PruneCandidate => ({ ...unnamed, staysBecause });
    if (connection.name !== name) return stays(`somebody has renamed it to '${connection.name}'`);
    const other = await otherPipeline(connectionId, pipelines);
    if (other !== undefined) return stays(`it is also of the workflow ${other}`);
    const job = await runningJob(airbyte, connectionId);
    if (job !== undefined) return stays(`job ${job.jobId} is running on it`);
    return { ...unnamed, staysBecause: null };
  };

  /** Whether Airbyte has deleted a connection that has just been read; false where the server has no call for it. */
  const remove = async (connectionId: string): Promise<boolean> => {
    try {
      await connections.delete(connectionId);
    } catch (error) {
      // The connection is there: a 404 in other words than Airbyte's own is about the call.
      if (isUnsupportedEndpoint(error) && !error.retryable) return false;
      if (!(error instanceof AirbyteError && error.type === 'AirbyteNotFound')) throw error;
    }
    return true;
  };

  return {
    /** Finds what `--prune` is about. It deletes nothing. */
    async findUnnamedConnections({ pipelines, keep }: Omit<PruneInput, 'confirmed'>): Promise<PruneCandidate[]> {
      const found = new Map<string, OrphanedConnection>();
      for (const pipeline of pipelines) {
        for await (const { id, name } of createdBy(pipeline)) {
          if (!keep.includes(id)) found.set(id, { connectionId: id, name, pipeline });
        }
      }
      const judged = await Promise.all([...found.values()].map((unnamed) => judge(unnamed, pipelines)));
      return judged.filter((connection) => connection !== undefined);
    },

    /** Deletes such a connection, unless something speaks against it by now. One that is gone already is deleted. */
    async deleteUnnamedConnection(input: {
      connection: OrphanedConnection;
      pipelines: string[];
    }): Promise<PruneCandidate> {
      const { connection, pipelines } = input;
      const judged = await judge(connection, pipelines);
      if (judged !== undefined) {
        if (judged.staysBecause !== null) return judged;
        if (!(await remove(connection.connectionId))) return { ...connection, staysBecause: NOT_DELETABLE };
        log.info(`Deleted the connection '${connection.name}'`, { connectionId: connection.connectionId });
      }
      // It would start syncs of a connection that is gone; of one that stays, it goes on.
      await removePipelineSchedule(getClient().schedule, connection.connectionId, activityInfo().taskQueue);
      return { ...connection, staysBecause: null };
    },
  };
}

/** The connections that the runs of a pipeline have created. */
async function* createdBy(pipeline: string): AsyncGenerator<ObjectMemo> {
  for await (const noted of readObjectMemos(pipelineWorkflowIds(pipeline), 'connection')) {
    if (noted?.created === true) yield noted;
  }
}

/** The workflow id of a pipeline, other than these, that has had the connection too. */
async function otherPipeline(connectionId: string, pipelines: readonly string[]): Promise<string | undefined> {
  const these = pipelines.flatMap((pipeline) => pipelineWorkflowIds(pipeline));
  const { taskQueue } = activityInfo();
  const query = [
    equals('WorkflowType', 'runPipeline'),
    equals('TaskQueue', taskQueue),
    equals(keys.connectionId.name, connectionId),
  ].join(' AND ');
  for await (const { workflowId, taskQueue: its } of getClient().workflow.list({ query })) {
    if (its === taskQueue && !these.includes(workflowId)) return workflowId;
  }
  return undefined;
}
