import { CancellationScope, isCancellation, log, patched } from '@temporalio/workflow';
import type { JobSnapshot, JobToWaitFor } from '../src/contract/connection-job';
import { durationMs } from '../src/contract/duration';
import type { JobOutcome } from '../src/contract/job-outcome';
import { statusOf } from '../src/contract/sync-progress';
import {
  describeCancelOutcome,
  describeNotBegun,
  describePartialSuccess,
  describeStall,
} from '../src/jobs/outcome-texts';
import { messageOf } from '../src/text/error-message';
import { airbyteCalls, jobStopCalls, jobWaitCalls } from './activity-options';
import { failure, isTimeout, toWorkflowFailure, withContext } from './failures';
import { countJob, countStalled, recordDetectionDelay } from './sync-metrics';
import type { SyncState } from './sync-state';
import { setConnectionAttribute, setOutcomeAttributes } from './workflow-search-attributes';

/**
 * How long to try to cancel a job, and to wait for its end once the sync's own time is over. Airbyte takes minutes at most,
 * and a `Retry-After` of five minutes may come first, even twice.
 */
export const STOPPING_MS = 15 * 60_000;
/** How long a cancelled sync may take to end its wait for another caller's job. */
const CANCEL_WAIT_TIMEOUT_MS = 10_000;
/** How long to try to read a job for the last time, before it is left running. */
const FINAL_READ_TIMEOUT_MS = 60_000;

/** Waits for the running jobs of a sync's connection, and cancels the job of the sync. */
export class RunningJobs {
  readonly #state: SyncState;

  constructor(state: SyncState) {
    this.#state = state;
  }

  /** Waits until another job of the connection has ended, after which the sync can start its own. */
  async waitForOtherJob(job: JobSnapshot): Promise<void> {
    const state = this.#state;
    state.update({ phase: 'queued', jobId: job.jobId, status: statusOf(job) });
    setConnectionAttribute(state.options.connectionId);
    try {
      await this.#waitForJob(job, state.timeLeftMs);
    } catch (error) {
      if (isTimeout(error)) throw state.timedOut(`job ${job.jobId}, which ran before ours, had not ended`);
      if (isCancellation(error)) await CancellationScope.nonCancellable(() => this.#cancelWait(job));
      throw state.notStarted(error);
    }
  }

  /** Ends the wait for a job before the workflow ends: Temporal would show it as pending for good. */
  async #cancelWait({ jobId, waitsAreTakenOver = false }: JobSnapshot): Promise<void> {
    // Runs of earlier releases have ended immediately. A wait that takes a slot ends by itself.
    if (!waitsAreTakenOver || !patched('cancelled-sync-ends-its-wait')) return;
    try {
      await jobStopCalls(CANCEL_WAIT_TIMEOUT_MS, `End the wait for job ${jobId}`).cancelWait();
    } catch (error) {
      log.warn(`The wait for job ${jobId} was not ended: ${messageOf(error)}`, { jobId });
    }
  }

