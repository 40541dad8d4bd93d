import { CancellationScope, isCancellation, patched, workflowInfo } from '@temporalio/workflow';
import type { JobSnapshot } from '../src/contract/connection-job';
import { statusOf } from '../src/contract/sync-progress';
import { airbyteCalls, jobStartCalls, jobStopCalls, localCalls } from './activity-options';
import { hasStartedNothing, hasType, hasUnknownEffect, isNonRetryable, isTimeout, withContext } from './failures';
import { isContinuedRun } from './history-limit';
import { type JobWait, STOPPING_MS } from './job-wait';
import type { SyncState } from './sync-state';
import { setJobAttributes } from './workflow-search-attributes';

/** The job that a trigger has led to: the sync's own, or another one that already runs on the connection. */
export type TriggeredJob = { kind: 'own' | 'other'; job: JobSnapshot };

/** Starts the job of an attempt: one at most, whichever responses are lost. */
export class JobTrigger {
  readonly #state: SyncState;
  readonly #wait: JobWait;
  /** Whether the run that was reset may have started a job: until this run starts one itself. */
  #mayHaveJobBeforeReset = true;

  constructor(state: SyncState, wait: JobWait) {
    this.#state = state;
    this.#wait = wait;
  }

  /** Starts a job, unless the sync already has one or another job runs on the connection. */
  async findOrStart(): Promise<TriggeredJob> {
    const before = await this.#findJobBeforeReset();
    if (before) return { kind: 'own', job: before };
    const last = await this.#findLastJob();
    return last?.running ? { kind: 'other', job: last } : this.#start(last?.jobId ?? null);
  }

  /**
   * Finds the job that the sync had started before it was reset: at most once, and before this run starts a job. It is
   * called again after the history that the reset kept, because what that history records is repeated as it was.
   */
  async #findJobBeforeReset(): Promise<JobSnapshot | null> {
    if (!this.#mayHaveJobBeforeReset || !wasReset()) return null;
    this.#mayHaveJobBeforeReset = false;
    const { connectionId, jobType } = this.#state.options;
    const purpose = 'Look for the job that this sync had started before it was reset';
    return airbyteCalls(this.#state.timeLeftMs, purpose)
      .findFormerJob({ connectionId, jobType })
      .catch((error: unknown) => {
        throw this.#state.notStarted(error);
      });
  }

  /**
   * Finds the newest job of the connection, of any kind. The history records it before the trigger can have an effect, so
   * that a job that the trigger starts can be recognised: only a newer one can be it.
   */
  async #findLastJob(): Promise<JobSnapshot | null> {
    const { connectionId, jobType } = this.#state.options;
    const purpose = 'Look for the last job of the connection';
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
    const before = await this.#findJobBeforeReset();
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
        ? `, and job ${left.jobId}, which its trigger had started all the same, was cancelled`
        : '';
      throw this.#state.notStarted(error, cancelled);
    }
  }

  /** Whether a trigger that failed may have started a job that it has not reported. */
  #mayHaveStartedJob(error: unknown): boolean {
    if (hasStartedNothing(error)) return false;
    const wasGivenUp = isCancellation(this.#state.notStarted(error)) || isTimeout(error);
    return wasGivenUp || hasType(error, 'AirbyteSyncTimedOut') || hasType(error, 'AirbyteUnavailable');
  }

  /**
   * Cancels the job that a failed trigger has left behind, since no run would wait for it.
   *
   * @param underWay whether the request of the trigger may reach Airbyte later
   */
  async #cancelLeftJob(lastJobId: number | null, underWay: boolean): Promise<JobSnapshot | null> {
    const { connectionId, jobType } = this.#state.options;
    const { findTriggeredJob } = jobStopCalls(STOPPING_MS, 'Look for a job that the trigger has left behind');
    const job = await findTriggeredJob({ connectionId, jobType, lastJobId, underWay }).catch((error: unknown) => {
      const unknown = 'and whether its trigger has left a job behind could not be learned';
      throw withContext(`The ${jobType} of connection ${connectionId} was given up, ${unknown}`, error);
    });
    if (!job?.running) return null;
    setJobAttributes(connectionId, job);
    this.#state.update({ jobId: job.jobId, status: statusOf(job) });
    await this.#wait.cancel(job);
    return job;
  }
}

/**
 * Whether this run continues one that was reset: its id is not that of the first run, and it was not continued as new. What
 * its history records from before the reset is repeated as it was.
 */
function wasReset(): boolean {
  const { runId, firstExecutionRunId } = workflowInfo();
  return runId !== firstExecutionRunId && !isContinuedRun() && patched('reset-sync-keeps-its-job');
}
