/** Finds the activities that wait for jobs without a slot of a worker, and passes those of dead workers on. */
import type { Client } from '@temporalio/client';
import { ActivityNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Semaphore } from '../async/semaphore';
import { searchAttributeKeys as keys } from '../contract/search-attribute-keys';
import { GRPC_STATUS, grpcErrorOf } from './grpc-status';
import { ACTIVITY_STATE, WAIT_ACTIVITY } from './pending-activities';
import { NOT_ENDED } from './run-status';
import { queryEquals, queryIn, queryNotBefore } from './visibility-query';

const WORKFLOW_TYPE = 'syncConnection';

/** The statuses of runs that may have ended before their jobs. */
const ENDED_WITHOUT_WAIT = ['Terminated', 'TimedOut', 'Failed', 'Canceled'];

/** How many workflows are listed, read and passed on before the next ones are. */
const PAGE_SIZE = 500;
/** How many requests are sent concurrently, so that a takeover of thousands leaves Temporal room for others. */
const CONCURRENT_REQUESTS = 16;

/** A run of a workflow. */
export interface WorkflowRun {
  workflowId: string;
  runId: string;
}

/** A wait that a worker has taken on. */
export interface StartedWait extends WorkflowRun {
  activityId: string;
  /** The identity of the worker. */
  worker: string;
}

/** The wait of a workflow that a worker has taken on, if there is one. `ended` when the workflow has ended. */
export async function findStartedWait(client: Client, run: WorkflowRun): Promise<StartedWait | 'ended' | undefined> {
  try {
    const { pendingActivities, workflowExecutionInfo } = await client.workflowService.describeWorkflowExecution({
      namespace: client.options.namespace,
      execution: run,
    });
    if (workflowExecutionInfo?.closeTime) return 'ended';
    const wait = pendingActivities?.find(
      ({ activityType, state }) =>
        activityType?.name === WAIT_ACTIVITY &&
        (state === ACTIVITY_STATE.started ||
          state === ACTIVITY_STATE.pauseRequested ||
          state === ACTIVITY_STATE.cancelRequested),
    );
    if (!wait?.activityId) return undefined;
    return { ...run, activityId: wait.activityId, worker: wait.lastWorkerIdentity ?? '' };
  } catch (error) {
    if (grpcErrorOf(error)?.code === GRPC_STATUS.NOT_FOUND) return 'ended';
    throw error;
  }
}

/** Which of a task queue's waits are orphaned. */
export interface OrphanCriteria {
  taskQueue: string;
  /** The ids of the runs for whose jobs this worker waits: they are not read. */
  ownRunIds: ReadonlySet<string>;
  /** Which of these workers, given by their identities, are dead. A worker may have started a moment ago. */
  findDead(workers: ReadonlySet<string>): Promise<ReadonlySet<string>>;
}

/**
 * Passes on the waits of dead workers: fails them, retryable, so that Temporal gives them to live workers immediately. It lists the
 * running syncs of the task queue and reads each, except those of this worker. None of that is an action that Temporal Cloud
 * bills, except that a wait which is passed on starts once more.
 *
 * Two workers may do this concurrently: at worst, a wait starts twice more.
 *
 * @returns how many waits were passed on
 */
export async function passOnOrphans(client: Client, criteria: OrphanCriteria): Promise<number> {
  const { taskQueue, ownRunIds, findDead } = criteria;
  const slots = new Semaphore(CONCURRENT_REQUESTS);
  const inSlots = <T, R>(items: readonly T[], request: (item: T) => Promise<R>) =>
    Promise.all(items.map((item) => slots.run(() => request(item))));
  let passedOn = 0;
  for await (const runs of syncs(client, taskQueue, [NOT_ENDED])) {
    const others = runs.filter(({ runId }) => !ownRunIds.has(runId));
    const found = await inSlots(others, (run) => findStartedWait(client, run));
    const waits = found.filter((wait) => wait !== undefined && wait !== 'ended');
    const dead = await findDead(new Set(waits.map(({ worker }) => worker)));
    const orphans = waits.filter(({ worker }) => dead.has(worker));
    const passOnOrphan = (wait: StartedWait) => passOn(client, wait, `The worker ${wait.worker} no longer responds.`);
    passedOn += (await inSlots(orphans, passOnOrphan)).filter(Boolean).length;
  }
  return passedOn;
}

/**
 * The ids of the runs that have ended since a time without the end of their wait: by a termination, a reset, a timeout, a failure
 * or a cancellation.
 */
export async function findEndedRuns(client: Client, taskQueue: string, since: Date): Promise<string[]> {
  const endedSince = [queryIn('ExecutionStatus', ENDED_WITHOUT_WAIT), queryNotBefore('CloseTime', since)];
  const runIds: string[] = [];
  for await (const runs of syncs(client, taskQueue, endedSince)) runIds.push(...runs.map(({ runId }) => runId));
  return runIds;
}

/** The waits for a job that workers have taken on. */
export async function findWaitsForJob(
  client: Client,
  { jobId, connectionId, taskQueue }: { jobId: number; connectionId: string; taskQueue: string },
): Promise<StartedWait[]> {
  const waits: StartedWait[] = [];
  const ofJob = [queryEquals(keys.jobId.name, String(jobId)), queryEquals(keys.connectionId.name, connectionId)];
  for await (const runs of syncs(client, taskQueue, [...ofJob, NOT_ENDED])) {
    const found = await Promise.all(runs.map((run) => findStartedWait(client, run)));
    waits.push(...found.filter((wait) => wait !== undefined && wait !== 'ended'));
  }
  return waits;
}

async function* syncs(client: Client, taskQueue: string, conditions: string[]): AsyncGenerator<WorkflowRun[]> {
  const query = [queryEquals('WorkflowType', WORKFLOW_TYPE), queryEquals('TaskQueue', taskQueue), ...conditions];
  const request = { namespace: client.options.namespace, pageSize: PAGE_SIZE, query: query.join(' AND ') };
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService.listWorkflowExecutions({
      ...request,
      ...(nextPageToken && { nextPageToken }),
    });
    yield (page.executions ?? []).flatMap(({ execution }) =>
      execution?.workflowId && execution.runId ? [{ workflowId: execution.workflowId, runId: execution.runId }] : [],
    );
    nextPageToken = page.nextPageToken;
  } while (nextPageToken && nextPageToken.length > 0);
}

/**
 * Fails a wait, retryable, so that Temporal gives it to a live worker immediately.
 *
 * @returns false when the wait has ended meanwhile, or was passed on by another worker
 */
export async function passOn(
  client: Client,
  { worker: _, ...activity }: StartedWait,
  reason: string,
): Promise<boolean> {
  try {
    await client.activity.fail(activity, passedOnFailure(reason));
    return true;
  } catch (error) {
    if (error instanceof ActivityNotFoundError) return false;
    throw error;
  }
}

/**
 * The failure of a wait that another worker is to continue.
 *
 * @param afterMs when Temporal starts its next attempt; default: immediately. The delay of the retry policy would grow with each
 *   worker that stops.
 */
export function passedOnFailure(reason: string, afterMs = 1): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'WaitPassedOn',
    message: `${reason} Another worker continues to wait for the job.`,
    nextRetryDelay: afterMs,
  });
}
