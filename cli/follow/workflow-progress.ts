import { defaultPayloadConverter, type WorkflowExecutionDescription } from '@temporalio/client';
import type { FleetProgress } from '../../src/contract/fleet-progress';
import type { PipelineProgress } from '../../src/contract/pipeline-progress';
import type { SyncProgress } from '../../src/contract/sync-progress';
import { currentStep, pipelineSteps } from '../../src/details/pipeline-steps';
import { withTimeout } from '../../src/temporal/call-timeout';
import type { TemporalClient } from '../../src/temporal/connection';
import {
  ACTIVITY_STATE,
  decodePendingActivities,
  type PendingActivity,
  WAIT_ACTIVITY,
} from '../../src/temporal/pending-activities';
import { stallReasonOf } from '../../src/temporal/run-status';
import { liveIdentities } from '../../src/temporal/worker-presence';
import { formatDuration } from '../../src/text/formatting';
import { fleetSnapshot, runningConnections } from '../render/fleet-progress';
import type { ProgressJob, ProgressSnapshot } from '../render/progress-display';
import { noWorkerMessage } from './task-queue-messages';

/** A worker that was killed does not respond to queries; the progress is then read from Temporal's description alone. */
const QUERY_TIMEOUT_MS = 2_000;
const DESCRIBE_TIMEOUT_MS = 5_000;
/** A busy worker may miss one query. */
const MAXIMUM_UNANSWERED_QUERIES = 2;
/** How many running syncs of a fleet are read each time. */
const MAXIMUM_SYNCS_READ = 10;

/** A value of `temporal.api.enums.v1.PendingWorkflowTaskState`. */
const TASK_SCHEDULED = 1;

/** What Temporal reports about a workflow without a query to a worker. */
export interface PendingWork {
  /** The task queue of the workflow, which may differ from that of this shell. */
  taskQueue: string;
  /** Whether a task is pending that no worker has taken yet. */
  waitsForWorker: boolean;
  /** Why it makes no progress, even with workers: it is paused, or one of its activities is. */
  stallReason?: string | undefined;
  /** The last heartbeat of the activity that waits for the job. */
  job?: ProgressJob | undefined;
  /** The failure of an activity that Temporal retries. */
  retry?: { message: string; attempt: number; nextAttemptInMs?: number | undefined } | undefined;
}

/** A run of a workflow; without `runId` the latest run under its id. */
interface WorkflowRun {
  workflowId: string;
  runId?: string;
}

/** What a workflow does, as the user reads it. A plan or a prune is short and has no progress query. */
export type WorkflowKind = 'pipeline' | 'sync' | 'fleet' | 'plan' | 'prune';

/** The progress of a fleet, and the jobs of some of its running connections by connection id. */
export interface FleetReading {
  progress: FleetProgress | undefined;
  jobs: ReadonlyMap<string, ProgressJob>;
  waitingFor: string | undefined;
}

/** Reads the progress of a workflow from its `progress` query and from its pending activities in Temporal. */
export class WorkflowProgressReader {
  private unanswered = 0;
  private pipeline: PipelineProgress | undefined;
  private sync: SyncProgress | undefined;
  private fleet: FleetProgress | undefined;

  constructor(
    private readonly temporal: TemporalClient,
    private readonly run: WorkflowRun,
    private readonly kind: WorkflowKind,
  ) {}

  /** Returns undefined while Temporal does not respond: if that lasts, the wait for the result fails with a better error. */
  async read(): Promise<ProgressSnapshot | undefined> {
    try {
      if (this.kind === 'fleet') return fleetSnapshot(await this.readFleet());
      if (this.kind === 'sync') return syncSnapshot(...(await this.readSync(this.run)));
      const pending = await this.describe(this.run);
      if (this.kind !== 'pipeline') return { steps: [], waitingFor: await this.waitReasonOf(pending) };
      this.pipeline = (await this.query<PipelineProgress>(this.run, pending)) ?? this.pipeline;
      const snapshot = { steps: pipelineSteps(this.pipeline), notes: this.pipeline?.notes };
      const syncWorkflowId = this.pipeline?.syncWorkflowId;
      if (!this.pipeline || currentStep(this.pipeline) !== 'sync' || syncWorkflowId === undefined) {
        return { ...snapshot, waitingFor: await this.waitReasonOf(pending) };
      }
      const [progress, syncPending, waitingFor] = await this.readSync({ workflowId: syncWorkflowId });
      return { ...syncSnapshot(progress, syncPending, waitingFor), ...snapshot };
    } catch {
      return undefined;
    }
  }

