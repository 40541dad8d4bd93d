import {
  CancellationScope,
  defineQuery,
  isCancellation,
  log,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { SeenJob } from '../activities/jobs';
import type { JobOutcome } from '../src/jobs/job-outcome';
import { durationMs } from '../src/pipeline/duration';
import { type SyncConnectionInput, syncConnectionInputSchema } from '../src/pipeline/sync-options';
import { airbyteCalls, jobWaiting } from './activity-options';
import { failure, isTimeout, parseInput, toWorkflowFailure } from './failures';
import { tagConnection, tagJob, tagOutcome } from './search-tags';
import { judgeOutcome, mayRetry } from './sync-verdict';

export interface SyncConnectionResult {
  connectionId: string;
  jobId: number;
  /** `succeeded`; or `skipped`, when another job was running and `onRunning` is `skip`. */
  status: string;
  recordsSynced: number;
  bytesSynced: number;
  recordsRejected: number;
  /** Jobs it took, at most `maximumAttempts`. */
  attempts: number;
  /** ISO 8601, where Airbyte tells. */
  startedAt: string | null;
  endedAt: string | null;
  /** Whether the job was running already, started by somebody else. */
  attached: boolean;
}

export interface SyncProgress {
  connectionId: string;
  phase: 'starting' | 'queued' | 'running' | 'cancelling' | 'retrying' | 'done';
  attempt: number;
  maximumAttempts: number;
  jobId?: number;
  status?: string;
  attached?: boolean;
  recordsSynced?: number;
  bytesSynced?: number;
  /** Why the attempt before this one failed. */
  lastFailure?: string;
}

/** How a sync stands. What its job has moved so far is in the heartbeat of the pending `waitForJob`. */
export const syncProgressQuery = defineQuery<SyncProgress>('progress');

/** How long to try to cancel a job, and to see it end once the sync's own time is over. Airbyte takes minutes at most. */
const STOPPING_MS = 10 * 60_000;
/** Before the second attempt; doubles from there. */
const RETRY_DELAY_MS = 30_000;
const MAXIMUM_RETRY_DELAY_MS = 10 * 60_000;

/**
 * Runs one sync of a connection: starts a job (or attaches to the one that runs), waits until it has ended, and tells
 * how. One start is one job, whatever gets lost on the way; cancelling the workflow cancels the job in Airbyte.
 *
 * Fails with `AirbyteSyncFailed`, `AirbyteSyncTimedOut`, `AirbyteJobCancelled`, `AirbyteNotFound`, `AirbyteConflict`,
 * `AirbyteInvalidRequest`, `AirbyteUnauthorized`, `AirbyteUnavailable`, `AirbyteUnsupported` or `InvalidInput`.
 */
export async function syncConnection(input: SyncConnectionInput): Promise<SyncConnectionResult> {
  const options = parseInput(syncConnectionInputSchema, input);
  const { connectionId, jobType, onRunning, maximumAttempts } = options;
  const deadline = workflowInfo().runStartTime.getTime() + durationMs(options.timeout);
  const progress: SyncProgress = { connectionId, phase: 'starting', attempt: 1, maximumAttempts };
  setHandler(syncProgressQuery, () => progress);

  try {
    tagConnection(connectionId);
    for (; ; progress.attempt++) {
      const start = await startJob();
      if (start.skipped) return skippedResult(start.job);
      const outcome = await waitUntilEnded(start.job);
      tagOutcome(outcome);
      const verdict = judgeOutcome(outcome, options);
      if (verdict === undefined) return finalResult(outcome, start.attached);
      if (progress.attempt === maximumAttempts || !mayRetry(outcome)) throw verdict;
      await waitBeforeRetry(verdict.message);
    }
  } catch (error) {
    throw toWorkflowFailure(error);
  }

  /** The job to wait for: ours, or the one that runs already, as `onRunning` says. */
  async function startJob(): Promise<{ job: SeenJob; attached: boolean; skipped: boolean }> {
    for (;;) {
      progress.phase = 'starting';
      const last = await airbyteCalls(untilDeadline()).findLastJob({ connectionId, jobType });
      const running = last?.running ? last : await trigger(last);
      if ('started' in running) return { job: running.job, attached: false, skipped: false };
      if (onRunning === 'skip') return { job: running, attached: false, skipped: true };
      if (onRunning === 'attach' && running.sameKind) return { job: running, attached: true, skipped: false };
      if (onRunning === 'fail') {
        throw failure('AirbyteConflict', `Job ${running.jobId} is already running on the connection ${connectionId}.`);
      }
      await waitForOther(running);
    }
  }

  /** Starts a job, exactly one. Where another one turns out to be running, that one is returned instead. */
  async function trigger(last: SeenJob | null): Promise<{ started: true; job: SeenJob } | SeenJob> {
    const lastJobId = last?.jobId ?? null;
    try {
      const { started, job } = await airbyteCalls(untilDeadline()).triggerSync({ connectionId, jobType, lastJobId });
      return started ? { started, job } : job;
    } catch (error) {
      if (isCancellation(error) || isTimeout(error)) await stopUnreportedJob(lastJobId);
      throw error;
    }
  }

  /** A trigger that was given up may have started a job all the same: nobody would wait for it. */
  async function stopUnreportedJob(lastJobId: number | null): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      const last = await airbyteCalls(STOPPING_MS).findLastJob({ connectionId, jobType });
      // A job of another kind is somebody else's: what our trigger starts is of ours.
      if (last?.running && last.sameKind && last.jobId > (lastJobId ?? 0)) await stop(last);
    });
  }

  async function waitForOther(job: SeenJob): Promise<void> {
    Object.assign(progress, { phase: 'queued', jobId: job.jobId, status: job.status });
    await waitForJob(job, untilDeadline()).catch((error: unknown) => {
      throw isTimeout(error) ? timedOut(`job ${job.jobId}, which ran before ours, had not ended`) : error;
    });
  }

  /** Waits for our job. A cancellation or a time-out ends the job before it ends the workflow. */
  async function waitUntilEnded(job: SeenJob): Promise<JobOutcome> {
    Object.assign(progress, { phase: 'running', jobId: job.jobId, status: job.status });
    tagJob(job);
    // The waiting outlives a cancellation: it is what tells when the cancelled job has really ended.
    const waiting = CancellationScope.nonCancellable(() => waitForJob(job, untilDeadline()));
    try {
      return await Promise.race([waiting, CancellationScope.current().cancelRequested]);
    } catch (error) {
      if (isCancellation(error)) {
        await CancellationScope.nonCancellable(() => stop(job, waiting));
        throw error;
      }
      if (!isTimeout(error)) throw error;
      const inTime = `the job ${job.jobId} had not ended`;
      if (options.onTimeout === 'leave') throw timedOut(`${inTime}, and was left running`);
      const outcome = await CancellationScope.nonCancellable(() => stop(job));
      throw timedOut(`${inTime}, and was cancelled (it is ${outcome?.status ?? 'still stopping'})`);
    }
  }

  /** Cancels a job in Airbyte and waits until it has ended. */
  async function stop(job: SeenJob, waiting?: Promise<JobOutcome>): Promise<JobOutcome | undefined> {
    progress.phase = 'cancelling';
    const { cancelJob } = airbyteCalls(STOPPING_MS, 'Cancel the job in Airbyte');
    try {
      const cancelled = await cancelJob({ jobId: job.jobId });
      const ended = waiting ?? (cancelled.endedAt === null ? waitForJob(job, STOPPING_MS) : cancelled);
      tagOutcome(await ended);
      return ended;
    } catch (error) {
      log.warn(`Job ${job.jobId} could not be seen to stop`, { error });
      return undefined;
    }
  }

  async function waitBeforeRetry(reason: string): Promise<void> {
    Object.assign(progress, { phase: 'retrying', lastFailure: reason });
    const delay = Math.min(RETRY_DELAY_MS * 2 ** (progress.attempt - 1), MAXIMUM_RETRY_DELAY_MS);
    if (Date.now() + delay >= deadline) throw timedOut(`no time was left for another attempt after: ${reason}`);
    await sleep(delay, { summary: `Wait before attempt ${progress.attempt + 1}` });
  }

  function finalResult(outcome: JobOutcome, attached: boolean): SyncConnectionResult {
    const { jobId, status, recordsSynced, bytesSynced, recordsRejected, startedAt, endedAt } = outcome;
    Object.assign(progress, { phase: 'done', status, attached, recordsSynced, bytesSynced });
    const counts = { recordsSynced, bytesSynced, recordsRejected };
    return { connectionId, jobId, status, ...counts, attempts: progress.attempt, startedAt, endedAt, attached };
  }

  function skippedResult({ jobId }: SeenJob): SyncConnectionResult {
    Object.assign(progress, { phase: 'done', status: 'skipped', jobId });
    const counts = { recordsSynced: 0, bytesSynced: 0, recordsRejected: 0 };
    return {
      connectionId,
      jobId,
      status: 'skipped',
      ...counts,
      attempts: 0,
      startedAt: null,
      endedAt: null,
      attached: false,
    };
  }

  function waitForJob({ jobId, updatedAt }: SeenJob, withinMs: number): Promise<JobOutcome> {
    const since = updatedAt === undefined ? {} : { since: updatedAt };
    return jobWaiting(withinMs, `Wait for job ${jobId}`).waitForJob({ jobId, ...since });
  }

  function untilDeadline(): number {
    return Math.max(deadline - Date.now(), 1);
  }

  function timedOut(what: string) {
    return failure('AirbyteSyncTimedOut', `The sync of ${connectionId} took longer than ${options.timeout}: ${what}.`);
  }
}
