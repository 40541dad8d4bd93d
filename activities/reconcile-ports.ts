import { activityInfo, cancellationSignal, getClient, log } from '@temporalio/activity';
import { currentAndLegacyIds, pipelineWorkflowId, withLegacyId } from '../src/contract/workflow-ids';
import type { AttemptedChanges, ReconcilePorts } from '../src/reconcile/ports';
import { removeDocumentSchedule } from '../src/schedules/apply-schedule';
import { PipelineRuns } from '../src/temporal/pipeline-runs';
import { lockCreation } from './creation-lock';
import { heartbeatAndYield, reportHeartbeat } from './heartbeat';

/** By name, because activities import no workflow code. */
const PIPELINE_WORKFLOW = 'runPipeline';

/**
 * Connects reconciliation with the running activity.
 *
 * @param pipeline the pipeline whose earlier runs count; left out, the workflow that runs the activity is one of its runs
 */
export function reconcilePorts(pipeline?: string): ReconcilePorts {
  return {
    logger: log,
    cancellation: cancellationSignal(),
    earlier: changesOfEarlierAttempts(),
    report: reportChanges,
    heartbeatAndYield,
    runs: pipelineRuns(pipeline),
    lockCreation,
    removeSchedule: (connectionId, onDelete) =>
      removeDocumentSchedule(getClient().schedule, { connectionId }, activityInfo().taskQueue, onDelete),
  };
}

/**
 * The same for an activity that only plans. A run of the pipeline plans before it applies, and may have any workflow id; another
 * workflow plans for the runs of the pipeline's name.
 */
export function planningPorts(pipeline: string): ReconcilePorts {
  return reconcilePorts(activityInfo().workflowType === PIPELINE_WORKFLOW ? undefined : pipeline);
}

/** What the attempts before this one reported. */
export function changesOfEarlierAttempts(): AttemptedChanges {
  return (activityInfo().heartbeatDetails as AttemptedChanges | undefined) ?? {};
}

export function reportChanges(changes: AttemptedChanges): void {
  reportHeartbeat(changes);
}

/**
 * The runs of a pipeline on the task queue of the activity.
 *
 * @param pipeline its name; left out, the workflow that runs the activity is one of its runs
 */
export function pipelineRuns(pipeline?: string): PipelineRuns {
  const { taskQueue, workflowExecution } = activityInfo();
  const workflowIds = pipeline === undefined ? ownWorkflowIds() : pipelineWorkflowIds(pipeline);
  const ownRunId = pipeline === undefined ? workflowExecution?.runId : undefined;
  return new PipelineRuns(getClient(), { workflowIds, taskQueue, ownRunId, log });
}

/** The ids under which a pipeline runs on the task queue of the activity. */
export function pipelineWorkflowIds(pipeline: string): string[] {
  return currentAndLegacyIds(pipelineWorkflowId, pipeline, activityInfo().taskQueue);
}

function ownWorkflowIds(): string[] {
  const { taskQueue, workflowExecution } = activityInfo();
  return workflowExecution ? withLegacyId(workflowExecution.workflowId, taskQueue) : [];
}