  /** @throws Error with which Temporal rejects the calls */
  async readFleet(): Promise<FleetReading> {
    const pending = await this.describe(this.run);
    this.fleet = (await this.query<FleetProgress>(this.run, pending)) ?? this.fleet;
    const jobs = new Map<string, ProgressJob>();
    let waitingFor = await this.waitReasonOf(pending);
    const reads = runningConnections(this.fleet)
      .slice(0, MAXIMUM_SYNCS_READ)
      .map(async ({ connectionId, name, syncWorkflowId }) => {
        if (syncWorkflowId === undefined) return;
        const { job, retry, stallReason } = await this.describe({ workflowId: syncWorkflowId });
        if (job) jobs.set(connectionId, job);
        const why = (stallReason && describeWait(stallReason)) ?? (retry && describeRetry(retry));
        if (why !== undefined) waitingFor ??= `${name}: ${why}`;
      });
    await Promise.all(reads);
    return { progress: this.fleet, jobs, waitingFor };
  }

  private async readSync(run: WorkflowRun): Promise<[SyncProgress | undefined, PendingWork, string | undefined]> {
    const pending = await this.describe(run);
    this.sync = (await this.query<SyncProgress>(run, pending)) ?? this.sync;
    return [this.sync, pending, await this.waitReasonOf(pending)];
  }

  private async describe(run: WorkflowRun): Promise<PendingWork> {
    const { client, connection } = this.temporal;
    const description = await withTimeout(connection, DESCRIBE_TIMEOUT_MS, () =>
      client.workflow.getHandle(run.workflowId, run.runId).describe(),
    );
    // The workflow continues in another run under the same id.
    if (description.status.name === 'CONTINUED_AS_NEW') delete run.runId;
    const pendingActivities = await decodePendingActivities(client, description.raw.pendingActivities ?? []);
    return readPendingWork({ ...description, raw: { ...description.raw, pendingActivities } });
  }

  private async query<T>({ workflowId, runId }: WorkflowRun, pending: PendingWork): Promise<T | undefined> {
    if (pending.waitsForWorker) return undefined;
    const { client, connection } = this.temporal;
    try {
      const progress = await withTimeout(connection, QUERY_TIMEOUT_MS, () =>
        client.workflow.getHandle(workflowId, runId).query<T>('progress'),
      );
      this.unanswered = 0;
      return progress;
    } catch {
      // No worker responds at the moment; the last progress and the heartbeats remain valid.
      this.unanswered += 1;
      return undefined;
    }
  }

  private async waitReasonOf(pending: PendingWork): Promise<string | undefined> {
    const { taskQueue, waitsForWorker, stallReason, retry } = pending;
    if (stallReason !== undefined) return describeWait(stallReason);
    const isUnanswered = this.unanswered >= MAXIMUM_UNANSWERED_QUERIES;
    if ((waitsForWorker || isUnanswered) && (await liveIdentities(this.temporal, taskQueue)).length === 0) {
      return describeWait(noWorkerMessage(taskQueue));
    }
    if (retry) return describeRetry(retry);
    if (!isUnanswered) return undefined;
    return describeWait('no worker responds; if one has died, another takes over its work within a minute');
  }
}

