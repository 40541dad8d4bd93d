import { CancellationScope, isCancellation, patched, workflowInfo } from '@temporalio/workflow';
import type { JobSnapshot } from '../src/contract/connection-job';
import { statusOf } from '../src/contract/sync-progress';
import { airbyteCalls, jobStartCalls, jobStopCalls, localCalls } from './activity-options';
import { hasStartedNothing, hasType, hasUnknownEffect, isNonRetryable, isTimeout, withContext } from './failures';
import { isContinuedRun } from './history-limit';
import { type RunningJobs, STOPPING_MS } from './running-jobs';
import type { SyncState } from './sync-state';
import { setJobAttributes } from './workflow-search-attributes';

/** The job that a trigger has led to: the sync's own, or another one that already runs on the connection. */
export type TriggeredJob = { kind: 'own' | 'other'; job: JobSnapshot };

const FIND_JOB_BEFORE_RESET = 'Find the job that this sync had started before it was reset';

/** Starts the job of an attempt: at most one, even when responses are lost. */
export class JobTrigger {
  readonly #state: SyncState;
  readonly #jobs: RunningJobs;
  /** Whether a run before a reset may have started the sync's job: false once it was searched, or this run starts one. */
  #mayHaveJobBeforeReset = true;

  constructor(state: SyncState, jobs: RunningJobs) {
    this.#state = state;
    this.#jobs = jobs;
  }

  /** Starts a job, unless the sync already has one or another job runs on the connection. */
  async findOrStart(): Promise<TriggeredJob> {
    const before = this.#mayHaveLostItsJob() ? await this.#findJobBeforeReset() : null;
    if (before) return { kind: 'own', job: before };
    const last = await this.#findLastJob();
    return last?.running ? { kind: 'other', job: last } : this.#start(last?.jobId ?? null);
  }

  /**
   * Whether the sync was reset and its job from before that is still to be found. It is asked at two points, because a reset may
   * keep the history up to between them, and a replay must not add a search there.
   */
  #mayHaveLostItsJob(): boolean {
    return this.#mayHaveJobBeforeReset && wasReset();
  }

  /** Finds the job that the sync had started before it was reset: at most once, and before this run starts a job. */
  async #findJobBeforeReset(): Promise<JobSnapshot | null> {
    this.#mayHaveJobBeforeReset = false;
    const { connectionId, jobType } = this.#state.options;
    try {
      const { findFormerJob } = airbyteCalls(this.#state.timeLeftMs, FIND_JOB_BEFORE_RESET);
      return await findFormerJob({ connectionId, jobType });
    } catch (error) {
      // Runs of earlier releases have left the job running.
      const isLeft = this.#wasGivenUp(error) && patched('sync-given-up-after-reset-cancels-its-job');
      const left = isLeft ? await CancellationScope.nonCancellable(() => this.#cancelJobBeforeReset()) : null;
      const cancelled = left ? `, and job ${left.jobId}, which it had started before it was reset, was cancelled` : '';
      throw this.#state.notStarted(error, cancelled);
    }
  }

  /** @returns the cancelled job; null where the sync had none that still runs */
  async #cancelJobBeforeReset(): Promise<JobSnapshot | null> {
    const { connectionId, jobType } = this.#state.options;
    const { findFormerJob } = jobStopCalls(STOPPING_MS, FIND_JOB_BEFORE_RESET);
    const job = await findFormerJob({ connectionId, jobType }).catch((error: unknown) => {
      const unknown = 'and it is unknown whether a job that it had started before it was reset still runs';
      throw withContext(`The ${jobType} of connection ${connectionId} was given up, ${unknown}`, error);
    });
    return this.#cancelIfRunning(job);
  }

  /**
   * Finds the newest job of the connection, of any kind. The history records it before the trigger can have an effect, since
   * only a newer job can be the one that the trigger starts.
   */
  async #findLastJob(): Promise<JobSnapshot | null> {
    const { connectionId, jobType } = this.#state.options;
    const purpose = 'Find the newest job of the connection';
    return localCalls(this.#state.timeLeftMs, purpose)
      .findLastJob({ connectionId, jobType })
      .catch((error: unknown) => {
        if (isCancellation(error) || isNonRetryable(error)) throw error;
        return airbyteCalls(this.#state.timeLeftMs, purpose).findLastJob({ connectionId, jobType });
      })
      .catch((error: unknown) => {
        throw this.#state.notStarted(error);
      });
  }

  async #start(lastJobId: number | null): Promise<TriggeredJob> {
    const before = this.#mayHaveLostItsJob() ? await this.#findJobBeforeReset() : null;
    if (before) return { kind: 'own', job: before };
    this.#mayHaveJobBeforeReset = false;
    const { connectionId, jobType, onRunning } = this.#state.options;
    try {
      const { triggerSync } = jobStartCalls(this.#state.timeLeftMs, `Start the ${jobType}`);
      const { started, job } = await triggerSync({ connectionId, jobType, lastJobId, joins: onRunning === 'attach' });
      return { kind: started ? 'own' : 'other', job };
    } catch (error) {
      const left = this.#mayHaveStartedJob(error)
        ? await CancellationScope.nonCancellable(() => this.#cancelLeftJob(lastJobId, hasUnknownEffect(error)))
        : null;
      const cancelled = left
        ? `, and job ${left.jobId}, which its trigger had started nevertheless, was cancelled`
        : '';
      throw this.#state.notStarted(error, cancelled);
    }
  }

  /** Whether a trigger that failed may have started a job that it has not reported. */
  #mayHaveStartedJob(error: unknown): boolean {
    if (hasStartedNothing(error)) return false;
    return this.#wasGivenUp(error) || hasType(error, 'AirbyteSyncTimedOut') || hasType(error, 'AirbyteUnavailable');
  }

  /** Whether the activity failed because the sync was cancelled, or because its time was over. */
  #wasGivenUp(error: unknown): boolean {
    return isCancellation(this.#state.notStarted(error)) || isTimeout(error);
  }

  /**
   * Cancels a job that a failed trigger has left behind, since no run would wait for it.
   *
   * @param underWay whether the request of the trigger may still reach Airbyte
   * @returns the cancelled job; null where the trigger has left none behind
   */
  async #cancelLeftJob(lastJobId: number | null, underWay: boolean): Promise<JobSnapshot | null> {
    const { connectionId, jobType } = this.#state.options;
    const { findTriggeredJob } = jobStopCalls(STOPPING_MS, 'Find a job that the trigger has left behind');
    const job = await findTriggeredJob({ connectionId, jobType, lastJobId, underWay }).catch((error: unknown) => {
      const unknown = 'and it is unknown whether its trigger has left a job behind';
      throw withContext(`The ${jobType} of connection ${connectionId} was given up, ${unknown}`, error);
    });
    return this.#cancelIfRunning(job);
  }

  /** @returns the cancelled job; null where none runs */
  async #cancelIfRunning(job: JobSnapshot | null): Promise<JobSnapshot | null> {
    if (!job?.running) return null;
    setJobAttributes(this.#state.options.connectionId, job);
    this.#state.update({ jobId: job.jobId, status: statusOf(job) });
    await this.#jobs.cancel(job);
    return job;
  }
}

/**
 * Whether this run continues one that was reset: its id is not that of the first run, and it was not continued as new.
 * While it replays the history from before the reset, the patch makes it false.
 */
function wasReset(): boolean {
  const { runId, firstExecutionRunId } = workflowInfo();
  return runId !== firstExecutionRunId && !isContinuedRun() && patched('reset-sync-keeps-its-job');
}