  /**
   * Waits until the sync's job has ended. A cancellation, a timeout or a stall of the job ends the job before it ends the
   * workflow.
   */
  async waitUntilEnded(job: JobSnapshot): Promise<JobOutcome> {
    const { stallTimeout } = this.#state.options;
    const limit = stallTimeout === undefined ? {} : { stallTimeoutMs: durationMs(stallTimeout) };
    // The wait outlives a cancellation of the workflow: its result says when the cancelled job has really ended.
    const waiting = CancellationScope.nonCancellable(() => this.#waitForJob(job, this.#state.timeLeftMs, limit));
    let outcome: JobOutcome;
    try {
      outcome = await Promise.race([waiting, CancellationScope.current().cancelRequested]);
    } catch (error) {
      if (isCancellation(error)) return await this.#cancelOnRequest(job, waiting, error);
      if (isTimeout(error)) return await this.#endOnTimeout(job);
      const { connectionId } = this.#state.options;
      throw withContext(`Job ${job.jobId} of connection ${connectionId} could not be followed to its end`, error);
    }
    if (outcome.stalledSince !== undefined) return this.#cancelStalled(job, outcome);
    recordDetectionDelay(outcome);
    return this.#recordEnd(outcome);
  }

  /**
   * Cancels a job in Airbyte and waits until it has ended.
   *
   * @param how a wait for the job that is already under way; whether to wait for its last counts, too
   * @throws Airbyte's reason when the job was not cancelled or was not seen to end: it may still run
   */
  async cancel(
    job: JobSnapshot,
    { waiting, ...how }: { waiting?: Promise<JobOutcome>; untilCounted?: true } = {},
  ): Promise<JobOutcome> {
    const { connectionId } = this.#state.options;
    this.#state.update({ phase: 'cancelling' });
    const named = `Job ${job.jobId} of connection ${connectionId}`;
    const { cancelJob } = jobStopCalls(STOPPING_MS, `Cancel job ${job.jobId} in Airbyte`);
    const cancelled = await cancelJob({ jobId: job.jobId, connectionId, ...how }).catch((error: unknown) => {
      throw withContext(`${named} could not be cancelled and may still be running`, error);
    });
    if (cancelled.endedAt !== null) return this.#recordEnd(cancelled);
    const outcome = await this.#untilStopped(job, waiting).catch((error: unknown) => {
      throw withContext(`${named} was cancelled, but was not seen to end`, error);
    });
    return this.#recordEnd(outcome);
  }

  /** Waits for a cancelled job, also beyond the sync's own time, and while it stalls. */
  async #untilStopped(job: JobSnapshot, waiting?: Promise<JobOutcome>): Promise<JobOutcome> {
    const outcome = await waiting?.catch((error: unknown) => {
      if (!isTimeout(error)) throw error;
    });
    return outcome === undefined || outcome.stalledSince !== undefined ? this.#waitForJob(job, STOPPING_MS) : outcome;
  }

  /** Cancels the job of a workflow that was cancelled. A job that had succeeded by then counts as any other. */
  async #cancelOnRequest(job: JobSnapshot, waiting: Promise<JobOutcome>, cancellation: unknown): Promise<JobOutcome> {
    const outcome = await CancellationScope.nonCancellable(() => this.cancel(job, { waiting }));
    const warnings = describeCancelOutcome(outcome, this.#state.options.jobType);
    for (const warning of warnings) log.warn(warning, { jobId: job.jobId });
    if (warnings.length > 0) {
      this.#state.update({ warnings: [...(this.#state.progress.warnings ?? []), ...warnings] });
    }
    // Runs of earlier releases have ended as cancelled.
    if (outcome.status === 'succeeded' && patched('sync-tells-what-its-cancelled-job-did')) return outcome;
    throw cancellation;
  }

  /** Cancels the job or leaves it running, as `onTimeout` says. A job that had ended by then counts as any other. */
  async #endOnTimeout(job: JobSnapshot): Promise<JobOutcome> {
    return this.#state.options.onTimeout === 'leave' ? this.#leaveOnTimeout(job) : this.#cancelOnTimeout(job);
  }

  async #leaveOnTimeout(job: JobSnapshot): Promise<JobOutcome> {
    const { connectionId } = this.#state.options;
    const notEnded = `the job ${job.jobId} had not ended`;
    const outcome = await airbyteCalls(FINAL_READ_TIMEOUT_MS, `Read job ${job.jobId} for the last time`)
      .getJob({ jobId: job.jobId, connectionId })
      .catch((error: unknown) => {
        const reason = messageOf(toWorkflowFailure(error));
        throw this.#state.timedOut(`${notEnded} when it was last polled, and was left running. ${reason}`);
      });
    if (outcome.endedAt !== null) return this.#recordEnd(outcome);
    throw this.#state.timedOut([`${notEnded}, and was left running.`, ...describeNotBegun(outcome)].join(' '));
  }

  async #cancelOnTimeout(job: JobSnapshot): Promise<JobOutcome> {
    const notEnded = `the job ${job.jobId} had not ended`;
    const cancelled = CancellationScope.nonCancellable(() => this.cancel(job, { untilCounted: true }));
    const outcome = await cancelled.catch((error: unknown) => {
      throw this.#state.timedOut(`${notEnded}, and was not stopped. ${messageOf(error)}`);
    });
    if (outcome.status !== 'cancelled') return outcome;
    const more = [...describeNotBegun(outcome), ...describePartialSuccess(outcome)];
    throw this.#state.timedOut([`${notEnded}, and was cancelled.`, ...more].join(' '), outcome);
  }

  /**
   * Cancels a job in which nothing moves. A job that had ended by then counts as any other.
   *
   * @returns the outcome of the job, which says since when it had stalled
   */
  async #cancelStalled(job: JobSnapshot, { stalledSince }: JobOutcome): Promise<JobOutcome> {
    const stall = describeStall({ jobId: job.jobId, stalledSince }, this.#state.options);
    log.warn(stall, { jobId: job.jobId });
    countStalled(this.#state.options.jobType);
    const cancelled = CancellationScope.nonCancellable(() => this.cancel(job, { untilCounted: true }));
    const outcome = await cancelled.catch((error: unknown) => {
      throw failure('AirbyteSyncTimedOut', `${stall} The job was not stopped. ${messageOf(error)}`);
    });
    return { ...outcome, stalledSince };
  }

  #waitForJob(
    { jobId, status, updatedAt, waitsAreTakenOver = false }: JobSnapshot,
    withinMs: number,
    limit: Pick<JobToWaitFor, 'stallTimeoutMs'> = {},
  ): Promise<JobOutcome> {
    const { connectionId, minimumRecords } = this.#state.options;
    const since = updatedAt === undefined ? {} : { since: updatedAt };
    const streams = typeof minimumRecords === 'object' ? Object.keys(minimumRecords.streams ?? {}) : [];
    const seen = { jobId, connectionId, status, ...since, ...limit, ...(streams.length > 0 && { streams }) };
    return jobWaitCalls(withinMs, `Wait for job ${jobId}`, waitsAreTakenOver).waitForJob(seen);
  }

  /** Records how a job has ended, in the progress and in the search attributes. */
  #recordEnd(outcome: JobOutcome): JobOutcome {
    const { status, recordsSynced, bytesSynced, recordsRejected, streams, moreStreams, startedAt, endedAt } = outcome;
    const counts = { recordsSynced, bytesSynced, recordsRejected, streams, moreStreams };
    this.#state.update({ status, ...counts, startedAt, endedAt });
    setOutcomeAttributes(outcome);
    countJob(outcome, this.#state.options.jobType);
    return outcome;
  }
}