/** Reads what is pending from a description whose pending activities are decoded. */
export function readPendingWork(
  description: Pick<WorkflowExecutionDescription, 'raw' | 'taskQueue' | 'workflowId' | 'status'>,
): PendingWork {
  const { raw, taskQueue, workflowId } = description;
  const activities = raw.pendingActivities ?? [];
  const waiting = activities.find(({ activityType }) => activityType?.name === WAIT_ACTIVITY);
  const [heartbeat] = waiting?.heartbeatDetails?.payloads ?? [];
  const paused = activities.find(({ state }) => state === ACTIVITY_STATE.paused);
  const failed = activities.find(isRetried);
  return {
    taskQueue,
    stallReason: stallReasonOf(description) ?? (paused && describePaused(workflowId, paused)),
    waitsForWorker:
      raw.pendingWorkflowTask?.state === TASK_SCHEDULED ||
      activities.some((activity) => activity.state === ACTIVITY_STATE.scheduled && msUntilNextAttempt(activity) === 0),
    job: heartbeat ? jobOfHeartbeat(defaultPayloadConverter.fromPayload(heartbeat)) : undefined,
    retry: failed && {
      message: deepestMessage(failed.lastFailure),
      attempt: failed.attempt ?? 1,
      nextAttemptInMs: msUntilNextAttempt(failed) || undefined,
    },
  };
}

/** Also while the next attempt runs. A wait for a job is not a call that failed: an attempt of it lasts as long as the worker. */
function isRetried({ lastFailure, state, activityType }: PendingActivity): boolean {
  return (
    Boolean(lastFailure) &&
    (state === ACTIVITY_STATE.scheduled || (state === ACTIVITY_STATE.started && activityType?.name !== WAIT_ACTIVITY))
  );
}

/** 0 if the attempt is due. */
function msUntilNextAttempt({ nextAttemptScheduleTime }: PendingActivity): number {
  return Math.max(0, Number(nextAttemptScheduleTime?.seconds ?? 0) * 1000 - Date.now());
}

function describePaused(workflowId: string, { activityId, activityType }: PendingActivity): string {
  return `its activity ${activityType?.name ?? ''} was paused in Temporal: it continues after \`temporal activity unpause --workflow-id ${workflowId} --activity-id ${activityId ?? ''}\``;
}

function jobOfHeartbeat(details: unknown): ProgressJob | undefined {
  if (typeof details !== 'object' || details === null) return undefined;
  const { jobId, status, recordsSynced, bytesSynced, asOf } = details as Record<string, unknown>;
  if (typeof jobId !== 'number' || typeof status !== 'string') return undefined;
  return {
    jobId,
    status,
    recordsSynced: typeof recordsSynced === 'number' ? recordsSynced : undefined,
    bytesSynced: typeof bytesSynced === 'number' ? bytesSynced : undefined,
    asOf: typeof asOf === 'string' ? asOf : undefined,
  };
}

function deepestMessage(failure: PendingActivity['lastFailure']): string {
  let message = '';
  for (let current = failure; current; current = current.cause) message = current.message || message;
  return message;
}

function describeRetry({ message, attempt, nextAttemptInMs }: NonNullable<PendingWork['retry']>): string {
  const next = nextAttemptInMs === undefined ? '' : `, next in ${formatDuration(nextAttemptInMs)}`;
  return `Retrying: ${message} (attempt ${attempt}${next})`;
}

function describeWait(reason: string): string {
  return `Waiting: ${reason}`;
}

/** Combines a sync's query and heartbeat. While the job runs, the heartbeat is newer. */
export function syncSnapshot(
  progress: SyncProgress | undefined,
  { job: beat }: Pick<PendingWork, 'job'>,
  waitingFor?: string,
): ProgressSnapshot {
  const known =
    progress?.jobId === undefined
      ? undefined
      : {
          jobId: progress.jobId,
          status: progress.status ?? 'pending',
          recordsSynced: progress.recordsSynced,
          bytesSynced: progress.bytesSynced,
        };
  const job = beat && (known === undefined || beat.jobId === known.jobId) ? beat : known;
  return {
    steps: [],
    job: job && { ...job, status: statusInPhase(job.status, progress) },
    waitingFor: waitingFor ?? phaseWaitReason(progress),
  };
}

function statusInPhase(status: string, progress: SyncProgress | undefined): string {
  return progress?.phase === 'cancelling' ? `${status}, being cancelled` : status;
}

function phaseWaitReason(progress: SyncProgress | undefined): string | undefined {
  if (progress?.phase === 'queued')
    return describeWait('another job is running on the connection; this sync starts when it has ended');
  if (progress?.phase !== 'retrying') return undefined;
  return `Retrying: attempt ${progress.attempt} of ${progress.maximumAttempts} failed: ${progress.lastFailure ?? ''}`;
}
